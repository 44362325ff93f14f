"""A bank's households by village, each with its newest offer."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import reading
from loan_service.bank.store.reading import Section
from loan_service.foundation.connection import Connection


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Village(_Read):
    """A village and how many of its households the bank knows."""

    village_code: str = Field(examples=["V017"])
    households: int


class OfferLine(_Read):
    """One household's newest offer in a list."""

    offer_id: str
    household_ref: str = Field(examples=["H000001"])
    village_code: str
    decision: str = Field(description="offer, refer or decline")
    living: bool = Field(description="whether it has not expired")
    grade: str = Field(description="none, A, AA or AAA: what the certificate said when it was priced")
    limit_fen: int
    limit_bonus_fen: int
    rate_bp: int
    rate_discount_bp: int
    priced_on: date
    expires_on: date


def villages(connection: Connection, bank_code: str) -> list[Village]:
    """The villages the bank has households in."""
    return [Village.model_validate(row) for row in reading.villages(connection, bank_code)]


def offer_lines(
    connection: Connection, bank_code: str, as_of: date, section: Section
) -> tuple[list[OfferLine], str | None]:
    """Newest offers by household, and the household to go on from."""
    rows = reading.newest_offers(connection, bank_code, as_of, section)
    lines = [OfferLine.model_validate(row._asdict() | {"living": row.expires_on > as_of}) for row in rows]
    return lines, lines[-1].household_ref if len(lines) == section.limit else None
