"""Two editions over the same people: exact, attributed to rules, and silent about small groups."""

import dataclasses
import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Evaluation, HistoryFrames, Rulebook, TextColumn, evaluate, load_rulebook
from scoring.compare import Comparison, Groups, IncomparableError, compare, population_groups

DAY = dt.date(2026, 6, 15)
ALL = 10**9


@pytest.fixture(scope="session")
def newer() -> Rulebook:
    return load_rulebook("2027-01")


def nobody() -> Groups:
    return Groups(np.empty(0, np.int64), {})


def both(frames: HistoryFrames, old: Rulebook, new: Rulebook) -> tuple[Evaluation, Evaluation]:
    return evaluate(old, frames, DAY, ALL), evaluate(new, frames, DAY, ALL)


def volunteers(history: Any, first: int, count: int, hours: int = 40, **columns: Any) -> Any:
    """Persons with 8 hours a day: 40 hours are 6 points under 2026-01 and 8 under 2027-01."""
    for person in range(first, first + count):
        history.person(person, **columns)
        for day in range(hours // 8):
            on = dt.date(2026, 3, 1) + dt.timedelta(day)
            history.event("volunteering", on, person_id=person, quantity_milli=8_000)
    return history


def tidy(history: Any, first: int, count: int, **columns: Any) -> Any:
    """Persons with four full inspections: 8 points under 2026-01, 6 under the cap of 2027-01."""
    for person in range(first, first + count):
        history.person(person, **columns)
        for month in (8, 11):
            history.event("hygiene_inspection", dt.date(2025, month, 1), person_id=person, quantity_milli=2_000)
        for month in (2, 5):
            history.event("hygiene_inspection", dt.date(2026, month, 1), person_id=person, quantity_milli=2_000)
    return history


def moves(comparison: Comparison) -> tuple[Any, ...]:
    return dataclasses.astuple(comparison.moves)


def test_who_moves_how_far_and_through_which_rule(history: Any, rulebook: Rulebook, newer: Rulebook) -> None:
    volunteers(history, 1, 30)
    tidy(history, 101, 20)
    for person in range(201, 241):
        history.person(person)
    found = compare(*both(history.frames(), rulebook, newer), nobody())
    assert moves(found) == (90, 30, 40, 20)
    assert found.points_milli == 30 * 2_000 - 20 * 2_000
    assert [(part.kind, part.indicator, part.rule, part.persons, part.points_milli) for part in found.rules] == [
        ("rule", "4.1", "volunteering", 30, 60_000),
        ("indicator_cap", "3.1", "", 20, -40_000),
    ]
    assert {(bar.from_milli, bar.until_milli): bar.persons for bar in found.change if bar.persons} == {
        (-1_000, -2_000): 20,
        (0, 0): 40,
        (1_000, 2_000): 30,
    }
    assert {each.per_mille: each.change_milli for each in found.quantiles} == {
        250: 0,
        500: 0,
        750: 2_000,
        900: 2_000,
    }


def test_grades_before_and_after(history: Any, rulebook: Rulebook, newer: Rulebook) -> None:
    # 14 of volunteering, 4 of kept agreements: 118; the new edition's 120 hours are worth 15.
    for person in range(1, 13):
        volunteers(history, person, 1, hours=120)
        history.event("clean_quarter", dt.date(2026, 3, 31), person_id=person)
        history.event("bravery", dt.date(2026, 1, 1), person_id=person, level="district")
    volunteers(history, 101, 40)
    old, new = both(history.frames(), rulebook, newer)
    assert {old.persons.index_milli[0], new.persons.index_milli[0]} == {126_700, 129_000}
    found = compare(old, new, nobody())
    cells = {(each.old, each.new): each.persons for each in found.grades.transitions if each.persons}
    assert cells == {("AA", "AA"): 12, ("A", "A"): 40}
    assert found.grades.old == found.grades.new == {"AAA": None, "AA": 12, "A": 40, "B": None, "C": None}


def test_a_total_that_would_give_away_a_few_who_change_grade_is_hidden(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    # 112 + 6 is an A, 112 + 8 an AA: three persons, nobody else.
    volunteers(history, 1, 3)
    for person in range(1, 4):
        history.event("bravery", dt.date(2026, 1, 1), person_id=person, level="district")
        history.event("hygiene_inspection", dt.date(2026, 5, 1), person_id=person, quantity_milli=2_000)
    volunteers(history, 101, 40)
    for person in range(201, 221):
        history.person(person).event("bravery", dt.date(2026, 1, 1), person_id=person, level="city")
    old, new = both(history.frames(), rulebook, newer)
    assert [each.persons.grade.equals("AA").sum() for each in (old, new)] == [20, 23]
    grades = compare(old, new, nobody()).grades
    assert (grades.old["AA"], grades.new["AA"], grades.new["A"]) == (20, None, None)
    assert {(each.old, each.new) for each in grades.transitions if each.persons} == {("AA", "AA")}


def test_groups_of_fewer_than_ten_are_hidden_and_cannot_be_worked_out(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    volunteers(history, 1, 30, village_code="V001")
    volunteers(history, 101, 9, village_code="V002")
    volunteers(history, 201, 15, village_code="V003")
    frames = history.frames()
    found = compare(*both(frames, rulebook, newer), population_groups(frames.persons, DAY))
    sizes = {each.group: each.moves.persons for each in found.groups["village"]}
    assert sizes == {"V001": 30, "V002": None, "V003": None}
    assert {each.group: each.points_milli for each in found.groups["village"]} == {
        "V001": 60_000,
        "V002": None,
        "V003": None,
    }
    assert [(each.group, each.moves.persons) for each in found.groups["age_band"]] == [("45–59", 54)]


def test_a_single_mover_of_a_village_is_not_given_away_by_its_sum(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    volunteers(history, 1, 30, village_code="V001")
    volunteers(history, 101, 1, village_code="V002")
    for person in range(102, 130):
        history.person(person, village_code="V002")
    volunteers(history, 201, 25, village_code="V003")
    frames = history.frames()
    found = compare(*both(frames, rulebook, newer), population_groups(frames.persons, DAY))
    second = next(each for each in found.groups["village"] if each.group == "V002")
    assert (second.moves.persons, second.moves.up, second.moves.same) == (29, None, None)
    assert [each.group for each in found.groups["village"] if each.points_milli is None] == ["V002", "V003"]


def test_few_movers_hide_who_did_not_move_and_every_bar(history: Any, rulebook: Rulebook, newer: Rulebook) -> None:
    volunteers(history, 1, 3)
    for person in range(101, 150):
        history.person(person)
    found = compare(*both(history.frames(), rulebook, newer), nobody())
    assert moves(found) == (52, None, None, None)
    assert found.points_milli is None
    assert all(bar.persons is None for bar in found.change)
    assert found.rules == ()
    assert found.other_rules.persons is None


def test_where_a_few_lose_the_gains_are_not_drawn_bar_by_bar_either(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    volunteers(history, 1, 12)
    volunteers(history, 51, 14, hours=24)
    tidy(history, 101, 4)
    for person in range(201, 261):
        history.person(person)
    found = compare(*both(history.frames(), rulebook, newer), nobody())
    assert moves(found) == (90, None, 60, None)
    assert {bar.persons for bar in found.change} == {None, 60}


def test_rules_of_few_persons_are_told_together_once_they_are_many(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    volunteers(history, 1, 20)
    tidy(history, 101, 4)
    found = compare(*both(history.frames(), rulebook, newer), nobody())
    assert found.rules == ()
    assert (found.other_rules.persons, found.other_rules.points_milli) == (24, 20 * 2_000 - 4 * 2_000)


def test_age_bands_begin_on_the_birthday(history: Any) -> None:
    for person, birth_on in enumerate(
        (dt.date(1996, 6, 15), dt.date(1996, 6, 16), dt.date(1951, 6, 15), dt.date(1951, 6, 16)), start=1
    ):
        history.person(person, birth_on=birth_on)
    bands = population_groups(history.frames().persons, DAY).columns["age_band"]
    assert [bands.names[code] for code in bands.codes] == ["30–44", "18–29", "75+", "60–74"]


def test_evaluations_of_another_day_or_position_are_not_compared(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    frames = history.person().frames()
    old = evaluate(rulebook, frames, DAY, ALL)
    for day, position in ((DAY + dt.timedelta(1), ALL), (DAY, ALL - 1)):
        with pytest.raises(IncomparableError):
            compare(old, evaluate(newer, frames, day, position), nobody())


def test_who_has_an_index_under_one_edition_only_is_counted_apart(history: Any, rulebook: Rulebook) -> None:
    for person in range(1, 21):
        history.person(person)
    for person in range(21, 41):
        history.person(person, birth_on=dt.date(2007, 1, 1))
    later = dataclasses.replace(rulebook, edition=rulebook.edition.model_copy(update={"adult_years": 20}))
    found = compare(*both(history.frames(), rulebook, later), nobody())
    assert (found.only_old, found.only_new, moves(found)) == (20, None, (20, None, 20, None))


def test_a_changed_base_is_a_source_of_its_own(history: Any, rulebook: Rulebook) -> None:
    for person in range(1, 21):
        history.person(person)
    richer = dataclasses.replace(rulebook, edition=rulebook.edition.model_copy(update={"base_milli": 101_000}))
    found = compare(*both(history.frames(), rulebook, richer), nobody())
    assert [(part.kind, part.persons, part.points_milli) for part in found.rules] == [("base", 20, 20_000)]


def test_the_assessment_is_the_same_bytes_for_the_same_people_in_any_order_and_names_nobody(
    history: Any, rulebook: Rulebook, newer: Rulebook
) -> None:
    volunteers(history, 700_001, 30)
    tidy(history, 800_001, 20)
    told = []
    for order in (list, lambda rows: rows[::-1]):
        frames = history.frames(order)
        told.append(compare(*both(frames, rulebook, newer), population_groups(frames.persons, DAY)).to_json())
    assert told[0] == told[1]
    assert b"70000" not in told[0]
    assert b"80000" not in told[0]
    shape = json.loads(told[0])
    assert shape["moves"] == {"persons": 50, "up": 30, "same": None, "down": 20}
    assert shape["groups"]["grade"][0]["group"] == "A"
    assert shape["as_of"] == "2026-06-15"


EVENTS = st.tuples(
    st.sampled_from(["volunteering", "hygiene_inspection", "mutual_aid", "ebike_violation", "civil_honour", "bravery"]),
    st.integers(1, 30),
    st.dates(dt.date(2023, 1, 1), DAY),
    st.integers(1, 8),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=40, max_size=160))
def test_rules_and_the_others_together_are_exactly_the_change(
    new_history: Any, rulebook: Rulebook, newer: Rulebook, events: list[Any]
) -> None:
    history = new_history()
    for person in range(1, 31):
        history.person(person)
    for kind, person, on, quantity in events:
        level = {"civil_honour": "nation", "bravery": "city"}.get(kind, "")
        history.event(kind, on, person_id=person, level=level, quantity_milli=quantity * 1000)
    old, new = both(history.frames(), rulebook, newer)
    change = new.persons.index_milli - old.persons.index_milli
    found = compare(old, new, nobody())
    if found.other_rules.points_milli is not None or len(change) == 0:
        told = sum(part.points_milli or 0 for part in (*found.rules, found.other_rules))
        assert told == change.sum()
    for bar in found.change:
        if bar.persons is not None:
            edges = sorted((bar.from_milli or 0, 10**9 if bar.until_milli is None else bar.until_milli))
            assert bar.persons >= 10
            assert (bar.from_milli, bar.until_milli) == (0, 0) or edges
    visible = [count for count in moves(found) if count is not None]
    assert all(count >= 10 for count in visible)


def test_somebody_without_a_group_is_of_the_unnamed_group(history: Any, rulebook: Rulebook, newer: Rulebook) -> None:
    volunteers(history, 1, 24)
    column = TextColumn(np.zeros(12, np.int32), ("east",))
    groups = Groups(np.arange(12, 0, -1), {"shore": column})
    found = compare(*both(history.frames(), rulebook, newer), groups)
    assert [(each.group, each.moves.up) for each in found.groups["shore"]] == [("", 12), ("east", 12)]
