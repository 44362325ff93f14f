"""The five tables of a publication ledger: proposed, files as delivered, assessed, approved, backed out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from loan_service.foundation.database import recorded_at


@dataclass(frozen=True)
class EditionTables:
    """The publication ledger of one kind of edition.

    Attributes:
        series: name of the column that tells editions apart which never replace one another; empty: one series only.
    """

    editions: Table
    files: Table
    assessments: Table
    approvals: Table
    back_outs: Table
    series: str = ""


def edition_tables(
    metadata: MetaData,
    schema: str,
    noun: str,
    hashed: str,
    *,
    own: Sequence[Column[Any]] = (),
    of_approval: Sequence[Column[Any]] = (),
    series: str = "",
) -> EditionTables:
    """Declares a publication ledger.

    Args:
        metadata: where tables are declared.
        schema: the wing's.
        noun: begins every table's name, such as `rulebook`.
        hashed: what the content hash covers, in words.
        own: what this kind of edition carries besides.
        of_approval: what its approval keeps besides.
        series: name of the column of the series, if there are several.
    """
    editions = _editions(metadata, schema, noun, hashed, own, series)
    assessments = _assessments(metadata, schema, noun, editions)
    approvals = _approvals(metadata, schema, noun, (editions, assessments), of_approval)
    return EditionTables(
        editions=editions,
        files=Table(
            f"{noun}_files",
            metadata,
            Column("content_hash", Text, ForeignKey(editions.c.content_hash), primary_key=True),
            Column("file_name", Text, primary_key=True),
            Column("content", LargeBinary, nullable=False, comment="as delivered"),
            schema=schema,
        ),
        assessments=assessments,
        approvals=approvals,
        back_outs=_back_outs(metadata, schema, noun, approvals),
        series=series,
    )


def _editions(
    metadata: MetaData, schema: str, noun: str, hashed: str, own: Sequence[Column[Any]], series: str
) -> Table:
    return Table(
        f"{noun}_editions",
        metadata,
        Column("content_hash", Text, primary_key=True, comment=f"SHA-256 over {hashed}"),
        *([Column(series, Text, nullable=False)] if series else []),
        Column("edition", Text, nullable=False),
        Column("effective_from", Date, nullable=False),
        *own,
        Column("author", Text, nullable=False),
        Column("proposed_on", Date, nullable=False),
        Column("leaf_id", BigInteger, nullable=False),
        recorded_at(),
        UniqueConstraint(*filter(None, (series, "edition"))),
        UniqueConstraint("content_hash", "author"),
        CheckConstraint("author <> ''", name="author_named"),
        schema=schema,
        comment="a name means the same bytes for ever",
    )


def _assessments(metadata: MetaData, schema: str, noun: str, editions: Table) -> Table:
    return Table(
        f"{noun}_assessments",
        metadata,
        Column("assessment_id", Text, primary_key=True, comment="SHA-256 over all that was examined"),
        Column("content_hash", Text, ForeignKey(editions.c.content_hash), nullable=False),
        Column(
            "replaces",
            Text,
            ForeignKey(editions.c.content_hash),
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
        schema=schema,
        comment="what was known of an edition's effect before anybody approved it",
    )


def _approvals(
    metadata: MetaData, schema: str, noun: str, known: tuple[Table, Table], own: Sequence[Column[Any]]
) -> Table:
    editions, assessments = known
    return Table(
        f"{noun}_approvals",
        metadata,
        Column("content_hash", Text, primary_key=True),
        Column("author", Text, nullable=False, comment="of the edition, so that the rule of two can stand here"),
        Column("approver", Text, nullable=False),
        Column("assessment_id", Text, nullable=False, comment="the assessment the approver had"),
        Column("approved_on", Date, nullable=False),
        *own,
        Column("leaf_id", BigInteger, nullable=False),
        recorded_at(),
        ForeignKeyConstraint(["content_hash", "author"], [editions.c.content_hash, editions.c.author]),
        ForeignKeyConstraint(
            ["assessment_id", "content_hash"], [assessments.c.assessment_id, assessments.c.content_hash]
        ),
        CheckConstraint("approver <> ''", name="approver_named"),
        CheckConstraint("lower(approver) <> lower(author)", name="two_persons"),
        schema=schema,
    )


def _back_outs(metadata: MetaData, schema: str, noun: str, approvals: Table) -> Table:
    return Table(
        f"{noun}_back_outs",
        metadata,
        Column("content_hash", Text, ForeignKey(approvals.c.content_hash), primary_key=True),
        Column("backed_out_by", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("backed_out_on", Date, nullable=False, comment="from this day on it is not in force"),
        Column("leaf_id", BigInteger, nullable=False),
        recorded_at(),
        CheckConstraint("backed_out_by <> '' AND reason <> ''", name="reasoned"),
        schema=schema,
    )
