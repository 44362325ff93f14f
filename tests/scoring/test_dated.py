"""Days, months clamped to their end, half-open periods."""

import datetime as dt

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from scoring import NO_DAY, date_of, day_number
from scoring.dated import add_months, live_on, month_number, quarter_number

any_day = st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31))


def moved(day: dt.date, months: int) -> dt.date | None:
    return date_of(int(add_months(np.array([day_number(day)], np.int32), months)[0]))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2025, 11, 30), 3, dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2024, 2, 29), 48, dt.date(2028, 2, 29)),
        (dt.date(2025, 5, 31), -3, dt.date(2025, 2, 28)),
        (dt.date(2025, 12, 31), 0, dt.date(2025, 12, 31)),
        (dt.date(1969, 12, 31), 2, dt.date(1970, 2, 28)),
    ],
)
def test_months_clamp_to_the_last_day(day: dt.date, months: int, expected: dt.date) -> None:
    assert moved(day, months) == expected


@given(any_day, st.integers(-60, 600))
def test_a_moved_day_lies_in_the_target_month_and_never_later_in_it(day: dt.date, months: int) -> None:
    target = moved(day, months)
    assert target is not None
    assert (target.year * 12 + target.month) - (day.year * 12 + day.month) == months
    assert target.day <= day.day
    if target.day < day.day:
        assert (target + dt.timedelta(1)).day == 1


def test_no_day_stays_no_day() -> None:
    assert add_months(np.array([NO_DAY], np.int32), 12).tolist() == [NO_DAY]
    assert date_of(NO_DAY) is None


def test_a_period_holds_its_first_day_and_not_its_last() -> None:
    first, last = np.array([10], np.int32), np.array([12], np.int32)
    assert [bool(live_on(day, first, last)[0]) for day in (9, 10, 11, 12)] == [False, True, True, False]


def test_quarters_turn_where_months_do() -> None:
    days = np.array([day_number(dt.date(2025, month, 1)) for month in range(1, 13)], np.int32)
    assert len(set(month_number(days).tolist())) == 12
    assert np.diff(quarter_number(days)).tolist() == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]
