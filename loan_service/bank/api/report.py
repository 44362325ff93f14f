"""The programme's headline: published, simulated, difference."""

from fastapi import APIRouter, Request

from loan_service.bank.views import funnel, headline
from loan_service.foundation.database import BANK
from loan_service.web.openapi import ERRORS
from loan_service.web.remembering import remembered
from loan_service.web.wings import asked, wing_of

router = APIRouter(prefix="/bank", tags=["bank"], responses=ERRORS)


@router.get("/report", summary="公布与模拟 · The programme's headline")
def read_report(request: Request) -> headline.Headline:
    """Published and simulated totals side by side; fitted, not predicted."""
    with asked(request, BANK) as (connection, today):
        return headline.headline(connection, today, wing_of(request, BANK).settings.scale)


@router.get("/funnel", summary="银行漏斗 · From households to drawn money, by bank")
def read_funnel(request: Request) -> funnel.BankFunnel:
    """How many are left after each step at each bank."""
    with asked(request, BANK) as (connection, today):
        return remembered(request, connection, "funnel", today, lambda: funnel.bank_funnel(connection, today))
