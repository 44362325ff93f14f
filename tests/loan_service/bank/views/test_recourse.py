"""What a household is told it can do at its bank: quoted by the path that prices offers, hedged where it must be."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loan_service.bank.stages.households import import_households
from loan_service.bank.views.recourse import BankStep, HouseholdRecourse, household_recourse
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.recourse_answer import Wish

BANK = "island_rural"
DAY = date(2026, 6, 15)
TOKEN = "ab" * 16
Ask = Callable[..., HouseholdRecourse]
Row = dict[str, str]


@pytest.fixture
def ask(bank: Wing) -> Ask:
    def asked(ref: str = "H000000", *, months: int | None = None, purposes: Sequence[str] = ()) -> HouseholdRecourse:
        with transaction(bank.engine) as connection:
            wish = Wish(term_months=months)
            return household_recourse(connection, BANK, ref, DAY, wish=wish, purposes=purposes)

    return asked


def step(told: HouseholdRecourse, kind: str) -> BankStep:
    (found,) = [step for step in told.steps if step.kind == kind]
    return found


def test_waiting_is_always_there_and_needs_nothing(offered: Callable[..., None], ask: Ask) -> None:
    offered({})
    told = ask()
    assert [step.kind for step in told.steps] == ["wait", "smaller_line"]
    assert told.steps[0].saved_fen == 0
    assert told.longest_term


def test_the_terms_told_are_those_of_the_offer(
    offered: Callable[..., None], offer_rows: Callable[[], list[Any]], door: Any, issue: Callable[..., None], ask: Ask
) -> None:
    offered({"borrower_binding_token": TOKEN})
    door.certify(TOKEN, "AAA")
    issue(DAY)
    offer, told = offer_rows()[-1], ask()
    assert offer.grade == "AAA"
    assert (told.decision, told.limit_fen, told.rate_bp) == (offer.decision, offer.limit_fen, offer.rate_bp)


def test_a_quoted_step_is_what_the_bank_offers_once_it_is_done(
    bank: Wing,
    offered: Callable[..., None],
    offer_rows: Callable[[], list[Any]],
    issue: Callable[..., None],
    household_file: Callable[..., Path],
    household_row: Callable[..., Row],
    ask: Ask,
) -> None:
    offered({"unsecured_debt_fen": 14_000_000})
    told = step(ask(), "debt_repaid")
    assert "decision" in told.better
    left = 14_000_000 - told.amount
    later = household_row(0, unsecured_debt_fen=left, as_of="2026-06-16")
    assert import_households(bank, BANK, household_file([later], "households_20260616.csv"), DAY + timedelta(days=1))
    issue(DAY + timedelta(days=1))
    offer = offer_rows()[-1]
    assert (offer.decision, offer.limit_fen, offer.rate_bp) == (told.decision, told.limit_fen, told.rate_bp)


def test_an_income_nobody_knows_is_no_promise(offered: Callable[..., None], ask: Ask) -> None:
    offered({"authorised_income": 0})
    told = step(ask(), "income_authorised")
    assert not told.certain
    assert told.outcome[0].zh == "这一条不能保证。"
    assert told.decision == "offer"


def test_old_arrears_are_waited_for(offered: Callable[..., None], ask: Ask) -> None:
    offered({"max_days_past_due_24m": 45})
    told = step(ask(), "arrears_lapsed")
    assert (told.amount, told.decision) == (24, "offer")


def test_another_purpose_is_never_proposed_by_itself(offered: Callable[..., None], ask: Ask) -> None:
    offered({"annual_income_fen": 4_800_000})
    assert "other_purpose" not in [step.kind for step in ask().steps]
    assert step(ask(purposes=["guesthouse"]), "other_purpose").better == ("line", "carried")
    with pytest.raises(RefusedError, match="yacht"):
        ask(purposes=["yacht"])


def test_a_shorter_term_than_needed_is_told_to_be_too_short(offered: Callable[..., None], ask: Ask) -> None:
    offered({"annual_income_fen": 4_800_000})
    told = ask(months=12)
    assert not told.longest_term
    assert step(told, "longer_term").amount > 12


@pytest.mark.parametrize("months", [0, 37])
def test_a_term_nobody_gives_is_refused_with_those_that_are(
    offered: Callable[..., None], ask: Ask, months: int
) -> None:
    offered({})
    with pytest.raises(RefusedError, match="to 36 months"):
        ask(months=months)


def test_the_door_tells_the_same_steps_and_refuses_the_same(
    offered: Callable[..., None], client: Any, ask: Ask
) -> None:
    offered({"unsecured_debt_fen": 14_000_000})
    address = f"/bank/{BANK}/households/H000000/recourse"
    told = client.get(address, params={"purpose": ["guesthouse"]})
    assert told.json() == ask(purposes=["guesthouse"]).model_dump(mode="json")
    assert told.json()["steps"][0]["sentence"]["zh"] == "等着就行，什么都不用做。"
    assert client.get(address, params={"purpose": ["yacht"]}).json()["code"] == "recourse.unknown"
    assert client.get(address, params={"months": 60}).json()["code"] == "recourse.unknown"
    assert client.get(f"/bank/{BANK}/households/H9/recourse").status_code == 404


def test_two_rows_for_one_household_are_sorted_out_first(offered: Callable[..., None], ask: Ask) -> None:
    offered({"household_key": "ee" * 16}, {"household_key": "ee" * 16})
    with pytest.raises(RefusedError, match="two rows"):
        ask()
    with pytest.raises(NotFoundError):
        ask("H999999")


BANNED = re.compile("血|捐|举报|邻居|再借一笔|贷款还贷|blood|donat|report|borrow more|refinanc", re.IGNORECASE)


def test_no_step_speaks_of_money_given_blood_neighbours_or_new_debts(offered: Callable[..., None], ask: Ask) -> None:
    offered(
        {"unsecured_debt_fen": 14_000_000},
        {"authorised_income": 0},
        {"authorised_bureau": 0},
        {"max_days_past_due_24m": 45, "unsecured_debt_fen": 6_000_000},
    )
    for number in range(4):
        for told in ask(f"H{number:06d}", purposes=["guesthouse"]).steps:
            for words in (told.sentence, *told.outcome):
                assert not BANNED.search(words.zh + words.en)
                assert len(re.sub(r"[\d,. ]", "", words.zh)) <= 30
