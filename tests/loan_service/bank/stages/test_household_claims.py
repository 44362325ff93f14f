"""One household, one loan: a part of a split household waits, a contract stays with its borrower, yes or no is all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from bank_adapters import BankDecision
from loan_service.bank.stages import applications, decisions, receiving, signing
from loan_service.bank.stages.applications import Purposes, Wish
from loan_service.bank.store import tables
from loan_service.bank.store.rows import append_rows
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy_loader import load_policy
from tests.loan_service.bank.conftest import hex32, offer_row
from tests.loan_service.bank.stages.test_household_changes import change
from tests.loan_service.bank.stages.test_signing import BOTH

DAY = date(2026, 6, 15)
BANK, OTHER = "island_rural", "harbour_city"
REFUSED = "household_has_contract"
SIGNED = {"contracts", "contract_balances", "signings", "offers", "portfolio_entries"}
Apply = Callable[..., str | None]
Tell = Callable[..., Any]


@pytest.fixture
def households(seed_offers: Callable[..., list[str]]) -> dict[tuple[str, int], str]:
    """Offers of three households at two banks, by bank and number."""
    return {(code, n): offer for code in (BANK, OTHER) for n, offer in enumerate(seed_offers(3, code))}


@pytest.fixture
def apply(bank: Wing, purposes: Purposes, households: dict[tuple[str, int], str], look: Any) -> Apply:
    """Lets a household apply; returns why not, or nothing."""

    def one(number: int, bank_code: str = BANK, on: date = DAY, offer_id: str = "") -> str | None:
        reference = f"{number}/{on}"
        offer_id = offer_id or households[bank_code, number]
        wish = Wish(reference, offer_id, f"H{number:06d}", 8_000_000, "household_consumption", BOTH, on)
        kept = applications.submit(bank, bank_code, purposes, wish)
        rows = dict(look.rows("applications", "application_id", "refusal_code"))
        return rows[kept]

    return one


@pytest.fixture
def holds(bank: Wing, seed_contract: Callable[..., str]) -> Callable[..., None]:
    """Lets a household's borrower hold a contract, which ends on a day or not yet."""

    def one(number: int, bank_code: str = BANK, ends_on: date | None = None, **more: object) -> None:
        offer_id = hex32("offer", bank_code, number)
        signed = {"offer_id": offer_id, "signed_on": date(2026, 1, 10)}
        seed_contract(number, bank_code=bank_code, **(signed | more))
        contract_id = f"{bank_code}/C-{number}"
        signing_row = {
            "signing_id": hex32("signing", bank_code, number),
            "bank_code": bank_code,
            "application_id": hex32("application", bank_code, number),
            "household_ref": f"H{number:06d}",
            "household_key": hex32("household", number),
            "claim_number": 1,
            "limit_fen": 10_000_000,
            "rate_bp": 455,
            "term_months": 36,
            "template_id": "t",
            "terms_hash": "0",
            "requested_on": date(2026, 1, 9),
            "holds_until": DAY,
            "village_code": "V001",
            "sector": "wage",
            "baseline_fen": 10_000_000,
            "bonus_fen": 0,
            "gap_bp": 0,
            "cuts": [],
            "policy_edition": "test",
            "leaf_id": 1,
        }
        with transaction(bank.engine) as connection:
            append_rows(connection, tables.signings, [signing_row])
            if ends_on is not None:
                closure = {"contract_id": contract_id, "message_key": contract_id, "reason_code": "settled"}
                append_rows(connection, tables.closures, [closure | {"business_date": ends_on}])

    return one


def parted(on: str) -> dict[str, str]:
    return change("C1", "split", on, 1, 0)


def test_a_part_of_a_household_with_a_contract_waits_24_months_to_the_day_at_every_bank(
    apply: Apply, holds: Callable[..., None], tell: Tell, look: Any
) -> None:
    tell(change("R", "registered", "2021-08-01", 0), parted("2024-06-20"), bank_code=OTHER)
    holds(0)
    assert apply(1, BANK, date(2026, 6, 19)) == REFUSED
    assert apply(1, OTHER, date(2026, 6, 19)) == REFUSED
    assert apply(1, BANK, date(2026, 6, 20)) is None
    key = hex32("household", 1)
    assert look.rows("household_queries", "asked_by", "household_key", "asked_on", "answer") == [
        (OTHER, key, date(2026, 6, 19), True),
        (BANK, key, date(2026, 6, 19), True),
        (BANK, key, date(2026, 6, 20), False),
    ]


def test_the_household_a_part_left_waits_as_the_part_does(apply: Apply, holds: Callable[..., None], tell: Tell) -> None:
    tell(change("R", "registered", "2021-08-01", 0), parted("2025-12-15"))
    holds(1)
    assert apply(0) == REFUSED
    assert apply(2) is None


def test_two_parts_of_one_household_that_sign_at_the_same_moment_get_one_contract(
    bank: Wing, open_script: Any, apply: Apply, tell: Tell, look: Any
) -> None:
    tell(change("R", "registered", "2021-08-01", 0), parted("2025-12-15"))
    for code, number in ((BANK, 0), (OTHER, 1)):
        assert apply(number, code) is None
        script = open_script(code)
        (told,) = [row for row in look.rows("applications", "bank_code", "application_id") if row[0] == code]
        approved = {"application_id": told[1], "decision": "approve", "limit_fen": 8_000_000, "reason_codes": ()}
        script.say(BankDecision, **approved)
        receiving.receive(bank, script)
        decisions.receive(bank, code)

    def request(code: str) -> int:
        return signing.request(bank, code, load_policy(code, DAY).policy, DAY)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(request, (BANK, OTHER)))
    refusals = look.rows("signings", "refusal_code", order="refusal_code NULLS FIRST")
    assert refusals == [(None,), (REFUSED,)]


def test_two_parts_of_one_household_in_one_batch_get_one_contract(
    bank: Wing, script: Any, apply: Apply, tell: Tell, look: Any
) -> None:
    tell(change("R", "registered", "2021-08-01", 0), parted("2025-12-15"))
    assert apply(0) is None
    assert apply(1) is None
    for (application_id,) in look.rows("applications", "application_id"):
        approved = {"application_id": application_id, "decision": "approve", "limit_fen": 8_000_000}
        script.say(BankDecision, **approved, reason_codes=())
    receiving.receive(bank, script)
    decisions.receive(bank, BANK)
    signing.request(bank, BANK, load_policy(BANK, DAY).policy, DAY)
    assert look.rows("signings", "refusal_code", order="refusal_code NULLS FIRST") == [(None,), (REFUSED,)]


def test_after_a_merger_both_contracts_stay_and_none_is_added_while_one_stands(
    apply: Apply, holds: Callable[..., None], tell: Tell, look: Any
) -> None:
    holds(0, ends_on=DAY + timedelta(days=10))
    holds(1, ends_on=DAY + timedelta(days=20))
    before = look.rows("contracts", "contract_id", "household_key", "limit_fen", "rate_bp")
    tell(change("C1", "merged", "2026-06-01", 0, 1), *(change(f"R{n}", "registered", "2021-08-01", n) for n in (0, 1)))
    assert look.rows("contracts", "contract_id", "household_key", "limit_fen", "rate_bp") == before
    assert apply(1) == REFUSED
    assert apply(1, on=DAY + timedelta(days=10)) == REFUSED
    assert apply(1, on=DAY + timedelta(days=20)) is None


@pytest.fixture
def named(bank: Wing, households: dict[tuple[str, int], str]) -> str:
    """An offer to household 0 in its borrower's name."""
    assert households
    with transaction(bank.engine) as connection:
        append_rows(connection, tables.offers, [offer_row(BANK, 0) | {"offer_id": "named", "borrower_ref": "B000000"}])
    return "named"


def test_nobody_applies_in_the_name_of_somebody_who_died(apply: Apply, named: str, tell: Tell) -> None:
    tell(change("R", "registered", "2021-08-01", 0), change("C1", "died", "2026-06-15", 0, member_ref="B000000"))
    assert apply(0, on=DAY, offer_id=named) == "borrower_died"


def test_no_terms_go_out_to_somebody_who_died_after_the_approval(
    bank: Wing, script: Any, apply: Apply, named: str, tell: Tell, look: Any
) -> None:
    assert apply(0, offer_id=named) is None
    ((application_id,),) = look.rows("applications", "application_id")
    approved = {"application_id": application_id, "decision": "approve", "limit_fen": 8_000_000, "reason_codes": ()}
    script.say(BankDecision, **approved)
    receiving.receive(bank, script)
    decisions.receive(bank, BANK)
    tell(change("R", "registered", "2021-08-01", 0), change("C1", "died", "2026-06-15", 0, member_ref="B000000"))
    signing.request(bank, BANK, load_policy(BANK, DAY).policy, DAY)
    assert look.rows("signings", "refusal_code") == [("borrower_died",)]


def test_a_death_after_signing_changes_nothing_that_is_signed(
    apply: Apply, named: str, holds: Callable[..., None], tell: Tell, look: Any
) -> None:
    holds(0, offer_id=named)
    before = (
        look.rows("contracts", "*", order="1"),
        look.rows("signings", "*", order="1"),
        look.rows("contract_balances", "*", order="1"),
    )
    tell(change("R", "registered", "2021-08-01", 0), change("C1", "died", "2026-06-14", 0, member_ref="B000000"))
    after = (
        look.rows("contracts", "*", order="1"),
        look.rows("signings", "*", order="1"),
        look.rows("contract_balances", "*", order="1"),
    )
    assert after == before
    assert apply(0) == REFUSED, "the line still stands: another adult waits for its end"


def test_a_contract_stays_with_the_borrower_who_marries_into_another_household(
    apply: Apply, named: str, holds: Callable[..., None], tell: Tell
) -> None:
    holds(0, offer_id=named, borrower_ref="B000000", signed_on=date(2024, 1, 10))
    wed = change("C1", "married", "2024-06-20", 2, member_ref="B000000")
    tell(change("R", "registered", "2021-08-01", 2), wed)
    assert apply(0, on=date(2026, 6, 19)) == REFUSED, "left behind, the household waits as a part would"
    assert apply(0, on=date(2026, 6, 20)) is None
    assert apply(2, on=date(2026, 6, 20)) == REFUSED
    assert apply(1) is None


def test_the_answer_is_yes_or_no_and_names_no_other_household(
    apply: Apply, holds: Callable[..., None], tell: Tell, look: Any
) -> None:
    tell(change("R", "registered", "2021-08-01", 0), parted("2025-12-15"))
    holds(0)
    assert apply(1) == REFUSED
    told = look.rows("household_queries", "asked_by", "application_id", "asked_for", "household_key", "answer")
    assert hex32("household", 0) not in str(told)
    assert "H000000" not in str(told)
