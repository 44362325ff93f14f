"""An edition is run: its ends, its archetypes and its single deductions are what the checks say they are."""

import datetime as dt
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from scoring import Indicator, Rulebook, evaluate, load_rulebook
from scoring.archetypes import Archetypes, archetype_paths, month_of
from scoring.behaviour import (
    BEHAVIOUR_CHECKS,
    behaviour,
    deduction_effect,
    no_minor_event_changes_a_grade,
    nobody_is_shut_out,
    nothing_outlives_its_time,
)
from scoring.bounds import CYCLE, dimension_reach, reachable_index, worth_of
from scoring.dated import day_number
from scoring.evaluation import evaluated
from scoring.extremes import extreme_history
from scoring.folding import fold
from scoring.loader import RULEBOOKS, archetypes, check_edition, edition_files, editions, yardstick
from scoring.rulebook import Concave
from scoring.written_history import FAR, Writing, WrittenHistory, months_after

EVERY_EDITION = pytest.mark.parametrize("edition", editions())


def with_edition(rulebook: Rulebook, **values: Any) -> Rulebook:
    return replace(rulebook, edition=rulebook.edition.model_copy(update=values))


def with_indicators(rulebook: Rulebook, change: Any) -> Rulebook:
    """Every indicator as `change` returns it, and dimensions without bounds of their own."""
    dimensions = tuple(
        dimension.model_copy(
            update={
                "indicators": tuple(change(each) for each in dimension.indicators),
                "lowest_milli": -(10**8) if dimension.lowest_milli else 0,
                "highest_milli": 10**8 if dimension.highest_milli else 0,
            }
        )
        for dimension in rulebook.dimensions
    )
    return replace(rulebook, dimensions=dimensions)


@EVERY_EDITION
def test_written_histories_reach_the_computed_ends_of_every_dimension(edition: str) -> None:
    rulebook = load_rulebook(edition)
    for day in (dt.date(2025, 2, 27), dt.date(2026, 3, 31), dt.date(2027, 11, 15)):
        place = int(np.flatnonzero(day_number(day) == CYCLE)[0])
        for end, direction in enumerate(("deduction", "award")):
            found = evaluate(rulebook, extreme_history(rulebook, direction, day).frames(), day, FAR)
            for dimension in rulebook.dimensions:
                rows = found.ledger.dimension.equals(dimension.dimension)
                assert found.ledger.points_milli[rows].sum() == dimension_reach(dimension)[end, place]


@EVERY_EDITION
@pytest.mark.parametrize("cap_milli", [1000, 7300, 250_000])
def test_the_ends_follow_the_caps(edition: str, cap_milli: int) -> None:
    def capped(indicator: Indicator) -> Indicator:
        sign = -1 if indicator.direction == "deduction" else 1
        return indicator.model_copy(update={"cap_milli": sign * cap_milli})

    rulebook = with_indicators(load_rulebook(edition), capped)
    rulebook = with_edition(rulebook, lowest_milli=-(10**9), highest_milli=10**9)
    reach = reachable_index(rulebook.edition, rulebook.dimensions)
    lowest = evaluate(rulebook, extreme_history(rulebook, "deduction", reach.lowest_on).frames(), reach.lowest_on, FAR)
    highest = evaluate(rulebook, extreme_history(rulebook, "award", reach.highest_on).frames(), reach.highest_on, FAR)
    assert lowest.persons.index_milli.tolist() == [reach.lowest_milli]
    assert highest.persons.index_milli.tolist() == [reach.highest_milli]
    if cap_milli == 1000:
        assert (reach.lowest_milli, reach.highest_milli) == (91_000, 109_000)  # nine indicators each way


@EVERY_EDITION
def test_nobody_goes_beyond_the_computed_ends(edition: str) -> None:
    rulebook = load_rulebook(edition)
    reach = reachable_index(rulebook.edition, rulebook.dimensions)
    assert (reach.lowest_milli, reach.highest_milli) == (0, 200_000)
    tight = with_edition(rulebook, base_milli=60_000)
    assert reachable_index(tight.edition, tight.dimensions).highest_milli == 180_000
    assert reachable_index(tight.edition, tight.dimensions).lowest_milli == 0


def test_bands_are_summed_piece_by_piece() -> None:
    volunteering = next(each for _, each in load_rulebook("2026-01").indicators if each.indicator == "4.1")
    assert isinstance(volunteering.combine, Concave)
    hours = {0: 0, 20: 4000, 80: 10_000, 200: 18_040, 240: 20_040}
    assert {hour: worth_of(volunteering.combine.bands, hour * 1000) for hour in hours} == hours


@EVERY_EDITION
def test_every_archetype_reaches_every_promised_grade_in_time(edition: str) -> None:
    paths = archetype_paths(archetypes(), load_rulebook(edition))
    assert {path.archetype.archetype for path in paths} == {
        "bedridden_elder", "seafarer", "sole_carer", "no_smartphone", "newcomer",
    }  # fmt: skip
    for path in paths:
        assert [(reached.promise.grade, reached.promise.within_months) for reached in path.reached] == [
            ("AA", 12),
            ("AAA", 24),
        ]
        assert all(reached.in_time for reached in path.reached)
        assert path.standings[0].index_milli in (100_000, 106_000)  # nothing was brought along


def test_archetypes_do_only_what_everybody_can_do() -> None:
    found = archetypes()
    assert set(found.only_by) == {"clean_quarter", "compact_review"}
    written = found.model_dump(by_alias=True)
    written["archetypes"][0]["events"][0]["type"] = "volunteering"
    with pytest.raises(ValueError, match="bedridden_elder: volunteering"):
        Archetypes.model_validate(written)


@EVERY_EDITION
def test_the_promise_holds_whatever_day_of_the_year_one_enrols(edition: str) -> None:
    rulebook = load_rulebook(edition)
    newcomer = next(each for each in archetypes().archetypes if each.archetype == "newcomer")
    ends = [dt.date(2027, 12, 31), dt.date(2028, 3, 31), dt.date(2028, 6, 30), dt.date(2028, 9, 30)]
    for day in (dt.date(2027, 10, 1) + dt.timedelta(days=number) for number in range(0, 366, 13)):
        first = next(end for end in ends if end >= day)
        quarters = [end for year in range(3) for end in (each.replace(year=each.year + year) for each in ends)]
        events = tuple(
            event.model_copy(update={"day": end, "repeat": event.repeat.model_copy(update={"times": 1})})
            for event in newcomer.events
            for end in quarters
            if end >= first
        )
        persons = tuple(person.model_copy(update={"enrolled_from": day}) for person in newcomer.persons)
        members = tuple(member.model_copy(update={"from_on": day}) for member in newcomer.members)
        someone = newcomer.model_copy(update={"events": events, "persons": persons, "members": members})
        (path,) = archetype_paths(archetypes().model_copy(update={"archetypes": (someone,)}), rulebook)
        assert all(reached.in_time for reached in path.reached), day


def test_a_month_ends_with_its_anniversary() -> None:
    begins = dt.date(2027, 1, 31)
    days = {dt.date(2027, 1, 31): 1, dt.date(2027, 2, 28): 1, dt.date(2027, 3, 1): 2, dt.date(2028, 1, 31): 12}
    assert {day: month_of(begins, day) for day in days} == days
    assert month_of(begins, dt.date(2028, 2, 1)) == 13


@EVERY_EDITION
def test_no_single_minor_event_changes_a_grade_from_the_base(edition: str) -> None:
    found = behaviour(load_rulebook(edition), archetypes())
    minor = [effect for effect in found.deductions if effect.rule.severity == "minor"]
    assert {effect.rule.rule for effect in minor} == {"ebike_violation", "uncivil_conduct"}
    assert {effect.grade for effect in minor} == {found.base_grade} == {"A"}


@EVERY_EDITION
def test_every_deduction_stops_within_its_legal_time(edition: str) -> None:
    rulebook = load_rulebook(edition)
    months = {
        rule.rule: deduction_effect(rulebook, indicator, rule).months
        for indicator, rule in rulebook.rules
        if indicator.direction == "deduction"
    }
    lawful = {"minor": 3, "general": 12, "serious": 36}
    for _, rule in rulebook.rules:
        if rule.severity and rule.validity_months:
            assert (months[rule.rule] or 0) <= lawful[rule.severity]
    assert months["debtor_listed"] == 60
    assert months["hazard_overdue"] == 12


@EVERY_EDITION
def test_checking_a_shipped_edition_finds_it_sound(edition: str) -> None:
    report = check_edition(edition_files(RULEBOOKS / edition))
    assert report.sound
    assert report.findings == ()
    assert report.behaviour is not None
    assert report.behaviour.lowest_shown_milli == report.behaviour.reach.lowest_milli
    assert report.behaviour.highest_shown_milli == report.behaviour.reach.highest_milli


# file, passage, what it becomes, check, words of value, line
MISBEHAVING = [
    ("edition.yaml", "A, from_points: 95", "A, from_points: 99.5", no_minor_event_changes_a_grade, "99", "uncivil"),
    ("3_civil_conduct.yaml", "points: -1}", "points: -6}", no_minor_event_changes_a_grade, "95", None),
    ("2_keeping_promises.yaml", "points: 4,", "points: 3,", nobody_is_shut_out, "bedridden_elder 132", "grade: AAA"),
    ("5_village_life.yaml", "cap: 8", "cap: 3", nobody_is_shut_out, "newcomer 119", "grade: AA,"),
    ("edition.yaml", "AA, from_points: 120", "AA, from_points: 130", nobody_is_shut_out, "seafarer 124", "grade: AA,"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "check", "value", "line"), MISBEHAVING)
def test_an_edition_that_misbehaves_is_named(
    file: str, old: str, new: str, check: Any, value: str, line: str | None
) -> None:
    files = edition_files(RULEBOOKS / "2026-01")
    assert files[file].count(old.encode()) >= 1
    files[file] = files[file].replace(old.encode(), new.encode(), 1)
    report = check_edition(files)
    found = [finding for finding in report.findings if finding.check == check.__name__ and value in finding.value]
    if line is None:  # the cap of -5 holds it: at 95 the grade is still A
        assert not found
        return
    assert found
    assert not report.sound
    assert line in files[found[0].file].decode().splitlines()[found[0].line - 1]
    assert found[0].remedy


def test_a_deduction_that_outlives_the_law_is_named() -> None:
    lasting = with_edition(load_rulebook("2026-01"), negative_limit_months=72)
    found = list(nothing_outlives_its_time(behaviour(lasting, archetypes()), yardstick().law))
    assert [complaint.value for _, complaint in found] == ["72"]  # the listing of debtors, which has no months
    assert found[0][0] == 1


def test_an_edition_with_errors_is_not_run() -> None:
    files = edition_files(RULEBOOKS / "2026-01")
    files["edition.yaml"] = files["edition.yaml"].replace(b"adult_years: 18", b"adult_years: 16")
    report = check_edition(files)
    assert report.behaviour is None
    assert not report.sound


def test_every_check_of_behaviour_is_tried_above() -> None:
    tried = {row[3] for row in MISBEHAVING} | {nothing_outlives_its_time}
    assert set(BEHAVIOUR_CHECKS) == tried


def everybody_once(rulebook: Rulebook, times: tuple[int, ...]) -> WrittenHistory:
    """One person for each rule and number of times, who did nothing else: month after month from January 2025 on."""
    history = WrittenHistory(Writing.of(rulebook))
    for number, (rule, count) in enumerate(product([rule for _, rule in rulebook.rules], times), 1):
        history.person(number)
        columns: dict[str, Any] = {"person_id": number, "quantity_milli": 2000}
        columns |= {"level": rule.levels[0]} if rule.levels else {}
        for month in range(count):
            day = months_after(dt.date(2025, 1, 31), month)
            due = {"ends_on": day} if rule.event_type == "hazard_overdue" else {}
            history.event(rule.event_type, day, **columns, **due)
    return history


def test_the_second_edition_takes_from_nobody_but_where_it_says_so() -> None:
    times = (1, 2, 3, 5, 12)
    books = [load_rulebook("2026-01"), load_rulebook("2027-01")]
    folded = [fold(book, everybody_once(book, times).frames(), FAR) for book in books]
    names = [rule.rule for _, rule in books[1].rules for _ in times]
    most: dict[str, int] = {}
    for day in (dt.date(2025, 1, 31) + dt.timedelta(days=number) for number in range(0, 1900, 3)):
        before, after = (evaluated(each, day).persons.index_milli for each in folded)
        for number in np.flatnonzero(after < before):
            most[names[number]] = max(most.get(names[number], 0), int(before[number] - after[number]))
    # A hazard nobody mends stops counting a week later, because it began a week later.
    assert set(most) == {"hygiene_inspection", "hazard_overdue"}
    assert most["hygiene_inspection"] == 2000


def test_a_hazard_nobody_mends_weighs_as_many_days_under_both_editions() -> None:
    days = []
    for edition in ("2026-01", "2027-01"):
        folded = fold(load_rulebook(edition), everybody_once(load_rulebook(edition), (1,)).frames(), FAR)
        person = [rule.rule for _, rule in load_rulebook(edition).rules].index("hazard_overdue")
        points = [
            100_000 - int(evaluated(folded, dt.date(2025, 1, 31) + dt.timedelta(days=each)).persons.index_milli[person])
            for each in range(600)
        ]
        days.append([value for value in points if value])
    assert days[0] == days[1]


def test_no_number_of_hours_earns_less_than_before() -> None:
    bands = [
        indicator.combine.bands
        for edition in ("2026-01", "2027-01")
        for _, indicator in load_rulebook(edition).indicators
        if isinstance(indicator.combine, Concave)
    ]
    for hours in range(400):
        before, after = (min(worth_of(each, hours * 1000), 20_000) for each in bands)
        assert after >= before, hours
