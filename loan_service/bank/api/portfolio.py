"""How full a bank's caps and budgets are."""

from fastapi import APIRouter, Request

from loan_service.bank.api.common import KnownBank
from loan_service.bank.views.policies import lending_policy
from loan_service.bank.views.portfolio import PortfolioView, portfolio_view
from loan_service.foundation.database import BANK
from loan_service.web.openapi import ERRORS, NOT_FOUND
from loan_service.web.wings import asked

router = APIRouter(prefix="/bank/{bank_code}", tags=["bank"], responses=ERRORS | NOT_FOUND)


@router.get("/portfolio", summary="额度与预算占用 · Caps and budgets, how full they are")
def read_portfolio(request: Request, bank_code: KnownBank) -> PortfolioView:
    """Per cap and budget what is reserved, signed and free today, and how many approved households wait."""
    with asked(request, BANK) as (connection, today):
        return portfolio_view(connection, bank_code, lending_policy(connection, bank_code, today), today)
