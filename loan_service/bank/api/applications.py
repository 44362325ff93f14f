"""Applications: up to 500 at once, each with its own result, and how one stands."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bank_adapters import MAX_BATCH_ITEMS, Authorisation
from loan_service.bank.api.common import HOUSEHOLD_REF, KnownBank
from loan_service.bank.stages.applications import Purposes, Wish, submit
from loan_service.bank.store import reading
from loan_service.bank.store.tables import idempotency_keys
from loan_service.bank.views.application import ApplicationView, application_view
from loan_service.bank.views.policies import lending_policy
from loan_service.bank.views.refusals import Refusal, refusal_of
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import BANK, AnyRow
from loan_service.foundation.wing import Wing
from loan_service.web.idempotent import KeyHeader, once
from loan_service.web.openapi import CONFLICT, ERRORS, NOT_FOUND
from loan_service.web.wings import asked, joined, wing_of

router = APIRouter(prefix="/bank/{bank_code}", tags=["bank"], responses=ERRORS | NOT_FOUND)

ApplicationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuthorisationSigned(_Taken):
    """One thing the household allows, with the text it saw; a box ticked beforehand is no authorisation."""

    kind: Word = Field(examples=["bureau_query"])
    text_version: Annotated[str, Field(pattern=r"^[^\s\p{C}]{1,64}$", examples=["2026-01"])]
    signed_at: AwareDatetime = Field(examples=["2026-06-15T10:00:00+08:00"])


class ApplicationWish(_Taken):
    """One household's application; `channel_reference` is the channel's own key: the same key, the same application."""

    channel_reference: Reference = Field(examples=["counter-7-000123"])
    offer_id: Reference
    household_ref: str = Field(pattern=HOUSEHOLD_REF, examples=["H000001"])
    requested_limit_fen: int = Field(gt=0, le=10**12, examples=[5_000_000])
    purpose: Word = Field(examples=["fishing_gear"])
    authorisations: tuple[AuthorisationSigned, ...] = Field(max_length=20)
    takes_bonus: bool = Field(
        default=False, description="the household chose to go beyond the baseline limit; never ticked beforehand"
    )


class ApplicationBatch(_Taken):
    """1 to 500 applications in the order they are to be taken."""

    applications: tuple[ApplicationWish, ...] = Field(min_length=1, max_length=MAX_BATCH_ITEMS)


class ApplicationResult(BaseModel):
    """What became of one application: sent to the bank, or refused by our own checks and why."""

    channel_reference: str
    application_id: str | None
    result: Literal["sent", "refused"]
    refusal: Refusal | None


class ApplicationResults(BaseModel):
    """One result per application, in the order of the batch."""

    results: list[ApplicationResult]


@router.post(
    "/applications",
    summary="提交申请 · Apply, up to 500 at once",
    status_code=201,
    response_model=ApplicationResults,
    responses=CONFLICT,
)
def apply(request: Request, bank_code: KnownBank, key: KeyHeader, batch: ApplicationBatch) -> JSONResponse:
    """Checks each application and puts it on its way to the bank; a refusal is a result, not an error."""
    with asked(request, BANK) as (connection, today):
        wing = joined(wing_of(request, BANK), connection)

        def act() -> ApplicationResults:
            return ApplicationResults(results=_taken(wing, connection, bank_code, batch.applications, today))

        return once(connection, idempotency_keys, request, key, batch, act, 201)


@router.get("/applications/{application_id}", summary="申请进度 · How an application stands")
def read_application(request: Request, bank_code: KnownBank, application_id: ApplicationId) -> ApplicationView:
    """Authorisations, our checks, the bank's decisions, the contract that came of it."""
    with asked(request, BANK) as (connection, _):
        return application_view(connection, bank_code, application_id)


def _taken(
    wing: Wing, connection: Connection, bank_code: str, wishes: Sequence[ApplicationWish], today: date
) -> list[ApplicationResult]:
    purposes = Purposes(lending_policy(connection, bank_code, today))
    ids = [submit(wing, bank_code, purposes, _wish(wish, today)) for wish in wishes]
    kept = reading.application_rows(connection, ids)
    return [_result(wish, kept[application_id]) for wish, application_id in zip(wishes, ids, strict=True)]


def _wish(wish: ApplicationWish, today: date) -> Wish:
    return Wish(
        channel_reference=wish.channel_reference,
        offer_id=wish.offer_id,
        household_ref=wish.household_ref,
        requested_limit_fen=wish.requested_limit_fen,
        purpose=wish.purpose,
        authorisations=tuple(Authorisation(**vars(given)) for given in wish.authorisations),
        applied_on=today,
        from_bank_channel=False,
        takes_bonus=wish.takes_bonus,
    )


def _result(wish: ApplicationWish, kept: AnyRow) -> ApplicationResult:
    """The kept application's result, unless its reference was used for another wish before."""
    told = ("offer_id", "household_ref", "requested_limit_fen", "purpose", "takes_bonus")
    same = all(getattr(kept, name) == getattr(wish, name) for name in told)
    refusal = refusal_of(kept.refusal_code if same else "reference_used")
    return ApplicationResult(
        channel_reference=wish.channel_reference,
        application_id=kept.application_id if same else None,
        result="refused" if refusal else "sent",
        refusal=refusal,
    )
