import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bank_adapters import Arrears, Closure, DrawdownPosted, DrawdownRefused, Repayment
from loan_service.bank.stages import balances, drawdowns, receiving, usage
from loan_service.bank.stages.drawdowns import Wish
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
NEXT = DAY + timedelta(days=1)
BANK = "island_rural"


def paid(script: Any, amount_fen: int, drawdown_id: str | None = None, **more: Any) -> None:
    script.say(
        DrawdownPosted,
        drawdown_id=drawdown_id,
        bank_reference="B-1",
        contract_no="C-1",
        loan_note_no="N-1",
        amount_fen=amount_fen,
        **more,
    )


def refused(script: Any, drawdown_id: str, **more: Any) -> None:
    content = {"drawdown_id": drawdown_id, "contract_no": "C-1", "amount_fen": 1, "reason_code": "in_arrears"}
    script.say(DrawdownRefused, **content, **more)


def repaid(script: Any, principal_fen: int, **more: Any) -> None:
    amounts = {"principal_fen": principal_fen, "interest_fen": 100, "penalty_fen": 0, "fee_fen": 0}
    script.say(Repayment, contract_no="C-1", loan_note_no="N-1", **amounts, **more)


def book(wing: Wing, script: Any, day: date = NEXT) -> None:
    receiving.receive(wing, script)
    usage.receive(wing, BANK)
    balances.reconcile(wing, BANK, day)


@pytest.fixture
def asked(bank: Wing, seed_contract: Callable[..., str]) -> str:
    """A contract over 100,000 yuan with 60,000 asked for; the drawdown's id."""
    seed_contract()
    return drawdowns.submit(bank, BANK, Wish("R", "C-1", 6_000_000, DAY)).drawdown_id


def test_a_reservation_becomes_money_owed_and_a_repayment_frees_it(
    bank: Wing, script: Any, asked: str, look: Any
) -> None:
    paid(script, 6_000_000, asked)
    book(bank, script)
    assert look.balance() == (0, 6_000_000)
    repaid(script, 2_000_000)
    script.say(Arrears, contract_no="C-1", days_past_due=12)
    book(bank, script)
    assert look.balance() == (0, 4_000_000)
    assert look.rows("arrears_reports", "contract_id", "days_past_due") == [(f"{BANK}/C-1", 12)]
    assert drawdowns.submit(bank, BANK, Wish("R2", "C-1", 6_000_001, DAY)).refusal_code == "above_available"
    assert drawdowns.submit(bank, BANK, Wish("R3", "C-1", 6_000_000, DAY)).refusal_code is None
    assert look.breaks() == []


@pytest.mark.parametrize("entries_at_once", [1, 8])
def test_reports_come_to_the_same_in_any_order_and_however_often_they_are_told(
    bank: Wing, open_script: Any, look: Any, seed_contract: Callable[..., str], entries_at_once: int
) -> None:
    outcomes = set()
    for number, order in enumerate(itertools.permutations(range(4))):
        code = f"bank_{number}"
        seed_contract(bank_code=code)
        drawdown_id = drawdowns.submit(bank, code, Wish("R", "C-1", 6_000_000, DAY)).drawdown_id
        told = open_script(code)
        paid(told, 6_000_000, drawdown_id, message="a")
        repaid(told, 2_500_000, message="b")
        repaid(told, 1_500_000, message="c")
        paid(told, 1_000_000, message="d")
        mixed = told.reordered([*order, *order])
        whole = mixed.feed
        for length in range(entries_at_once, len(whole) + 1, entries_at_once):
            mixed.feed = whole[:length]
            receiving.receive(bank, mixed)
            usage.receive(bank, code)
        balances.reconcile(bank, code, NEXT)
        outcomes.add((look.balance_of(f"{code}/C-1"), look.booked(f"{code}/C-1")))
    assert outcomes == {((0, 3_000_000), (4, 7_000_000, 4_000_000))}
    assert look.breaks() == []


def test_a_payment_past_our_mirror_is_booked_and_a_break(bank: Wing, script: Any, asked: str, look: Any) -> None:
    paid(script, 7_000_000)
    book(bank, script)
    # 60,000 are in flight, but only 30,000 of the line are left to hold back for them.
    assert look.balance() == (3_000_000, 7_000_000)
    assert drawdowns.submit(bank, BANK, Wish("R2", "C-1", 1, DAY)).refusal_code == "above_available"
    paid(script, 6_000_000, asked)
    book(bank, script)
    assert look.balance() == (0, 13_000_000)
    assert look.rows("breaks", "kind", "amount_fen") == [("above_limit", 3_000_000)]
    book(bank, script)
    assert look.count("breaks") == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_paid_and_refused_is_a_break_whichever_comes_first(
    bank: Wing, open_script: Any, asked: str, look: Any, order: tuple[int, int]
) -> None:
    told = open_script()
    paid(told, 6_000_000, asked)
    refused(told, asked)
    book(bank, told.reordered(order))
    assert look.balance() == (0, 6_000_000)
    assert look.breaks() == ["drawdown_paid_and_refused"]


def test_a_refusal_releases_the_reservation_once(bank: Wing, script: Any, asked: str, look: Any) -> None:
    refused(script, asked)
    refused(script, asked)
    book(bank, script)
    assert look.balance() == (0, 0)
    assert look.breaks() == []


@pytest.mark.parametrize(
    ("amounts", "kind", "balance"),
    [
        ([6_000_000, 6_000_000], "drawdown_paid_twice", (0, 12_000_000)),
        ([5_000_000], "drawdown_amount_differs", (0, 5_000_000)),
    ],
)
def test_an_odd_payment_is_booked_as_it_is_and_noted(
    bank: Wing, script: Any, asked: str, look: Any, amounts: list[int], kind: str, balance: tuple[int, int]
) -> None:
    for amount in amounts:
        paid(script, amount, asked)
    book(bank, script)
    assert look.balance() == balance
    assert kind in look.breaks()


def test_a_payment_for_a_drawdown_we_never_asked_for_is_booked_and_noted(
    bank: Wing, script: Any, asked: str, look: Any
) -> None:
    refusal = drawdowns.submit(bank, BANK, Wish("R2", "C-1", 9_000_000, DAY))
    assert refusal.refusal_code == "above_available"
    paid(script, 1_000_000, "never-heard-of")
    paid(script, 500_000, refusal.drawdown_id)
    book(bank, script)
    assert look.balance() == (6_000_000, 1_500_000)
    assert look.breaks() == ["drawdown_not_asked_for", "drawdown_not_asked_for"]


def test_what_cannot_be_is_noted_at_the_end_of_the_day(bank: Wing, script: Any, asked: str, look: Any) -> None:
    paid(script, 6_000_000, asked)
    script.say(Closure, contract_no="C-1", reason_code="matured")
    script.say(Arrears, contract_no="C-404", days_past_due=3)
    book(bank, script, DAY)
    assert look.breaks() == ["closed_with_outstanding"]
    repaid(script, 6_500_000)
    book(bank, script)
    assert look.breaks() == ["closed_with_outstanding", "event_unmatched", "repaid_above_drawn"]
    assert look.balance() == (0, 0)


def test_a_kept_balance_that_differs_is_put_right_and_noted(bank: Wing, script: Any, asked: str, look: Any) -> None:
    paid(script, 2_000_000)
    book(bank, script)
    with transaction(bank.engine) as connection:
        connection.execute(text("UPDATE bank.contract_balances SET outstanding_fen = 1, reserved_fen = 7"))
    assert balances.reconcile(bank, BANK, NEXT) == 1
    assert look.balance() == (6_000_000, 2_000_000)
    assert look.breaks() == ["balance_differs"]
    assert balances.reconcile(bank, BANK, NEXT) == 0


def test_a_happening_told_differently_the_second_time_is_a_break_and_the_first_telling_counts(
    bank: Wing, script: Any, asked: str, look: Any
) -> None:
    paid(script, 6_000_000, asked, message="same")
    book(bank, script)
    paid(script, 9_000_000, asked, message="same")
    book(bank, script)
    assert look.balance() == (0, 6_000_000)
    assert look.breaks() == ["event_altered"]
