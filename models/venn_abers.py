"""Inductive Venn-Abers prediction: what isotonic regression says of a case, were it no default and were it one.

V. Vovk, I. Petej, V. Fedorova, Large-scale probabilistic predictors with and without guarantees of validity (2015).
The two probabilities of a case differ by about one row of the pool that isotonic regression puts it in, so they are
very close where rows are many: they tell what one outcome can change, not how far chance has carried all of them.
`models.interval_fit` adds the latter.
"""

from typing import TypeAlias

import numpy as np

from models.arrays import Floats

_Point: TypeAlias = tuple[float, float]


def venn_abers(rows: Floats, defaults: Floats) -> tuple[Floats, Floats]:
    """Lower and upper probability at each of some distinct scores.

    Args:
        rows: Calibration rows at each score, ascending scores, float64 whole numbers of 1 or more, shape (scores,).
        defaults: Defaults among them, likewise from 0.

    Returns:
        Isotonic regression at each score after adding there one row without default, and one with; both never fall.
    """
    lower = 1.0 - _upper(rows[::-1], (rows - defaults)[::-1])[::-1]
    return lower, _upper(rows, defaults)


def _upper(rows: Floats, defaults: Floats) -> Floats:
    """Upper probabilities (algorithms 1 and 2 of the paper), in one pass over the cumulative sum diagram.

    The added default is a step (1, 1) that starts before the first score and is moved up past one score after the
    other; a stack holds the corners of the greatest convex minorant to the right of it.
    """
    across, up = np.cumsum(rows), np.cumsum(defaults)
    diagram = [(0.0, 0.0), *zip(across.tolist(), up.tolist(), strict=True)]
    corners = _corners([(-1.0, -1.0), *diagram])
    before = (-1.0, -1.0)
    upper = np.empty(len(rows))
    for place in range(len(rows)):
        here, after = diagram[place], diagram[place + 1]
        upper[place] = _slope(corners[-1], corners[-2])
        before = before[0] + after[0] - here[0], before[1] + after[1] - here[1]
        if _turn(corners[-1], corners[-2], before) >= 0.0:
            continue
        corners.pop()
        while len(corners) > 1 and _turn(before, corners[-1], corners[-2]) <= 0.0:
            corners.pop()
        corners.append(before)
    return upper


def _corners(diagram: list[_Point]) -> list[_Point]:
    """Corners of the greatest convex minorant, the leftmost last."""
    corners: list[_Point] = []
    for point in diagram:
        while len(corners) > 1 and _turn(corners[-2], corners[-1], point) <= 0.0:
            corners.pop()
        corners.append(point)
    return corners[::-1]


def _turn(first: _Point, second: _Point, third: _Point) -> float:
    """Positive for a left turn; exact, because whole numbers below 2 ** 26 are multiplied."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])


def _slope(left: _Point, right: _Point) -> float:
    return (right[1] - left[1]) / (right[0] - left[0])
