"""Who counts as one household on which day: to the day, and whatever the order in which it was told."""

from calendar import monthrange
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.household_changes import Change
from models.household_rule import history_of
from tests.models.household_rule.conftest import HOUSEHOLDS, MEMBERS, admitted, changes, days_around


def split(day: date, new: str = "K3", old: str = "K0", **more: str) -> Change:
    return Change(f"split-{new}", "split", day, new, old, **more)


def merged(day: date, gone: str, into: str) -> Change:
    return Change(f"merged-{gone}", "merged", day, gone, into)


@given(changes(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_answers(delivered: list[Change], chance: Random) -> None:
    kept = admitted(delivered)
    shuffled = list(kept)
    chance.shuffle(shuffled)
    one, other = history_of(kept), history_of(shuffled)
    for day in days_around(kept):
        for key in HOUSEHOLDS:
            assert one.groups.of(key, day) == other.groups.of(key, day)
            assert one.ended_by(key, day) == other.ended_by(key, day)
            assert one.successor_of(key, day) == other.successor_of(key, day)
        for member in MEMBERS:
            assert one.home_of(member, day) == other.home_of(member, day)
            assert one.died_by(member, day) == other.died_by(member, day)


@given(changes())
def test_on_every_day_groups_part_the_households_among_them(delivered: list[Change]) -> None:
    kept = admitted(delivered)
    history = history_of(kept)
    for day in days_around(kept):
        groups = {key: history.groups.of(key, day) for key in HOUSEHOLDS}
        for key, group in groups.items():
            assert key in group
            assert all(groups[other] == group for other in group)


@given(st.dates(date(2015, 1, 1), date(2030, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2028, 2, 29)]))
def test_a_split_counts_as_one_for_exactly_24_months(day: date) -> None:
    history = history_of([split(day)])
    end = date(day.year + 2, day.month, min(day.day, monthrange(day.year + 2, day.month)[1]))
    before = timedelta(days=1)
    assert "K0" not in history.groups.of("K3", day - before)
    assert "K0" in history.groups.of("K3", day)
    assert "K0" in history.groups.of("K3", end - before)
    assert "K0" not in history.groups.of("K3", end)


def test_a_chain_of_splits_and_mergers_is_one_exposure_link_by_link() -> None:
    history = history_of(
        [
            split(date(2024, 3, 1), "K3", "K0"),
            split(date(2025, 3, 1), "K4", "K3"),
            merged(date(2025, 9, 1), "K0", "K1"),
        ]
    )
    assert history.groups.of("K4", date(2026, 2, 28)) == {"K0", "K1", "K3", "K4"}
    assert history.groups.of("K4", date(2026, 3, 1)) == {"K3", "K4"}, "the older split has run out, the younger not"
    assert history.groups.of("K0", date(2040, 1, 1)) == {"K0", "K1"}, "a merger does not run out"


def test_a_corrected_change_leaves_no_trace_and_its_correction_counts() -> None:
    wrong = split(date(2025, 3, 1), "K3", "K0")
    right = Change("right", "split", date(2025, 3, 1), "K3", "K1", corrects_change_no=wrong.change_no)
    history = history_of([right, wrong])
    assert history.groups.of("K3", date(2025, 4, 1)) == {"K1", "K3"}
    taken_back = Change("gone", "withdrawn", date(2025, 3, 1), "K3", corrects_change_no="right")
    assert history_of([taken_back, right, wrong]).touched == frozenset()


def test_what_is_signed_goes_with_the_borrower_and_the_household_left_behind_waits_24_months() -> None:
    signed_on = date(2025, 1, 10)
    history = history_of([Change("m", "married", date(2025, 5, 1), "K1", "K0", member_ref="M0")])

    def homes(day: date) -> frozenset[str]:
        return history.homes_since("M0", "K0", signed_on, day)

    assert homes(date(2025, 4, 30)) == {"K0"}
    assert homes(date(2025, 5, 1)) == {"K0", "K1"}
    assert homes(date(2027, 4, 30)) == {"K0", "K1"}
    assert homes(date(2027, 5, 1)) == {"K1"}


def test_who_left_for_nowhere_we_know_takes_the_contract_along_after_24_months() -> None:
    history = history_of([Change("l", "left", date(2025, 5, 1), "K0", member_ref="M0")])
    assert history.homes_since("M0", "K0", date(2025, 1, 10), date(2027, 4, 30)) == {"K0"}
    assert history.homes_since("M0", "K0", date(2025, 1, 10), date(2027, 5, 1)) == frozenset()


def test_a_move_before_the_signing_that_is_told_late_frees_neither_household() -> None:
    history = history_of([Change("m", "joined", date(2022, 5, 1), "K1", "K0", member_ref="M0")])
    assert history.homes_since("M0", "K0", date(2025, 1, 10), date(2026, 1, 1)) == {"K0", "K1"}


@pytest.mark.parametrize("day", [date(2025, 6, 1), date(2030, 1, 1)])
def test_a_household_that_comes_back_stands_again(day: date) -> None:
    away = Change("o", "moved_out", date(2025, 1, 1), "K0")
    back = Change("r", "registered", date(2025, 6, 1), "K0")
    history = history_of([back, away])
    assert history.ended_by("K0", date(2025, 5, 31)) == "moved_out"
    assert history.ended_by("K0", day) == ""
