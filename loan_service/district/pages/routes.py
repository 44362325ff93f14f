"""The district's pages: find a number, read the ledger behind it, see the feeds."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from loan_service.district.views import explanation, figures
from loan_service.errors import NotFoundError
from loan_service.foundation.database import DISTRICT
from loan_service.web.templating import page
from loan_service.web.wings import asked, wing_of

router = APIRouter(prefix="/district", include_in_schema=False)

PersonId = Annotated[int, Path(ge=1, lt=2**63)]

_EXAMPLES = 6


@router.get("/persons")
def find_person(request: Request, person_id: Annotated[str, Query(max_length=64)] = "") -> Response:
    """A form for one number; there is no list of people here. In the demonstration a few numbers to try."""
    wanted = person_id.strip()
    if wanted.isascii() and wanted.isdigit() and 0 < int(wanted) < 2**63:
        return RedirectResponse(f"/district/persons/{int(wanted)}", 303)
    with asked(request, DISTRICT) as (connection, today):
        demo = wing_of(request, DISTRICT).settings.demo
        examples = explanation.examples(connection, today, _EXAMPLES) if demo else []
    return page(
        request, "district/find_person.html", 422 if wanted else 200, wanted=wanted, examples=examples, as_of=today
    )


@router.get("/persons/{person_id}")
def show_person(request: Request, person_id: PersonId, as_of: Annotated[date | None, Query()] = None) -> HTMLResponse:
    """The ledger behind one index; without an index the same page for everybody."""
    with asked(request, DISTRICT) as (connection, today):
        try:
            told = explanation.explanation(connection, person_id, as_of or today)
        except NotFoundError:
            return page(request, "district/no_index.html", 404, as_of=as_of or today)
    return page(request, "district/person.html", told=told, today=today)


@router.get("/intake")
def show_intake(request: Request) -> HTMLResponse:
    """The feeds, what came of their rows, and why some of them wait."""
    with asked(request, DISTRICT) as (connection, today):
        return page(
            request,
            "district/intake.html",
            sources=figures.sources(connection),
            whole=figures.intake(connection),
            reasons=figures.quarantine_reasons(connection),
            refusals=figures.refusals(connection),
            as_of=today,
        )
