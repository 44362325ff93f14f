"""An edition's combining, caps and bounds as the few arrays the kernel reads."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from scoring.kernel import CONCAVE, STRONGEST, SUM, Arithmetic
from scoring.rule_table import RuleTable
from scoring.rulebook import Band, Concave, Indicator

_COMBINE = {"sum": SUM, "strongest": STRONGEST, "concave": CONCAVE}


def arithmetic(table: RuleTable) -> Arithmetic:
    """What the kernel has to know of an edition."""
    indicators = [indicator for _, indicator in table.book.indicators]
    bands = [_bands(indicator) for indicator in indicators]
    edition = table.book.edition
    return Arithmetic(
        combine=np.array([_COMBINE[indicator.combine.kind] for indicator in indicators], np.int8),
        source=_sources(table, indicators),
        dimension=table.dimension.astype(np.int16),
        lowest=table.lowest_milli,
        highest=table.highest_milli,
        first_band=np.array([0, *accumulate(map(len, bands))], np.int64),
        band_from=np.array([edge for each in bands for edge in _edges(each)], np.int64),
        band_price=np.array([band.points_per_unit_milli for each in bands for band in each], np.int64),
        dimension_lowest=table.dimension_lowest_milli,
        dimension_highest=table.dimension_highest_milli,
        overall=np.array(
            [edition.base_milli, edition.lowest_milli, edition.highest_milli, edition.rounding_milli], np.int64
        ),
    )


def _bands(indicator: Indicator) -> tuple[Band, ...]:
    return indicator.combine.bands if isinstance(indicator.combine, Concave) else ()


def _edges(bands: tuple[Band, ...]) -> list[int]:
    return [0, *(band.upto_milli or 0 for band in bands[:-1])] if bands else []


def _sources(table: RuleTable, indicators: list[Indicator]) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    numbers = {name: number for number, name in enumerate(table.sources)}
    return np.array([numbers.get(indicator.consent_source or "", -1) for indicator in indicators], np.int8)
