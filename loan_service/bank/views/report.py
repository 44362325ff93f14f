"""The programme's headline: households signed and drew, and the money, in all and by bank, as of a business date."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import reports
from loan_service.foundation.connection import Connection


class ProgrammeFigures(BaseModel):
    """What has been signed and drawn; money in fen."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    households_signed: int = Field(default=0, description="each household once")
    signed_fen: int = Field(default=0, description="sum of the signed limits")
    households_drew: int = Field(default=0, description="households that ever drew")
    drawn_cumulative_fen: int = Field(default=0, description="all principal ever paid out")
    outstanding_fen: int = Field(default=0, description="principal paid out and not repaid")


class ProgrammeReport(ProgrammeFigures):
    """The headline in all, and each bank's part of it."""

    as_of: date
    by_bank: dict[str, ProgrammeFigures]


def programme_report(connection: Connection, as_of: date) -> ProgrammeReport:
    """Everything signed and booked up to and including a business date."""
    rows = reports.programme(connection, as_of)
    by_bank = {row.bank_code: ProgrammeFigures.model_validate(row) for row in rows if row.bank_code is not None}
    total = ProgrammeFigures.model_validate(rows[0]) if by_bank else ProgrammeFigures()
    return ProgrammeReport(as_of=as_of, by_bank=by_bank, **total.model_dump())
