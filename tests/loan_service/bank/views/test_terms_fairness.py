"""What a bank can say of fair terms from its own tables: by whom, since which certificate, and nothing below ten."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from rich.console import Console

from loan_service import fairness_cli
from loan_service.bank.store import tables
from loan_service.bank.store.rows import append_rows
from loan_service.bank.views.terms_fairness import TermsFairness, terms_fairness
from loan_service.district.views.grade_fairness import GradeFairness, Promise
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.day_policy import policy_on
from models.policy_loader import load_policy
from models.terms_fairness import GroupsCompared

DAY = date(2026, 6, 15)
BANK = "island_rural"
HOUSEHOLDS = 240
Seed = Callable[[Callable[[int], dict[str, Any]]], None]


def fair(wing: Wing, day: date = DAY, *, scan: bool = False) -> TermsFairness:
    with transaction(wing.engine) as connection:
        return terms_fairness(connection, BANK, day, scan=scan)


def groups(compared: GroupsCompared, grouping: str) -> dict[str, Any]:
    return {one.group: one for each in compared.groupings if each.grouping == grouping for one in each.groups}


@pytest.fixture
def seed(bank: Wing) -> Seed:
    """Seeds 240 households, women where the number is odd, with offers and first certificates as told."""

    def put(change: Callable[[int], dict[str, Any]]) -> None:
        told = [_DEFAULTS | change(number) for number in range(HOUSEHOLDS)]
        with transaction(bank.engine) as connection:
            append_rows(connection, tables.households, [_household(n, one) for n, one in enumerate(told)])
            append_rows(connection, tables.offers, [_offer(n, one) for n, one in enumerate(told)])
            certified = [_certificate(n, one) for n, one in enumerate(told) if one["first_on"]]
            append_rows(connection, tables.received_certificates, certified)

    return put


_DEFAULTS: dict[str, Any] = {
    "discount": 10,
    "first_on": date(2025, 6, 15),
    "decision": "offer",
    "adults": 2,
    "months": 60,
    "borrower_ref": None,
}


def _household(number: int, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "bank_code": BANK,
        "household_ref": f"H{number:06d}",
        "snapshot_on": DAY,
        "household_key": f"{number:032x}",
        "village_code": f"V{1 + number % 40:03d}",
        "sector": ("wage", "fishery")[number % 4 // 2],
        "borrower_ref": f"B{number:06d}",
        "borrower_birth_on": date(1970 + number % 20, 3, 1),
        "borrower_sex": ("male", "female")[number % 2],
        "borrower_pseudonym": f"{number:032x}",
        "data": {
            "adults": told["adults"],
            "minors": 1,
            "months_with_bank": told["months"],
            "annual_income_fen": 10_000_000,
        },
        "leaf_id": 1,
    }


def _offer(number: int, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "offer_id": f"{number:032x}",
        "bank_code": BANK,
        "household_ref": f"H{number:06d}",
        "borrower_ref": told["borrower_ref"],
        "village_code": "V001",
        "decision": told["decision"],
        "grade": "A" if told["discount"] else "none",
        "default_probability": 0.002 + 0.0001 * (number % 97),
        "baseline_limit_fen": 8_000_000,
        "limit_bonus_fen": 0,
        "limit_fen": 8_000_000,
        "base_rate_bp": 485,
        "rate_discount_bp": told["discount"],
        "rate_bp": 485 - told["discount"],
        "all_in_annual_cost_bp": 500,
        "purpose": "household_consumption",
        "term_months": 36,
        "repayment_plan": "equal_monthly",
        "risk_band": "R2",
        "terms_ledger": {},
        "affordability": {},
        "reasons": [],
        "input_hash": "0",
        "model_version": "test/1",
        "policy_edition": "test",
        "known_position": 0,
        "priced_on": DAY,
        "expires_on": DAY + timedelta(days=90),
        "leaf_id": 1,
    }


def _certificate(number: int, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "certificate_id": f"c{number}",
        "bank_code": BANK,
        "pseudonym": f"{number:032x}",
        "grade": "A",
        "body": {},
        "as_of": told["first_on"],
        "expires_on": DAY + timedelta(days=30),
        "leaf_id": 1,
    }


def test_equal_terms_pass_and_every_grouping_is_there(bank: Wing, seed: Seed) -> None:
    seed(lambda _: {})
    told = fair(bank)
    assert (told.certified.households, told.certified_gate.outcome) == (HOUSEHOLDS, "passed")
    names = ["sex", "age", "village", "sector", "one_adult", "newcomer"]
    assert [one.grouping for one in told.certified.groupings] == names


def test_women_who_get_no_discount_fail_the_gate_by_name(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"discount": 0 if number % 2 else 30})
    told = fair(bank)
    assert told.certified_gate.outcome == "failed"
    assert "sex of the borrower: female" in told.certified_gate.told_en
    assert groups(told.certified, "sex")["female"].measured[0].gap.gap == pytest.approx(-30.0)


def test_a_first_certificate_of_less_than_twelve_months_does_not_count_but_stands_among_all_offers(
    bank: Wing, seed: Seed
) -> None:
    seed(lambda number: {"first_on": date(2025, 6, 15 + number % 2)})
    told = fair(bank)
    assert (told.certified.households, told.offered.households) == (HOUSEHOLDS // 2, HOUSEHOLDS)


def test_whoever_never_had_a_certificate_is_invisible_among_the_certified(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"discount": 0, "first_on": None} if number % 2 else {})
    told = fair(bank)
    assert list(groups(told.certified, "sex")) == ["male"]
    assert told.offered_gate.outcome != "passed"


def test_who_is_declined_is_told_at_equal_risk(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"decision": "decline" if number % 2 else "offer"})
    female = groups(fair(bank).decisions, "sex")["female"]
    assert {one.measure: round(one.gap.gap) for one in female.measured} == {
        "offer_points": -100,
        "refer_points": 0,
        "decline_points": 100,
    }


def test_fewer_than_ten_one_adult_households_are_not_shown(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"adults": 1 if number < 9 else 2})
    assert groups(fair(bank).offered, "one_adult") == {}


def test_a_household_without_an_account_yet_is_a_newcomer_and_its_adults_are_counted(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"months": None if number < 30 else 60, "adults": 1 if number < 30 else 2})
    told = fair(bank).offered
    assert [groups(told, name)[name].households for name in ("newcomer", "one_adult")] == [30, 30]


def test_an_offer_in_another_name_tells_neither_sex_nor_age_nor_first_certificate(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"borrower_ref": f"B{number:06d}" if number % 2 else "M7"})
    told = fair(bank)
    assert (told.certified.households, told.offered.households) == (HOUSEHOLDS // 2, HOUSEHOLDS)
    assert list(groups(told.offered, "sex")) == ["female"]
    assert sum(group.households for group in groups(told.offered, "age").values()) == HOUSEHOLDS // 2


def test_expired_offers_and_an_empty_bank_decide_nothing(bank: Wing, seed: Seed) -> None:
    assert fair(bank).certified_gate.outcome == "undecided"
    seed(lambda _: {})
    assert fair(bank, DAY + timedelta(days=90)).offered.households == 0


def test_the_scan_says_what_carries_an_attribute(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"adults": 1 + number % 2})
    (one,) = [found for found in fair(bank, scan=True).proxies if found.grouping == "one_adult"]
    assert one.carriers[0].feature == "income_per_head_fen"
    assert one.told


def test_the_tables_say_what_each_side_cannot_see(bank: Wing, seed: Seed) -> None:
    seed(lambda number: {"discount": 0 if number % 2 else 30})
    told = fair(bank, scan=True)
    out = Console(record=True, width=180)
    fairness_cli.show(out, told, GradeFairness(DAY, 0, told.certified, told.certified_gate), every=False)
    printed = out.export_text()
    for words in ("超出 / outside", "没有等级的人银行看不到", "not adjusted for risk", "our proposal [P]"):
        assert words in printed


def test_a_promise_is_what_every_lending_band_gives() -> None:
    edition = load_policy(BANK, DAY)
    promises = fairness_cli.promises_of(policy_on(edition.policy, edition.lpr, DAY))
    assert (promises["none"], promises["AAA"]) == (Promise(0, 0), Promise(60, 400))
