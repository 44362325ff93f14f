"""The three acts of publishing: one proposes, another approves, anyone in charge backs out.

Each act is one transaction that appends rows and a leaf of the log; what was appended is never changed. An act done
twice changes nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Generic

from sqlalchemy import Connection

from loan_service.foundation.database import to_json, transaction
from loan_service.foundation.editions.examination import (
    FIRST_EDITION,
    C,
    CasesRun,
    Examination,
    examined,
    require_about,
)
from loan_service.foundation.editions.ledger import Assessment, EditionLedger, Files, P, Published
from loan_service.foundation.editions.refusals import (
    named,
    require_back_out_makes_sense,
    require_other_person,
    require_predecessor,
    require_same,
    require_timely,
    stale,
)
from loan_service.foundation.editions.words import Words
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing

Accepted = Mapping[str, object]


@dataclass(frozen=True)
class Life(Generic[P, C]):
    """What a kind of edition brings to the acts.

    Attributes:
        read: what a published edition says, by content hash.
        allowed: refuses what may neither be proposed nor approved in this deployment.
        passable: refuses to approve on this assessment, or gives what the approval keeps besides, by column; it is
            told why the approver accepts what the assessment leaves undecided.
    """

    ledger: EditionLedger[P]
    words: Words
    read: Callable[[Connection, str], C]
    allowed: Callable[[Wing, P], None] = lambda *_: None
    passable: Callable[[P, Assessment, Accepted], Accepted] = lambda *_: {}


@dataclass(frozen=True)
class Proposal(Generic[P, C]):
    """An edition as its author brings it.

    Attributes:
        published: its row, should it be new.
        content: what its files say.
        against: name of the edition it was written to replace; None: whichever is in force.
    """

    published: P
    content: C
    files: Files
    against: str | None


@dataclass(frozen=True)
class _Standing(Generic[P]):
    """Where an edition stands before an act, and which edition it would replace."""

    known: P | None
    predecessor: P | None

    @property
    def replaces(self) -> str | None:
        return self.predecessor.content_hash if self.predecessor else None


def publish(
    life: Life[P, C],
    wing: Wing,
    proposal: Proposal[P, C],
    examination: Examination[C],
    assessment: bytes | None = None,
) -> P:
    """Examines and proposes an edition; it takes force once somebody else approves it.

    Args:
        life: the kind of edition.
        wing: whose edition it is.
        proposal: the edition; its row tells author and business date.
        examination: how to examine it. It runs outside transactions: it may take long.
        assessment: the impact assessment, where it was made elsewhere.

    Raises:
        RefusedError: the edition cannot be published as it is, or not here, or not on this day.
        ConflictError: the name stands for other bytes, or the edition was proposed by somebody else.
    """
    proposed = proposal.published
    with transaction(wing.engine) as connection:
        standing = _may_propose(life, connection, wing, proposal)
        if standing.known and _is_assessed(life, connection, standing, assessment):
            return standing.known
        if assessment is not None:
            require_about(life.words, assessment, proposed.content_hash, standing.replaces)
        before = life.read(connection, standing.replaces) if standing.replaces else None
    cases = examined(life.words, proposal.files, proposal.content, examination)
    if assessment is None:
        assessment = examination.assess(before, proposal.content) if before else FIRST_EDITION
    with transaction(wing.engine) as connection:
        life.ledger.one_at_a_time(connection)
        now = _may_propose(life, connection, wing, proposal)
        if now.replaces != standing.replaces:
            raise stale(life.words, proposed.edition)
        if now.known and _is_assessed(life, connection, now, assessment):
            return now.known
        if now.known is None:
            life.ledger.append_edition(connection, proposed, proposal.files)
        life.ledger.append_assessment(connection, _assessment(now.replaces, proposed, assessment, cases))
        return now.known or proposed


def _assessment(replaces: str | None, proposed: Published, document: bytes, cases: CasesRun) -> Assessment:
    document_sha256 = hashlib.sha256(document).hexdigest()
    subject = (proposed.content_hash, replaces, document_sha256, cases.passed, cases.sha256)
    return Assessment(
        assessment_id=hashlib.sha256(to_json(subject).encode()).hexdigest(),
        content_hash=proposed.content_hash,
        replaces=replaces,
        document=document,
        document_sha256=document_sha256,
        cases_passed=cases.passed,
        cases_sha256=cases.sha256,
        assessed_on=proposed.proposed_on,
    )


def _is_assessed(life: Life[P, C], connection: Connection, standing: _Standing[P], document: bytes | None) -> bool:
    """Whether nothing is left to do: approved, or assessed against the edition it would replace."""
    if standing.known is None or standing.known.approved_on is not None:
        return standing.known is not None
    newest = life.ledger.newest_assessment(connection, standing.known.content_hash)
    if newest is None or newest.replaces != standing.replaces:
        return False
    return document is None or newest.document == document


def approve(
    life: Life[P, C],
    wing: Wing,
    edition: str,
    approver: str,
    today: date,
    series: str = "",
    accepted: Accepted = MappingProxyType({}),
) -> P:
    """The second person's yes: the edition takes force on its effective date.

    Args:
        life: the kind of edition.
        wing: whose edition it is.
        edition: its name.
        approver: who approves; not the author.
        today: the business date.
        series: the edition's series.
        accepted: why the approver accepts what the assessment leaves undecided, by its name.

    Raises:
        NotFoundError: no such edition was proposed.
        RefusedError: the approver is the author, the date has passed, the assessment compares with another edition
            than the one this one would replace, or forbids it.
    """
    approver = person(approver)
    with transaction(wing.engine) as connection:
        life.ledger.one_at_a_time(connection)
        published = named(connection, life.ledger, life.words, edition, series)
        require_other_person(life.words, published, approver)
        if published.approved_on is not None:
            return published
        require_timely(life.words, published, today, is_first=life.ledger.is_first(connection, series))
        life.allowed(wing, published)
        assessment = life.ledger.newest_assessment(connection, published.content_hash)
        predecessor = _predecessor(life, connection, published)
        if assessment is None or assessment.replaces != (predecessor.content_hash if predecessor else None):
            raise stale(life.words, edition)
        own = life.passable(published, assessment, accepted)
        life.ledger.append_approval(connection, published, approver, assessment.assessment_id, today, own)
        return named(connection, life.ledger, life.words, edition, series)


def back_out(life: Life[P, C], wing: Wing, edition: str, by: str, reason: str, today: date, series: str = "") -> P:
    """Takes an edition out of force from today on; the one before it is in force again, and history stays.

    It is final: what is to come back comes back as a new edition.

    Raises:
        NotFoundError: no such edition was proposed.
        RefusedError: it was never approved, no reason is given, or nothing would be in force.
    """
    by, reason = person(by), reason.strip()
    with transaction(wing.engine) as connection:
        life.ledger.one_at_a_time(connection)
        published = named(connection, life.ledger, life.words, edition, series)
        if published.backed_out_on is not None:
            return published
        require_back_out_makes_sense(connection, life.ledger, life.words, published, reason, today)
        life.ledger.append_back_out(connection, published, by, reason, today)
        return named(connection, life.ledger, life.words, edition, series)


def _may_propose(life: Life[P, C], connection: Connection, wing: Wing, proposal: Proposal[P, C]) -> _Standing[P]:
    proposed, words = proposal.published, life.words
    series = life.ledger.series_of(proposed)
    known = life.ledger.named(connection, proposed.edition, series)
    if known:
        require_same(words, known, proposed)
    standing = _Standing(known, _predecessor(life, connection, proposed))
    if known and known.approved_on is not None:
        return standing
    life.allowed(wing, proposed)
    is_first = life.ledger.is_first(connection, series)
    require_timely(words, proposed, proposed.proposed_on, is_first=is_first)
    require_predecessor(words, proposed.edition, proposal.against, standing.predecessor)
    return standing


def _predecessor(life: Life[P, C], connection: Connection, published: P) -> P | None:
    """The edition that would be in force on the day this one takes force, were it not for this one."""
    return life.ledger.in_force(
        connection,
        published.effective_from,
        beside=published.content_hash,
        series=life.ledger.series_of(published),
    )
