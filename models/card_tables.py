"""The two kinds of tables a scorecard is made of: points of one feature, and points of two or three together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats, Integers, Positions
from models.ratios import ratio_of


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Points of one feature.

    Cells stand in this order: a number has one cell per interval (..t1], (t1..t2], (tn..), a category one per level;
    then one cell for missing, then one per special code.

    Attributes:
        name: Name of the feature.
        direction: Proven direction of the log-odds along the intervals: +1, -1 or 0 (none claimed).
        levels: Names of the categories; empty for numbers.
        special_codes: Values with a cell of their own.
        thresholds: Upper ends of the intervals, inclusive, ascending, float64.
        cells: Points of the feature alone, int64, 1e-12 log-odds, mean zero over the reference population.
        reference_rows: Members of the reference population per cell, int64.
        ratio_of: Positions of numerator and denominator when the feature is a ratio of two given numbers, else None.
    """

    name: str
    direction: int
    levels: tuple[str, ...]
    special_codes: tuple[float, ...]
    thresholds: Floats
    cells: Integers
    reference_rows: Integers
    ratio_of: tuple[int, int] | None = None

    @property
    def intervals(self) -> int:
        """Number of cells that stand for magnitudes or levels; it is also the position of the cell for missing."""
        return len(self.levels) or len(self.thresholds) + 1

    def cell_of(self, values: Floats) -> Positions:
        """Cell of each value; unknown levels share the cell of missing."""
        if self.levels:
            known = (values >= 0) & (values < len(self.levels))
            return np.where(known, values, len(self.levels)).astype(np.intp)
        cell = np.searchsorted(self.thresholds, values, side="left")
        cell[np.isnan(values)] = self.intervals
        for place, code in enumerate(self.special_codes, start=self.intervals + 1):
            cell[values == code] = place
        return cell


def cells_of(features: Sequence[FeatureTable], values: Floats) -> list[Positions]:
    """Cell of every feature in every row, ratios made on the way.

    Args:
        features: Given features, then ratios of two of them.
        values: float64, shape (rows, given features).

    Returns:
        One array of shape (rows,) per feature. A ratio is missing where a part is missing or a special code, and
        where the denominator is not positive.
    """
    columns = np.ascontiguousarray(values.T)
    cells: list[Positions] = []
    for place, feature in enumerate(features):
        column = columns[place] if feature.ratio_of is None else _ratio(features, columns, cells, feature.ratio_of)
        cells.append(feature.cell_of(column))
    return cells


def _ratio(
    features: Sequence[FeatureTable], columns: Floats, cells: Sequence[Positions], parts: tuple[int, int]
) -> Floats:
    numerator, denominator = (np.where(cells[part] < features[part].intervals, columns[part], np.nan) for part in parts)
    return ratio_of(numerator, denominator)


@dataclass(frozen=True, eq=False)
class InteractionTable:
    """Points that two or three features have only together; pure: no part of them belongs to fewer features.

    Attributes:
        features: Positions of the features, ascending; one axis of `cells` each.
        groups: Per feature, the row of `cells` along its axis for each of the feature's cells.
        cells: int64, 1e-12 log-odds, one dimension per feature.
    """

    features: tuple[int, ...]
    groups: tuple[Positions, ...]
    cells: Integers

    def places(self, cell: list[Positions]) -> tuple[Positions, ...]:
        """Places in `cells`, one array per axis, of rows whose cells per feature are given."""
        return tuple(group[cell[feature]] for feature, group in zip(self.features, self.groups, strict=True))

    def points(self, cell: list[Positions]) -> Integers:
        """Points of rows whose cells per feature are given."""
        points: Integers = self.cells[self.places(cell)]
        return points

    def shares(self, cell: list[Positions]) -> list[Integers]:
        """The points in equal whole parts, one per feature; what does not divide goes to the last."""
        points = self.points(cell)
        part = points // len(self.features)
        others = len(self.features) - 1
        return [*[part] * others, points - others * part]
