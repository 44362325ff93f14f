"""Publication of lending policies: proposed, assessed, approved, backed out; and the LPR tables that price beside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

LEDGER = (
    "policy_editions",
    "policy_files",
    "policy_assessments",
    "policy_approvals",
    "policy_back_outs",
    "lpr_tables",
)


def upgrade() -> None:
    op.create_table(
        "policy_editions",
        sa.Column(
            "content_hash",
            sa.Text(),
            nullable=False,
            comment="SHA-256 over the policy's content; comments and layout do not count",
        ),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("author <> ''", name=op.f("ck_policy_editions_author_named")),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_policy_editions")),
        sa.UniqueConstraint("bank_code", "edition", name=op.f("uq_policy_editions_bank_code_edition")),
        sa.UniqueConstraint("content_hash", "author", name=op.f("uq_policy_editions_content_hash_author")),
        schema="bank",
        comment="a name means the same bytes for ever",
    )
    op.create_table(
        "policy_files",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="as delivered"),
        sa.ForeignKeyConstraint(
            ["content_hash"], ["bank.policy_editions.content_hash"], name=op.f("fk_policy_files_content_hash")
        ),
        sa.PrimaryKeyConstraint("content_hash", "file_name", name=op.f("pk_policy_files")),
        schema="bank",
    )
    op.create_table(
        "policy_assessments",
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
            ["content_hash"], ["bank.policy_editions.content_hash"], name=op.f("fk_policy_assessments_content_hash")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["bank.policy_editions.content_hash"], name=op.f("fk_policy_assessments_replaces")
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_policy_assessments")),
        sa.UniqueConstraint(
            "assessment_id", "content_hash", name=op.f("uq_policy_assessments_assessment_id_content_hash")
        ),
        schema="bank",
        comment="what was known of an edition's effect before anybody approved it",
    )
    op.create_table(
        "policy_approvals",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "author", sa.Text(), nullable=False, comment="of the edition, so that the rule of two can stand here"
        ),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("assessment_id", sa.Text(), nullable=False, comment="the assessment the approver had"),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column(
            "accepted",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="why an undecided gate was accepted, by its name",
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("approver <> ''", name=op.f("ck_policy_approvals_approver_named")),
        sa.CheckConstraint("lower(approver) <> lower(author)", name=op.f("ck_policy_approvals_two_persons")),
        sa.ForeignKeyConstraint(
            ["assessment_id", "content_hash"],
            ["bank.policy_assessments.assessment_id", "bank.policy_assessments.content_hash"],
            name=op.f("fk_policy_approvals_assessment_id_content_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["content_hash", "author"],
            ["bank.policy_editions.content_hash", "bank.policy_editions.author"],
            name=op.f("fk_policy_approvals_content_hash_author"),
        ),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_policy_approvals")),
        schema="bank",
    )
    op.create_table(
        "policy_back_outs",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("backed_out_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("backed_out_on", sa.Date(), nullable=False, comment="from this day on it is not in force"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("backed_out_by <> '' AND reason <> ''", name=op.f("ck_policy_back_outs_reasoned")),
        sa.ForeignKeyConstraint(
            ["content_hash"], ["bank.policy_approvals.content_hash"], name=op.f("fk_policy_back_outs_content_hash")
        ),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_policy_back_outs")),
        schema="bank",
    )
    op.create_table(
        "lpr_tables",
        sa.Column("content_hash", sa.Text(), nullable=False, comment="SHA-256 over the table's content"),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False, comment="first day it prices"),
        sa.Column("until_on", sa.Date(), nullable=False, comment="first day it no longer prices"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="as delivered"),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column(
            "checked_by", sa.Text(), nullable=False, comment="a second person, who compared it with what was published"
        ),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("entered_by <> '' AND checked_by <> ''", name=op.f("ck_lpr_tables_named")),
        sa.CheckConstraint("from_on < until_on", name=op.f("ck_lpr_tables_covers_days")),
        sa.CheckConstraint("lower(entered_by) <> lower(checked_by)", name=op.f("ck_lpr_tables_two_persons")),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_lpr_tables")),
        schema="bank",
        comment="loan prime rates as entered; the newest that covers a day prices it",
    )
    op.add_column(
        "offers",
        sa.Column(
            "lpr_hash",
            sa.Text(),
            nullable=True,
            comment="of the LPR table that priced it; empty: before such tables were kept",
        ),
        schema="bank",
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.{table}"
            " FOR EACH ROW EXECUTE FUNCTION bank.refuse_change()"
        )
