"""The publication ledger of rulebook editions: what was proposed, assessed, approved, backed out; never changed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from loan_service.foundation.database import DISTRICT, metadata, recorded_at

rulebook_editions = Table(
    "rulebook_editions",
    metadata,
    Column("content_hash", Text, primary_key=True, comment="SHA-256 over the edition's file names and bytes"),
    Column("edition", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("placeholder_catalogue", Boolean, nullable=False, comment="publishable in demo mode only"),
    Column("author", Text, nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    UniqueConstraint("edition"),
    UniqueConstraint("content_hash", "author"),
    CheckConstraint("author <> ''", name="author_named"),
    schema=DISTRICT,
    comment="a name means the same bytes for ever",
)
rulebook_files = Table(
    "rulebook_files",
    metadata,
    Column("content_hash", Text, ForeignKey(rulebook_editions.c.content_hash), primary_key=True),
    Column("file_name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="as delivered"),
    schema=DISTRICT,
)
rulebook_assessments = Table(
    "rulebook_assessments",
    metadata,
    Column("assessment_id", Text, primary_key=True, comment="SHA-256 over all that was examined"),
    Column("content_hash", Text, ForeignKey(rulebook_editions.c.content_hash), nullable=False),
    Column(
        "replaces",
        Text,
        ForeignKey(rulebook_editions.c.content_hash),
        comment="the edition it was compared with; empty: the first, nothing to compare with",
    ),
    Column("document", LargeBinary, nullable=False, comment="the impact assessment, JSON as delivered"),
    Column("document_sha256", Text, nullable=False),
    Column("cases_passed", Integer, nullable=False),
    Column("cases_sha256", Text, nullable=False, comment="over the case files"),
    Column("assessed_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    UniqueConstraint("assessment_id", "content_hash"),
    schema=DISTRICT,
    comment="what was known of an edition's effect before anybody approved it",
)
rulebook_approvals = Table(
    "rulebook_approvals",
    metadata,
    Column("content_hash", Text, primary_key=True),
    Column("author", Text, nullable=False, comment="of the edition, so that the rule of two can stand here"),
    Column("approver", Text, nullable=False),
    Column("assessment_id", Text, nullable=False, comment="the assessment the approver had"),
    Column("approved_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    ForeignKeyConstraint(["content_hash", "author"], [rulebook_editions.c.content_hash, rulebook_editions.c.author]),
    ForeignKeyConstraint(
        ["assessment_id", "content_hash"], [rulebook_assessments.c.assessment_id, rulebook_assessments.c.content_hash]
    ),
    CheckConstraint("approver <> ''", name="approver_named"),
    CheckConstraint("lower(approver) <> lower(author)", name="two_persons"),
    schema=DISTRICT,
)
rulebook_back_outs = Table(
    "rulebook_back_outs",
    metadata,
    Column("content_hash", Text, ForeignKey(rulebook_approvals.c.content_hash), primary_key=True),
    Column("backed_out_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("backed_out_on", Date, nullable=False, comment="from this day on it is not in force"),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    CheckConstraint("backed_out_by <> '' AND reason <> ''", name="reasoned"),
    schema=DISTRICT,
)
