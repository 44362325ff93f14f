"""A forest becomes a scorecard, leaf by leaf and exactly; declared directions are proven on the finished tables.

Every leaf is rounded once to whole units before anything is added up. Rounding keeps the order of leaves, so a
monotone tree stays monotone, and sums of integers are exact: the tables are as monotone as the trees were.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from models.errors import NotMonotoneError, PathTooWideError
from models.features import Floats
from models.forest import Booleans, Tree, parse_forest
from models.grid import Grid
from models.layout import Layout
from models.scorecard import (
    UNITS_PER_LOG_ODDS,
    Calibration,
    FeatureTable,
    Integers,
    PairTable,
    Positions,
    Scorecard,
)

WIDEST_PATH: Final = 2
_PURIFYING_ROUNDS: Final = 100
_PURE_ENOUGH_UNITS: Final = 1000.0


def compile_scorecard(
    models: Sequence[str],
    layout: Layout,
    reference: Floats,
    *,
    kind: str = "",
    feature_spec_hash: str = "",
    calibration: Calibration | None = None,
) -> Scorecard:
    """Compile the mean of one or more LightGBM models into a scorecard.

    Args:
        models: Text models over the columns of `layout`.
        layout: The base features and their forest columns.
        reference: float64, shape (rows, features): the population against whose average reasons are told.
        kind: Written into the scorecard.
        feature_spec_hash: Written into the scorecard.
        calibration: Folded into the scorecard; none leaves the log-odds as they are.

    Returns:
        A scorecard whose log-odds equal the mean of the forests' within half a unit per tree.

    Raises:
        PathTooWideError: A path uses more than two base features.
        NotMonotoneError: A declared direction does not hold.
    """
    forests = [parse_forest(text) for text in models]
    trees = [tree for forest in forests for tree in forest]
    sums = _Sums(Grid(layout, trees))
    for number, tree in enumerate(trees):
        sums.add_tree(number, tree, weight=1.0 / len(forests))
    card = _pure_scorecard(sums, reference, kind, feature_spec_hash, calibration or Calibration())
    prove_monotone(card)
    return card


class _Sums:
    """Leaf values collected per set of features, over all cells of each feature."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.intercept = 0
        self.singles: dict[int, Integers] = {}
        self.pairs: dict[tuple[int, int], Integers] = {}

    def add_tree(self, number: int, tree: Tree, *, weight: float) -> None:
        for box in self.grid.boxes(tree):
            if len(box.masks) > WIDEST_PATH:
                raise PathTooWideError(number, tuple(self.grid.layout.features[feature].name for feature in box.masks))
            units = round(tree.leaf_values[box.leaf] * weight * UNITS_PER_LOG_ODDS)
            self._add_leaf(units, sorted(box.masks.items()))

    def _add_leaf(self, units: int, masks: list[tuple[int, Booleans]]) -> None:
        match masks:
            case []:
                self.intercept += units
            case [(feature, mask)]:
                self._single(feature)[mask] += units
            case [(first, first_mask), (second, second_mask)]:
                self._pair(first, second)[np.ix_(first_mask, second_mask)] += units

    def _single(self, feature: int) -> Integers:
        return self.singles.setdefault(feature, np.zeros(self.grid.cell_count(feature), dtype=np.int64))

    def _pair(self, first: int, second: int) -> Integers:
        shape = self.grid.cell_count(first), self.grid.cell_count(second)
        return self.pairs.setdefault((first, second), np.zeros(shape, dtype=np.int64))


def _pure_scorecard(
    sums: _Sums, reference: Floats, kind: str, feature_spec_hash: str, calibration: Calibration
) -> Scorecard:
    """Move what belongs to one feature out of the pairs, and the reference population's mean into the intercept."""
    empty = [_empty_table(sums, feature) for feature in range(len(sums.grid.layout.features))]
    reference_cells = [table.cell_of(reference[:, place]) for place, table in enumerate(empty)]
    intercept, singles = sums.intercept, [sums.singles.get(feature, table.cells) for feature, table in enumerate(empty)]
    pairs = []
    for (first, second), raw in sorted(sums.pairs.items()):
        pair = _grouped(first, second, raw)
        rows, columns, pure = _purify(pair.cells, _joint_rows(pair, reference_cells))
        singles[first] = singles[first] + rows[pair.first_groups]
        singles[second] = singles[second] + columns[pair.second_groups]
        pairs.append(PairTable(first, second, pair.first_groups, pair.second_groups, pure))
    tables = []
    for table, cells, reference_cell in zip(empty, singles, reference_cells, strict=True):
        seen = np.bincount(reference_cell, minlength=len(cells))
        mean = round(float(np.average(cells, weights=seen)))
        intercept += mean
        tables.append(_filled(table, cells - mean, seen))
    return Scorecard(kind, feature_spec_hash, intercept, tuple(tables), tuple(pairs), calibration)


def _empty_table(sums: _Sums, position: int) -> FeatureTable:
    feature = sums.grid.layout.features[position]
    nothing = np.zeros(sums.grid.cell_count(position), dtype=np.int64)
    return FeatureTable(
        name=feature.name,
        direction=feature.direction,
        levels=feature.levels,
        special_codes=feature.special_codes,
        thresholds=sums.grid.thresholds[position],
        cells=nothing,
        reference_rows=nothing,
    )


def _filled(table: FeatureTable, cells: Integers, seen: Integers) -> FeatureTable:
    return FeatureTable(
        table.name, table.direction, table.levels, table.special_codes, table.thresholds, cells, seen.astype(np.int64)
    )


def _grouped(first: int, second: int, raw: Integers) -> PairTable:
    """Merge cells that the pair does not tell apart, in order of first appearance."""
    row_of, first_groups = _distinct_rows(raw)
    column_of, second_groups = _distinct_rows(raw.T)
    return PairTable(first, second, first_groups, second_groups, raw[np.ix_(row_of, column_of)])


def _distinct_rows(table: Integers) -> tuple[Positions, Positions]:
    """Positions of the distinct rows, ascending, and for each row which of them it equals."""
    _, position, group = np.unique(table, axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(position))
    return np.sort(position), rank[group.ravel()]


def _joint_rows(pair: PairTable, reference_cells: list[Positions]) -> Floats:
    """Reference members per cell of the pair, plus one member spread thinly so that no row or column is empty."""
    shape = pair.cells.shape
    flat = pair.first_groups[reference_cells[pair.first]] * shape[1] + pair.second_groups[reference_cells[pair.second]]
    joint = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    spread = np.outer(joint.sum(axis=1) + 1.0, joint.sum(axis=0) + 1.0)
    filled: Floats = joint + spread / spread.sum()
    return filled


def _purify(table: Integers, weights: Floats) -> tuple[Integers, Integers, Integers]:
    """Split a table into row parts, column parts and a pure rest; the three add up to it exactly.

    Row and column means under `weights` are taken out in turn until nothing is left to take (Lengerich and others,
    2020, 'Purifying interaction effects with the functional ANOVA').
    """
    rest = table.astype(np.float64)
    rows, columns = np.zeros(rest.shape[0]), np.zeros(rest.shape[1])
    for _ in range(_PURIFYING_ROUNDS):
        row_means = (rest * weights).sum(axis=1) / weights.sum(axis=1)
        rest -= row_means[:, None]
        column_means = (rest * weights).sum(axis=0) / weights.sum(axis=0)
        rest -= column_means[None, :]
        rows += row_means
        columns += column_means
        if max(np.abs(row_means).max(), np.abs(column_means).max()) < _PURE_ENOUGH_UNITS:
            break
    whole_rows, whole_columns = np.rint(rows).astype(np.int64), np.rint(columns).astype(np.int64)
    return whole_rows, whole_columns, table - whole_rows[:, None] - whole_columns[None, :]


def prove_monotone(card: Scorecard) -> None:
    """Prove every declared direction for all values of all other features at once.

    A feature's steps are the differences of its own cells plus, for each of its pairs, the least favourable difference
    over the partner's cells (missing and special codes included). Partners vary independently, so the sum of the
    least differences is the true minimum: no sampling.

    Raises:
        NotMonotoneError: A step goes against the direction.
    """
    for position, feature in enumerate(card.features):
        if feature.direction:
            steps = _least_steps(card, position)
            if steps.size and steps.min() < 0:
                worst = int(steps.argmin())
                raise NotMonotoneError(feature.name, worst, float(steps[worst]) / UNITS_PER_LOG_ODDS)


def _least_steps(card: Scorecard, position: int) -> Integers:
    """Smallest step in the declared direction between neighbouring intervals, over everything else."""
    feature = card.features[position]
    steps = np.diff(feature.cells[: feature.intervals]) * feature.direction
    for along in _pairs_along(card, position):
        steps += (np.diff(along[: feature.intervals], axis=0) * feature.direction).min(axis=1)
    return steps


def _pairs_along(card: Scorecard, position: int) -> Iterator[npt.NDArray[np.int64]]:
    """Tables of the feature's pairs with the feature's own cells as rows."""
    for pair in card.pairs:
        if pair.first == position:
            yield pair.cells[pair.first_groups]
        elif pair.second == position:
            yield pair.cells.T[pair.second_groups]
