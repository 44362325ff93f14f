"""The first page, and the button that lets days pass."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.views.glance import bank_glance
from loan_service.bank.views.headline import headline
from loan_service.district.views.figures import district_figures
from loan_service.errors import ConflictError, RefusedError
from loan_service.foundation.database import BANK, DISTRICT
from loan_service.home.flow import lanes
from loan_service.web.openapi import CONFLICT, ERRORS
from loan_service.web.remembering import remembered
from loan_service.web.security import from_our_own_page
from loan_service.web.templating import page
from loan_service.web.wings import asked, wing_of

router = APIRouter(responses=ERRORS)


class TimeWish(BaseModel):
    """How far to go, and from where: the day the visitor saw, so that a double click goes once."""

    model_config = ConfigDict(extra="forbid")

    expected_date: date
    days: int = Field(default=0, ge=0, le=366)
    months: int = Field(default=0, ge=0, le=24)

    @property
    def to(self) -> date:
        """The day to go to; calendar months clamp to the month's end."""
        months = self.expected_date.year * 12 + self.expected_date.month - 1 + self.months
        year, month = divmod(months, 12)
        day = min(self.expected_date.day, calendar.monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(days=self.days)


@router.get("/", include_in_schema=False)
def show_home(request: Request) -> HTMLResponse:
    """Today's flow at a glance."""
    with asked(request, DISTRICT) as (connection, today):
        district = remembered(request, connection, "district", today, lambda: district_figures(connection, today))
    with asked(request, BANK) as (connection, _):
        bank = remembered(request, connection, "bank", today, lambda: bank_glance(connection, today))
        figures = headline(connection, today, wing_of(request, BANK).settings.scale)
    return page(
        request,
        "home/home.html",
        today=today,
        district=district,
        bank=bank,
        lanes=lanes(district, bank),
        headline=figures,
        empty=not (district.intake.files or bank.households),
    )


@router.post(
    "/demo/advance",
    summary="演示日期前进 · Let days pass in the demonstration",
    tags=["operations"],
    status_code=303,
    response_class=RedirectResponse,
    responses=CONFLICT,
)
def advance(request: Request, wish: Annotated[TimeWish, Form()]) -> RedirectResponse:
    """Expiry, applications, drawdowns, repayments and clocks move; then back to the first page."""
    from_our_own_page(request)
    move: Callable[[date, date], None] | None = request.app.state.advance
    if move is None:
        raise RefusedError("demo.clock_stands", "this process cannot move the clock", "本进程不能推进演示日期")
    if not (wish.days or wish.months):
        raise RefusedError("demo.no_time", "no time was asked for", "没有说明前进多久", "ask for days or months")
    with asked(request, BANK) as (_, today):
        if today != wish.expected_date:
            raise ConflictError(
                "clock.moved", f"the demo stands at {today} already", f"演示日期已是 {today}", "reload and try again"
            )
    move(wish.expected_date, wish.to)
    return RedirectResponse("/", 303)
