"""Makes every tree keep its declared directions beside missing values too, by moving leaf values as little as needed.

LightGBM's `intermediate` method compares leaves that touch along magnitudes. A missing partner may be sent one way in
one branch and the other way in the next, so two leaves that never touch can follow each other for such a row, and the
direction breaks there. Here all leaves that can follow each other are compared, whatever brings them together.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.features import Floats
from models.forest import Booleans, Tree
from models.grid import Box, Grid
from models.layout import Layout

Order = npt.NDArray[np.bool_]


def straightened_leaves(layout: Layout, trees: tuple[Tree, ...]) -> Iterator[tuple[int, int, float]]:
    """Leaf values that must move: (number of the tree, number of the leaf, new value).

    In a tree where leaf a may not exceed leaf b, b's value becomes the mean of the highest value at or below it and
    the lowest at or above it. Both bounds rise along the order, hence so does their mean; a leaf that was in order
    has both bounds equal to its own value and stays.
    """
    grid = Grid(layout, trees)
    for number, tree in enumerate(trees):
        values = np.array(tree.leaf_values)
        order = _closed(_order(grid, list(grid.boxes(tree))))
        highest_below = np.where(order, values[:, None], -np.inf).max(axis=0)
        lowest_above = np.where(order, values[None, :], np.inf).min(axis=1)
        straight = (highest_below + lowest_above) / 2.0
        for leaf in np.flatnonzero(straight != values):
            yield number, int(leaf), float(straight[leaf])


def _order(grid: Grid, boxes: list[Box]) -> Order:
    """Which leaf may not exceed which: order[a, b] when raising one feature can lead from a to b, or falling back."""
    size = len(boxes)
    boxes = sorted(boxes, key=lambda box: box.leaf)
    features = {feature for box in boxes for feature in box.masks}
    cells = {feature: _cells_by_leaf(grid, boxes, feature) for feature in features}
    meet = {feature: (cells[feature] @ cells[feature].T) > 0 for feature in features}
    order: Order = np.eye(size, dtype=np.bool_)
    for feature in features:
        direction = grid.layout.features[feature].direction
        if direction:
            before = _before(cells[feature][:, : grid.interval_count(feature)])
            for other in features - {feature}:
                before &= meet[other]
            order |= before if direction > 0 else before.T
    return order


def _cells_by_leaf(grid: Grid, boxes: list[Box], feature: int) -> Floats:
    """1 where a leaf takes a cell of the feature, shape (leaves, cells)."""
    every: Booleans = np.ones(grid.cell_count(feature), dtype=np.bool_)
    return np.array([box.masks.get(feature, every) for box in boxes], dtype=np.float64)


def _before(intervals: Floats) -> Order:
    """Which leaf's intervals all lie before which other's; a leaf without intervals stands nowhere."""
    taken = intervals > 0
    first = np.where(taken.any(axis=1), taken.argmax(axis=1), -1)
    last = np.where(taken.any(axis=1), taken.shape[1] - 1 - taken[:, ::-1].argmax(axis=1), taken.shape[1])
    before: Order = last[:, None] < first[None, :]
    return before


def _closed(order: Order) -> Order:
    """The order with everything that follows from it."""
    while True:
        further = (order.astype(np.float64) @ order) > 0
        if (further == order).all():
            return order
        order = further
