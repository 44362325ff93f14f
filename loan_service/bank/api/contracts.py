"""Contracts and their usage: read the mirror, ask for money."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.api.common import KnownBank
from loan_service.bank.stages.drawdowns import Wish, submit
from loan_service.bank.store.tables import idempotency_keys
from loan_service.bank.views.contract import ContractView, contract_view
from loan_service.bank.views.refusals import Refusal, refusal_of
from loan_service.foundation.database import BANK
from loan_service.web.idempotent import KeyHeader, once
from loan_service.web.openapi import CONFLICT, ERRORS, NOT_FOUND
from loan_service.web.wings import asked, joined, wing_of

router = APIRouter(prefix="/bank/{bank_code}/contracts", tags=["bank"], responses=ERRORS | NOT_FOUND)

ContractNo = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,64}$", examples=["ISLAND_RURAL-2026-000001"])]


class DrawdownWish(BaseModel):
    """A wish for money; `channel_reference` is the channel's own key: the same key, the same drawdown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel_reference: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$", examples=["app-9-000456"])
    amount_fen: int = Field(gt=0, le=10**12, examples=[2_000_000])


class DrawdownResult(BaseModel):
    """Reserved and on its way to the bank, or refused here and why."""

    drawdown_id: str
    amount_fen: int
    refusal: Refusal | None


@router.get("/{contract_no}", summary="合同与用信 · A contract and its usage")
def read_contract(request: Request, bank_code: KnownBank, contract_no: ContractNo) -> ContractView:
    """Our dated mirror: days, balances of now, every wish and every booking."""
    with asked(request, BANK) as (connection, _):
        return contract_view(connection, bank_code, contract_no)


@router.post(
    "/{contract_no}/drawdowns",
    summary="申请用信 · Ask for money",
    status_code=201,
    response_model=DrawdownResult,
    responses=CONFLICT,
)
def draw(
    request: Request, bank_code: KnownBank, contract_no: ContractNo, key: KeyHeader, wish: DrawdownWish
) -> JSONResponse:
    """Reserves under the contract's lock and asks the bank to pay; more than is available is refused, never paid."""
    with asked(request, BANK) as (connection, today):
        wing = joined(wing_of(request, BANK), connection)

        def act() -> DrawdownResult:
            answer = submit(wing, bank_code, Wish(wish.channel_reference, contract_no, wish.amount_fen, today, False))
            return DrawdownResult(
                drawdown_id=answer.drawdown_id, amount_fen=wish.amount_fen, refusal=refusal_of(answer.refusal_code)
            )

        return once(connection, idempotency_keys, request, key, wish, act, 201)
