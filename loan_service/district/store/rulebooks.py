"""Rows of the publication ledger: which edition is in force on a day, as known at a position; only ever added to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, or_, select, text, true

from loan_service.district.store.rulebook_tables import (
    rulebook_approvals,
    rulebook_assessments,
    rulebook_back_outs,
    rulebook_editions,
    rulebook_files,
)
from loan_service.district.store.tables import log
from loan_service.foundation.database import AnyRow, to_json
from loan_service.foundation.transparency import append_leaf

EDITION_LEAF = "rulebook_edition"
ASSESSMENT_LEAF = "rulebook_assessment"
APPROVAL_LEAF = "rulebook_approval"
BACK_OUT_LEAF = "rulebook_back_out"

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Published:
    """An edition and how far its publication went; what has not happened is None.

    Attributes:
        backed_out_on: from this day on the edition is not in force.
    """

    content_hash: str
    edition: str
    effective_from: date
    placeholder_catalogue: bool
    author: str
    proposed_on: date
    approver: str | None = None
    approved_on: date | None = None
    backed_out_by: str | None = None
    backed_out_on: date | None = None
    back_out_reason: str | None = None


@dataclass(frozen=True)
class Assessment:
    """What was known of an edition's effect on one day.

    Attributes:
        replaces: content hash of the edition it was compared with; None: the first, nothing to compare with.
        document: the impact assessment's own bytes.
    """

    assessment_id: str
    content_hash: str
    replaces: str | None
    document: bytes
    document_sha256: str
    cases_passed: int
    cases_sha256: str
    assessed_on: date


def in_force(
    connection: Connection, as_of: date, known_position: int | None = None, *, beside: str = ""
) -> Published | None:
    """The approved edition with the latest effective date up to `as_of` that is not backed out that day.

    Of two editions with one effective date the one approved last stands.

    Args:
        connection: an open transaction.
        as_of: the day in question.
        known_position: a sealed log position; what was approved or backed out after it is not known. None: now.
        beside: content hash of an edition to leave out of account.
    """
    edition, approval, back_out = rulebook_editions.c, rulebook_approvals.c, rulebook_back_outs.c
    query = _published(known_position).where(
        approval.approved_on.is_not(None),
        edition.effective_from <= as_of,
        or_(back_out.backed_out_on.is_(None), back_out.backed_out_on > as_of),
        edition.content_hash != beside,
    )
    newest = query.order_by(edition.effective_from.desc(), approval.leaf_id.desc()).limit(1)
    return _told(connection.execute(newest).first())


def _published(known_position: int | None = None) -> Select[Any]:
    edition, approval, back_out = rulebook_editions.c, rulebook_approvals.c, rulebook_back_outs.c
    return (
        select(
            edition.content_hash,
            edition.edition,
            edition.effective_from,
            edition.placeholder_catalogue,
            edition.author,
            edition.proposed_on,
            approval.approver,
            approval.approved_on,
            back_out.backed_out_by,
            back_out.backed_out_on,
            back_out.reason.label("back_out_reason"),
        )
        .select_from(rulebook_editions)
        .outerjoin(
            rulebook_approvals,
            and_(approval.content_hash == edition.content_hash, _known(approval.leaf_id, known_position)),
        )
        .outerjoin(
            rulebook_back_outs,
            and_(back_out.content_hash == edition.content_hash, _known(back_out.leaf_id, known_position)),
        )
    )


def _known(leaf_id: ColumnElement[Any], known_position: int | None) -> ColumnElement[bool]:
    if known_position is None:
        return true()
    sealed = log.sealed.c
    return select(sealed.position).where(sealed.leaf_id == leaf_id, sealed.position <= known_position).exists()


def _told(row: AnyRow | None) -> Published | None:
    return Published(**row._asdict()) if row else None


def all_published(connection: Connection) -> list[Published]:
    """Every edition ever proposed, in the order of effective dates."""
    edition = rulebook_editions.c
    query = _published().order_by(edition.effective_from, edition.leaf_id)
    return [Published(*row) for row in connection.execute(query)]


def named(connection: Connection, edition: str) -> Published | None:
    """The edition of that name; a name means the same bytes for ever."""
    return _told(connection.execute(_published().where(rulebook_editions.c.edition == edition)).first())


def is_first(connection: Connection) -> bool:
    """Whether no edition was ever approved."""
    return connection.execute(select(rulebook_approvals.c.content_hash).limit(1)).first() is None


def files_of(connection: Connection, content_hash: str) -> dict[str, bytes]:
    """The edition's files as delivered."""
    file = rulebook_files.c
    rows = connection.execute(select(file.file_name, file.content).where(file.content_hash == content_hash))
    return {row.file_name: bytes(row.content) for row in rows}


def newest_assessment(connection: Connection, content_hash: str) -> Assessment | None:
    """The last assessment of an edition."""
    assessment = rulebook_assessments.c
    columns = [assessment[name] for name in Assessment.__annotations__]
    query = select(*columns).where(assessment.content_hash == content_hash).order_by(assessment.leaf_id.desc())
    row = connection.execute(query.limit(1)).first()
    return Assessment(*row) if row else None


def one_at_a_time(connection: Connection) -> None:
    """Holds back other acts of publishing until this transaction ends: each looks before it writes."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('district-rulebooks'))"))


def append_edition(connection: Connection, edition: Published, files: Files) -> None:
    """Appends a proposed edition with its files."""
    row = {
        "content_hash": edition.content_hash,
        "edition": edition.edition,
        "effective_from": edition.effective_from,
        "placeholder_catalogue": edition.placeholder_catalogue,
        "author": edition.author,
        "proposed_on": edition.proposed_on,
    }
    leaf_id = _leaf(connection, EDITION_LEAF, edition.content_hash, row, edition.proposed_on)
    connection.execute(insert(rulebook_editions).values(row | {"leaf_id": leaf_id}))
    rows = [{"content_hash": edition.content_hash, "file_name": n, "content": c} for n, c in sorted(files.items())]
    connection.execute(insert(rulebook_files), rows)


def append_assessment(connection: Connection, assessment: Assessment) -> None:
    """Appends what was examined."""
    row = {name: value for name, value in vars(assessment).items() if name != "document"}
    leaf_id = _leaf(connection, ASSESSMENT_LEAF, assessment.assessment_id, row, assessment.assessed_on)
    connection.execute(insert(rulebook_assessments).values(vars(assessment) | {"leaf_id": leaf_id}))


def append_approval(
    connection: Connection, edition: Published, approver: str, assessment_id: str, approved_on: date
) -> None:
    """Appends the second person's yes."""
    row = {
        "content_hash": edition.content_hash,
        "author": edition.author,
        "approver": approver,
        "assessment_id": assessment_id,
        "approved_on": approved_on,
    }
    leaf_id = _leaf(connection, APPROVAL_LEAF, edition.content_hash, row, approved_on)
    connection.execute(insert(rulebook_approvals).values(row | {"leaf_id": leaf_id}))


def append_back_out(connection: Connection, edition: Published, by: str, reason: str, backed_out_on: date) -> None:
    """Appends the end of an edition."""
    row = {
        "content_hash": edition.content_hash,
        "backed_out_by": by,
        "reason": reason,
        "backed_out_on": backed_out_on,
    }
    leaf_id = _leaf(connection, BACK_OUT_LEAF, edition.content_hash, row, backed_out_on)
    connection.execute(insert(rulebook_back_outs).values(row | {"leaf_id": leaf_id}))


def _leaf(connection: Connection, kind: str, subject: str, row: Mapping[str, object], business_date: date) -> int:
    return append_leaf(connection, log, kind, subject, to_json(row).encode(), business_date)
