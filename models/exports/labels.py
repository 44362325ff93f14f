"""What the cells of a feature are called, several at a time, for Chinese and English readers."""

import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final

from models.card_tables import FeatureTable

_NEXT_TO_ZERO: Final = 1e-30
_MOST_DIGITS: Final = 17
_READABLE: Final = (1e-6, 1e15)
"""Magnitudes that are written without an exponent."""


def cells_label(table: FeatureTable, cells: Iterable[int]) -> str:
    """A name for some cells of a feature: neighbouring intervals are told as one."""
    chosen = sorted(cells)
    if len(chosen) == len(table.cells):
        return "全部 / all"
    intervals = [cell for cell in chosen if cell < table.intervals]
    others = [_other(table, cell) for cell in chosen if cell >= table.intervals]
    return "; ".join([*_known(table, intervals), *others])


def runs(cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of neighbours in ascending numbers."""
    for _, run in groupby(enumerate(cells), key=lambda item: item[1] - item[0]):
        members = [cell for _, cell in run]
        yield members[0], members[-1]


def _known(table: FeatureTable, intervals: list[int]) -> list[str]:
    if table.levels:
        return [table.levels[cell] for cell in intervals]
    ends = _ends(tuple(table.thresholds.tolist()))
    return [_between(ends, first, last) for first, last in runs(intervals)]


def _between(ends: list[str], first: int, last: int) -> str:
    below, above = first > 0, last < len(ends)
    if below and above:
        return f"({ends[first - 1]}, {ends[last]}]"
    if above:
        return f"≤ {ends[last]}"
    return f"> {ends[first - 1]}" if below else "任何数值 / any number"


def _other(table: FeatureTable, cell: int) -> str:
    if cell == table.intervals:
        return "缺失 / missing"
    return f"特殊值 / code {table.special_codes[cell - table.intervals - 1]:g}"


@lru_cache(maxsize=256)
def _ends(numbers: tuple[float, ...]) -> list[str]:
    """Ends of the intervals with as few digits as keep every two of them apart."""
    for digits in range(6, _MOST_DIGITS + 1):
        told = [_number(number, digits) for number in numbers]
        if all(one != other for one, other in pairwise(told)):
            return told
    return [repr(number) for number in numbers]


def _number(number: float, digits: int) -> str:
    """Plain digits, to at least the first decimal; LightGBM writes 1.0000000180025095e-35 for 'just above zero'."""
    if abs(number) < _NEXT_TO_ZERO:
        return "0"
    before_point = int(math.log10(abs(number))) + 1
    told = f"{number:.{max(digits, before_point + 1)}g}" if before_point < _MOST_DIGITS else f"{number:g}"
    plain = f"{Decimal(told):,f}" if _READABLE[0] <= abs(number) < _READABLE[1] else told
    return plain.replace("-", "−")
