"""How far households and money have come, over all banks of this node: the bank's part of the flow at a glance."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import reading
from loan_service.bank.views.report import programme_report
from loan_service.foundation.connection import Connection


class BankGlance(BaseModel):
    """Counts of households (each once, whatever number of banks knows it) and sums of money in fen."""

    model_config = ConfigDict(frozen=True)

    as_of: date
    certificates: int = Field(description="received, neither expired nor revoked")
    households: int = Field(description="known to at least one bank")
    offered: int = Field(description="with a living offer")
    with_bonus: int = Field(description="of them with a bonus of the index in it")
    applied: int
    agreed: int = Field(description="approved or countered by a bank")
    signed: int
    drew: int
    offered_fen: int = Field(description="each household's highest living offer")
    bonus_fen: int = Field(description="what the index added to it")
    signed_fen: int
    drawn_fen: int = Field(description="everything ever drawn")
    outstanding_fen: int


def bank_glance(connection: Connection, as_of: date) -> BankGlance:
    """The bank's part of the flow."""
    offered = reading.offer_counts(connection, as_of)
    applied = reading.application_counts(connection, as_of)
    programme = programme_report(connection, as_of)
    return BankGlance(
        as_of=as_of,
        certificates=reading.certificate_count(connection, as_of),
        households=reading.household_count(connection, as_of),
        offered=offered.households,
        with_bonus=offered.with_bonus,
        offered_fen=offered.limit_fen,
        bonus_fen=offered.limit_bonus_fen,
        applied=applied.applied,
        agreed=applied.agreed,
        signed=programme.households_signed,
        signed_fen=programme.signed_fen,
        drew=programme.households_drew,
        drawn_fen=programme.drawn_cumulative_fen,
        outstanding_fen=programme.outstanding_fen,
    )
