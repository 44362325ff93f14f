"""A forest becomes a scorecard, leaf by leaf and exactly; declared directions are proven on the finished tables.

Every leaf is rounded once to whole units before anything is added up. Rounding keeps the order of leaves, so a
monotone tree stays monotone, and sums of integers are exact: the tables are as monotone as the trees were.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.arrays import Floats, Integers, Positions
from models.calibrated import Calibration
from models.card_tables import FeatureTable, InteractionTable, cells_of
from models.cell_groups import distinct
from models.errors import ScorecardFormatError
from models.forest import Tree, parse_forest
from models.grid import Grid
from models.layout import Layout
from models.leaf_sums import LeafSums, LeafTable
from models.monotone_proof import prove_monotone
from models.probability_interval import Intervals
from models.purifying import joint_weights, purify
from models.scorecard import Scorecard

Features = tuple[int, ...]


def compile_scorecard(
    members: Sequence[Sequence[str]],
    layout: Layout,
    reference: Floats,
    *,
    kind: str = "",
    feature_spec_hash: str = "",
    calibration: Calibration | None = None,
    intervals: Intervals | None = None,
) -> Scorecard:
    """Compile a bag of forests into a scorecard: the mean over members of the sum of each member's models.

    Args:
        members: LightGBM text models over the columns of `layout`; several in one member are stages that add up.
        layout: The base features and their forest columns.
        reference: float64, shape (rows, given features): the population against whose average reasons are told.
        kind: Written into the scorecard.
        feature_spec_hash: Written into the scorecard.
        calibration: Folded into the scorecard; none leaves the log-odds as they are.
        intervals: Folded into the scorecard; none promises nothing about single probabilities.

    Returns:
        A scorecard whose log-odds equal the bag's within half a unit per tree.

    Raises:
        ScorecardFormatError: A text is no additive LightGBM model.
        PathTooWideError: A path uses more than three base features.
        NotMonotoneError: A declared direction does not hold.
    """
    trees = [tree for member in members for text in member for tree in _additive(text)]
    grid = Grid(layout, trees)
    tables = LeafSums(grid, weight=1.0 / len(members)).of(trees)
    card = Scorecard(kind, feature_spec_hash, 0, (), (), calibration or Calibration(), intervals)
    card = _pure_card(card, grid, tables, reference)
    prove_monotone(card)
    return card


def _additive(text: str) -> tuple[Tree, ...]:
    """The trees of a model whose log-odds are their sum."""
    head = text.partition("\nTree=")[0].splitlines()
    if "average_output" in head or "num_tree_per_iteration=1" not in head:
        raise ScorecardFormatError("a forest that averages its trees, or tells more than two classes, is no sum")
    return parse_forest(text)


def _pure_card(card: Scorecard, grid: Grid, tables: dict[Features, LeafTable], reference: Floats) -> Scorecard:
    """Move what fewer features do out of what more do together, and the reference population's mean to the front."""
    empty = [_empty_table(grid, feature) for feature in range(len(grid.layout.features))]
    sums = _Sums(tables, cells_of(empty, reference))
    interactions = [table for width in (3, 2) for table in sums.pure_tables(width)]
    intercept, features = sums.intercept(), []
    for place, table in enumerate(empty):
        mean, cells, seen = sums.centred(place, len(table.cells))
        intercept += mean
        features.append(replace(table, cells=cells, reference_rows=seen))
    ordered = sorted(interactions, key=lambda table: (len(table.features), table.features))
    return replace(card, intercept=intercept, features=tuple(features), interactions=tuple(ordered))


class _Sums:
    """Tables by their features, each as pieces over groups of cells of its own; parts of one move down to fewer."""

    def __init__(self, tables: dict[Features, LeafTable], reference_cells: list[Positions]) -> None:
        self._pieces = {features: [table] for features, table in tables.items()}
        self._reference_cells = reference_cells

    def pure_tables(self, width: int) -> list[InteractionTable]:
        """Tables of so many features, pure; their lower parts have moved down."""
        wide = sorted(features for features in self._pieces if len(features) == width)
        tables = [self._pure_table(features) for features in wide]
        return [table for table in tables if table.cells.any()]

    def intercept(self) -> int:
        """What depends on no feature."""
        return sum(int(piece.cells) for piece in self._pieces.get((), []))

    def centred(self, feature: int, cell_count: int) -> tuple[int, Integers, Integers]:
        """The reference population's mean of a feature, its cells without it, and the members in each cell."""
        pieces = self._pieces.get((feature,), [])
        cells = sum((piece.cells[piece.groups[0]] for piece in pieces), start=np.zeros(cell_count, dtype=np.int64))
        seen = np.bincount(self._reference_cells[feature], minlength=cell_count).astype(np.int64)
        mean = round(float(np.average(cells, weights=seen)))
        return mean, cells - mean, seen

    def _pure_table(self, features: Features) -> InteractionTable:
        whole = _merged(self._pieces[features])
        places = [groups[self._reference_cells[one]] for one, groups in zip(features, whole.groups, strict=True)]
        parts, pure = purify(whole.cells, joint_weights(whole.cells.shape, places))
        for axis, part in enumerate(parts):
            fewer = features[:axis] + features[axis + 1 :]
            groups = whole.groups[:axis] + whole.groups[axis + 1 :]
            self._pieces.setdefault(fewer, []).append(LeafTable(groups, part))
        return InteractionTable(features, whole.groups, pure)


def _merged(pieces: list[LeafTable]) -> LeafTable:
    """The sum of tables over the same features, over cells that at least one of them tells apart."""
    if len(pieces) == 1:
        return pieces[0]
    axes = [distinct(np.column_stack(axis)) for axis in zip(*(piece.groups for piece in pieces), strict=True)]
    cells = sum(
        piece.cells[np.ix_(*(groups[first] for groups, (first, _) in zip(piece.groups, axes, strict=True)))]
        for piece in pieces
    )
    return LeafTable(tuple(groups for _, groups in axes), np.asarray(cells, dtype=np.int64))


def _empty_table(grid: Grid, position: int) -> FeatureTable:
    feature = grid.layout.features[position]
    nothing = np.zeros(grid.cell_count(position), dtype=np.int64)
    return FeatureTable(
        name=feature.name,
        direction=feature.direction,
        levels=feature.levels,
        special_codes=feature.special_codes,
        thresholds=grid.thresholds[position],
        cells=nothing,
        reference_rows=nothing,
        ratio_of=feature.ratio_of,
    )
