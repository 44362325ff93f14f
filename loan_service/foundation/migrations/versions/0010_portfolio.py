"""Bonuses chosen by households, and what signing reserves of caps and budgets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

LEDGER = ("portfolio_entries", "portfolio_waits")

# Whoever asked for more than the baseline before there was a box to tick did say so, in yuan.
ASKED_FOR_MORE = """
    UPDATE bank.applications a SET takes_bonus = true
    FROM bank.offers o WHERE o.offer_id = a.offer_id AND a.requested_limit_fen > o.baseline_limit_fen
"""

FROM_THE_OFFER = """
    UPDATE bank.signings s SET
        village_code = o.village_code,
        sector = (
            SELECT h.sector FROM bank.households h
            WHERE h.bank_code = s.bank_code AND h.household_ref = s.household_ref
            ORDER BY h.snapshot_on DESC LIMIT 1),
        baseline_fen = LEAST(s.limit_fen, o.baseline_limit_fen),
        bonus_fen = s.limit_fen - LEAST(s.limit_fen, o.baseline_limit_fen),
        gap_bp = coalesce((o.affordability ->> 'incentive_gap_bp')::integer, 0),
        cuts = '[]',
        policy_edition = o.policy_edition
    FROM bank.applications a JOIN bank.offers o ON o.offer_id = a.offer_id
    WHERE a.application_id = s.application_id
"""


def upgrade() -> None:
    op.add_column(
        "applications",
        sa.Column(
            "takes_bonus",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the household chose to go beyond the baseline limit",
        ),
        schema="bank",
    )
    op.execute(ASKED_FOR_MORE)
    _signings()
    _entries()
    _waits()
    op.alter_column(
        "household_queries",
        "asked_for",
        existing_type=sa.Text(),
        existing_nullable=False,
        existing_comment="application | signing",
        comment="application | waiting | signing",
        schema="bank",
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.{table}"
            " FOR EACH ROW EXECUTE FUNCTION bank.refuse_change()"
        )


def _signings() -> None:
    columns = (
        sa.Column("village_code", sa.Text()),
        sa.Column("sector", sa.Text()),
        sa.Column("baseline_fen", sa.BigInteger(), comment="the part of the limit that needs no grade"),
        sa.Column("bonus_fen", sa.BigInteger()),
        sa.Column("gap_bp", sa.Integer(), comment="the part of the rate below cost, paid by the incentive budget"),
        sa.Column("cuts", postgresql.JSONB(), comment="what spent budgets took back: code, budget, asked, given"),
        sa.Column("policy_edition", sa.Text(), comment="of the day of signing: its caps and budgets, not its prices"),
    )
    for column in columns:
        op.add_column("signings", column, schema="bank")
    op.execute(FROM_THE_OFFER)
    for column in columns:
        op.alter_column("signings", column.name, nullable=False, schema="bank")
    op.create_check_constraint(op.f("ck_signings_bonus_only_adds"), "signings", "bonus_fen >= 0", schema="bank")
    op.create_check_constraint(
        op.f("ck_signings_limit_adds_up"), "signings", "limit_fen = baseline_fen + bonus_fen", schema="bank"
    )


def _entries() -> None:
    op.create_table(
        "portfolio_entries",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="programme | village | sector | bonus | incentive"),
        sa.Column("code", sa.Text(), nullable=False, comment="village, sector or budget; empty for the programme"),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False, comment="of a bonus budget, else 0"),
        sa.Column(
            "entry_number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3 ... within the pot"
        ),
        sa.Column("signing_id", sa.Text(), nullable=True, comment="whose terms; empty for a correction"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="reserved | lapsed | rejected | ended | signed_anyway | corrected",
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False, comment="added to the pot, or given back"),
        sa.Column("total_fen", sa.BigInteger(), nullable=False, comment="what the pot holds after this entry"),
        sa.Column(
            "cap_fen", sa.BigInteger(), nullable=True, comment="the cap that was looked at; empty: there was none"
        ),
        sa.Column("entered_on", sa.Date(), nullable=False, comment="business date"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind <> 'reserved' OR cap_fen IS NULL OR total_fen <= cap_fen",
            name=op.f("ck_portfolio_entries_within_cap"),
        ),
        sa.CheckConstraint(
            "(kind = 'corrected') = (signing_id IS NULL)", name=op.f("ck_portfolio_entries_about_somebody")
        ),
        sa.CheckConstraint(
            "(kind IN ('reserved', 'signed_anyway')) <= (amount_fen > 0)", name=op.f("ck_portfolio_entries_taken")
        ),
        sa.CheckConstraint(
            "(kind IN ('lapsed', 'rejected', 'ended')) <= (amount_fen < 0)",
            name=op.f("ck_portfolio_entries_given_back"),
        ),
        sa.PrimaryKeyConstraint(
            "bank_code", "scope", "code", "year", "entry_number", name=op.f("pk_portfolio_entries")
        ),
        sa.UniqueConstraint("signing_id", "scope", "kind", name=op.f("uq_portfolio_entries_signing_id_scope_kind")),
        schema="bank",
    )


def _waits() -> None:
    op.create_table(
        "portfolio_waits",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column(
            "code",
            sa.Text(),
            nullable=False,
            comment="the cap without room: programme_, village_ or sector_cap_reached",
        ),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("policy_edition", sa.Text(), nullable=False, comment="whose cap it is"),
        sa.Column("since_on", sa.Date(), nullable=False, comment="business date on which it was first told"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "code", "since_on", name=op.f("pk_portfolio_waits")),
        schema="bank",
        comment="approved, not refused: terms follow when there is room and the offer still holds",
    )
    op.create_index("ix_portfolio_waits_bank_code", "portfolio_waits", ["bank_code"], unique=False, schema="bank")
