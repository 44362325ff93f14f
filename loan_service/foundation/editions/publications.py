"""The list of editions as people read it: how far each one's publication went, and which is in force today."""

from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from loan_service.foundation.editions.ledger import EditionLedger, Findings, P, Published
from loan_service.foundation.editions.refusals import UnknownEditionError
from loan_service.foundation.editions.words import Words


class Publication(BaseModel):
    """One line of the list of editions.

    Attributes:
        state: proposed | approved (takes force later) | in_force | superseded | backed_out.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    edition: str = Field(examples=["2026-01"])
    state: str = ""
    effective_from: date
    content_hash: str
    author: str
    proposed_on: date
    approver: str | None
    approved_on: date | None
    backed_out_by: str | None
    backed_out_on: date | None
    back_out_reason: str | None
    cases_passed: int = 0
    assessment_sha256: str = ""


Line = TypeVar("Line", bound=Publication)


def publications(
    connection: Connection, ledger: EditionLedger[P], shape: type[Line], today: date, series: str = ""
) -> list[Line]:
    """Every edition ever proposed in a series, in the order of effective dates, with its state today."""
    now = ledger.in_force(connection, today, series=series)
    published = ledger.all_published(connection, series)
    found = ledger.newest_findings(connection, [each.content_hash for each in published])
    return [
        shape.model_validate(
            vars(each) | found.get(each.content_hash, Findings())._asdict() | {"state": _state(each, now, today)}
        )
        for each in published
    ]


def _state(published: Published, now: Published | None, today: date) -> str:
    if now and published.content_hash == now.content_hash:
        return "in_force"
    if published.approved_on is None:
        return "proposed"
    if published.backed_out_on is not None and published.backed_out_on <= today:
        return "backed_out"
    return "approved" if published.effective_from > today else "superseded"


def assessment_of(
    connection: Connection, ledger: EditionLedger[P], words: Words, edition: str, series: str = ""
) -> bytes:
    """The impact assessment an edition was last proposed with, as it was recorded.

    Raises:
        NotFoundError: no such edition was proposed.
    """
    published = ledger.named(connection, edition, series)
    assessment = ledger.newest_assessment(connection, published.content_hash) if published else None
    if assessment is None:
        raise UnknownEditionError(words, edition)
    return assessment.document
