"""The ledger of default-risk models, which nobody may change afterwards; a version may serve, go and come back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

LEDGER = ("model_cards", "model_moves", "model_papers", "model_findings", "model_finding_closings", "promotions")


def upgrade() -> None:
    _let_versions_come_back()
    op.create_table(
        "model_cards",
        sa.Column("model_name", sa.Text(), nullable=False, comment="such as island_rural.baseline"),
        sa.Column("model_version", sa.Text(), nullable=False, comment="the registry's number"),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="baseline | full"),
        sa.Column("method", sa.Text(), nullable=False, comment="trained | expert"),
        sa.Column("run_id", sa.Text(), nullable=False, comment="MLflow's run with parameters, metrics and files"),
        sa.Column("scorecard_sha256", sa.Text(), nullable=False),
        sa.Column("scorecard", sa.Text(), nullable=False, comment="the compiled tables; MLflow keeps the same bytes"),
        sa.Column(
            "data_sha256",
            sa.Text(),
            nullable=False,
            comment="the file it was trained on; an expert card has none: empty",
        ),
        sa.Column(
            "code_version", sa.Text(), nullable=False, comment="commit or package version, with a hash of the sources"
        ),
        sa.Column(
            "training_data_origin", sa.Text(), nullable=False, comment="own | simulated | foreign | none (expert card)"
        ),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("metrics", postgresql.JSONB(), nullable=False),
        sa.Column("authored_by", sa.Text(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("authored_by <> ''", name=op.f("ck_model_cards_author_named")),
        sa.CheckConstraint("kind IN ('baseline', 'full')", name=op.f("ck_model_cards_kind_known")),
        sa.CheckConstraint("method IN ('trained', 'expert')", name=op.f("ck_model_cards_method_known")),
        sa.CheckConstraint(
            "training_data_origin IN ('own', 'simulated', 'foreign', 'none')", name=op.f("ck_model_cards_origin_known")
        ),
        sa.PrimaryKeyConstraint("model_name", "model_version", name=op.f("pk_model_cards")),
        sa.UniqueConstraint(
            "bank_code", "kind", "model_name", "model_version", "authored_by", name="uq_model_cards_card"
        ),
        schema="bank",
        comment="every version that was ever developed",
    )
    op.create_index("ix_model_cards_bank_code_kind", "model_cards", ["bank_code", "kind"], unique=False, schema="bank")
    op.create_table(
        "shadow_results",
        sa.Column("model_name", sa.Text(), nullable=False, comment="of the challenger"),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column(
            "offer_id", sa.Text(), nullable=False, comment="the offer made of the same inputs, without the challenger"
        ),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("household_ref", sa.Text(), nullable=False),
        sa.Column("champion_version", sa.Text(), nullable=False, comment="stamp of the card that served"),
        sa.Column("champion_probability", sa.Double(), nullable=False),
        sa.Column("default_probability", sa.Double(), nullable=False, comment="the challenger's; no rule reads it"),
        sa.Column("scored_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model_name", "model_version", "offer_id", name=op.f("pk_shadow_results")),
        schema="bank",
        comment="what challengers would have said; nothing of it reaches an offer; purged with the offers",
    )
    op.create_table(
        "model_findings",
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False, comment="low | medium | high"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name=op.f("ck_model_findings_severity_known")),
        sa.CheckConstraint("text <> '' AND owner <> '' AND raised_by <> ''", name=op.f("ck_model_findings_told")),
        sa.ForeignKeyConstraint(
            ["model_name", "model_version"],
            ["bank.model_cards.model_name", "bank.model_cards.model_version"],
            name=op.f("fk_model_findings_model_name_model_version"),
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_model_findings")),
        schema="bank",
        comment="what a validator found; no program writes these",
    )
    op.create_index(
        "ix_model_findings_model_name", "model_findings", ["model_name", "model_version"], unique=False, schema="bank"
    )
    op.create_table(
        "model_moves",
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column(
            "move_number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3 in the life of a version"
        ),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True, comment="the state the move found; empty: none yet"),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="developed | tested | reviewed | live | retired | shadow"
        ),
        sa.Column(
            "authored_by", sa.Text(), nullable=False, comment="of the version, so that the rule of two can stand here"
        ),
        sa.Column("moved_by", sa.Text(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "evidence",
            postgresql.JSONB(),
            nullable=False,
            comment="gate results; beside an undecided one why a reviewer accepted it",
        ),
        sa.Column("expires_on", sa.Date(), nullable=True, comment="first day a challenger no longer scores in shadow"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(state = 'shadow') = (expires_on IS NOT NULL)", name=op.f("ck_model_moves_shadow_expires")),
        sa.CheckConstraint(
            "coalesce(from_state, '') || '>' || state IN ('>developed', 'developed>tested', 'tested>tested',"
            " 'reviewed>tested', 'tested>reviewed', 'reviewed>live', 'retired>live', 'developed>retired',"
            " 'tested>retired', 'reviewed>retired', 'live>retired', 'tested>shadow', 'reviewed>shadow',"
            " 'retired>shadow', 'retired>tested')",
            name=op.f("ck_model_moves_legal"),
        ),
        sa.CheckConstraint("moved_by <> '' AND reason <> ''", name=op.f("ck_model_moves_reasoned")),
        sa.CheckConstraint(
            "state <> 'reviewed' OR lower(moved_by) <> lower(authored_by)", name=op.f("ck_model_moves_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["bank_code", "kind", "model_name", "model_version", "authored_by"],
            [
                "bank.model_cards.bank_code",
                "bank.model_cards.kind",
                "bank.model_cards.model_name",
                "bank.model_cards.model_version",
                "bank.model_cards.authored_by",
            ],
            name="fk_model_moves_card",
        ),
        sa.PrimaryKeyConstraint("model_name", "model_version", "move_number", name=op.f("pk_model_moves")),
        schema="bank",
        comment="the promotion ledger: what was live when, who moved it, why; a shadow run leaves the state as it is",
    )
    op.create_index(
        "ix_model_moves_bank_code_kind", "model_moves", ["bank_code", "kind", "leaf_id"], unique=False, schema="bank"
    )
    op.create_table(
        "model_papers",
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False, comment="dossier | impact_assessment"),
        sa.Column("reference", sa.Text(), nullable=False, comment="the paper's own number"),
        sa.Column(
            "sha256", sa.Text(), nullable=False, comment="over its bytes; empty: kept elsewhere under its number"
        ),
        sa.Column("authored_by", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("paper IN ('dossier', 'impact_assessment')", name=op.f("ck_model_papers_paper_known")),
        sa.CheckConstraint("reference <> '' AND authored_by <> ''", name=op.f("ck_model_papers_signed")),
        sa.ForeignKeyConstraint(
            ["model_name", "model_version"],
            ["bank.model_cards.model_name", "bank.model_cards.model_version"],
            name=op.f("fk_model_papers_model_name_model_version"),
        ),
        sa.PrimaryKeyConstraint("model_name", "model_version", "paper", "reference", name=op.f("pk_model_papers")),
        schema="bank",
        comment="which papers a version has",
    )
    op.create_table(
        "model_finding_closings",
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("closed_by <> '' AND evidence <> ''", name=op.f("ck_model_finding_closings_told")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["bank.model_findings.finding_id"], name=op.f("fk_model_finding_closings_finding_id")
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_model_finding_closings")),
        schema="bank",
    )
    _refuse_change()


def _let_versions_come_back() -> None:
    """After a rollback an earlier version serves again: its second promotion is a row of its own."""
    op.drop_constraint("pk_promotions", "promotions", schema="bank", type_="primary")
    op.create_primary_key("pk_promotions", "promotions", ["bank_code", "kind", "leaf_id"], schema="bank")
    op.alter_column(
        "promotions",
        "leaf_id",
        existing_type=sa.BigInteger(),
        existing_nullable=False,
        comment="a version may come back",
        schema="bank",
    )
    op.create_table_comment("promotions", "what serves: written with the move that makes a version live", schema="bank")


def _refuse_change() -> None:
    """A right can be granted anew by mistake; a trigger refuses whoever tries."""
    op.execute(
        "CREATE FUNCTION bank.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME; END $$"
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.{table}"
            " FOR EACH ROW EXECUTE FUNCTION bank.refuse_change()"
        )
