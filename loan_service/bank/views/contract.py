"""One contract: our dated mirror of what the bank's core holds, with every wish and every booking."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import reading
from loan_service.bank.views.refusals import Refusal, refusal_of
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class DrawdownSeen(_Read):
    """A wish for money; without refusal and outcome it is on its way."""

    drawdown_id: str
    channel_reference: str
    amount_fen: int
    requested_on: date
    refusal: Refusal | None = Field(description="why it was not sent to the bank")
    outcome: str | None = Field(description="what the bank made of it: drawdown or drawdown_refused")


class MovementSeen(_Read):
    """What the bank booked."""

    kind: str = Field(description="drawdown, drawdown_refused or repayment")
    business_date: date
    loan_note_no: str | None
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    fee_fen: int


class ContractView(_Read):
    """A contract; the bank's core is the record, balances are those of now."""

    contract_no: str
    bank_code: str
    household_ref: str
    application_id: str
    offer_id: str
    limit_fen: int
    rate_bp: int
    signed_on: date
    starts_on: date
    matures_on: date
    closed_on: date | None
    document_hash: str
    reserved_fen: int = Field(description="asked of the bank through us, not yet paid or refused")
    outstanding_fen: int
    available_fen: int
    drawdowns: list[DrawdownSeen]
    movements: list[MovementSeen]


def contract_view(connection: Connection, bank_code: str, contract_no: str) -> ContractView:
    """One contract of a bank.

    Raises:
        NotFoundError: there is no such contract at this bank (`contract.unknown`).
    """
    row = reading.contract(connection, bank_code, contract_no)
    if row is None:
        raise NotFoundError("contract.unknown", "there is no such contract at this bank", "本行没有这份合同")
    wishes = reading.drawdowns_of(connection, row.contract_id)
    return ContractView.model_validate(
        row._asdict()
        | {
            "available_fen": 0 if row.closed_on else max(0, row.limit_fen - row.reserved_fen - row.outstanding_fen),
            "drawdowns": [wish._asdict() | {"refusal": refusal_of(wish.refusal_code)} for wish in wishes],
            "movements": reading.movements_of(connection, row.contract_id),
        }
    )
