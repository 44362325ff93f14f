"""Figures, sources, quarantine, and a person's index with its explanation."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import TypeAdapter

from loan_service.district.views import explanation, figures
from loan_service.foundation.database import DISTRICT
from loan_service.web.openapi import ERRORS, NOT_FOUND
from loan_service.web.paging import Cursor, Int32, Int64, Limit, Paged, Plain, cursor_of, key_of
from loan_service.web.remembering import remembered
from loan_service.web.wings import asked

router = APIRouter(prefix="/district", tags=["district"], responses=ERRORS)

PersonId = Annotated[int, Path(ge=1, lt=2**63, description="blind identifier of a person", examples=[4503599627370496])]
_QUARANTINE_KEY: TypeAdapter[figures.QuarantineKey] = TypeAdapter(tuple[Int64, Int32, Plain])
AsOf = Annotated[date | None, Query(description="the day in question; empty = today's business date")]


@router.get("/figures", summary="区级数据归集与计分概况 · The district's part of the flow")
def read_figures(request: Request) -> figures.DistrictFigures:
    """Files, records, events, registered and enrolled persons, indices by grade, certificates; whole district only."""
    with asked(request, DISTRICT) as (connection, today):
        return remembered(request, connection, "district", today, lambda: figures.district_figures(connection, today))


@router.get("/sources", summary="数源 · What each source delivered")
def list_sources(request: Request) -> Paged[figures.SourceFigures]:
    """Rows read, landed, repeated, quarantined, refused and without consent, per source."""
    with asked(request, DISTRICT) as (connection, _):
        return Paged(items=figures.sources(connection))


@router.get("/quarantine", summary="隔离区 · Rows that wait for their agency")
def list_quarantine(
    request: Request,
    source_code: Annotated[str | None, Query(pattern=r"^[a-z_]{1,64}$", description="only this source")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Paged[figures.QuarantinedRow]:
    """Where each row stands, why it was kept aside, and what would mend it; its content is not shown."""
    after = key_of(cursor, _QUARANTINE_KEY)
    with asked(request, DISTRICT) as (connection, _):
        rows, last = figures.quarantine(connection, source_code, after, limit)
    return Paged(items=rows, next_cursor=cursor_of(*last) if last else None)


@router.get(
    "/persons/{person_id}/index",
    summary="我要查分 · One index, every point explained",
    responses=NOT_FOUND,
)
def read_index(request: Request, person_id: PersonId, as_of: AsOf = None) -> explanation.IndexExplanation:
    """The ledger in plain sentences with the source record of each point; base + all rows = index, exactly.

    Not enrolled, withdrawn and unknown are one answer: 404 `index.none`.
    """
    with asked(request, DISTRICT) as (connection, today):
        return explanation.explanation(connection, person_id, as_of or today)
