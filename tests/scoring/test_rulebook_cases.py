"""Runs the cases the owners of the rules wrote: `tests/rulebook_cases/*.yaml`.

A case is a short history and tables of days, all about person 1: `index` gives the civility index of each day, `grade`
the grade, `rows` the points of an indicator or of adjusting rows (`indicator_cap`, `dimension_cap`, `overall_clip`).
An event may be repeated: `repeat: {times: 8, months: 3}`.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from scoring import Evaluation, Rulebook, date_of, day_number
from scoring.dated import add_months

CASES = Path(__file__).parent.parent / "rulebook_cases"
SHORT = {"day": "occurred_on", "person": "person_id", "entity": "entity_id", "household": "household_id"}
SHORT |= {"due": "ends_on", "about": "about_event_id", "id": "event_id", "document": "document_class"}


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{path.stem}: {case['case']}")


def _occasions(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    repeat = event.pop("repeat", {"times": 1, "months": 0})
    start = np.array([day_number(event["day"])], np.int32)
    for number in range(repeat["times"]):
        on = date_of(int(add_months(start, number * repeat["months"])[0]))
        yield event | {"day": on}


def _columns(event: dict[str, Any]) -> dict[str, Any]:
    columns = {SHORT.get(name, name): value for name, value in event.items()}
    if "quantity" in columns:
        columns["quantity_milli"] = round(columns.pop("quantity") * 1000)
    return columns


def _written(case: dict[str, Any], new_history: Any) -> Any:
    history = new_history()
    for person in case.get("persons", [{}]):
        history.person(**person)
    for row in case.get("consents", []):
        history.consent(**row)
    for row in case.get("members", []):
        history.member(**row)
    for row in case.get("represents", []):
        history.represents(**row)
    for event in case.get("events", []):
        for occasion in _occasions(dict(event)):
            columns = _columns(occasion)
            history.event(columns.pop("type"), columns.pop("occurred_on"), **columns)
    return history


def _row_points(evaluation: Evaluation, name: str) -> int:
    ledger = evaluation.ledger
    chosen = ledger.kind.equals(name) if "_" in name or name == "rounding" else ledger.indicator.equals(name)
    return int(ledger.points_milli[chosen & (ledger.person_id == 1)].sum())


def _answer(evaluation: Evaluation) -> tuple[float | None, str | None]:
    if 1 not in evaluation.persons.person_id:
        return None, None
    row = int(np.flatnonzero(evaluation.persons.person_id == 1)[0])
    grade = evaluation.persons.grade
    return int(evaluation.persons.index_milli[row]) / 1000, grade.names[grade.codes[row]]


@pytest.mark.parametrize("case", list(_cases()))
def test_the_edition_answers_as_its_owners_wrote(case: dict[str, Any], rulebook: Rulebook, new_history: Any) -> None:
    history = _written(case, new_history)
    assert case.get("index") or case.get("grade") or case.get("rows"), "a case that expects nothing proves nothing"
    for day, expected in case.get("index", {}).items():
        assert _answer(history.on(day, rulebook))[0] == expected, f"index on {day}"
    for day, expected in case.get("grade", {}).items():
        assert _answer(history.on(day, rulebook))[1] == expected, f"grade on {day}"
    for day, rows in case.get("rows", {}).items():
        evaluation = history.on(day, rulebook)
        found = {name: _row_points(evaluation, name) / 1000 for name in rows}
        assert found == rows, f"rows on {day}"


def test_every_indicator_has_a_case(rulebook: Rulebook) -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in CASES.glob("*.yaml"))
    kinds = {rule.event_type: indicator.indicator for indicator, rule in rulebook.rules}
    assert {kind for kind in kinds if f"type: {kind}," not in written} == set()
    assert all(isinstance(day, dt.date) for case in _cases() for day in case.values[0].get("index", {}))
