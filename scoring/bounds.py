"""The highest and lowest civility index an edition lets anybody reach, by interval arithmetic over caps and bounds.

Exact under one assumption: an award counts from the day of the deed (a decision may come years after the deed). Then
how many quarters, months or days a validity holds at once depends only on the day one looks from, so all days of a
four-year cycle are looked from. `extremes` writes histories that really reach both ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Codes, Days, Whole
from scoring.dated import add_months, day_number, month_number, quarter_number
from scoring.rulebook import (
    MILLI,
    Band,
    Concave,
    ConvertedPoints,
    Dimension,
    Edition,
    EscalatingPoints,
    FixedPoints,
    Indicator,
    Method,
    OrdinalPoints,
    PointsPerUnit,
    Quantity,
    Rule,
    StreakPoints,
    Strongest,
)

UNLIMITED: Final = 10**12
"""Stands for 'as much as one likes': beyond every cap and bound."""

CYCLE: Final = np.arange(day_number(dt.date(2024, 3, 1)), day_number(dt.date(2028, 3, 1)), dtype=np.int32)
"""The days one may look from: four years hold every pattern of month ends and leap days."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far something can go, in thousandths, and a day on which it can."""

    lowest_milli: int
    lowest_on: dt.date
    highest_milli: int
    highest_on: dt.date


def reachable_index(edition: Edition, dimensions: Sequence[Dimension]) -> Reach:
    """The ends of the civility index, after dimension bounds, the overall clip and rounding."""
    sums = np.array([dimension_reach(dimension) for dimension in dimensions]).sum(axis=0) + edition.base_milli
    clipped = np.clip(sums, edition.lowest_milli, edition.highest_milli)
    lowest, highest = int(np.argmin(clipped[0])), int(np.argmax(clipped[1]))
    return Reach(
        lowest_milli=_to_step(int(clipped[0, lowest]), edition.rounding_milli),
        lowest_on=_date(lowest),
        highest_milli=_to_step(int(clipped[1, highest]), edition.rounding_milli),
        highest_on=_date(highest),
    )


def _date(place: int) -> dt.date:
    return dt.date(2024, 3, 1) + dt.timedelta(days=place)


def dimension_reach(dimension: Dimension) -> Whole:
    """Lowest and highest sum of a dimension on every day of the cycle, within its bounds: int64 [2, days]."""
    return np.clip(unbounded_reach(dimension), dimension.lowest_milli, dimension.highest_milli)


def unbounded_reach(dimension: Dimension) -> Whole:
    """The same before the dimension's bounds."""
    sums = np.zeros((2, len(CYCLE)), np.int64)
    for indicator in dimension.indicators:
        sums[0 if indicator.direction == "deduction" else 1] += capped_magnitude(indicator) * _sign(indicator)
    return sums


def _sign(indicator: Indicator) -> int:
    return -1 if indicator.direction == "deduction" else 1


def capped_magnitude(indicator: Indicator) -> Whole:
    """How far from zero the indicator's sum can go on every day of the cycle: int64 [days]."""
    cap = UNLIMITED if indicator.cap_milli is None else abs(indicator.cap_milli)
    return np.minimum(magnitude(indicator), cap)


def magnitude(indicator: Indicator) -> Whole:
    """The same without the cap."""
    if isinstance(indicator.combine, Concave):
        return _concave(indicator, indicator.combine.bands)
    if isinstance(indicator.combine, Strongest) and indicator.combine.within == "indicator":
        return np.full(len(CYCLE), max(largest_row(rule.method) for rule in indicator.rules), np.int64)
    if isinstance(indicator.combine, Strongest) and indicator.direction == "award":
        return _strongest(indicator, quarter_number if indicator.combine.within == "quarter" else month_number)
    anything = any(largest_row(rule.method) for rule in indicator.rules)  # deeds may be many, even on one day
    return np.full(len(CYCLE), UNLIMITED if anything else 0, np.int64)


def largest_row(method: Method) -> int:
    """The largest magnitude one ledger row of the method can have, in thousandths (a quantity: of the quantity)."""
    match method:
        case FixedPoints() | StreakPoints():
            return abs(method.points_milli)
        case PointsPerUnit():
            return (2 * abs(method.points_milli) * max(method.quantity_max_milli, 0) + MILLI) // (2 * MILLI)
        case OrdinalPoints():
            return max(map(abs, method.ladder_milli))
        case EscalatingPoints():
            return max(abs(method.first_milli), abs(method.then_milli) if method.steps > 1 else 0)
        case ConvertedPoints():
            return UNLIMITED
        case Quantity():
            return method.daily_limit_milli


def _strongest(indicator: Indicator, number: Callable[[Days], Codes]) -> Whole:
    """Each group takes its largest row; a rule serves as many groups as its validity touches."""
    served = [(largest_row(rule.method), groups_at_once(rule, number)) for rule in indicator.rules]
    total, before = np.zeros(len(CYCLE), np.int64), np.zeros(len(CYCLE), np.int64)
    for value, groups in sorted(served, key=lambda each: -each[0]):  # the dearest rule takes its groups first
        total = np.minimum(total + value * np.maximum(groups - before, 0), UNLIMITED)
        before = np.maximum(before, groups)
    return total


def groups_at_once(rule: Rule, number: Callable[[Days], Codes]) -> Whole:
    """How many quarters or months the live deeds of a rule can lie in, on every day of the cycle."""
    if rule.validity_months is None:
        return np.full(len(CYCLE), UNLIMITED, np.int64)
    return np.asarray(number(CYCLE) - number(earliest_live(rule.validity_months)) + 1, np.int64)


def earliest_live(validity_months: int) -> Days:
    """The first day whose deed still counts on each day of the cycle."""
    days = np.arange(CYCLE[0] - 31 * (validity_months + 1), CYCLE[-1] + 1, dtype=np.int32)
    expires = add_months(days, validity_months)
    return days[np.searchsorted(expires, CYCLE, "right")]


def _concave(indicator: Indicator, bands: Sequence[Band]) -> Whole:
    quantity = np.zeros(len(CYCLE), np.int64)
    for rule in indicator.rules:
        if rule.validity_months is None:
            return np.full(len(CYCLE), worth_of(bands, UNLIMITED), np.int64)
        quantity += largest_row(rule.method) * (CYCLE - earliest_live(rule.validity_months) + 1)
    sums, place = np.unique(quantity, return_inverse=True)
    return np.array([worth_of(bands, int(each)) for each in sums], np.int64)[place]


def worth_of(bands: Sequence[Band], quantity_milli: int) -> int:
    """Points of a summed quantity, both in thousandths."""
    worth, begins = 0, 0
    for band in bands:
        ends = quantity_milli if band.upto_milli is None else min(quantity_milli, band.upto_milli)
        worth += max(ends - begins, 0) * band.points_per_unit_milli
        begins = max(begins, ends)
    return min((2 * worth + MILLI) // (2 * MILLI), UNLIMITED)


def _to_step(value: int, step: int) -> int:
    """To a multiple of the step, halves away from zero."""
    nearest = (2 * abs(value) + step) // (2 * step) * step
    return nearest if value >= 0 else -nearest
