"""Dated changes of households: registrations, splits, mergers, deaths, moves; and in whose name an offer was made."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "household_changes",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("change_no", sa.Text(), nullable=False, comment="the bank's own number of the row"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="one of models.household_changes.KINDS",
        ),
        sa.Column("occurred_on", sa.Date(), nullable=False, comment="the day it took effect, however late it was told"),
        sa.Column("household_key", sa.Text(), nullable=False, comment="blinded, as in households"),
        sa.Column(
            "other_household_key",
            sa.Text(),
            nullable=True,
            comment="where a part or a member came from; for a merger, who goes on",
        ),
        sa.Column(
            "member_ref", sa.Text(), nullable=True, comment="the bank's own reference; no name, no identity number"
        ),
        sa.Column("member_birth_on", sa.Date(), nullable=True),
        sa.Column(
            "corrects_change_no", sa.Text(), nullable=True, comment="the earlier row this one takes the place of"
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "change_no", name=op.f("pk_household_changes")),
        schema="bank",
        comment="append-only: a wrong row is corrected by a later one that names it",
    )
    for columns in (
        ["household_key"],
        ["other_household_key"],
        ["bank_code", "member_ref"],
        ["bank_code", "corrects_change_no"],
    ):
        op.create_index(f"ix_household_changes_{columns[-1]}", "household_changes", columns, schema="bank")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.household_changes"
        " FOR EACH ROW EXECUTE FUNCTION bank.refuse_change()"
    )
    op.add_column(
        "offers",
        sa.Column("borrower_ref", sa.Text(), nullable=True, comment="in whose name: the bank's own reference"),
        schema="bank",
    )
    op.add_column(
        "contracts",
        sa.Column("borrower_ref", sa.Text(), nullable=True, comment="whose it stays, wherever they move"),
        schema="bank",
    )
    op.create_index("ix_contracts_borrower_ref", "contracts", ["bank_code", "borrower_ref"], schema="bank")
    op.alter_column(
        "bank_files",
        "kind",
        existing_type=sa.Text(),
        existing_nullable=False,
        comment="households | household_changes | past_loans",
        existing_comment="households | past_loans",
        schema="bank",
    )
