"""The leaves of many trees added up per set of features, over the cells that these leaves tell apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from models.arrays import Booleans, Integers, Positions
from models.cell_groups import distinct
from models.errors import PathTooWideError, ScorecardFormatError
from models.forest import Split, Tree
from models.grid import Grid
from models.scorecard import UNITS_PER_LOG_ODDS

WIDEST_PATH: Final = 3
_EXACT_IN_FLOAT64: Final = 1 << 53
_LARGEST_SUM: Final = 1 << 62

Features = tuple[int, ...]
Numbers = npt.NDArray[np.float64 | np.int64]
Reached = dict[int, int]
"""Per feature on a path, the set of its cells that get there, one bit per cell."""


@dataclass(frozen=True, eq=False)
class LeafTable:
    """Points over groups of cells.

    Attributes:
        groups: Per feature, the row of `cells` along its axis for each of the feature's cells.
        cells: int64, units of log-odds, one dimension per feature.
    """

    groups: tuple[Positions, ...]
    cells: Integers


@dataclass(eq=False)
class _Leaves:
    """Leaves that look at the same features: their units, and per feature the cells that reach each of them."""

    units: list[int] = field(default_factory=list)
    reached: list[tuple[int, ...]] = field(default_factory=list)


class LeafSums:
    """Adds up the leaves of trees.

    Args:
        grid: The cells of every feature.
        weight: Factor of every leaf before it is rounded to units.
    """

    def __init__(self, grid: Grid, *, weight: float) -> None:
        self._grid = grid
        self._scale = weight * UNITS_PER_LOG_ODDS
        self._every = [(1 << grid.cell_count(feature)) - 1 for feature in range(len(grid.layout.features))]
        self._left: dict[Split, int] = {}

    def of(self, trees: Sequence[Tree]) -> dict[Features, LeafTable]:
        """One table per set of features that meet in a path.

        Raises:
            PathTooWideError: A path uses more than three features.
            ScorecardFormatError: Leaves so large that their sum could leave 64 bits.
        """
        leaves: defaultdict[Features, _Leaves] = defaultdict(_Leaves)
        for number, tree in enumerate(trees):
            for leaf, reached in self._reached(tree):
                features = tuple(sorted(reached))
                self._check_width(number, features)
                leaves[features].units.append(round(tree.leaf_values[leaf] * self._scale))
                leaves[features].reached.append(tuple(reached[feature] for feature in features))
        _check_size(leaves.values())
        return {features: self._table(features, one) for features, one in leaves.items()}

    def _reached(self, tree: Tree) -> Iterator[tuple[int, Reached]]:
        """Every leaf that some row can reach, with the cells that do; features that do not matter are left out."""
        waiting: list[tuple[int, Reached]] = [(0 if tree.splits else ~0, {})]
        while waiting:
            node, reached = waiting.pop()
            if node < 0:
                yield ~node, reached
                continue
            split = tree.splits[node]
            feature = self._grid.layout.columns[split.column].feature
            every = self._every[feature]
            here, goes_left = reached.get(feature, every), self._goes_left(split)
            left, right = tree.children[node]
            for child, cells in ((right, here & ~goes_left), (left, here & goes_left)):
                if cells:
                    waiting.append((child, _narrowed(reached, feature, cells, every)))

    def _goes_left(self, split: Split) -> int:
        if split not in self._left:
            bits = np.packbits(self._grid.goes_left(split), bitorder="little")
            self._left[split] = int.from_bytes(bits.tobytes(), "little")
        return self._left[split]

    def _check_width(self, tree: int, features: Features) -> None:
        if len(features) > WIDEST_PATH:
            raise PathTooWideError(tree, tuple(self._grid.layout.features[feature].name for feature in features))

    def _table(self, features: Features, leaves: _Leaves) -> LeafTable:
        """Group the cells that all leaves treat alike, then add up the leaves over the groups."""
        axes = zip(features, zip(*leaves.reached, strict=True), strict=True)
        masks = [_mask(reached, self._grid.cell_count(feature)) for feature, reached in axes]
        grouped = [distinct(mask.T) for mask in masks]
        told_apart = [mask[:, first] for mask, (first, _) in zip(masks, grouped, strict=True)]
        groups = tuple(groups for _, groups in grouped)
        return LeafTable(groups, _summed(np.array(leaves.units, dtype=np.int64), told_apart))


def _check_size(leaves: Iterable[_Leaves]) -> None:
    if sum(abs(units) for one in leaves for units in one.units) > _LARGEST_SUM:
        raise ScorecardFormatError("leaves beyond what 64 bits can add up")


def _narrowed(reached: Reached, feature: int, cells: int, every: int) -> Reached:
    if cells == every:
        return reached
    return {**reached, feature: cells}


def _mask(reached: tuple[int, ...], cell_count: int) -> Booleans:
    """Sets of cells as rows of truth values, shape (leaves, cells)."""
    size = (cell_count + 7) // 8
    packed = np.frombuffer(b"".join(cells.to_bytes(size, "little") for cells in reached), dtype=np.uint8)
    rows = np.unpackbits(packed.reshape(len(reached), size), axis=1, count=cell_count, bitorder="little")
    return rows.astype(np.bool_)


def _summed(units: Integers, masks: list[Booleans]) -> Integers:
    """Sum of the units of all leaves over each combination of groups; exact.

    Products of floats are far faster than those of integers, and exact as long as no sum can leave 53 bits.
    """
    exact = np.float64 if float(np.abs(units).sum()) < _EXACT_IN_FLOAT64 else np.int64
    return np.asarray(_spread(units.astype(exact), masks), dtype=np.int64)


def _spread(units: Numbers, masks: list[Booleans]) -> Numbers:
    match masks:
        case []:
            return np.asarray(units.sum())
        case [mask]:
            return units @ mask.astype(units.dtype)
        case [rows, columns]:
            return (rows.T * units) @ columns.astype(units.dtype)
    first, *others = masks
    return np.stack([_spread(units[inside], [mask[inside] for mask in others]) for inside in first.T])
