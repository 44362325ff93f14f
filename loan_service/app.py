"""The web application of a deployment: which wings' doors it mounts, and what all of them share."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import date
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from loan_service import home
from loan_service.bank import api as bank_api
from loan_service.bank import pages as bank_pages
from loan_service.district import api as district_api
from loan_service.district import pages as district_pages
from loan_service.errors import SettingsError
from loan_service.foundation.database import BANK, DISTRICT
from loan_service.foundation.signing import wing_signer
from loan_service.foundation.wing import open_wing
from loan_service.settings import Deployment, Settings
from loan_service.web import assets, docs, problems
from loan_service.web.openapi import ERRORS, describe
from loan_service.web.security import BoundedBody, SafeHeaders
from loan_service.web.templating import Templates
from loan_service.web.wings import asked

Advance = Callable[[date, date], None]
"""Moves the demo from the day the visitor saw to a later one; raises `ConflictError` when it stands elsewhere."""

WINGS_OF = {
    Deployment.DISTRICT: (DISTRICT,),
    Deployment.BANK: (BANK,),
    Deployment.DEMO: (DISTRICT, BANK),
}
START_OF = {Deployment.DISTRICT: "/district/persons", Deployment.BANK: "/bank", Deployment.DEMO: "/"}
_TAGS = [
    {"name": "district", "description": "区级：数据归集、诚信文明分 · the district's wing"},
    {"name": "bank", "description": "银行：预授信、申请、签约、用信 · a bank's wing"},
    {"name": "operations", "description": "运行状态 · liveness and readiness"},
]

_operations = APIRouter(tags=["operations"], responses=ERRORS)


class Liveness(BaseModel):
    """The process answers."""

    status: str = "alive"


class Readiness(BaseModel):
    """Every wing's database answers; the business date each lives in."""

    business_dates: dict[str, date]


@_operations.get("/health", summary="存活 · Is the process alive?")
def read_health() -> Liveness:
    """Answers without touching anything."""
    return Liveness()


@_operations.get("/ready", summary="就绪 · Can it serve?")
def read_ready(request: Request) -> Readiness:
    """Asks each wing's database under that wing's own role."""
    dates = {}
    for name in request.app.state.wings:
        with asked(request, name) as (_, today):
            dates[name] = today
    return Readiness(business_dates=dates)


def create_app(settings: Settings, owner_url: str, advance: Advance | None = None) -> FastAPI:
    """The application of this deployment on a migrated database.

    Args:
        settings: which wings, which folders.
        owner_url: the database; each wing connects under its own role.
        advance: moves the demo clock, handed in from above; may also be set later as `app.state.advance`.
    """
    wings = WINGS_OF[settings.deployment]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as stack:
            app.state.wings = {name: stack.enter_context(open_wing(settings, owner_url, name)) for name in wings}
            app.state.district_key = _district_key(settings)
            yield

    app = FastAPI(
        title="Haixia Honesty Loan · 海霞诚信贷",
        version="0.1.0",
        summary="From a district's civility index to a signed, used, explained credit line",
        description="Every figure of the demonstration is simulated; points, rates, limits are demonstration values.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.advance = advance
    app.state.remembered = {}
    rooms = {"district": district_pages.TEMPLATES, "bank": bank_pages.TEMPLATES, "home": home.TEMPLATES}
    app.state.templates = Templates(rooms, settings.demo, START_OF[settings.deployment])
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    problems.install(app)
    app.add_middleware(BoundedBody)
    app.add_middleware(SafeHeaders)
    for router in _routers(settings):
        app.include_router(router)
    return app


def _district_key(settings: Settings) -> bytes:
    """The district's public key: the demo's own, or delivered to the bank's node as a file of 64 hex digits.

    Raises:
        SettingsError: a bank's node has no such file.
    """
    if settings.deployment is not Deployment.BANK:
        return wing_signer(settings.keys_dir, DISTRICT).public
    path = settings.keys_dir / "district-ed25519.public"
    if not path.exists():
        raise SettingsError(
            "certificate.no_district_key", f"{path} is missing", f"缺少 {path}", "ask the district for its public key"
        )
    return bytes.fromhex(path.read_text().strip())


def _routers(settings: Settings) -> list[APIRouter]:
    rooms: dict[str, list[APIRouter]] = {
        DISTRICT: [district_api.router, district_pages.router],
        BANK: [*bank_api.routers, bank_pages.router],
    }
    routers = [_operations, assets.router, docs.router]
    for name in WINGS_OF[settings.deployment]:
        routers += rooms[name]
    return [*routers, home.router if settings.demo else _entrance(START_OF[settings.deployment])]


def _entrance(start: str) -> APIRouter:
    """A deployment of one wing has no page for both; its root leads to where its people begin."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def enter() -> RedirectResponse:
        return RedirectResponse(start, 303)

    return router


def create_simulator(settings: Settings, banks: Sequence[str] | None = None) -> Any:
    """The simulated banks; imported only where one is asked for, so that no real deployment ever loads them."""
    from loan_service import simulated_banks

    return simulated_banks.create_simulator(settings, banks) if banks else simulated_banks.create_simulator(settings)
