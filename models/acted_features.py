"""The features that households would have once they had acted, step by step of the way: only supposed, never stored."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from models.acting import Circumstance, Disclosure, Lever, Way
from models.arrays import Floats, Integers
from models.card_tables import FeatureTable
from models.feature_spec import FeatureSpec, declared_features
from models.features import make_features
from models.scorecard import Scorecard

SPEC: Final = declared_features("baseline")
"""Only bank data decides and prices, so only its features can be reasons: the grade is none of them."""


class ActedFeatures:
    """Households as a card sees them, today and after acting.

    Args:
        card: the card whose approved population tells what is typical, and whose directions spare steps.
        households: n rows with `SPEC.columns`.
        values: their features today, float64, shape (n, features).
    """

    def __init__(self, card: Scorecard, households: pa.Table, values: Floats) -> None:
        self._tables: Mapping[str, FeatureTable] = {table.name: table for table in card.features}
        self._households = households
        self._values = values
        self._columns: dict[str, Floats] = {}

    def column(self, name: str) -> Floats:
        """A column of numbers of the bank's file (n), NaN where empty."""
        if name not in self._columns:
            column = self._households[name].cast(pa.float64()).combine_chunks()
            self._columns[name] = column.to_numpy(zero_copy_only=False)
        return self._columns[name]

    def after(self, lever: Lever, rows: Integers) -> Iterator[Floats]:
        """Features of some households (rows, features) after each step that has to be tried, the farthest last.

        Every step is written into the same array: look at one before asking for the next.
        """
        match lever:
            case Way():
                yield from self._along(lever, rows)
            case Circumstance():
                yield self._otherwise(lever, rows)
            case Disclosure():
                yield self._disclosed(lever, rows)

    def _along(self, way: Way, rows: Integers) -> Iterator[Floats]:
        today = np.stack([self.column(name)[rows] for name in way.columns])
        values = self._values[rows]
        for step in way.steps[-1:] if self._proves(way) else way.steps:
            self._rebuild(values, rows, dict(zip(way.columns, step(today), strict=True)))
            yield values

    def _proves(self, way: Way) -> bool:
        """Whether the card's directions rule out a rise anywhere on the way, so that its end tells all."""
        directions = {self._tables[name].direction for name in _resting_on(way.columns).names}
        return way.sign != 0 and directions == {-way.sign}

    def _otherwise(self, circumstance: Circumstance, rows: Integers) -> Floats:
        table = self._tables[circumstance.name]
        points = table.cells[table.cell_of(np.array(circumstance.values))]
        values = self._values[rows]
        values[:, SPEC.names.index(circumstance.name)] = circumstance.values[int(points.argmin())]
        return values

    def _disclosed(self, disclosure: Disclosure, rows: Integers) -> Floats:
        """What is not known becomes typical, unless something else that it is made of stays unknown."""
        values = self._values[rows]
        for declaration in _resting_on(disclosure.columns).declarations:
            others = [name for name in declaration.columns if name in SPEC.names and name not in disclosure.columns]
            known = ~np.isnan(values[:, [SPEC.names.index(name) for name in others]]).any(axis=1)
            column = values[:, SPEC.names.index(declaration.name)]
            column[np.isnan(column) & known] = _typical(self._tables[declaration.name])
        return values

    def _rebuild(self, values: Floats, rows: Integers, moved: Mapping[str, Floats]) -> None:
        """Builds again, in place, what rests on moved columns."""
        spec = _resting_on(tuple(moved))
        table = pa.table({name: moved[name] if name in moved else self.column(name)[rows] for name in spec.columns})
        built = make_features(table, spec)
        for name, column in zip(built.names, built.values.T, strict=True):
            values[:, SPEC.names.index(name)] = column


@cache
def _resting_on(columns: tuple[str, ...]) -> FeatureSpec:
    """The features that are made of any of these columns."""
    return FeatureSpec(SPEC.kind, tuple(one for one in SPEC.declarations if not set(columns).isdisjoint(one.columns)))


def _typical(table: FeatureTable) -> float:
    """A value in the middle cell of the approved population; of a category its most frequent level."""
    members = table.reference_rows[: table.intervals]
    if table.levels:
        return float(members.argmax())
    cell = int(np.searchsorted(members.cumsum(), members.sum() / 2))
    ends = np.append(table.thresholds, np.nextafter(table.thresholds[-1:], np.inf))
    return float(ends[cell]) if len(ends) else 0.0
