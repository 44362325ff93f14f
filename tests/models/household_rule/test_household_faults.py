"""Changes that cannot be true together: the record and the field are named, the sound ones stay, in any order."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.household_changes import Change
from models.household_faults import admit, change_faults
from tests.models.household_rule.conftest import LISTED, changes

ADULT = date(1990, 7, 1)


def change(number: str, kind: str, day: date, key: str, other: str | None = None, **more: object) -> Change:
    return Change(number, kind, day, key, other, **more)  # type: ignore[arg-type]


D1, D2, D3 = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
BROKEN = {
    "change.unknown": [change("x", "split", D2, "K3", "K9")],
    "change.before_registration": [change("a", "registered", D2, "K4"), change("x", "moved_out", D1, "K4")],
    "change.registered_twice": [change("a", "registered", D1, "K4"), change("x", "registered", D2, "K4")],
    "change.merged_twice": [change("a", "merged", D1, "K0", "K1"), change("x", "merged", D2, "K0", "K2")],
    "change.household_ended": [change("a", "merged", D1, "K0", "K1"), change("x", "split", D2, "K3", "K0")],
    "change.same_household": [change("x", "merged", D1, "K0", "K0")],
    "change.before_birth": [change("x", "died", D1, "K0", member_ref="M0", member_birth_on=D2)],
    "change.after_death": [
        change("a", "died", D1, "K0", member_ref="M0"),
        change("x", "joined", D2, "K1", "K0", member_ref="M0"),
    ],
    "change.under_age": [
        change("x", "became_borrower", D1, "K0", member_ref="M0", member_birth_on=date(2007, 1, 2)),
    ],
    "change.other_home": [
        change("a", "joined", D1, "K0", member_ref="M0"),
        change("x", "married", D2, "K1", "K2", member_ref="M0"),
    ],
    "change.not_a_member": [
        change("a", "joined", D1, "K0", member_ref="M0"),
        change("x", "left", D2, "K1", member_ref="M0"),
    ],
    "change.corrects_unknown": [change("x", "moved_out", D1, "K0", corrects_change_no="z")],
    "change.corrects_another": [
        change("a", "moved_out", D1, "K0"),
        change("x", "withdrawn", D1, "K1", corrects_change_no="a"),
    ],
}


@pytest.mark.parametrize("code", BROKEN)
def test_each_way_to_be_wrong_names_its_record_and_spares_the_others(code: str) -> None:
    delivered = BROKEN[code]
    for order in (delivered, delivered[::-1]):
        taken = admit([], order, LISTED, 18)
        assert [(fault.change_no, fault.code) for fault in taken.faults] == [("x", code)]
        assert [one.change_no for one in taken.changes] == [one.change_no for one in delivered if one.change_no == "a"]


def test_two_corrections_of_one_change_are_both_set_aside() -> None:
    kept = [change("a", "moved_out", D1, "K0")]
    both = [change(number, "moved_out", day, "K0", corrects_change_no="a") for number, day in (("x", D2), ("y", D3))]
    taken = admit(kept, both, LISTED, 18)
    assert {(fault.change_no, fault.code) for fault in taken.faults} == {
        ("x", "change.corrected_twice"),
        ("y", "change.corrected_twice"),
    }


def test_a_late_row_that_would_make_a_kept_one_untrue_is_the_one_at_fault() -> None:
    kept = [change("a", "split", D3, "K3", "K0")]
    late = change("x", "merged", D1, "K0", "K1")
    taken = admit(kept, [late], LISTED, 18)
    assert [(fault.change_no, fault.code) for fault in taken.faults] == [("x", "change.contradicts")]
    righted = [late, change("y", "split", D3, "K3", "K1", corrects_change_no="a")]
    assert admit(kept, righted, LISTED, 18).faults == [], "with the correction in the same file both are true"


def test_a_change_told_again_is_harmless_and_another_under_its_number_is_not() -> None:
    kept = [change("a", "moved_out", D1, "K0")]
    assert admit(kept, kept, LISTED, 18) == ([], [])
    taken = admit(kept, [change("a", "moved_out", D2, "K0")], LISTED, 18)
    assert [fault.code for fault in taken.faults] == ["change.number_reused"]


def test_who_turns_18_on_the_day_may_become_the_borrower() -> None:
    young = change("x", "became_borrower", D1, "K0", member_ref="M0", member_birth_on=date(2007, 1, 1))
    assert admit([], [young], LISTED, 18).faults == []


@given(changes(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_what_is_admitted(delivered: list[Change], chance: Random) -> None:
    shuffled = list(delivered)
    chance.shuffle(shuffled)
    one, other = admit([], delivered, LISTED, 18), admit([], shuffled, LISTED, 18)
    assert sorted(one.changes, key=repr) == sorted(other.changes, key=repr)
    assert sorted(one.faults) == sorted(other.faults)


@given(changes(), st.integers(0, 14))
def test_whatever_is_admitted_stays_without_faults_in_one_file_or_two(delivered: list[Change], cut: int) -> None:
    first = admit([], delivered[:cut], LISTED, 18)
    second = admit(first.changes, delivered[cut:], LISTED, 18)
    kept = [*first.changes, *second.changes]
    assert list(change_faults(kept, LISTED, 18)) == []
    told = [fault.change_no for fault in (*first.faults, *second.faults)] + [one.change_no for one in kept]
    assert sorted(told) == sorted({one.change_no for one in delivered}), "every row is kept or told of, once"
