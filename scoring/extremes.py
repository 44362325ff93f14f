"""Histories that really reach the ends `bounds` computes: for every indicator enough events of its dearest rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scoring.bounds import UNLIMITED, largest_row
from scoring.rulebook import (
    MILLI,
    ConvertedPoints,
    Dimension,
    EscalatingPoints,
    Indicator,
    OrdinalPoints,
    PointsPerUnit,
    Quantity,
    Rule,
    Rulebook,
    Strongest,
)
from scoring.written_history import LONG_AGO, Writing, WrittenHistory, months_after


@dataclass(frozen=True, slots=True)
class _Wish:
    """How far an indicator shall go, by which day."""

    on: dt.date
    span_milli: int


def extreme_history(rulebook: Rulebook, direction: str, on: dt.date) -> WrittenHistory:
    """The history of person 1 whose index on that day is as low (direction 'deduction') or high ('award') as can be."""
    history = WrittenHistory(Writing.of(rulebook)).person(birth_on=months_after(LONG_AGO, -1200))
    for dimension, indicator in rulebook.indicators:
        if indicator.direction == direction:
            wish = _Wish(on, _span(dimension, indicator))
            for day, rule, columns in _events(indicator, wish):
                level = {"level": rule.levels[0]} if rule.levels else {}
                history.event(rule.event_type, day, **level, **columns)
    return history


def _span(dimension: Dimension, indicator: Indicator) -> int:
    """Nothing beyond the cap, or from one bound of the dimension to the other, can still matter."""
    bound = dimension.highest_milli - dimension.lowest_milli
    return bound if indicator.cap_milli is None else min(bound, abs(indicator.cap_milli))


def _events(indicator: Indicator, wish: _Wish) -> Iterator[tuple[dt.date, Rule, dict[str, Any]]]:
    if indicator.combine.kind == "concave":
        for rule in indicator.rules:
            yield from _hours(rule, wish)
        return
    rules = sorted(indicator.rules, key=lambda rule: -largest_row(rule.method))
    if not isinstance(indicator.combine, Strongest):
        yield from _many(rules[0], wish)
    elif indicator.combine.within == "indicator":
        yield from _many(rules[0], _Wish(wish.on, 1))
    else:
        for rule in rules:
            yield from _one_per_group(rule, wish, 3 if indicator.combine.within == "quarter" else 1)


def _many(rule: Rule, wish: _Wish) -> Iterator[tuple[dt.date, Rule, dict[str, Any]]]:
    """As many deeds on the day itself as it takes; a ladder is climbed first."""
    value = largest_row(rule.method)
    climb = len(rule.method.ladder_milli) if isinstance(rule.method, OrdinalPoints) else 0
    for _ in range(climb + -(-wish.span_milli // value) if value else 0):
        yield _day_of(rule, wish.on), rule, _columns(rule, wish)


def _one_per_group(rule: Rule, wish: _Wish, months: int) -> Iterator[tuple[dt.date, Rule, dict[str, Any]]]:
    """A deed in each quarter or month back to the validity's first day; where none ends it, back until it is enough."""
    value = largest_row(rule.method)
    enough = -(-wish.span_milli // value) * months if value else 0
    back = enough if rule.validity_months is None else rule.validity_months
    first = months_after(wish.on, -back)
    for step in range(0, back, months):
        yield months_after(wish.on, -step), rule, _columns(rule, wish)
    yield first + dt.timedelta(days=1), rule, _columns(rule, wish)


def _hours(rule: Rule, wish: _Wish) -> Iterator[tuple[dt.date, Rule, dict[str, Any]]]:
    """The daily limit on every day that still counts; beyond a year of days more would prove no more."""
    days = 366 if rule.validity_months is None else (wish.on - months_after(wish.on, -rule.validity_months)).days + 1
    for back in range(days):
        yield wish.on - dt.timedelta(days=back), rule, _columns(rule, wish)


def _day_of(rule: Rule, on: dt.date) -> dt.date:
    """The deadline so long ago that the last step begins on the day; any other deed is of the day itself."""
    if isinstance(rule.method, EscalatingPoints):
        method = rule.method
        return on - dt.timedelta(days=method.grace_days + (method.steps - 1) * method.every_days)
    return on


def _columns(rule: Rule, wish: _Wish) -> dict[str, Any]:
    match rule.method:
        case PointsPerUnit():
            return {"quantity_milli": rule.method.quantity_max_milli}
        case Quantity():
            return {"quantity_milli": rule.method.daily_limit_milli}
        case ConvertedPoints():
            needed = -(-wish.span_milli * rule.method.needed_without_table_milli // MILLI)
            return {"quantity_milli": min(needed, UNLIMITED)}
        case EscalatingPoints():
            return {"ends_on": _day_of(rule, wish.on)}
        case _:
            return {}
