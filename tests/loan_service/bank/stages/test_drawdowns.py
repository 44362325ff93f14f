from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from bank_adapters import ChannelDrawdownRequest, Closure, DrawdownRequest
from loan_service.bank.stages import drawdowns, receiving, sending, usage
from loan_service.bank.stages.drawdowns import Wish
from loan_service.errors import ConflictError, NotFoundError
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
BANK = "island_rural"
THREADS = 8


def wish(reference: str, amount_fen: int = 6_000_000, contract_no: str = "C-1", day: date = DAY) -> Wish:
    return Wish(reference, contract_no, amount_fen, day, from_bank_channel=False)


def at_once(function: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, range(THREADS)))


def test_wishes_at_the_same_moment_never_reserve_more_than_the_limit(
    bank: Wing, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract()
    answers = at_once(lambda n: drawdowns.submit(bank, BANK, wish(f"R{n}", 3_000_000)))
    refusals = [answer.refusal_code for answer in answers]
    assert refusals.count(None) == 3
    assert set(refusals) == {None, "above_available"}
    assert look.balance() == (9_000_000, 0)
    assert look.count("outbox") == 3
    assert look.count("drawdowns") == THREADS


def test_the_same_wish_at_the_same_moment_is_one_drawdown(
    bank: Wing, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract()
    answers = at_once(lambda _: drawdowns.submit(bank, BANK, wish("R", 3_000_000)))
    assert len(set(answers)) == 1
    assert look.balance() == (3_000_000, 0)
    assert look.count("drawdowns") == look.count("outbox") == 1


def test_one_reference_used_for_two_contracts_at_once_reserves_on_one_of_them(
    bank: Wing, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract(1)
    seed_contract(2)

    def ask(number: int) -> str:
        try:
            drawdowns.submit(bank, BANK, wish("R", 3_000_000, f"C-{1 + number % 2}"))
        except ConflictError:
            return "conflict"
        return "taken"

    assert set(at_once(ask)) == {"taken", "conflict"}
    assert sorted([look.balance("C-1"), look.balance("C-2")]) == [(0, 0), (3_000_000, 0)]
    assert look.count("drawdowns") == 1


def test_a_reference_keeps_its_amount(bank: Wing, seed_contract: Callable[..., str], look: Any) -> None:
    seed_contract()
    drawdowns.submit(bank, BANK, wish("R", 3_000_000))
    with pytest.raises(ConflictError):
        drawdowns.submit(bank, BANK, wish("R", 4_000_000))
    assert look.balance() == (3_000_000, 0)


def test_an_unknown_contract_is_an_error_at_our_door_and_waits_in_the_feed(
    bank: Wing, script: Any, seed_contract: Callable[..., str], look: Any
) -> None:
    with pytest.raises(NotFoundError):
        drawdowns.submit(bank, BANK, wish("R"))
    script.say(ChannelDrawdownRequest, channel_reference="R", contract_no="C-1", amount_fen=3_000_000)
    receiving.receive(bank, script)
    assert drawdowns.receive(bank, BANK) == 0
    seed_contract()
    assert drawdowns.receive(bank, BANK) == 1
    assert look.balance() == (3_000_000, 0)


def test_nothing_is_reserved_after_maturity_or_closure(
    bank: Wing, script: Any, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract(1, matures_on=DAY + timedelta(days=30))
    seed_contract(2)
    late = wish("R1", day=DAY + timedelta(days=30))
    assert drawdowns.submit(bank, BANK, late).refusal_code == "contract_matured"
    script.say(Closure, contract_no="C-2", reason_code="settled_early")
    receiving.receive(bank, script)
    usage.receive(bank, BANK)
    assert drawdowns.submit(bank, BANK, wish("R2", contract_no="C-2")).refusal_code == "contract_closed"
    assert look.count("outbox") == 0


def test_a_wish_from_the_banks_channel_is_asked_for_under_its_reference(
    bank: Wing, script: Any, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract()
    for _ in range(2):  # the channel repeats the very wish as a new happening
        script.say(ChannelDrawdownRequest, channel_reference="W-1", contract_no="C-1", amount_fen=3_000_000)
    script.say(ChannelDrawdownRequest, channel_reference="W-1", contract_no="C-1", amount_fen=5_000_000)
    receiving.receive(bank, script)
    assert drawdowns.receive(bank, BANK) == 3
    sending.send(bank, script)
    (request,) = script.sent
    assert isinstance(request, DrawdownRequest)
    assert (request.channel_reference, request.amount_fen) == ("W-1", 3_000_000)
    assert look.balance() == (3_000_000, 0)
    assert look.breaks() == ["channel_reference_reused"]


def test_a_request_the_bank_refuses_at_its_door_gives_its_reservation_back(
    bank: Wing, script: Any, seed_contract: Callable[..., str], look: Any
) -> None:
    seed_contract()
    script.refuses["drawdown_request"] = "limit_exceeded"
    drawdowns.submit(bank, BANK, wish("R"))
    assert sending.send(bank, script).refused == 1
    assert look.balance() == (6_000_000, 0)
    assert usage.release(bank, BANK) == 1
    assert look.balance() == (0, 0)
    assert usage.release(bank, BANK) == 0
    assert look.rows("rejections", "kind", "code") == [("drawdown_request", "limit_exceeded")]
