"""The same households again with some columns changed: only what a change touches is computed anew, to the byte."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from models.arrays import Floats, Integers, Positions
from models.feature_spec import FeatureSpec, declared_features
from models.features import make_features
from models.logistic import probability_of
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard


@dataclass(frozen=True, eq=False)
class Rescored:
    """What a card says of households.

    Attributes:
        card: The model.
        units: Raw log-odds, int64 in units of 1e-12, shape (rows,).
        missing: How many features of each row stand in the cell of missing, shape (rows,).
    """

    card: Scorecard
    units: Integers
    missing: Integers

    @property
    def raw(self) -> Floats:
        """Raw log-odds, shape (rows,)."""
        return self.units / float(UNITS_PER_LOG_ODDS)

    @cached_property
    def calibrated(self) -> Floats:
        """Calibrated log-odds, shape (rows,)."""
        return self.card.calibration.of(self.raw)

    @cached_property
    def probability(self) -> Floats:
        """Default probability, shape (rows,)."""
        return probability_of(self.calibrated)

    @property
    def interval(self) -> tuple[Floats, Floats] | None:
        """Lower and upper probability of each row; None of a card without intervals."""
        intervals = self.card.intervals
        return intervals.around(self.probability, self.raw, self.missing) if intervals else None


@dataclass(frozen=True, eq=False)
class Rescorer:
    """A card and the households it scored once.

    Attributes:
        card: The model, of kind `baseline` or `full`.
        households: Raw columns of the bank's file, the grade under its serving name.
    """

    card: Scorecard
    households: pa.Table

    @cached_property
    def spec(self) -> FeatureSpec:
        """The declared features of the card's kind."""
        return declared_features("full" if self.card.kind == "full" else "baseline")

    @cached_property
    def before(self) -> Rescored:
        """The households as they are."""
        return rescored_of(self.card, self._cells)

    def after(self, changed: pa.Table, columns: AbstractSet[str]) -> Rescored:
        """The households when some columns are others.

        Args:
            changed: The same households; only `columns` may differ.
            columns: Names of the columns that may differ.
        """
        touched = tuple(one for one in self.spec.declarations if columns & set(one.columns))
        if not touched:
            return self.before
        if any(feature.ratio_of for feature in self.card.features):  # a ratio's parts may be among the touched
            return Rescorer(self.card, changed).before
        cells = list(self._cells)
        places = [self.spec.names.index(one.name) for one in touched]
        values = make_features(changed, FeatureSpec(self.spec.kind, touched)).values
        for column, place in zip(np.ascontiguousarray(values.T), places, strict=True):
            cells[place] = self.card.features[place].cell_of(column)
        return Rescored(self.card, self.before.units + self._moved(cells, places), _missing(self.card, cells))

    @cached_property
    def _cells(self) -> list[Positions]:
        return self.card.cells_of(self.card.check_features(make_features(self.households, self.spec)))

    def _moved(self, cells: list[Positions], places: list[int]) -> Integers:
        """By how much the raw log-odds change, from the tables that hold a changed feature."""
        moved = np.zeros(self.households.num_rows, dtype=np.int64)
        for place in places:
            points = self.card.features[place].cells
            moved += points[cells[place]] - points[self._cells[place]]
        for table in self.card.interactions:
            if set(table.features) & set(places):
                moved += table.points(cells) - table.points(self._cells)
        return moved


def rescored_of(card: Scorecard, cells: Sequence[Positions]) -> Rescored:
    """What a card says of households whose cells (`Scorecard.cells_of`) are known."""
    total = np.full(len(cells[0]), card.intercept, dtype=np.int64)
    for feature, cell in zip(card.features, cells, strict=True):
        total += feature.cells[cell]
    for table in card.interactions:
        total += table.points(list(cells))
    return Rescored(card, total, _missing(card, cells))


def _missing(card: Scorecard, cells: Sequence[Positions]) -> Integers:
    count = np.zeros(len(cells[0]), dtype=np.int64)
    for feature, cell in zip(card.features, cells, strict=True):
        if feature.ratio_of is None:
            count += cell == feature.intervals
    return count
