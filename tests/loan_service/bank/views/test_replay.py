"""An offer is made again from its own stamps, whatever has become known or come into force since."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bank_adapters import Closure
from loan_service.bank.stages import offers, receiving, usage
from loan_service.bank.stages.households import import_households
from loan_service.bank.store import tables
from loan_service.bank.store.rows import batch_leaf
from loan_service.bank.views.policies import policy_in_force
from loan_service.bank.views.replay import Replay, remake, replay
from loan_service.errors import NotFoundError
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from tests.loan_service.bank.stages.test_household_changes import PARTED

BANK = "island_rural"
DAY, SIGNED = date(2026, 6, 15), date(2026, 1, 10)
TOKEN = "ab" * 16
HOUSEHOLDS: list[dict[str, object]] = [
    {"borrower_binding_token": TOKEN},
    {"sector": "fishery", "income_stability": "0.4", "unsecured_debt_fen": 2_000_000},
    {"authorised_income": 0},
    {"authorised_bureau": 0},
    {"max_days_past_due_24m": 45},
    {"sector": "tourism", "monthly_income_share_01": ""},
    {"household_key": "ee" * 16},
    {"household_key": "ee" * 16},
]


@pytest.fixture
def again(bank: Wing) -> Callable[[Any], Replay]:
    def replayed(offer: Any) -> Replay:
        with transaction(bank.engine) as connection:
            return replay(offer, remake(connection, offer))

    return replayed


def test_every_offer_comes_out_the_same_again(
    offered: Callable[..., None], offer_rows: Callable[[], list[Any]], again: Callable[[Any], Replay]
) -> None:
    offered(*HOUSEHOLDS)
    rows = offer_rows()
    assert {row.decision for row in rows} == {"offer", "refer", "decline"}
    for row in rows:
        told = again(row)
        assert (told.same_terms, told.same_inputs, told.differences) == (True, True, ())


def test_what_became_known_later_changes_no_replay(
    offered: Callable[..., None],
    offer_rows: Callable[[], list[Any]],
    again: Callable[[Any], Replay],
    promote: Callable[..., None],
    door: Any,
    issue: Callable[..., None],
) -> None:
    offered(*HOUSEHOLDS)
    before = offer_rows()[0]
    door.certify(TOKEN, "AAA")
    promote(version="2", log_odds=-3.0)
    issue(DAY + timedelta(days=1))
    first, second = offer_rows()[:2]
    assert first == before
    assert (second.grade, second.model_version) == ("AAA", "island_rural.baseline/2")
    assert again(first).same_terms
    assert again(second).same_terms


@pytest.fixture
def beside_a_contract(
    bank: Wing,
    offered: Callable[..., None],
    tell: Callable[..., Any],
    seed_contract: Callable[..., str],
    issue: Callable[..., None],
) -> None:
    """Two households that parted, one of them with a contract over 260,000 yuan in no name, and their offers."""
    offered({}, {})
    tell(PARTED)
    with transaction(bank.engine) as connection:
        leaf_id = batch_leaf(connection, "contracts", BANK, ["C-0"], SIGNED)
    seed_contract(0, 26_000_000, signed_on=SIGNED, leaf_id=leaf_id)
    issue()


@pytest.fixture
def ends(bank: Wing, script: Any) -> Callable[[date], None]:
    """The bank says that the contract ended on a day."""

    def told(on: date) -> None:
        script.say(Closure, contract_no="C-0", reason_code="settled", day=on)
        receiving.receive(bank, script)
        assert usage.receive(bank, BANK) == 1

    return told


def limits(rows: list[Any]) -> list[int]:
    return [row.limit_fen for row in rows if row.household_ref == "H000001"]


def test_a_closure_that_arrives_after_the_offer_does_not_change_the_remade_offer(
    beside_a_contract: None,
    ends: Callable[[date], None],
    offer_rows: Callable[[], list[Any]],
    again: Callable[[Any], Replay],
    issue: Callable[..., None],
) -> None:
    ends(DAY - timedelta(days=1))
    issue(DAY + timedelta(days=1))
    rows = [row for row in offer_rows() if row.household_ref == "H000001"]
    alone, beside, after = limits(rows)
    assert beside == 4_000_000, "300,000 yuan less 260,000"
    assert after == alone > beside
    assert [again(row).differences for row in rows] == [(), (), ()]


def test_a_snapshot_that_arrives_after_the_offer_does_not_change_whose_a_contract_was(
    bank: Wing,
    beside_a_contract: None,
    household_file: Callable[..., Path],
    household_row: Callable[..., dict[str, str]],
    offer_rows: Callable[[], list[Any]],
    again: Callable[[Any], Replay],
) -> None:
    row = household_row(0, borrower_ref="B000001", as_of=SIGNED)
    assert import_households(bank, BANK, household_file([row], f"households_{SIGNED:%Y%m%d}.csv"), DAY).rows_landed == 1
    with transaction(bank.engine) as connection:
        seal(connection, tables.log, bank.signer)
    assert [again(offer).differences for offer in offer_rows()] == [()] * 3


def test_a_second_run_of_the_day_on_which_a_contract_ends_offers_what_the_first_one_did(
    beside_a_contract: None,
    ends: Callable[[date], None],
    offer_rows: Callable[[], list[Any]],
    issue: Callable[..., None],
) -> None:
    before = limits(offer_rows())
    ends(DAY)
    issue(DAY)
    assert limits(offer_rows()) == before
    issue(DAY + timedelta(days=1))
    assert limits(offer_rows()) == [*before, before[0]]


def test_where_no_grade_was_looked_at_none_is_told_and_none_is_missed(
    bank: Wing,
    offered: Callable[..., None],
    offer_rows: Callable[[], list[Any]],
    again: Callable[[Any], Replay],
    door: Any,
    promote: Callable[..., None],
) -> None:
    offered({"borrower_binding_token": TOKEN})
    door.certify(TOKEN, "AAA")
    promote(version="2", log_odds=-4.0)
    off = replace(bank, settings=bank.settings.model_copy(update={"civility_input": False}))
    with transaction(bank.engine) as connection:
        edition = policy_in_force(connection, "island_rural", DAY + timedelta(days=1))
    offers.issue(off, edition, DAY + timedelta(days=1))
    blind = offer_rows()[-1]
    assert (blind.grade, blind.model_version) == ("none", "island_rural.baseline/2")
    assert blind.terms_ledger["by_grade"] == []
    told = again(blind)
    assert (told.same_terms, told.same_inputs) == (True, True)


@pytest.mark.parametrize(
    ("column", "value"), [("limit_fen", 12_345), ("rate_bp", 1), ("decision", "refer"), ("grade", "AAA")]
)
def test_an_offer_that_was_tampered_with_is_found_out_and_the_field_named(
    bank: Wing,
    offered: Callable[..., None],
    offer_rows: Callable[[], list[Any]],
    again: Callable[[Any], Replay],
    column: str,
    value: object,
) -> None:
    offered({})
    with transaction(bank.engine) as connection:
        connection.execute(update(tables.offers).values({column: value}))
    told = again(offer_rows()[0])
    assert not told.same_terms
    assert [difference.field for difference in told.differences] == [column]
    assert told.differences[0].then == str(value)


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("model_version", "island_rural.baseline/9", r"island_rural\.baseline/9"),
        ("policy_edition", "island_rural/2026-06@000000000000", "000000000000"),
        ("known_position", 0, "H000000"),
    ],
)
def test_what_is_no_longer_there_is_named(
    bank: Wing,
    offered: Callable[..., None],
    offer_rows: Callable[[], list[Any]],
    again: Callable[[Any], Replay],
    column: str,
    value: object,
    named: str,
) -> None:
    offered({})
    with transaction(bank.engine) as connection:
        connection.execute(update(tables.offers).values({column: value}))
    with pytest.raises(NotFoundError, match=named):
        again(offer_rows()[0])
