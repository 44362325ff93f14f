"""The three reducers alone."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from scoring.kernel import concave, strongest, total

EDGES = np.array([0, 20_000, 80_000, 200_000], np.int64)
PRICES = np.array([200, 100, 67, 50], np.int64)
runs = st.lists(st.lists(st.integers(0, 300_000), min_size=1, max_size=6), max_size=5)


def columns(values: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.cumsum([0, *map(len, values)])[:-1]
    return np.array([value for run in values for value in run], np.int64), starts.astype(np.int64)


@given(runs)
def test_sums_are_sums(values: list[list[int]]) -> None:
    assert total(*columns(values)).tolist() == [sum(run) for run in values]


@given(runs)
def test_one_row_of_each_run_is_the_strongest_and_it_is_the_first_of_equals(values: list[list[int]]) -> None:
    points, starts = columns(values)
    chosen = np.flatnonzero(strongest(-points, starts))
    assert chosen.tolist() == [int(first) + run.index(max(run)) for first, run in zip(starts, values, strict=True)]


@given(runs)
def test_concave_rows_telescope_to_the_worth_of_everything(values: list[list[int]]) -> None:
    quantity, starts = columns(values)
    rows = concave(quantity, starts, EDGES, PRICES)
    single, first = columns([[sum(run)] for run in values])
    assert total(rows, starts).tolist() == concave(single, first, EDGES, PRICES).tolist()
    assert (rows >= 0).all()


def test_the_published_bands_of_volunteering() -> None:
    hours = np.array([20_000, 80_000, 200_000, 240_000], np.int64)
    assert concave(hours, np.arange(4), EDGES, PRICES).tolist() == [4_000, 10_000, 18_040, 20_040]
