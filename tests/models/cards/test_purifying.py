"""Purifying moves points and loses none; what stays cannot be told by fewer features."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.purifying import PURE_UNITS, joint_weights, purify

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.sampled_from([(1, 1), (2, 3), (9, 4), (2, 2, 2), (5, 1, 4), (7, 6, 5)])


def drawn(seed: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A table, and weights of a population that leaves many cells empty and goes together along the axes."""
    draw = np.random.default_rng(seed)
    shared = draw.random(400)
    places = [np.floor((0.7 * shared + 0.3 * draw.random(400)) ** 2 * size).astype(np.intp) for size in shape]
    return draw.integers(-(10**12), 10**12, shape), joint_weights(shape, places)


def spread(parts: list[np.ndarray]) -> np.ndarray:
    return np.asarray(sum(np.expand_dims(part, axis) for axis, part in enumerate(parts)))


@given(seed=SEEDS, shape=SHAPES)
def test_parts_and_rest_add_up_to_the_table_exactly(seed: int, shape: tuple[int, ...]) -> None:
    table, weights = drawn(seed, shape)
    parts, pure = purify(table, weights)
    assert pure.dtype == np.int64
    np.testing.assert_array_equal(spread(parts) + pure, table)


@given(seed=SEEDS, shape=SHAPES)
def test_the_rest_has_no_mean_along_any_axis(seed: int, shape: tuple[int, ...]) -> None:
    table, weights = drawn(seed, shape)
    _, pure = purify(table, weights)
    for axis in range(len(shape)):
        means = (pure * weights).sum(axis=axis) / weights.sum(axis=axis)
        assert np.abs(means).max() < PURE_UNITS + len(shape)


@given(seed=SEEDS, shape=SHAPES)
def test_what_fewer_features_can_tell_moves_down_whole(seed: int, shape: tuple[int, ...]) -> None:
    draw = np.random.default_rng(seed)
    _, weights = drawn(seed, shape)
    fewer = [draw.integers(-(10**12), 10**12, shape[:axis] + shape[axis + 1 :]) for axis in range(len(shape))]
    _, pure = purify(spread(fewer), weights)
    assert np.sqrt(np.average(pure.astype(float) ** 2, weights=weights)) < 100 * PURE_UNITS


def test_weights_count_members_and_leave_no_cell_empty() -> None:
    places = [np.array([0, 0, 1]), np.array([2, 2, 0])]
    weights = joint_weights((2, 3), places)
    assert weights.sum() == pytest.approx(4.0)
    assert weights.min() > 0.0
    assert weights[0, 2] == pytest.approx(2.0, abs=0.5)
