"""From households to drawn money, by bank: how many are left after each step, as of a day."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import reports
from loan_service.foundation.connection import Connection


class FunnelSteps(BaseModel):
    """Counts at one bank, or over all of them."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    households: int = Field(description="in the bank's file")
    certificates: int = Field(description="received, neither revoked nor expired")
    offered: int = Field(description="households with a living offer")
    referred: int = Field(description="households whose offer needs a person")
    declined: int = Field(description="households the policy declines")
    with_bonus: int = Field(description="living offers to which the index added something")
    applied: int = Field(description="applications sent to the bank")
    refused_here: int = Field(description="applications stopped by our own checks")
    approved: int
    countered: int
    declined_by_bank: int
    signed: int
    drew: int


class BankFunnel(BaseModel):
    """The steps by bank and their sums; a household known to two banks counts at both."""

    model_config = ConfigDict(frozen=True)

    as_of: date
    total: FunnelSteps
    by_bank: dict[str, FunnelSteps]


def bank_funnel(connection: Connection, as_of: date) -> BankFunnel:
    """The funnel of every bank of this node."""
    by_bank = {row.bank_code: FunnelSteps.model_validate(row) for row in reports.funnel(connection, as_of)}
    names = FunnelSteps.model_fields
    total = FunnelSteps(**{name: sum(getattr(steps, name) for steps in by_bank.values()) for name in names})
    return BankFunnel(as_of=as_of, total=total, by_bank=by_bank)
