"""What the district can say of fair grades: who had twelve months to earn one, and what their grades are worth."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, Table, insert

from loan_service.district.store import tables
from loan_service.district.views.grade_fairness import GradeFairness, Promise, grade_fairness
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
PERSONS = 120
PROMISES = {"A": Promise(10, 0), "AA": Promise(30, 200), "AAA": Promise(60, 400)}
LONG_AGO = date(2022, 1, 1)
Fill = Callable[..., None]


def fair(wing: Wing, day: date = DAY) -> GradeFairness:
    with transaction(wing.engine) as connection:
        return grade_fairness(connection, PROMISES, day)


def group(told: GradeFairness, grouping: str, name: str) -> Any:
    found = {one.group: one for each in told.compared.groupings if each.grouping == grouping for one in each.groups}
    return found.get(name)


@pytest.fixture
def fill(district: Wing) -> Fill:
    """120 persons, women where the number is odd, each two adults to a home; grades and acts as told."""

    def put(
        grade: Callable[[int], str] = lambda _: "A",
        acts: Callable[[int], list[tuple[str, date]]] = lambda _: [("given", LONG_AGO)],
        home: Callable[[int], int] = lambda number: number // 2,
        minors: int = 0,
    ) -> None:
        numbers, children = range(1, PERSONS + 1), range(1001, 1001 + minors)
        homes = {number: home(number) for number in numbers} | {number: home(number - 1000) for number in children}
        rows: dict[Table, list[dict[str, Any]]] = {
            tables.source_files: [{"file_id": 1, "source_code": "resident_register", "sha256": "0" * 64}],
            tables.persons: [
                *(_person(number) for number in numbers),
                *(_person(number) | {"birth_on": DAY.replace(year=2008) + timedelta(days=1)} for number in children),
            ],
            tables.memberships: [
                {
                    "household_id": 1 + place,
                    "person_id": number,
                    "from_on": date(2000, 1, 1),
                    "file_id": 1,
                    "village_code": f"V{1 + place % 20:03d}",
                }
                for number, place in homes.items()
            ],
            tables.consent_acts: [
                _act(100 * number + place, number, *told)
                for number in numbers
                for place, told in enumerate(acts(number))
            ],
            tables.civility_indices: [
                {"person_id": number, "as_of": LONG_AGO, "edition": "2026-01", "grade": grade(number)}
                for number in numbers
            ],
        }
        with transaction(district.engine) as connection:
            for table, some in rows.items():
                connection.execute(insert(table), [_with_the_rest(table, row) for row in some])

    return put


def _person(number: int) -> dict[str, Any]:
    return {
        "person_id": number,
        "birth_on": date(1970 + number % 20, 3, 1),
        "sex": ("male", "female")[number % 2],
        "registered_from": date(2000, 1, 1),
    }


def _act(act_id: int, person_id: int, act: str, on: date) -> dict[str, Any]:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    told = {"act": act, "purpose": "enrolment", "acted_at": at, "acted_on": on}
    return {"act_id": act_id, "person_id": person_id, **told}


def _with_the_rest(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Columns a table demands and no figure reads get the emptiest value of their type."""
    demanded = [one for one in table.columns if not one.nullable and one.server_default is None and one.name not in row]
    return {one.name: _emptiest(one) for one in demanded} | row


def _emptiest(column: Column[Any]) -> Any:
    kind = column.type.python_type
    return {date: DAY, datetime: datetime(2026, 6, 15, tzinfo=ZoneInfo("Asia/Shanghai"))}.get(kind) or kind()


def test_equal_grades_pass_and_no_line_of_work_is_known(district: Wing, fill: Fill) -> None:
    fill()
    told = fair(district)
    assert (told.persons, told.gate.outcome) == (PERSONS, "passed")
    assert [one.grouping for one in told.compared.groupings] == ["sex", "age", "village", "one_adult", "newcomer"]


def test_grades_count_by_what_they_are_worth(district: Wing, fill: Fill) -> None:
    """Men AA, women B: 30 basis points and 20 points of bonus against nothing."""
    fill(lambda number: "B" if number % 2 else "AA")
    female = group(fair(district), "sex", "female")
    assert [one.gap.gap for one in female.measured] == [pytest.approx(-30.0), pytest.approx(-20.0)]
    assert female.verdict == "failed"


def test_only_who_has_been_enrolled_for_twelve_months_is_looked_at(district: Wing, fill: Fill) -> None:
    fill(acts=lambda number: [("given", DAY.replace(year=2025) + timedelta(days=number % 2))])
    assert fair(district).persons == PERSONS // 2


def test_a_withdrawal_starts_the_twelve_months_again(district: Wing, fill: Fill) -> None:
    again = [("given", LONG_AGO), ("withdrawn", date(2025, 1, 1)), ("given", date(2026, 1, 1))]
    fill(acts=lambda number: again if number % 2 else [("given", LONG_AGO), ("given", date(2026, 1, 1))])
    assert fair(district).persons == PERSONS // 2


def test_one_adult_homes_are_counted_among_adults_of_the_day(district: Wing, fill: Fill) -> None:
    """Persons 1 to 30 live alone or with a child who comes of age tomorrow."""
    fill(home=lambda number: number if number <= 30 else 100 + number % 10, minors=15)
    assert group(fair(district), "one_adult", "one_adult").households == 30


def test_fewer_than_ten_persons_are_not_shown(district: Wing, fill: Fill) -> None:
    fill(home=lambda number: number if number <= 9 else 100 + number % 10)
    assert group(fair(district), "one_adult", "one_adult") is None


def test_a_district_without_indices_decides_nothing(district: Wing) -> None:
    told = fair(district)
    assert (told.persons, told.gate.outcome) == (0, "undecided")
