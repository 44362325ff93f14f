"""Nobody can work out a small group from the counts and totals shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from scoring.disclosure import SMALLEST_GROUP, hidden_cells, hidden_parts

COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 60))


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([40, 30, 20], []),
        ([40, 30, 3], [1, 2]),
        ([40, 30, 3, 2], [1, 2, 3]),
        ([40, 6, 5], [1, 2]),
        ([40, 30, 0], [2]),
        ([40, 30, 0, 0], [2, 3]),
        ([40, 30, 0, 3], [1, 2, 3]),
        ([3, 2], [0, 1]),
        ([9], [0]),
        ([10], []),
    ],
)
def test_a_small_part_is_hidden_together_with_the_next_smallest(counts: list[int], hidden: list[int]) -> None:
    assert np.flatnonzero(hidden_parts(np.array(counts))).tolist() == hidden


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_the_hidden_parts_together_are_nobody_or_no_small_group(counts: list[int]) -> None:
    of = np.array(counts)
    hidden = hidden_parts(of)
    assert hidden[of < SMALLEST_GROUP].all()
    together = of[hidden].sum()
    assert together == 0 or together >= SMALLEST_GROUP or hidden.all()


def possible(
    table: np.ndarray, hidden: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> dict[tuple[int, int], tuple[float, ...]]:
    """The range each hidden cell can have for a reader who knows all else shown (linear programming, by SciPy)."""
    cells = list(zip(*np.nonzero(hidden), strict=True))
    lines = [
        ([cell for cell in cells if cell[0] == row], table[row][~hidden[row]].sum(), table[row].sum())
        for row in np.flatnonzero(~rows)
    ]
    lines += [
        (
            [cell for cell in cells if cell[1] == column],
            table[:, column][~hidden[:, column]].sum(),
            table[:, column].sum(),
        )
        for column in np.flatnonzero(~columns)
    ]
    lines.append((cells, table[~hidden].sum(), table.sum()))
    matrix = np.array([[cell in of for cell in cells] for of, _, _ in lines], float)
    left = np.array([total - shown for _, shown, total in lines], float)
    found = {}
    for number, cell in enumerate(cells):
        aim = np.eye(len(cells))[number]
        ends = [linprog(sign * aim, A_eq=matrix, b_eq=left, bounds=(0, None)).fun * sign for sign in (1, -1)]
        found[cell] = tuple(round(end, 6) for end in ends)
    return found


@settings(max_examples=150, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
def test_no_small_count_of_a_table_follows_from_what_is_shown(rows: list[list[int]]) -> None:
    table = np.array(rows)
    if table.sum() < SMALLEST_GROUP:
        return
    small_rows, small_columns = hidden_parts(table.sum(1)), hidden_parts(table.sum(0))
    hidden = hidden_cells(table, small_rows, small_columns)
    assert hidden[table < SMALLEST_GROUP].all()
    for cell, (lowest, highest) in possible(table, hidden, small_rows, small_columns).items():
        if 0 < table[cell] < SMALLEST_GROUP:
            assert lowest < highest, f"{cell} of {rows} must be {lowest}"


def test_what_is_large_and_betrays_nobody_is_shown() -> None:
    table = np.array([[100, 200, 0], [300, 50, 0], [20, 40, 0]])
    hidden = hidden_cells(table, hidden_parts(table.sum(1)), hidden_parts(table.sum(0)))
    assert hidden.tolist() == [[False, False, True]] * 3


def test_no_more_is_hidden_than_a_way_around_needs() -> None:
    table = np.array([[19, 610, 17], [21, 782, 27], [41, 932, 28], [25, 601, 20], [10, 236, 7]])
    hidden = hidden_cells(table, hidden_parts(table.sum(1)), hidden_parts(table.sum(0)))
    assert list(zip(*np.nonzero(hidden), strict=True)) == [(0, 0), (0, 2), (4, 0), (4, 2)]


def test_a_count_that_joins_two_hidden_corners_does_not_follow_from_them() -> None:
    table = np.full((4, 4), 50)
    table[:2, :2] = table[2:, 2:] = 9
    table[1, 2] = 3  # the hidden counts of rows 0 and 1 less those of columns 0 and 1
    none = np.zeros(4, np.bool_)
    hidden = hidden_cells(table, none, none)
    assert hidden.sum() == 10
    lowest, highest = possible(table, hidden, none, none)[1, 2]
    assert lowest < highest
