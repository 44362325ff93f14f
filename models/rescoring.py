"""The same households again with some columns changed: only what a change touches is computed anew, to the byte."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from models.arrays import Floats, Integers, Positions
from models.feature_spec import FeatureSpec, declared_features
from models.features import make_features
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard


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
    def calibrated(self) -> Floats:
        """Calibrated log-odds of the households as they are, shape (rows,)."""
        return self._calibrated(self._units)

    def calibrated_with(self, changed: pa.Table, columns: AbstractSet[str]) -> Floats:
        """Calibrated log-odds when some columns are others.

        Args:
            changed: The same households; only `columns` may differ.
            columns: Names of the columns that may differ.
        """
        touched = tuple(one for one in self.spec.declarations if columns & set(one.columns))
        if not touched:
            return self.calibrated
        if any(feature.ratio_of for feature in self.card.features):  # a ratio's parts may be among the touched
            return self.card.calibrated_log_odds(make_features(changed, self.spec).values)
        values = make_features(changed, FeatureSpec(self.spec.kind, touched)).values
        places = [self.spec.names.index(one.name) for one in touched]
        cells = list(self._cells)
        for column, place in zip(np.ascontiguousarray(values.T), places, strict=True):
            cells[place] = self.card.features[place].cell_of(column)
        return self._calibrated(self._units + self._moved(cells, places))

    @cached_property
    def _cells(self) -> list[Positions]:
        return self.card.cells_of(self.card.check_features(make_features(self.households, self.spec)))

    @cached_property
    def _units(self) -> Integers:
        """Raw log-odds as they are; tables are integers, so differences to them are exact."""
        total = np.full(self.households.num_rows, self.card.intercept, dtype=np.int64)
        for feature, cell in zip(self.card.features, self._cells, strict=True):
            total += feature.cells[cell]
        for table in self.card.interactions:
            total += table.points(self._cells)
        return total

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

    def _calibrated(self, units: Integers) -> Floats:
        return self.card.calibration.of(units / float(UNITS_PER_LOG_ODDS))
