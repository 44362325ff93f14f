"""A caller that does with a bank what the bank wing will do: small, real, and without a database."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
import uvicorn

from bank_adapters import (
    BEIJING,
    AnyEvent,
    AnyRequest,
    Application,
    Authorisation,
    Bank,
    BankDecision,
    Batch,
    ChannelApplication,
    ChannelDrawdownRequest,
    ContractTerms,
    DrawdownPosted,
    DrawdownRequest,
    ItemResult,
    PrescreenList,
    Repayment,
    SigningReceipt,
    SigningRequest,
    Unreachable,
    check_events,
)
from bank_adapters.simulator import BankState, FaultProfile, Habits, Intention, Intentions, Step, advance, handle

OPENED_ON = date(2026, 6, 15)
SIGNED_AT = datetime(2026, 6, 15, 10, tzinfo=BEIJING)
MAX_TRIES = 200


class PureBank:
    """The simulator's two functions with their state, and no journal."""

    def __init__(self, state: BankState) -> None:
        self.state = state
        self.feed: list[AnyEvent] = []

    @property
    def bank_code(self) -> str:
        return self.state.bank_code

    def send(self, batch: Batch) -> tuple[ItemResult, ...]:
        step = self._take(handle(self.state, batch, self.state.business_date))
        if step.answer_lost:
            raise Unreachable(self.bank_code, zh="应答丢失", en="answer lost")
        return step.results

    def poll(self, after_sequence: int, limit: int) -> tuple[AnyEvent, ...]:
        return tuple(self.feed[after_sequence : after_sequence + limit])

    def advance(self, days: int, intentions: Intentions) -> None:
        self._take(advance(self.state, self.state.business_date + timedelta(days=days), intentions))

    def _take(self, step: Step) -> Step:
        self.state = step.state
        self.feed += step.events
        return step


@dataclass
class Caller:
    """Polls, answers what the bank says, retries what got lost, and books every message once by its id."""

    bank: Bank
    after_sequence: int = 0
    lost_answers: int = 0
    booked: dict[str, AnyEvent] = field(default_factory=dict)
    household_of: dict[str, str] = field(default_factory=dict)
    rejected: list[ItemResult] = field(default_factory=list)

    def send(self, items: Iterable[AnyRequest]) -> tuple[ItemResult, ...]:
        batch = Batch(bank_code=self.bank.bank_code, items=tuple(items))
        for _ in range(MAX_TRIES):
            try:
                results = self.bank.send(batch)
            except Unreachable:
                self.lost_answers += 1
                continue
            self.rejected += [result for result in results if result.status == "rejected"]
            return results
        raise AssertionError("the bank never answered")

    def exchange(self) -> None:
        while True:
            replies: list[AnyRequest] = []
            while page := self.bank.poll(self.after_sequence, 100):
                check_events(self.bank.bank_code, self.after_sequence, 100, page)
                self.after_sequence = page[-1].sequence
                replies += [reply for event in page if (reply := self._book(event))]
            if not replies:
                return
            self.send(replies)

    def drawn_fen(self) -> Counter[str]:
        """Drawn per household, from the events alone."""
        drawn: Counter[str] = Counter()
        for event in self.booked.values():
            if isinstance(event, DrawdownPosted):
                drawn[self.household_of[event.contract_no]] += event.amount_fen
        return drawn

    def outstanding_fen(self) -> Counter[str]:
        """Outstanding per household, from the events alone; settled households have no entry."""
        outstanding = self.drawn_fen()
        for event in self.booked.values():
            if isinstance(event, Repayment):
                outstanding[self.household_of[event.contract_no]] -= event.principal_fen
        return +outstanding

    def of(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        return [event for event in self.booked.values() if isinstance(event, kind)]

    def _book(self, event: AnyEvent) -> AnyRequest | None:
        if event.message_id in self.booked:
            return None
        self.booked[event.message_id] = event
        match event:
            case ChannelApplication():
                application_id = f"A-{event.channel_reference}"
                self.household_of[application_id] = event.household_ref
                return Application(
                    application_id=application_id,
                    offer_id=event.offer_id,
                    household_ref=event.household_ref,
                    requested_limit_fen=event.requested_limit_fen,
                    purpose=event.purpose,
                    authorisations=event.authorisations,
                    channel_reference=event.channel_reference,
                )
            case BankDecision(decision="approve" | "counter"):
                signing_id = f"S-{event.application_id}"
                self.household_of[signing_id] = self.household_of[event.application_id]
                return signing_request(
                    self.bank.bank_code,
                    signing_id,
                    event.application_id,
                    self.household_of[signing_id],
                    event.limit_fen,
                )
            case SigningReceipt():
                self.household_of[event.contract_no] = self.household_of[event.signing_id]
            case ChannelDrawdownRequest():
                return DrawdownRequest(
                    drawdown_id=f"D-{event.channel_reference}",
                    contract_no=event.contract_no,
                    amount_fen=event.amount_fen,
                    channel_reference=event.channel_reference,
                )
        return None


def prescreen(household_ref: str, limit_fen: int = 8_000_000, days: int = 90, offer_id: str = "") -> PrescreenList:
    """A line of the prescreen list, at 4.85 %."""
    return PrescreenList(
        offer_id=offer_id or f"O-{household_ref}",
        household_ref=household_ref,
        limit_fen=limit_fen,
        rate_bp=485,
        all_in_annual_cost_bp=485,
        expires_on=OPENED_ON + timedelta(days=days),
    )


def application(household_ref: str, requested_limit_fen: int = 8_000_000, application_id: str = "") -> Application:
    """An application made on our own page."""
    return Application(
        application_id=application_id or f"A-{household_ref}",
        offer_id=f"O-{household_ref}",
        household_ref=household_ref,
        requested_limit_fen=requested_limit_fen,
        purpose="fishing_gear",
        authorisations=(Authorisation(kind="bureau_query", text_version="1", signed_at=SIGNED_AT),),
    )


def signing_request(
    bank_code: str, signing_id: str, application_id: str, household_ref: str, limit_fen: int
) -> SigningRequest:
    """Terms at 4.85 % over three years, with their hash."""
    terms = ContractTerms(
        bank_code=bank_code,
        signing_id=signing_id,
        application_id=application_id,
        household_ref=household_ref,
        limit_fen=limit_fen,
        rate_bp=485,
        term_months=36,
        template_id="HX-LINE-3",
    )
    return SigningRequest(
        signing_id=signing_id,
        application_id=application_id,
        household_ref=household_ref,
        limit_fen=limit_fen,
        rate_bp=485,
        term_months=36,
        template_id="HX-LINE-3",
        terms_hash=terms.terms_hash,
    )


@contextmanager
def serve(app: object) -> Iterator[str]:
    """Run an ASGI application behind uvicorn on a free port of 127.0.0.1; gives its URL."""
    # Named as TCP, or asyncio would not switch Nagle's delay off and every answer would take 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session", name="serve")
def fixture_serve() -> Callable[[object], AbstractContextManager[str]]:
    return serve


@pytest.fixture(scope="session", name="open_bank")
def fixture_open_bank() -> Callable[..., PureBank]:
    def open_bank(habits: Habits | None = None, faults: FaultProfile | None = None) -> PureBank:
        return PureBank(
            BankState(
                bank_code="island_rural",
                business_date=OPENED_ON,
                habits=habits or Habits(),
                faults=faults or FaultProfile(),
            )
        )

    return open_bank


@pytest.fixture(scope="session", name="call")
def fixture_call() -> Callable[[Bank], Caller]:
    return Caller


@pytest.fixture(scope="session", name="prescreen")
def fixture_prescreen() -> Callable[..., PrescreenList]:
    return prescreen


@pytest.fixture(scope="session", name="application")
def fixture_application() -> Callable[..., Application]:
    return application


@pytest.fixture(scope="session", name="signing_request")
def fixture_signing_request() -> Callable[..., SigningRequest]:
    return signing_request


@pytest.fixture(scope="session", name="plan")
def fixture_plan() -> Callable[..., Intention]:
    def plan(household_ref: str, **changes: object) -> Intention:
        """Apply the next day for all of the offer, accept and sign; draw and repay only as asked."""
        row = {
            "household_ref": household_ref,
            "applies_on": "2026-06-16",
            "wants_purpose": "fishing_gear",
            "wants_limit_share": 1.0,
            "accepts": True,
            "signs": True,
            **changes,
        }
        return Intention.model_validate_json(json.dumps(row))

    return plan
