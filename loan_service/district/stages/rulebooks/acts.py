"""The three acts of publishing: one proposes, another approves, anyone in charge backs out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from loan_service.district.stages.rulebooks.examination import (
    FIRST_EDITION,
    CasesRun,
    Examination,
    examined,
    read,
    require_about,
)
from loan_service.district.stages.rulebooks.refusals import (
    named,
    require_back_out_makes_sense,
    require_demo,
    require_other_person,
    require_predecessor,
    require_same,
    require_timely,
    stale,
)
from loan_service.district.store import rulebooks as store
from loan_service.district.store.rulebooks import Assessment, Published
from loan_service.district.views.rulebooks import rulebook_by_hash
from loan_service.foundation.database import to_json, transaction
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing
from scoring import Rulebook


@dataclass(frozen=True)
class _Standing:
    """Where an edition stands before an act, and which edition it would replace."""

    known: Published | None
    predecessor: Published | None

    @property
    def replaces(self) -> str | None:
        return self.predecessor.content_hash if self.predecessor else None


def publish(
    wing: Wing,
    files: Mapping[str, bytes],
    author: str,
    today: date,
    examination: Examination,
    assessment: bytes | None = None,
) -> Published:
    """Examines and proposes an edition; it takes force once somebody else approves it.

    Args:
        wing: the district.
        files: the edition, bytes by file name.
        author: who answers for it.
        today: the business date.
        examination: how to examine it. It runs outside transactions: it may take long.
        assessment: the impact assessment, where it was made elsewhere.

    Raises:
        RefusedError: the edition cannot be published as it is, or not here, or not on this day.
        ConflictError: the name stands for other bytes, or the edition was proposed by somebody else.
    """
    author, rulebook = person(author), read(files)
    with transaction(wing.engine) as connection:
        standing = _may_propose(connection, wing, rulebook, author, today)
        if standing.known and _is_assessed(connection, standing, assessment):
            return standing.known
        if assessment is not None:
            require_about(assessment, rulebook, standing.replaces)
        before = rulebook_by_hash(connection, standing.replaces) if standing.replaces else None
    cases = examined(files, rulebook, examination)
    if assessment is None:
        assessment = examination.assess(before, rulebook) if before else FIRST_EDITION
    with transaction(wing.engine) as connection:
        store.one_at_a_time(connection)
        now = _may_propose(connection, wing, rulebook, author, today)
        if now.replaces != standing.replaces:
            raise stale(rulebook.edition.edition)
        if now.known and _is_assessed(connection, now, assessment):
            return now.known
        return _append(connection, now, rulebook, files, _assessment(now, rulebook, assessment, cases, today), author)


def _append(
    connection: Connection,
    standing: _Standing,
    rulebook: Rulebook,
    files: Mapping[str, bytes],
    assessment: Assessment,
    author: str,
) -> Published:
    edition = rulebook.edition
    published = standing.known or Published(
        content_hash=rulebook.content_hash,
        edition=edition.edition,
        effective_from=edition.effective_from,
        placeholder_catalogue=edition.placeholder_catalogue,
        author=author,
        proposed_on=assessment.assessed_on,
    )
    if standing.known is None:
        store.append_edition(connection, published, files)
    store.append_assessment(connection, assessment)
    return published


def _assessment(
    standing: _Standing, rulebook: Rulebook, document: bytes, cases: CasesRun, assessed_on: date
) -> Assessment:
    document_sha256 = hashlib.sha256(document).hexdigest()
    subject = (rulebook.content_hash, standing.replaces, document_sha256, cases.passed, cases.sha256)
    return Assessment(
        assessment_id=hashlib.sha256(to_json(subject).encode()).hexdigest(),
        content_hash=rulebook.content_hash,
        replaces=standing.replaces,
        document=document,
        document_sha256=document_sha256,
        cases_passed=cases.passed,
        cases_sha256=cases.sha256,
        assessed_on=assessed_on,
    )


def _is_assessed(connection: Connection, standing: _Standing, document: bytes | None) -> bool:
    """Whether nothing is left to do: approved, or assessed against the edition it would replace."""
    if standing.known is None or standing.known.approved_on is not None:
        return standing.known is not None
    newest = store.newest_assessment(connection, standing.known.content_hash)
    if newest is None or newest.replaces != standing.replaces:
        return False
    return document is None or newest.document == document


def approve(wing: Wing, edition: str, approver: str, today: date) -> Published:
    """The second person's yes: the edition takes force on its effective date.

    Raises:
        NotFoundError: no such edition was proposed.
        RefusedError: the approver is the author, the date has passed, or the assessment compares with another edition
            than the one this one would replace.
    """
    approver = person(approver)
    with transaction(wing.engine) as connection:
        store.one_at_a_time(connection)
        published = named(connection, edition)
        require_other_person(published, approver)
        if published.approved_on is not None:
            return published
        require_timely(connection, published.edition, published.effective_from, today)
        if published.placeholder_catalogue:
            require_demo(wing, edition)
        assessment = store.newest_assessment(connection, published.content_hash)
        predecessor = _predecessor(connection, published.content_hash, published.effective_from)
        if assessment is None or assessment.replaces != (predecessor.content_hash if predecessor else None):
            raise stale(edition)
        store.append_approval(connection, published, approver, assessment.assessment_id, today)
        return named(connection, edition)


def back_out(wing: Wing, edition: str, by: str, reason: str, today: date) -> Published:
    """Takes an edition out of force from today on; the one before it is in force again, and history stays.

    It is final: what is to come back comes back as a new edition.

    Raises:
        NotFoundError: no such edition was proposed.
        RefusedError: it was never approved, no reason is given, or nothing would be in force.
    """
    by, reason = person(by), reason.strip()
    with transaction(wing.engine) as connection:
        store.one_at_a_time(connection)
        published = named(connection, edition)
        if published.backed_out_on is not None:
            return published
        require_back_out_makes_sense(connection, published, reason, today)
        store.append_back_out(connection, published, by, reason, today)
        return named(connection, edition)


def _may_propose(connection: Connection, wing: Wing, rulebook: Rulebook, author: str, today: date) -> _Standing:
    edition = rulebook.edition
    known = store.named(connection, edition.edition)
    if known:
        require_same(known, rulebook, author)
    standing = _Standing(known, _predecessor(connection, rulebook.content_hash, edition.effective_from))
    if known and known.approved_on is not None:
        return standing
    if edition.placeholder_catalogue:
        require_demo(wing, edition.edition)
    require_timely(connection, edition.edition, edition.effective_from, today)
    require_predecessor(rulebook, standing.predecessor)
    return standing


def _predecessor(connection: Connection, content_hash: str, effective_from: date) -> Published | None:
    """The edition that would be in force on the day this one takes force, were it not for this one."""
    return store.in_force(connection, effective_from, beside=content_hash)
