"""The cells that a forest's thresholds cut each feature into, and the box of cells that reaches each leaf."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.features import Floats
from models.forest import Booleans, Split, Tree
from models.layout import ForestColumn, Layout

READ_AS_ZERO: Final = float(np.float32(1e-35))
"""Magnitudes up to this are zero to LightGBM."""


@dataclass(frozen=True)
class Box:
    """The rows that reach one leaf.

    Attributes:
        leaf: Number of the leaf in its tree.
        masks: Per base feature on the path, which of its cells get there; other features do not matter.
    """

    leaf: int
    masks: dict[int, Booleans]


class Grid:
    """Cells of every base feature, in the scorecard's order: intervals or levels, missing, special codes.

    Attributes:
        layout: The base features and their forest columns.
        thresholds: Per base feature, every threshold the trees use, ascending.
    """

    def __init__(self, layout: Layout, trees: Sequence[Tree]) -> None:
        self.layout = layout
        self.thresholds = _thresholds(layout, trees)
        self._representatives = [self._cells_seen_by(column) for column in layout.columns]
        self._left: dict[Split, Booleans] = {}

    def cell_count(self, feature: int) -> int:
        """All cells of a feature."""
        return len(self._representatives[feature])

    def interval_count(self, feature: int) -> int:
        """Cells of a feature that stand for magnitudes or levels; they come first."""
        return len(self.layout.features[feature].levels) or len(self.thresholds[feature]) + 1

    def boxes(self, tree: Tree) -> Iterator[Box]:
        """The box of every leaf; together they cover all cells once."""
        for leaf, path in tree.leaves():
            masks: dict[int, Booleans] = {}
            for node, went_left in path:
                split = tree.splits[node]
                feature = self.layout.columns[split.column].feature
                reached = self.goes_left(split) if went_left else ~self.goes_left(split)
                masks[feature] = masks[feature] & reached if feature in masks else reached
            yield Box(leaf, masks)

    def goes_left(self, split: Split) -> Booleans:
        """Which cells of the split's feature go left, shape (cells,)."""
        if split not in self._left:
            self._left[split] = split.goes_left(self._representatives[split.column])
        return self._left[split]

    def _cells_seen_by(self, column: ForestColumn) -> Floats:
        """The value that a forest column takes in each cell of its base feature."""
        feature = self.layout.features[column.feature]
        magnitudes = range(len(feature.levels)) or (*self.thresholds[column.feature], np.inf)
        return self.layout.seen_by(column, np.array([*magnitudes, np.nan, *feature.special_codes]))


def _thresholds(layout: Layout, trees: Sequence[Tree]) -> list[Floats]:
    used: list[set[float]] = [set() for _ in layout.features]
    for tree in trees:
        for split in tree.splits:
            column = layout.columns[split.column]
            # LightGBM parts missing from everything known by an infinite threshold, which cuts no interval.
            if column.code is None and split.categories is None and np.isfinite(split.threshold):
                used[column.feature].add(_cut(split.threshold))
    return [np.array(sorted(thresholds)) for thresholds in used]


def _cut(threshold: float) -> float:
    """The last value that goes left; what LightGBM reads as zero stands right of a threshold below zero."""
    return float(np.nextafter(threshold, -np.inf)) if threshold == -READ_AS_ZERO else threshold
