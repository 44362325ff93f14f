"""The bank's pages: choose a bank, find a household, read its offer, contract and usage."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter

from bank_adapters import CODECS
from loan_service.bank.store.reading import Section
from loan_service.bank.views.funnel import FunnelSteps, bank_funnel
from loan_service.bank.views.lists import offer_lines, villages
from loan_service.bank.views.offer import Happening, OfferView, household_offer
from loan_service.bank.views.reasons import reason_names
from loan_service.bank.views.refusals import refusal_of
from loan_service.errors import NotFoundError
from loan_service.foundation.database import BANK
from loan_service.web.paging import Cursor, Plain, cursor_of, key_of
from loan_service.web.remembering import remembered
from loan_service.web.templating import page
from loan_service.web.wings import asked
from models.terms import LIMIT_RULES, RATE_RULES

router = APIRouter(prefix="/bank", include_in_schema=False)

HouseholdRef = Annotated[str, Path(pattern=r"^[^\s\p{C}]{1,64}$")]

_ROWS = 50
_HOUSEHOLD_KEY: TypeAdapter[tuple[str]] = TypeAdapter(tuple[Plain])
_RULE_NAMES = {rule.code: rule.words for rule in (*LIMIT_RULES, *RATE_RULES)}


@router.get("")
def choose_bank(request: Request) -> HTMLResponse:
    """The banks of this node and how far each has come."""
    with asked(request, BANK) as (connection, today):
        steps = remembered(request, connection, "funnel", today, lambda: bank_funnel(connection, today)).by_bank
    banks = {code: steps.get(code) or FunnelSteps(**dict.fromkeys(FunnelSteps.model_fields, 0)) for code in CODECS}
    return page(request, "bank/banks.html", banks=banks, as_of=today)


@router.get("/{bank_code}/households")
def list_households(
    request: Request,
    bank_code: str,
    village: Annotated[str, Query(pattern=r"^(V\d{3})?$")] = "",
    household_ref: Annotated[str, Query(pattern=r"^[^\p{C}]{0,64}$")] = "",
    cursor: Cursor = None,
) -> Response:
    """Households with their newest offer, by village; or straight to one of them."""
    _known(bank_code)
    if household_ref.strip():
        return RedirectResponse(f"/bank/{bank_code}/households/{quote(household_ref.strip(), safe='')}", 303)
    after = key_of(cursor, _HOUSEHOLD_KEY)
    with asked(request, BANK) as (connection, today):
        section = Section(village_code=village or None, after=after[0] if after else None, limit=_ROWS)
        lines, last = offer_lines(connection, bank_code, today, section)
        places = villages(connection, bank_code)
    return page(
        request,
        "bank/households.html",
        bank_code=bank_code,
        lines=lines,
        villages=places,
        village=village,
        next_cursor=cursor_of(last) if last else None,
        as_of=today,
    )


@router.get("/{bank_code}/households/{ref}")
def show_household(request: Request, bank_code: str, ref: HouseholdRef) -> HTMLResponse:
    """One household's offer with both ledgers, the certificate as the bank knows it, contract and what happened."""
    _known(bank_code)
    with asked(request, BANK) as (connection, today):
        told = household_offer(connection, bank_code, ref, today)
    return page(
        request,
        "bank/household.html",
        bank_code=bank_code,
        told=told,
        rules=_RULE_NAMES,
        reasons=_good_reasons(told),
        happened=[(each, _stopped(each)) for each in told.timeline],
        as_of=today,
    )


def _known(bank_code: str) -> None:
    if bank_code not in CODECS:
        raise NotFoundError("bank.unknown", "no bank is registered under this code", "没有登记的银行")


def _good_reasons(told: OfferView) -> list[object]:
    """The certificate's reasons by name, where this node has the edition."""
    if told.certificate is None:
        return []
    names = reason_names(told.certificate.edition)
    return [names[code] for code in told.certificate.reason_codes if code in names]


def _stopped(happening: Happening) -> object:
    """What of ours stands behind a step that was refused, held up or cut, if it was."""
    steps = {"application", "signing", "drawdown_request", "waiting", "terms_cut"}
    by_us = happening.step in steps and happening.what != "sent"
    return refusal_of(happening.what) if by_us else None
