"""What features do alone moves out of what they do together, exactly and as weighted by a reference population.

A table of several features is pure when its mean along every axis is zero wherever one looks (Lengerich and others,
2020, 'Purifying interaction effects with the functional ANOVA'): nothing in it could be told by fewer features.
"""

import math
from functools import reduce
from typing import Final, TypeVar

import numpy as np

from models.arrays import Floats, Integers, Positions

Numbers = TypeVar("Numbers", Floats, Integers)

_MOST_ROUNDS: Final = 500
PURE_UNITS: Final = 1e6
"""Largest mean, in units of 1e-12 log-odds, that may stay in a pure table: a millionth of log-odds."""


def purify(table: Integers, weights: Floats) -> tuple[list[Integers], Integers]:
    """Split a table into one part per axis and a pure rest; together they add up to it exactly.

    The parts are the weighted least-squares fit of tables that ignore one axis each, found by conjugate gradients on
    its normal equations, whose residuals are the means that are still in the table.

    Args:
        table: int64, two or more dimensions.
        weights: float64 above zero, same shape: how many members of the reference population stand in each cell.

    Returns:
        For each axis an int64 table without that axis, and the pure rest, int64 of the table's shape.
    """
    parts = [np.rint(part).astype(np.int64) for part in _parts(table.astype(np.float64), weights)]
    return parts, table - _spread(parts)


def _parts(table: Floats, weights: Floats) -> list[Floats]:
    totals = _along_each_axis(weights)
    parts = [np.zeros_like(total) for total in totals]
    left = _along_each_axis(table * weights)
    means = _divided(left, totals)
    step, strength = means, _product(left, means)
    for _ in range(_MOST_ROUNDS):
        if max(float(np.abs(mean).max()) for mean in means) < PURE_UNITS:
            break
        moved = _along_each_axis(_spread(step) * weights)
        length = strength / _product(step, moved)
        parts = _moved(parts, length, step)
        left = _moved(left, -length, moved)
        means = _divided(left, totals)
        former, strength = strength, _product(left, means)
        step = _moved(means, strength / former, step)
    return parts


def _along_each_axis(table: Floats) -> list[Floats]:
    return [table.sum(axis=axis) for axis in range(table.ndim)]


def _spread(parts: list[Numbers]) -> Numbers:
    """The table that parts without one axis each make together."""
    return reduce(np.add, (np.expand_dims(part, axis) for axis, part in enumerate(parts)))


def _divided(parts: list[Floats], totals: list[Floats]) -> list[Floats]:
    return [part / total for part, total in zip(parts, totals, strict=True)]


def _moved(parts: list[Floats], length: float, step: list[Floats]) -> list[Floats]:
    return [part + length * along for part, along in zip(parts, step, strict=True)]


def _product(one: list[Floats], other: list[Floats]) -> float:
    return sum(float((left * right).sum()) for left, right in zip(one, other, strict=True))


def joint_weights(shape: tuple[int, ...], places: list[Positions]) -> Floats:
    """Reference members per cell, plus one member spread thinly so that no cell is without weight.

    Args:
        shape: Shape of the table.
        places: Per axis the place of every reference member, shape (members,).

    Returns:
        float64 of the table's shape; the additional member is spread as if the axes were independent.
    """
    flat = np.ravel_multi_index(tuple(places), shape)
    counts = np.bincount(flat, minlength=math.prod(shape)).reshape(shape)
    members = [np.bincount(place, minlength=size) + 1.0 for size, place in zip(shape, places, strict=True)]
    thin = reduce(np.multiply.outer, [share / share.sum() for share in members])
    return np.asarray(counts + thin, dtype=np.float64)
