"""An edition's combining, caps and bounds as the few arrays the kernel reads."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from scoring.kernel import Arithmetic
from scoring.rule_table import RuleTable
from scoring.rulebook import Band, Concave, Indicator


def arithmetic(table: RuleTable) -> Arithmetic:
    """What the kernel has to know of an edition."""
    indicators = [indicator for _, indicator in table.book.indicators]
    banded = [number for number, indicator in enumerate(indicators) if isinstance(indicator.combine, Concave)]
    bands = [_bands(indicators[number]) for number in banded]
    edition = table.book.edition
    return Arithmetic(
        sign=np.array([-1 if indicator.direction == "deduction" else 0 for indicator in indicators], np.int64),
        cap=np.minimum(np.abs(table.lowest_milli), np.abs(table.highest_milli)),
        exclusive=(~np.isin(table.within, ("sum", "concave"))).astype(np.int8),
        banded=np.array(banded, np.int64),
        first_band=np.array([0, *accumulate(map(len, bands))], np.int64),
        band_from=np.array([edge for each in bands for edge in _edges(each)], np.int64),
        band_price=np.array([band.points_per_unit_milli for each in bands for band in each], np.int64),
        first_indicator=np.searchsorted(table.dimension, np.arange(len(table.book.dimensions) + 1)).astype(np.int64),
        lowest=table.dimension_lowest_milli,
        highest=table.dimension_highest_milli,
        overall=np.array(
            [edition.base_milli, edition.lowest_milli, edition.highest_milli, edition.rounding_milli], np.int64
        ),
    )


def _bands(indicator: Indicator) -> tuple[Band, ...]:
    return indicator.combine.bands if isinstance(indicator.combine, Concave) else ()


def _edges(bands: tuple[Band, ...]) -> list[int]:
    return [0, *(band.upto_milli or 0 for band in bands[:-1])]
