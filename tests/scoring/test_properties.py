"""Promises to a citizen that hold for any history, shown on random ones."""

import datetime as dt
import os
import random
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import HealthCheck, given, settings

from scoring import EVENT_TYPES, Evaluation, Folded, Persons, Rulebook, day_number, evaluate, evaluated, fold
from scoring.standing import Standing, rolled, standing

AS_OF = dt.date(2025, 6, 15)
GOOD = {
    "civil_honour": ["district", "nation", "family_city"],
    "bravery": ["district", "province"],
    "clean_quarter": ["water"],
    "volunteering": [""],
    "hygiene_inspection": [""],
    "compact_review": [""],
    "mutual_aid": [""],
    "neighborhood_points": [""],
    "deliberation": [""],
    "safety_course_completed": [""],
}
BAD = {
    "ebike_violation": [""],
    "administrative_penalty": ["general", "serious"],
    "maritime_violation": ["general", "serious"],
    "uncivil_conduct": [""],
    "hazard_overdue": [""],
    "commitment_broken": ["unfulfilled", "false"],
    "malicious_ring": ["organiser", "defaulter"],
    "debtor_listed": [""],
    "false_litigation": [""],
    "breached_quarter": ["water"],
}
OTHER = {"restoration": [""], "hazard_fixed": [""], "neighborhood_conversion": ["V001"]}
OTHER |= {"appeal_opened": ["", "not_representative"], "appeal_closed": [""]}
POINTING = {"restoration", "hazard_fixed", "appeal_opened", "appeal_closed"}
SHARED = {"hygiene_inspection", "compact_review"}

TIMES = int(os.environ.get("HAIXIA_THOROUGH", "1"))
modest = settings(max_examples=60 * TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def deeds(draw: st.DrawFn, kinds: dict[str, list[str]]) -> tuple[str, dt.date, dict[str, Any]]:
    kind = draw(st.sampled_from(sorted(kinds)))
    on = AS_OF - dt.timedelta(draw(st.one_of(st.integers(0, 100), st.integers(0, 1200))))
    columns: dict[str, Any] = {
        "level": draw(st.sampled_from(kinds[kind])),
        "quantity_milli": draw(st.sampled_from([500, 2000, 8000, 90_000])),
        "counts_from": on + dt.timedelta(draw(st.sampled_from([0, 30]) if kind in BAD else st.just(0))),
        "ends_on": on + dt.timedelta(draw(st.integers(0, 40))),
        "about_event_id": draw(st.integers(1, 12)) if kind in POINTING else 0,
    }
    if kind in SHARED:
        columns["household_id"] = 7
    elif kind in {"administrative_penalty", "maritime_violation", "hazard_overdue"} and draw(st.booleans()):
        columns["entity_id"] = 50
    return kind, on, columns


many = st.lists(deeds(GOOD | BAD | OTHER), max_size=14)


def written(new_history: Any, rows: list[tuple[str, dt.date, dict[str, Any]]]) -> Any:
    history = new_history().person().member(7, 1).represents(50, 1)
    for kind, on, columns in rows:
        history.event(kind, on, **columns)
    return history


def same(one: Evaluation, other: Evaluation) -> bool:
    return bool(
        one.persons.to_arrow().equals(other.persons.to_arrow())
        and one.ledger.to_arrow().equals(other.ledger.to_arrow())
    )


@modest
@given(many)
def test_base_plus_ledger_is_the_index(rulebook: Rulebook, new_history: Any, rows: Any) -> None:
    evaluation = written(new_history, rows).on(AS_OF, rulebook)
    total = evaluation.base_milli + int(evaluation.ledger.points_milli.sum())
    assert evaluation.persons.index_milli.tolist() == [total]
    assert total % 100 == 0
    assert 0 <= total <= 200_000
    assert evaluation.ledger.sequence.tolist() == list(range(1, len(evaluation.ledger) + 1))


@modest
@given(many, deeds(GOOD))
def test_a_good_deed_never_lowers_an_index(
    rulebook: Rulebook, new_history: Any, points: Any, rows: Any, deed: Any
) -> None:
    without = points(written(new_history, rows).on(AS_OF, rulebook))
    assert points(written(new_history, [*rows, deed]).on(AS_OF, rulebook)) >= without


@modest
@given(many, deeds(BAD))
def test_taking_a_bad_deed_away_never_lowers_an_index(
    rulebook: Rulebook, new_history: Any, points: Any, rows: Any, deed: Any
) -> None:
    with_it = written(new_history, [*rows, deed])
    number = len(with_it.events)
    with_it.event("revocation", AS_OF, about_event_id=number, position=2)
    for event in with_it.events[:-1]:
        event["position"] = 1
    assert points(with_it.on(AS_OF, rulebook, known_position=2)) >= points(
        with_it.on(AS_OF, rulebook, known_position=1)
    )


@modest
@given(many, st.integers(1, 14), st.sampled_from(["", "not_representative"]))
def test_opening_an_appeal_never_lowers_an_index(
    rulebook: Rulebook, new_history: Any, points: Any, rows: Any, about: int, ground: str
) -> None:
    history = written(new_history, rows)
    without = points(history.on(AS_OF, rulebook))
    history.event("appeal_opened", AS_OF, about_event_id=about, level=ground)
    appealed = history.on(AS_OF, rulebook)
    assert points(appealed) >= without
    suspended = appealed.ledger.kind.equals("suspended")
    assert (appealed.ledger.points_milli[suspended] == 0).all()


@modest
@given(deeds(BAD), st.integers(0, 900), st.integers(0, 60))
def test_a_restoration_and_an_answered_appeal_work_on_their_very_day(
    rulebook: Rulebook, new_history: Any, points: Any, deed: Any, later: int, open_for: int
) -> None:
    kind, on, columns = deed
    day, one = on + dt.timedelta(later), dt.timedelta(1)
    plain = written(new_history, [(kind, on, columns)])
    repaired = written(new_history, [(kind, on, columns)]).event("restoration", day, about_event_id=1)
    appealed = written(new_history, [(kind, on, columns)]).event("appeal_opened", day, about_event_id=1)
    closed = day + dt.timedelta(open_for)
    appealed.event("appeal_closed", closed, about_event_id=2)
    assert points(repaired.on(day - one, rulebook)) == points(plain.on(day - one, rulebook))
    assert points(repaired.on(day, rulebook)) == 100_000
    assert points(appealed.on(closed, rulebook)) == points(plain.on(closed, rulebook))
    if open_for:
        assert points(appealed.on(closed - one, rulebook)) == 100_000


@modest
@given(deeds(BAD), deeds(GOOD))
def test_what_comes_through_an_entity_comes_once_to_one_person(
    rulebook: Rulebook, new_history: Any, bad: Any, good: Any
) -> None:
    history = new_history().person(1).person(2).represents(50, 1, until_on=AS_OF).represents(50, 2, from_on=AS_OF)
    for kind, on, columns in (bad, good):
        if "household_id" not in columns:
            history.event(kind, on, **(columns | {"entity_id": 50}))
    ledger = history.on(AS_OF, rulebook).ledger
    rows = ledger.take(ledger.through_entity_id != 0)
    assert set(rows.person_id.tolist()) <= {1, 2}
    for event_id in set(rows.event_id.tolist()):
        assert len(set(rows.person_id[rows.event_id == event_id].tolist())) == 1


@modest
@given(many)
def test_a_correction_leaves_what_the_record_alone_would_under_its_new_number(
    rulebook: Rulebook, new_history: Any, points: Any, rows: Any
) -> None:
    for number, (kind, on, columns) in enumerate(rows, 1):
        if kind not in POINTING:
            corrected, alone = written(new_history, rows), written(new_history, rows)
            new = {"event_id": number + 1000, "position": 99}
            corrected.event(kind, on, **(columns | new | {"about_event_id": number}))
            alone.events[number - 1] |= new
            for event in alone.events:
                if event["about_event_id"] == number:
                    event["about_event_id"] = number + 1000
            assert points(corrected.on(AS_OF, rulebook)) == points(alone.on(AS_OF, rulebook))


@modest
@given(many, st.lists(st.integers(0, 200), max_size=4))
def test_one_fold_answers_every_day_and_any_part_of_the_persons(
    rulebook: Rulebook, new_history: Any, rows: Any, steps: list[int]
) -> None:
    history = written(new_history, rows)
    history.person(2).member(7, 2).person(3, enrolled_until=AS_OF + dt.timedelta(150))
    history.consent(3, "volunteering", AS_OF, AS_OF + dt.timedelta(50))
    frames = history.frames()
    folded = fold(rulebook, frames, 99)
    now = everybody(folded, AS_OF)
    for step in np.cumsum(steps).tolist():
        day = AS_OF + dt.timedelta(step)
        assert same(evaluated(folded, day), evaluate(rulebook, frames, day, 99))
        assert same(evaluated(folded, day, np.array([2])), evaluated(folded.part(np.array([2, 77])), day))
        now, _ = rolled(folded.columns, folded.rules, folded.gate(day_number(day)), day_number(day), now)
        assert all((one == other).all() for one, other in zip(now, everybody(folded, day), strict=True))


def everybody(folded: Folded, day: dt.date) -> Standing:
    return standing(folded.columns, folded.rules, folded.gate(day_number(day)), day_number(day))


@modest
@given(many, st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing(rulebook: Rulebook, new_history: Any, rows: Any, seed: int) -> None:
    history = written(new_history, rows)
    history.person(2).member(7, 2).person(3)

    def shuffled(table: list[Any]) -> list[Any]:
        return random.Random(seed).sample(table, len(table))

    assert same(
        evaluate(rulebook, history.frames(), AS_OF, 99), evaluate(rulebook, history.frames(shuffled), AS_OF, 99)
    )


@modest
@given(many)
def test_a_part_of_the_persons_gets_the_rows_all_of_them_get(rulebook: Rulebook, new_history: Any, rows: Any) -> None:
    history = written(new_history, rows)
    history.person(2).member(7, 2).event("volunteering", AS_OF, person_id=2, quantity_milli=3000)
    whole = history.on(AS_OF, rulebook)
    frames = history.frames()
    alone = evaluate(rulebook, _with_persons(frames, frames.persons.take(np.array([1]))), AS_OF, 99)
    rows_of_two = whole.ledger.take(whole.ledger.person_id == 2)
    assert alone.ledger.to_arrow().equals(rows_of_two.to_arrow())
    assert alone.persons.to_arrow().equals(whole.persons.take(np.array([1])).to_arrow())


def _with_persons(frames: Any, persons: Persons) -> Any:
    return type(frames)(frames.events, persons, frames.memberships, frames.representatives, frames.source_consents)


@modest
@given(many, many)
def test_a_known_position_answers_as_it_did_then(rulebook: Rulebook, new_history: Any, rows: Any, later: Any) -> None:
    then = written(new_history, rows)
    now = written(new_history, [*rows, *later])
    assert same(then.on(AS_OF, rulebook), now.on(AS_OF, rulebook, known_position=len(rows)))


@modest
@given(many)
def test_nothing_changes_before_the_next_change_day(rulebook: Rulebook, new_history: Any, rows: Any) -> None:
    history = written(new_history, rows)
    today = history.on(AS_OF, rulebook)
    change = int(today.persons.next_change_on[0]) - int(np.datetime64(AS_OF, "D").astype(int))
    for ahead in {1, min(change, 900) - 1}:
        if 0 < ahead < change:
            assert same(today, history.on(AS_OF + dt.timedelta(ahead), rulebook))


@modest
@given(many)
def test_another_persons_deeds_move_nothing(rulebook: Rulebook, new_history: Any, rows: Any) -> None:
    history = written(new_history, [])
    alone = history.on(AS_OF, rulebook)
    history.person(2).member(8, 2).represents(51, 2)
    for kind, on, columns in rows:
        elsewhere = {"household_id": 8} if "household_id" in columns else {"person_id": 2}
        if "entity_id" in columns:
            elsewhere = {"entity_id": 51}
        history.event(kind, on, **(columns | elsewhere))
    whole = history.on(AS_OF, rulebook)
    assert whole.persons.take(np.array([0])).to_arrow().equals(alone.persons.to_arrow())


def test_every_kind_of_event_is_good_bad_or_neither(rulebook: Rulebook) -> None:
    listed = {*GOOD, *BAD, *OTHER}
    rest = {"patrol", "grid_help", "revocation", "commitment_fulfilled", "debtor_delisted"}
    assert listed | rest == EVENT_TYPES
    assert {rule.event_type for indicator, rule in rulebook.rules if indicator.direction == "deduction"} <= {*BAD}
