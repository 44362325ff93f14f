"""Which of two ways of giving points is worth more throughout: over a rule's months, over a quantity, as a set."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final, Literal

from scoring.rulebook import Concave, FixedPoints, Rule

Order = Literal[-1, 0, 1] | None
"""The new one is larger (1), smaller (-1), of equal weight (0), or neither throughout (None)."""

_FOREVER_MONTHS: Final = 601
"""Longer than any validity a rulebook may state."""

_RANKS: Final = {"deduction": 0, "award": 1, "indicator": 0, "quarter": 1, "month": 2, "sum": 3}
"""Words that have an order: directions, and ways of combining by how many rows keep their points."""


def order_throughout(pairs: Iterable[tuple[Any, Any]]) -> Order:
    """Compares (old, new) at every point; None if the new one is larger here and smaller there."""
    signs = {(new > old) - (new < old) for old, new in pairs} - {0}
    if len(signs) > 1:
        return None
    return 1 if 1 in signs else -1 if -1 in signs else 0


def order_of(old: Any, new: Any) -> Order:
    """Compares two values of a field: numbers, flags, ordered words, sets; None ('without limit') is the largest."""
    if isinstance(old, tuple):
        return _order_of_sets(frozenset(old), frozenset(new))
    if isinstance(old, str) and isinstance(new, str):
        known = old in _RANKS and new in _RANKS
        return order_throughout([(_RANKS[old], _RANKS[new])]) if known else None
    return order_throughout([(_above_all(old), _above_all(new))])


def _above_all(value: int | None) -> tuple[bool, int]:
    return value is None, value or 0


def _order_of_sets(old: frozenset[str], new: frozenset[str]) -> Order:
    if old < new:
        return 1
    return -1 if new < old else None


def order_of_fixed(old: Rule, new: Rule) -> Order | Literal["other"]:
    """Compares what two rules of fixed points give, month by month from the first: points, validity and fading at once.

    Returns:
        'other' if one of them does not give fixed points.
    """
    if not (isinstance(old.method, FixedPoints) and isinstance(new.method, FixedPoints)):
        return "other"
    months = 1 + max(_months(old), _months(new))
    return order_throughout((_in_month(old, month), _in_month(new, month)) for month in range(months))


def _months(rule: Rule) -> int:
    return rule.validity_months or _FOREVER_MONTHS


def _in_month(rule: Rule, month: int) -> Fraction:
    method, left = rule.method, _months(rule) - month
    if not isinstance(method, FixedPoints) or left <= 0:
        return Fraction(0)
    fading = method.fade_months or 1
    return Fraction(method.points_milli * min(fading, left), fading)


def order_of_bands(old: Concave, new: Concave) -> Order:
    """Compares what any summed quantity is worth: at every edge of either, and ever after."""
    edges = sorted({band.upto_milli for each in (old, new) for band in each.bands if band.upto_milli is not None})
    points = [(_worth(old, edge), _worth(new, edge)) for edge in edges]
    slopes = [(old.bands[-1].points_per_unit_milli, new.bands[-1].points_per_unit_milli)]
    # Beyond the last edge both are straight: far enough out only the slopes speak.
    return order_throughout([*points, *slopes])


def _worth(combine: Concave, quantity_milli: int) -> int:
    worth, begins = 0, 0
    for band in combine.bands:
        ends = quantity_milli if band.upto_milli is None else min(band.upto_milli, quantity_milli)
        worth += max(ends - begins, 0) * band.points_per_unit_milli
        begins = max(begins, ends)
    return worth
