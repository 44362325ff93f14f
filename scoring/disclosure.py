"""Which counts of a statistic stay hidden, so that nobody can work out a small group from what is shown.

A count below `SMALLEST_GROUP` persons is hidden; zero too, or a hidden count would say 'somebody'. Because totals are
shown, more has to be hidden: wherever the hidden counts of a line could be worked out, or together are a small group
themselves, the next smallest count of the line is hidden as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from scoring.columns import Mask, Whole

SMALLEST_GROUP: Final = 10


def hidden_parts(counts: Whole) -> Mask:
    """Which parts of a whole to hide when the whole is shown.

    Args:
        counts: persons per part, int64 [n]; disjoint parts.

    Returns:
        bool [n]; the hidden parts together are no persons at all or at least `SMALLEST_GROUP`, and never just one part
        of a small group.
    """
    hidden: Mask = counts < SMALLEST_GROUP
    while _small(int(counts[hidden].sum())) and not hidden.all():
        hidden[_smallest(counts, ~hidden)] = True
    return hidden


def _small(count: int) -> bool:
    return 0 < count < SMALLEST_GROUP


def _smallest(counts: Whole, among: Mask) -> int:
    places = np.flatnonzero(among)
    return int(places[np.argmin(counts[places])])


def hidden_cells(counts: Whole, hidden_rows: Mask, hidden_columns: Mask) -> Mask:
    """Which cells of a two-way table to hide when the totals of rows and columns are shown beside it.

    Args:
        counts: persons per cell, int64 [rows, columns].
        hidden_rows: the rows whose total is not shown (a small group, or hidden for one).
        hidden_columns: likewise.

    Returns:
        bool [rows, columns]; no small count that is not zero follows from the counts and totals shown: neither by
        subtraction along rows and columns in any order, nor because hidden counts of a line add up to nothing.
    """
    table = _with_totals(counts)
    hidden = np.zeros(table.shape, np.bool_)
    hidden[:-1, :-1] = counts < SMALLEST_GROUP
    hidden[:-1, :-1] |= hidden_rows[:, None]
    hidden[:-1, -1], hidden[-1, :-1] = hidden_rows, hidden_columns
    while (more := _one_more(table, hidden)) is not None:
        hidden[more] = True
    cells: Mask = hidden[:-1, :-1]
    return cells


def _with_totals(counts: Whole) -> Whole:
    with_rows = np.hstack([counts, counts.sum(1, keepdims=True)])
    return np.asarray(np.vstack([with_rows, with_rows.sum(0, keepdims=True)]), np.int64)


Cell = tuple[int, int]


def _one_more(table: Whole, hidden: Mask) -> Cell | None:
    """The next cell to hide, None if nothing small can be worked out any more."""
    shown = ~hidden
    shown[-1], shown[:, -1] = False, False
    betrayals = list(_what_betrays(table, hidden))
    for where in (*betrayals, shown) if betrayals else ():
        if (where & shown).any():
            place = _smallest(table.ravel(), (where & shown).ravel())
            return place // table.shape[1], place % table.shape[1]
    return None


def _what_betrays(table: Whole, hidden: Mask) -> Iterator[Mask]:
    """Where one more hidden count may keep a small group from being worked out, the most promising place first."""
    yield from _merged_too_small(table, hidden)
    small = (table > 0) & (table < SMALLEST_GROUP)
    small[-1], small[:, -1] = False, False
    unknown = _unknown_after_subtraction(table, hidden)
    merged = list(_merged_too_small(table, unknown))
    betrayed = hidden & small & ~unknown
    if merged or betrayed.any():
        yield _where_subtraction_begins(hidden)
    yield from merged
    for row, column in zip(*np.nonzero(betrayed), strict=True):
        yield _cross(table, row, column)
    for row, column in _bridges(unknown & small, unknown):
        yield _cross(table, row, column)


def _where_subtraction_begins(hidden: Mask) -> Mask:
    """All lines with exactly one hidden count."""
    mask: Mask = np.zeros(hidden.shape, np.bool_)
    for line in _lines(hidden.shape):
        if hidden[line].sum() == 1:
            mask[line] = True
    return mask


def _merged_too_small(table: Whole, unknown: Mask) -> Iterator[Mask]:
    """Lines whose total is known and whose unknown cells together are a small group."""
    for line in _lines(table.shape):
        cells = unknown[line]
        if not cells[-1] and _small(int(table[line][:-1][cells[:-1]].sum())):
            mask: Mask = np.zeros(table.shape, np.bool_)
            mask[line] = True
            yield mask


def _cross(table: Whole, row: int, column: int) -> Mask:
    mask: Mask = np.zeros(table.shape, np.bool_)
    mask[row] = mask[:, column] = True
    return mask


Line = tuple[int | slice, int | slice]


def _lines(shape: tuple[int, ...]) -> Iterator[Line]:
    """Every row and every column with its total at the end, those of totals included."""
    for row in range(shape[0]):
        yield row, slice(None)
    for column in range(shape[1]):
        yield slice(None), column


def _unknown_after_subtraction(table: Whole, hidden: Mask) -> Mask:
    """What a reader still does not know after subtracting along every line as often as it helps."""
    unknown = hidden.copy()
    before = -1
    while before != (before := int(unknown.sum())):
        for line in _lines(table.shape):
            cells = unknown[line]
            nothing_left = not cells[-1] and not table[line][:-1][cells[:-1]].any()
            if cells.sum() == 1 or nothing_left:
                unknown[line] = False
    return unknown


def _bridges(cells: Mask, unknown: Mask) -> Iterator[Cell]:
    """Unknown cells that follow from the others: no closed way through unknown cells, row by column, passes them.

    Totals count as cells here: adding to one cell and taking from the next along such a way changes no total shown.
    """
    edges = list(zip(*(axis.tolist() for axis in np.nonzero(unknown)), strict=True))
    for row, column in zip(*(axis.tolist() for axis in np.nonzero(cells)), strict=True):
        if not _connected(edges, (row, column), unknown.shape[0]):
            yield row, column


def _connected(edges: list[Cell], without: Cell, rows: int) -> bool:
    """Whether a cell's row and column hang together by other cells."""
    leader: dict[int, int] = {}

    def lead(node: int) -> int:
        while leader.get(node, node) != node:
            node = leader[node]
        return node

    for row, column in edges:
        if (row, column) != without:
            leader[lead(row)] = lead(rows + column)
    return lead(without[0]) == lead(rows + without[1])
