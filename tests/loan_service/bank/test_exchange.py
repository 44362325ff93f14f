import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bank_adapters import Arrears, BankError, Rejected, Unreachable, codec_of, open_http_bank
from bank_adapters.simulated_bank import SimulatedBank
from bank_adapters.simulator import FaultProfile, Habits, PlannedDraw, PlannedRepayment
from loan_service.bank.pipeline import settle
from loan_service.bank.stages import applications, decisions, drawdowns, receiving, sending
from loan_service.bank.stages.applications import Purposes
from loan_service.foundation.wing import Wing

BANK = "island_rural"
DAY = date(2026, 6, 15)
HOUSEHOLDS = 24
DRAWS = (
    PlannedDraw(on_day=1, share_of_limit=Decimal("0.5")),
    PlannedDraw(on_day=3, share_of_limit=Decimal("0.4")),
)
REPAYS = (PlannedRepayment(on_day=2, share_of_outstanding=Decimal("0.25")),)


@pytest.fixture
def ready(seed_offers: Callable[..., list[str]], prescreen: Callable[..., None]) -> None:
    """Households with offers whose prescreen lines wait to be sent."""
    prescreen(seed_offers(HOUSEHOLDS))


def same_as_the_core(look: Any, sim: SimulatedBank) -> None:
    """The mirror shows every contract as the bank's own core has it."""
    mirror = {
        row[0].split("/")[1]: row[1:]
        for row in look.rows("contract_balances", "contract_id", "limit_fen", "reserved_fen", "outstanding_fen")
    }
    core = {no: (one.limit_fen, 0, one.outstanding_fen) for no, one in sim.state.contracts.items()}
    assert mirror == core
    drawn = sum(one.drawn_cumulative_fen for one in sim.state.contracts.values())
    assert sum(row[0] for row in look.rows("movements", "principal_fen", "kind") if row[1] == "drawdown") == drawn
    assert look.breaks() == []


@pytest.mark.usefixtures("ready")
def test_offers_become_drawn_and_partly_repaid_lines(
    bank: Wing, purposes: Purposes, open_bank: Callable[..., Any], look: Any
) -> None:
    sim = open_bank(HOUSEHOLDS, draws=DRAWS, repays=REPAYS)
    for _ in range(8):
        assert not settle(bank, sim.port, purposes, DAY).trouble
        sim.pass_days()
    assert len(sim.port.state.contracts) == HOUSEHOLDS
    assert look.count("movements") == 3 * HOUSEHOLDS
    same_as_the_core(look, sim.port)


@pytest.mark.usefixtures("ready")
def test_lost_answers_delays_and_repetitions_change_nothing_in_the_end(
    bank: Wing, purposes: Purposes, open_bank: Callable[..., Any], look: Any
) -> None:
    faults = FaultProfile(seed=3, lost_answers_milli=400, repeated_events_milli=400, delayed_events_milli=300)
    habits = Habits(seed=2, refer_milli=200, decline_milli=100, counter_milli=100)
    sim = open_bank(HOUSEHOLDS, faults=faults, habits=habits, draws=DRAWS, repays=REPAYS)
    for _ in range(20):
        settle(bank, sim.port, purposes, DAY)
        sim.pass_days()
    settle(bank, sim.port, purposes, DAY)
    repeats = look.count("bank_events", "repeated")
    assert repeats > 0
    assert look.rows("outbox", "max(attempts)")[0][0] > 1
    assert look.count("movements", "kind = 'drawdown'") == 2 * len(sim.port.state.contracts) > 0
    same_as_the_core(look, sim.port)


class Killed(BaseException):
    """The process dies: no handler of ours may catch it."""


class Mortal:
    """A port in front of a bank that lets our process die at chosen calls, before or after the bank did the work."""

    def __init__(self, port: SimulatedBank) -> None:
        self._port = port
        self.deaths: dict[int, str] = {}
        self._calls = 0

    @property
    def bank_code(self) -> str:
        return self._port.bank_code

    def send(self, batch: Any) -> Any:
        return self._mortal(lambda: self._port.send(batch))

    def poll(self, after_sequence: int, limit: int) -> Any:
        return self._mortal(lambda: self._port.poll(after_sequence, limit))

    def _mortal(self, call: Callable[[], Any]) -> Any:
        self._calls += 1
        when = self.deaths.get(self._calls)
        if when == "before":
            raise Killed
        answer = call()
        if when == "after":
            raise Killed
        return answer


@pytest.mark.usefixtures("ready")
def test_dying_at_any_call_leaves_a_state_the_next_run_finishes(
    bank: Wing, purposes: Purposes, open_bank: Callable[..., Any], look: Any
) -> None:
    sim = open_bank(HOUSEHOLDS, draws=DRAWS, repays=REPAYS)
    port = Mortal(sim.port)
    port.deaths = {call: ("before", "after")[call % 2] for call in (1, 2, 4, 5, 8, 9, 13, 14, 19, 20, 26, 31)}
    died = 0
    for _ in range(8):
        while True:
            try:
                settle(bank, port, purposes, DAY)
            except Killed:
                died += 1
            else:
                break
        sim.pass_days()
    assert died == len(port.deaths)
    assert look.count("movements") == 3 * HOUSEHOLDS
    same_as_the_core(look, sim.port)


@pytest.mark.usefixtures("ready")
def test_two_processes_settling_at_once_do_everything_once(
    bank: Wing, purposes: Purposes, open_bank: Callable[..., Any], look: Any
) -> None:
    sim = open_bank(HOUSEHOLDS, draws=DRAWS, repays=REPAYS)
    for _ in range(8):
        threads = [threading.Thread(target=settle, args=(bank, sim.port, purposes, DAY)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        settle(bank, sim.port, purposes, DAY)
        sim.pass_days()
    assert look.count("movements") == 3 * HOUSEHOLDS
    assert look.count("drawdowns") == 2 * HOUSEHOLDS
    same_as_the_core(look, sim.port)


@pytest.mark.usefixtures("ready")
def test_the_whole_way_over_http(bank: Wing, purposes: Purposes, open_bank: Callable[..., Any], look: Any) -> None:
    sim = open_bank(HOUSEHOLDS, faults=FaultProfile(seed=5, lost_answers_milli=300))
    with serve(sim.port) as url, open_http_bank(BANK, url) as port:
        for _ in range(8):
            settle(bank, port, purposes, DAY)
            sim.pass_days()
        settle(bank, port, purposes, DAY)
    assert look.rows("outbox", "max(attempts)")[0][0] > 1
    assert len(sim.port.state.contracts) == HOUSEHOLDS
    same_as_the_core(look, sim.port)


@pytest.mark.usefixtures("ready")
def test_what_an_interrupted_run_left_between_two_stages_is_finished_by_the_next(
    bank: Wing, purposes: Purposes, open_bank: Callable[..., Any], look: Any
) -> None:
    sim = open_bank(HOUSEHOLDS)
    settle(bank, sim.port, purposes, DAY)
    sim.pass_days()
    receiving.receive(bank, sim.port)
    applications.receive(bank, BANK, purposes)
    sending.send(bank, sim.port)
    receiving.receive(bank, sim.port)
    decisions.receive(bank, BANK)  # here the process ended: decided, but no terms put forward
    settle(bank, sim.port, purposes, DAY)
    assert look.count("signings") == HOUSEHOLDS


def test_a_reservation_refused_just_before_the_end_is_released_by_the_next_run(
    bank: Wing, script: Any, purposes: Purposes, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract()
    drawdowns.submit(bank, BANK, drawdowns.Wish("R", "C-1", 1_000_000, date(2026, 6, 15), from_bank_channel=False))
    script.refuses["drawdown_request"] = "contract_unknown"
    sending.send(bank, script)  # here the process ended: refused, but nothing released
    assert look.balance() == (1_000_000, 0)
    settle(bank, script, purposes, DAY)
    assert look.balance() == (0, 0)


def test_an_unreachable_bank_keeps_its_messages_for_the_next_time(
    bank: Wing, script: Any, purposes: Purposes, prescreen: Callable[..., None], look: Any
) -> None:
    prescreen(["O-1", "O-2"])
    script.failures = [Unreachable(BANK, zh="断线", en="down")] * 20
    settled = settle(bank, script, purposes, DAY)
    assert "down" in settled.trouble
    assert settled.answered == 0
    assert look.rows("outbox", "attempts", "answered_at") == [(5, None)] * 2
    script.failures = []
    assert settle(bank, script, purposes, DAY).answered == 2
    assert len(script.sent) == len({item.key for item in script.sent}) == 2


def test_a_call_refused_as_a_whole_is_halved_until_the_refused_request_stands_alone(
    bank: Wing, script: Any, prescreen: Callable[..., None], look: Any
) -> None:
    offer_ids = [f"O-{number}" for number in range(9)]
    prescreen(offer_ids)
    take = script.send

    def picky(batch: Any) -> Any:
        if any(item.offer_id == "O-5" for item in batch.items):
            raise Rejected(BANK, zh="不接受", en="no", code="http_422")
        return take(batch)

    script.send = picky
    sent = sending.send(bank, script)
    assert (sent.answered, sent.refused, sent.trouble) == (9, 1, "")
    assert {item.offer_id for item in script.sent} == set(offer_ids) - {"O-5"}
    assert look.rows("rejections", "subject_id", "code") == [("O-5", "http_422")]


def test_a_feed_with_a_hole_is_not_read_past_it(bank: Wing, script: Any, purposes: Purposes, look: Any) -> None:
    for number in range(3):
        script.say(Arrears, contract_no=f"C-{number}", days_past_due=1)
    del script.feed[1]
    assert "gapless" in settle(bank, script, purposes, DAY).trouble
    assert look.count("bank_events") == 0


@contextmanager
def serve(sim: SimulatedBank) -> Iterator[str]:
    """The bank behind a small real HTTP server on this machine, in its own dialect."""
    codec = codec_of(sim.bank_code)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(lambda: codec.encode_results(sim.send(codec.decode_batch(body))))

        def do_GET(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            self._answer(lambda: codec.encode_events(sim.poll(*codec.decode_poll(query))))

        def _answer(self, work: Callable[[], bytes]) -> None:
            try:
                status, body = 200, work()
            except BankError:
                status, body = 503, b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
