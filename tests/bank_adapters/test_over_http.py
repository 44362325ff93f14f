"""The whole way in each bank's own bytes: caller, codec, client, HTTP, codec, simulated bank, journal, and back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bank_adapters import CODECS, Codec, ProtocolViolation, SigningReceipt, Unreachable, codec_of, open_http_bank
from bank_adapters.simulated_bank import SimulatedBank
from bank_adapters.simulator import FaultProfile, Habits

Make = Callable[..., Any]
OPENED_ON = date(2026, 6, 15)
HABITS = Habits(seed=9, refer_milli=200, counter_milli=200)
EVERY_FAULT = FaultProfile(seed=9, lost_answers_milli=300, repeated_events_milli=300, delayed_events_milli=300)


def web_of(bank: SimulatedBank, codec: Codec) -> Starlette:
    """The bank's two doors; an answer the bank loses becomes a gateway's time-out."""

    async def take(request: Request) -> Response:
        try:
            results = bank.send(codec.decode_batch(await request.body()))
        except Unreachable:
            return Response(status_code=504)
        except ProtocolViolation:
            return Response(status_code=400)
        return Response(codec.encode_results(results), media_type="application/json")

    async def tell(request: Request) -> Response:
        after_sequence, limit = codec.decode_poll(dict(request.query_params))
        return Response(codec.encode_events(bank.poll(after_sequence, limit)), media_type="application/json")

    return Starlette(routes=[Route(codec.send_path, take, methods=["POST"]), Route(codec.poll_path, tell)])


@pytest.fixture
def life(tmp_path: Path, serve: Make, call: Make, prescreen: Make, plan: Make) -> Iterator[Make]:
    """Lives 30 days of a small bank over HTTP; gives the caller and the bank's books."""
    with ExitStack() as stack:

        def live(bank_code: str, faults: FaultProfile) -> Any:
            codec = codec_of(bank_code)
            path = tmp_path / f"{bank_code}-{faults.seed}.journal"
            bank = SimulatedBank.open(path, bank_code, OPENED_ON, habits=HABITS, faults=faults)
            stack.callback(bank.close)
            url = stack.enter_context(serve(web_of(bank, codec)))
            caller = call(stack.enter_context(open_http_bank(bank_code, url)))
            plans = {
                f"户{number}": plan(
                    f"户{number}",
                    draws=[{"on_day": 1, "share_of_limit": 0.4}, {"on_day": 6, "share_of_limit": 0.2}],
                    repays=[{"on_day": 12, "share_of_outstanding": 0.123456}],
                )
                for number in range(6)
            }
            caller.send(prescreen(name, offer_id=f"O-{place}") for place, name in enumerate(plans))
            for _ in range(30):
                bank.advance(bank.business_date + timedelta(days=1), plans)
                caller.exchange()
            return caller, bank.state

        yield live


@pytest.mark.parametrize("bank_code", CODECS)
def test_a_month_over_http_ends_with_equal_books_on_both_sides_whatever_goes_wrong(life: Make, bank_code: str) -> None:
    balances = []
    for faults in (FaultProfile(), EVERY_FAULT):
        caller, state = life(bank_code, faults)
        contracts = {name: state.contracts[number] for name, number in state.contract_of_household.items()}
        assert caller.drawn_fen() == {name: one.drawn_cumulative_fen for name, one in contracts.items()}
        assert caller.outstanding_fen() == {name: one.outstanding_fen for name, one in contracts.items()}
        assert len(caller.of(SigningReceipt)) == 6
        assert (caller.lost_answers > 0) == (faults is EVERY_FAULT)
        balances.append((caller.drawn_fen(), caller.outstanding_fen()))
    assert balances[0] == balances[1]
