"""Days as int32 since 1970-01-01, half-open periods, and calendar months that clamp to the month's end."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np

from scoring.columns import AnyInts, Codes, Days, Mask

NO_DAY: Final = int(np.iinfo(np.int32).max)
"""Stands for 'no such day'; as the end of a period it means open."""

_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> dt.date | None:
    """The calendar date of a day number, None for `NO_DAY`."""
    return None if day == NO_DAY else dt.date.fromordinal(int(day) + _EPOCH_ORDINAL)


def add_months(days: Days, months: int | AnyInts) -> Days:
    """Moves each day by whole calendar months; a day the target month lacks becomes its last day.

    Args:
        days: int32 [n]; `NO_DAY` stays `NO_DAY`.
        months: one number or int [n]; negative goes back.

    Returns:
        int32 [n]. 2024-02-29 plus 12 months is 2025-02-28; 2025-11-30 plus 3 months is 2026-02-28.
    """
    known = days != NO_DAY
    calendar = np.where(known, days, 0).astype("datetime64[D]")
    month = calendar.astype("datetime64[M]")
    day_of_month = (calendar - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months).astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - 1
    return np.where(known, np.minimum(first + day_of_month, last), NO_DAY).astype(np.int32)


def month_number(days: Days) -> Codes:
    """Calendar months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)


def quarter_number(days: Days) -> Codes:
    """Calendar quarters since the first of 1970."""
    return np.asarray(month_number(days) // 3, dtype=np.int32)


def live_on(day: int | Days, from_on: Days, until_on: Days) -> Mask:
    """True where the half-open period `[from_on, until_on)` holds the day, or each row's own day."""
    return np.asarray((from_on <= day) & (day < until_on))
