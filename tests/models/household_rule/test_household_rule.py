"""Who may borrow, and what this bank's own contracts with other adults take; the borrower's own never counts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.household_changes import Change
from models.household_rule import STANDINGS, Listed, OwnContract, Standing, history_of, standings
from models.term_reasons import TERM_REASONS
from tests.models.household_rule.conftest import HOUSEHOLDS, MEMBERS, admitted, changes, days_around

DAY = date(2026, 6, 15)
SNAPSHOT = date(2026, 6, 14)
BORN = date(1980, 1, 1)
LINE = 8_000_000


def listed(key: str = "K0", borrower: str = "M0") -> Listed:
    return Listed(f"H-{key}", key, borrower, BORN, SNAPSHOT)


def contract(key: str, borrower: str, signed_on: date = date(2025, 1, 10)) -> OwnContract:
    return OwnContract(f"{key}/{borrower}", key, borrower, LINE, signed_on)


def of(change_list: list[Change], one: Listed | None = None, *contracts: OwnContract, day: date = DAY) -> Standing:
    (standing,) = standings(history_of(change_list), [one or listed()], contracts, day)
    return standing


@pytest.mark.parametrize(
    ("change", "obstacle"),
    [
        (Change("1", "died", date(2026, 6, 14), "K0", member_ref="M0"), "borrower_died"),
        (Change("1", "left", date(2026, 6, 14), "K0", member_ref="M0"), "borrower_left"),
        (Change("1", "married", date(2026, 6, 14), "K1", "K0", "M0"), "borrower_left"),
        (Change("1", "moved_out", date(2026, 6, 14), "K0"), "household_moved_out"),
        (Change("1", "merged", date(2026, 6, 14), "K0", "K1"), "household_merged"),
    ],
)
def test_nothing_is_offered_in_a_name_that_cannot_borrow_from_the_day_on(change: Change, obstacle: str) -> None:
    assert of([change], day=date(2026, 6, 13)).obstacle == ""
    assert of([change], day=date(2026, 6, 14)).obstacle == obstacle
    assert obstacle in STANDINGS
    assert TERM_REASONS[obstacle]


def test_the_death_of_another_member_is_in_nobodys_way() -> None:
    assert of([Change("1", "died", date(2026, 6, 1), "K0", member_ref="M1")]).obstacle == ""


def test_members_of_a_merged_household_live_where_it_went() -> None:
    gone = [Change("1", "joined", date(2020, 1, 1), "K0", member_ref="M0"), Change("2", "merged", SNAPSHOT, "K0", "K1")]
    assert of(gone, listed("K1", "M0")).obstacle == ""


def test_another_adult_takes_the_place_of_a_borrower_who_died_from_the_day_on() -> None:
    died = Change("1", "died", date(2026, 5, 1), "K0", member_ref="M0")
    other = Change("2", "became_borrower", date(2026, 5, 20), "K0", member_ref="M1", member_birth_on=date(1990, 7, 1))
    assert of([died, other], day=date(2026, 5, 19)).obstacle == "borrower_died"
    after = of([died, other])
    assert (after.borrower_ref, after.borrower_birth_on, after.obstacle) == ("M1", date(1990, 7, 1), "")


def test_a_newer_listing_names_the_borrower_while_nothing_is_in_the_way() -> None:
    earlier = Change("2", "became_borrower", date(2026, 5, 20), "K0", member_ref="M1", member_birth_on=BORN)
    assert of([earlier]).borrower_ref == "M0", "the file of the 14th is newer than the change of May"
    later = Change("2", "became_borrower", date(2026, 6, 15), "K0", member_ref="M1", member_birth_on=BORN)
    assert of([later]).borrower_ref == "M1"


def test_contracts_with_other_adults_of_the_group_are_its_exposure_and_the_borrowers_own_is_not() -> None:
    parted = [Change("1", "split", date(2025, 12, 15), "K3", "K0", member_ref="M3")]
    held = [contract("K0", "M0"), contract("K1", "M1")]
    assert of(parted, listed("K3", "M3"), *held).group_contracts_fen == LINE
    assert of(parted, listed("K0", "M0"), *held).group_contracts_fen == 0
    assert of(parted, listed("K3", "M3"), *held, day=date(2027, 12, 15)).group_contracts_fen == 0


def test_the_contract_of_a_borrower_who_died_stays_an_exposure_of_who_comes_after() -> None:
    died = Change("1", "died", date(2026, 5, 1), "K0", member_ref="M0")
    other = Change("2", "became_borrower", date(2026, 5, 20), "K0", member_ref="M1", member_birth_on=BORN)
    assert of([died, other], listed(), contract("K0", "M0")).group_contracts_fen == LINE


def test_a_contract_that_answers_for_two_households_of_a_group_counts_once() -> None:
    moved = [Change("1", "split", date(2025, 12, 15), "K3", "K0", member_ref="M0")]
    assert of(moved, listed("K0", "M1"), contract("K0", "M0")).group_contracts_fen == LINE


@given(changes(), st.lists(st.tuples(st.sampled_from(HOUSEHOLDS), st.sampled_from(MEMBERS)), max_size=6, unique=True))
def test_exposure_is_what_others_signed_in_the_group(delivered: list[Change], signed: list[tuple[str, str]]) -> None:
    kept = admitted(delivered)
    history = history_of(kept)
    contracts = [contract(key, member, date(2021, 12, 31)) for key, member in signed]
    rows = [listed(key, member) for key, member in zip(HOUSEHOLDS, MEMBERS, strict=False)]
    for day in days_around(kept)[1:]:
        for one, standing in zip(rows, standings(history, rows, contracts, day), strict=True):
            group = history.groups.of(one.household_key, day)
            near = [
                other
                for other in contracts
                if history.homes_since(other.borrower_ref, other.household_key, other.signed_on, day) & group
                and other.borrower_ref != standing.borrower_ref
            ]
            assert standing.group_contracts_fen == LINE * len(near)
            assert standing.obstacle in (*STANDINGS, "")
