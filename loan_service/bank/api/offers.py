"""Offers: read a village's or one household's, and ask for new ones."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from loan_service.bank.api.common import HOUSEHOLD_REF, KnownBank
from loan_service.bank.stages import offers
from loan_service.bank.store.reading import Section
from loan_service.bank.store.tables import idempotency_keys
from loan_service.bank.views.lists import OfferLine, offer_lines
from loan_service.bank.views.offer import OfferView, household_offer
from loan_service.bank.views.policies import policy_in_force
from loan_service.bank.views.recourse import HouseholdRecourse, household_recourse
from loan_service.bank.views.why import OfferWhy, offer_why
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import BANK
from loan_service.foundation.wing import Wing
from loan_service.web.idempotent import KeyHeader, once
from loan_service.web.openapi import CONFLICT, ERRORS, NOT_FOUND
from loan_service.web.paging import Cursor, Limit, Paged, Plain, cursor_of, key_of
from loan_service.web.wings import asked, joined, wing_of
from models.policy import LONGEST_TERM_MONTHS
from models.recourse_answer import Wish

router = APIRouter(prefix="/bank/{bank_code}", tags=["bank"], responses=ERRORS | NOT_FOUND)

HouseholdRef = Annotated[str, Path(pattern=HOUSEHOLD_REF, description="the bank's own key", examples=["H000001"])]
PurposeCode = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", examples=["vessel_engine"])]
VillageCode = Annotated[str, Field(pattern=r"^V\d{3}$", examples=["V017"])]

_HOUSEHOLD_KEY: TypeAdapter[tuple[str]] = TypeAdapter(tuple[Plain])


class OfferWish(BaseModel):
    """One household, or every household of a village."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"household_ref": "H000001"}]})

    household_ref: str | None = Field(default=None, pattern=HOUSEHOLD_REF)
    village_code: VillageCode | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """Neither nothing nor both."""
        if (self.household_ref is None) == (self.village_code is None):
            raise ValueError("give either household_ref or village_code")
        return self


class OffersMade(BaseModel):
    """Each household's offer of the day; one whose inputs are unchanged keeps the offer it had."""

    items: list[OfferLine]


@router.get("/offers", summary="预授信清单 · Newest offers by household")
def list_offers(
    request: Request,
    bank_code: KnownBank,
    village_code: Annotated[VillageCode | None, Query(description="only this village")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Paged[OfferLine]:
    """By household, in the order of the bank's own keys; never by grade."""
    after = key_of(cursor, _HOUSEHOLD_KEY)
    with asked(request, BANK) as (connection, today):
        section = Section(village_code=village_code, after=after[0] if after else None, limit=limit)
        lines, last = offer_lines(connection, bank_code, today, section)
    return Paged(items=lines, next_cursor=cursor_of(last) if last else None)


@router.get("/households/{household_ref}/offer", summary="为什么是这个额度 · One household's offer, explained")
def read_offer(request: Request, bank_code: KnownBank, household_ref: HouseholdRef) -> OfferView:
    """Both ledgers row by row, reasons, stamps, the certificate as the bank knows it, contract and what happened."""
    with asked(request, BANK) as (connection, today):
        return household_offer(connection, bank_code, household_ref, today)


@router.get("/households/{household_ref}/offer/why", summary="依据和重算 · What an offer rests on, and made again")
def read_why(request: Request, bank_code: KnownBank, household_ref: HouseholdRef) -> OfferWhy:
    """Risk with its interval and parts, household exposure, a stressed year by month, and the offer made again."""
    with asked(request, BANK) as (connection, today):
        return offer_why(connection, bank_code, household_ref, today)


@router.get("/households/{household_ref}/recourse", summary="我要加分（银行一侧）· What can be done at the bank")
def read_recourse(
    request: Request,
    bank_code: KnownBank,
    household_ref: HouseholdRef,
    months: Annotated[int | None, Query(ge=1, le=LONGEST_TERM_MONTHS, description="a shorter term asked for")] = None,
    purpose: Annotated[
        list[PurposeCode] | None, Query(max_length=8, description="what else the money would really be for")
    ] = None,
) -> HouseholdRecourse:
    """Each step quoted by the path that prices offers, waiting first; nothing is stored of what was asked."""
    civility_input = wing_of(request, BANK).settings.civility_input
    with asked(request, BANK) as (connection, today):
        return household_recourse(
            connection,
            bank_code,
            household_ref,
            today,
            wish=Wish(term_months=months),
            purposes=purpose or (),
            civility_input=civility_input,
        )


@router.post(
    "/offers",
    summary="发起预授信 · Make offers",
    status_code=201,
    response_model=OffersMade,
    responses=CONFLICT,
)
def make_offers(request: Request, bank_code: KnownBank, key: KeyHeader, wish: OfferWish) -> JSONResponse:
    """Prices one household, or a village, on today's business date; an offer never binds the bank."""
    with asked(request, BANK) as (connection, today):
        wing = joined(wing_of(request, BANK), connection)
        return once(
            connection,
            idempotency_keys,
            request,
            key,
            wish,
            lambda: _make(wing, connection, bank_code, wish, today),
            201,
        )


def _make(wing: Wing, connection: Connection, bank_code: str, wish: OfferWish, today: date) -> OffersMade:
    edition = policy_in_force(connection, bank_code, today)
    if wish.household_ref is not None:
        offers.offer_for(wing, edition, wish.household_ref, today)
    else:
        offers.issue(wing, edition, today, wish.village_code)
    made = Section(village_code=wish.village_code, household_ref=wish.household_ref)
    return OffersMade(items=offer_lines(connection, bank_code, today, made)[0])
