"""The simulated banks' cores as one HTTP application: each speaks its own dialect below its own path (demo only)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from bank_adapters import CODECS, BankError, Codec, ProtocolViolation, Unreachable, codec_of
from bank_adapters.simulated_bank import SimulatedBank
from bank_adapters.simulator import FaultProfile, Intentions, parse_intentions
from loan_service.errors import SettingsError
from loan_service.foundation.clock import FIRST_DEMO_DAY
from loan_service.settings import Settings

_JSON = "application/json"


class AdvanceOrder(BaseModel):
    """Let days pass at every bank."""

    to: date


class Advanced(BaseModel):
    """Where the banks stand now."""

    business_date: date
    events: dict[str, int] = Field(description="new feed entries, by bank")


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]


def create_simulator(
    settings: Settings, banks: Sequence[str] = tuple(CODECS), faults: Mapping[str, FaultProfile] | None = None
) -> FastAPI:
    """Opens the banks on their journals in `<data_dir>/simulator`; a restart brings them back as they were.

    Args:
        settings: the demo's settings.
        banks: which banks, by code.
        faults: what goes wrong at a bank, by code; nothing by default.

    Raises:
        SettingsError: this is no demo.
    """
    if not settings.demo:
        raise SettingsError("simulator.not_demo", "simulated banks exist in demo mode only", "模拟银行仅用于演示")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        folder = settings.data_dir / "simulator"
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            app.state.banks = {
                bank_code: _opened(stack, folder, bank_code, (faults or {}).get(bank_code)) for bank_code in banks
            }
            yield

    app = FastAPI(title="Simulated banks · 模拟银行", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.channel = settings.files / "channel"
    app.add_exception_handler(BankError, _on_bank_error)
    for bank_code in banks:
        app.include_router(_bank_router(codec_of(bank_code)))
    app.include_router(_common)
    return app


def _opened(stack: ExitStack, folder: Path, bank_code: str, faults: FaultProfile | None) -> SimulatedBank:
    bank = SimulatedBank.open(folder / f"{bank_code}.journal", bank_code, FIRST_DEMO_DAY, faults=faults)
    stack.callback(bank.close)
    return bank


def _bank_router(codec: Codec) -> APIRouter:
    """One bank's two doors, in its dialect; the bank itself takes one caller after the other."""
    router = APIRouter(prefix=f"/{codec.bank_code}", tags=[codec.bank_code])

    @router.post(codec.send_path, summary="Take a batch of requests")
    def send(request: Request, body: RawBody) -> Response:
        results = _bank(request, codec).send(codec.decode_batch(body))
        return Response(codec.encode_results(results), media_type=_JSON)

    @router.get(codec.poll_path, summary="Answer the next events")
    def poll(request: Request) -> Response:
        after_sequence, limit = codec.decode_poll(dict(request.query_params))
        return Response(codec.encode_events(_bank(request, codec).poll(after_sequence, limit)), media_type=_JSON)

    return router


def _bank(request: Request, codec: Codec) -> SimulatedBank:
    banks: dict[str, SimulatedBank] = request.app.state.banks
    return banks[codec.bank_code]


_common = APIRouter()


@_common.post("/advance", summary="Let days pass at every bank, households acting as they mean to")
def advance(request: Request, order: AdvanceOrder) -> Advanced:
    """Moves each bank to the day; a bank that is there already does nothing."""
    banks: dict[str, SimulatedBank] = request.app.state.banks
    events = {
        code: bank.advance(order.to, _intentions(request.app.state.channel / code)) for code, bank in banks.items()
    }
    return Advanced(business_date=order.to, events=events)


@_common.get("/health", summary="Is the process alive, and where do the banks stand?")
def health(request: Request) -> dict[str, date]:
    """The accounting day of each bank."""
    banks: dict[str, SimulatedBank] = request.app.state.banks
    return {code: bank.business_date for code, bank in banks.items()}


def _intentions(folder: Path) -> Intentions:
    """What the simulated households mean to do; without a file nobody does anything."""
    path = folder / "intentions.jsonl"
    return _read_intentions(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=8)  # asked for again each time days pass; the time of change notices another file
def _read_intentions(path: Path, _changed_ns: int) -> Intentions:
    with path.open("rb") as lines:
        return parse_intentions(lines)


def _on_bank_error(_request: Request, error: Exception) -> Response:
    """How a core answers: 503 where the work may have been done, 400 for another dialect, 422 for a refusal."""
    if not isinstance(error, BankError):
        raise error
    status = 503 if isinstance(error, Unreachable) else 400 if isinstance(error, ProtocolViolation) else 422
    return JSONResponse({"error": type(error).__name__, "zh": error.zh, "en": error.en}, status)
