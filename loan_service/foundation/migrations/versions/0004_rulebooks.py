"""The publication ledger of rulebook editions, which nobody may change afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

LEDGER = (
    "rulebook_editions",
    "rulebook_files",
    "rulebook_assessments",
    "rulebook_approvals",
    "rulebook_back_outs",
)


def upgrade() -> None:
    op.create_table(
        "rulebook_editions",
        sa.Column("content_hash", sa.Text(), nullable=False, comment="SHA-256 over the edition's file names and bytes"),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("placeholder_catalogue", sa.Boolean(), nullable=False, comment="publishable in demo mode only"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("author <> ''", name=op.f("ck_rulebook_editions_author_named")),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_rulebook_editions")),
        sa.UniqueConstraint("edition", name=op.f("uq_rulebook_editions_edition")),
        sa.UniqueConstraint("content_hash", "author", name=op.f("uq_rulebook_editions_content_hash_author")),
        schema="district",
        comment="a name means the same bytes for ever",
    )
    op.create_table(
        "rulebook_files",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="as delivered"),
        sa.ForeignKeyConstraint(
            ["content_hash"],
            ["district.rulebook_editions.content_hash"],
            name=op.f("fk_rulebook_files_content_hash"),
        ),
        sa.PrimaryKeyConstraint("content_hash", "file_name", name=op.f("pk_rulebook_files")),
        schema="district",
    )
    op.create_table(
        "rulebook_assessments",
        sa.Column("assessment_id", sa.Text(), nullable=False, comment="SHA-256 over all that was examined"),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "replaces",
            sa.Text(),
            nullable=True,
            comment="the edition it was compared with; empty: the first, nothing to compare with",
        ),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="the impact assessment, JSON as delivered"),
        sa.Column("document_sha256", sa.Text(), nullable=False),
        sa.Column("cases_passed", sa.Integer(), nullable=False),
        sa.Column("cases_sha256", sa.Text(), nullable=False, comment="over the case files"),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_hash"],
            ["district.rulebook_editions.content_hash"],
            name=op.f("fk_rulebook_assessments_content_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["district.rulebook_editions.content_hash"], name=op.f("fk_rulebook_assessments_replaces")
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_rulebook_assessments")),
        sa.UniqueConstraint(
            "assessment_id", "content_hash", name=op.f("uq_rulebook_assessments_assessment_id_content_hash")
        ),
        schema="district",
        comment="what was known of an edition's effect before anybody approved it",
    )
    op.create_table(
        "rulebook_approvals",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "author", sa.Text(), nullable=False, comment="of the edition, so that the rule of two can stand here"
        ),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("assessment_id", sa.Text(), nullable=False, comment="the assessment the approver had"),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("approver <> ''", name=op.f("ck_rulebook_approvals_approver_named")),
        sa.CheckConstraint("lower(approver) <> lower(author)", name=op.f("ck_rulebook_approvals_two_persons")),
        sa.ForeignKeyConstraint(
            ["content_hash", "author"],
            ["district.rulebook_editions.content_hash", "district.rulebook_editions.author"],
            name=op.f("fk_rulebook_approvals_content_hash_author"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "content_hash"],
            ["district.rulebook_assessments.assessment_id", "district.rulebook_assessments.content_hash"],
            name=op.f("fk_rulebook_approvals_assessment_id_content_hash"),
        ),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_rulebook_approvals")),
        schema="district",
    )
    op.create_table(
        "rulebook_back_outs",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("backed_out_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("backed_out_on", sa.Date(), nullable=False, comment="from this day on it is not in force"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("backed_out_by <> '' AND reason <> ''", name=op.f("ck_rulebook_back_outs_reasoned")),
        sa.ForeignKeyConstraint(
            ["content_hash"],
            ["district.rulebook_approvals.content_hash"],
            name=op.f("fk_rulebook_back_outs_content_hash"),
        ),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_rulebook_back_outs")),
        schema="district",
    )
    _refuse_change()


def _refuse_change() -> None:
    """A right can be granted anew by mistake; a trigger refuses whoever tries."""
    op.execute(
        "CREATE FUNCTION district.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME; END $$"
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON district.{table}"
            " FOR EACH ROW EXECUTE FUNCTION district.refuse_change()"
        )
