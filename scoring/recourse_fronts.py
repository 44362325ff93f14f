"""Fronts of options: of equal or less effort none brings more; combined by adding, thinned out after every addition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.columns import Mask, Whole


@dataclass(frozen=True, slots=True)
class Front:
    """Options of one or several blocks.

    Attributes:
        effort_milli: int64 [options], ascending.
        points_milli: what they bring to each of several sums, int64 [options, sums].
        picks: which option of each block was taken, int64 [options, blocks].
    """

    effort_milli: Whole
    points_milli: Whole
    picks: Whole


def front(effort_milli: Whole, points_milli: Whole) -> Front:
    """The options of one block worth keeping."""
    return _thinned(Front(effort_milli, points_milli, np.arange(len(effort_milli))[:, None]))


def added(one: Front, other: Front) -> Front:
    """Every option of one with every option of the other, as far as worth keeping; picks stand side by side."""
    left, right = np.divmod(np.arange(len(one.effort_milli) * len(other.effort_milli)), len(other.effort_milli))
    return _thinned(
        Front(
            one.effort_milli[left] + other.effort_milli[right],
            one.points_milli[left] + other.points_milli[right],
            np.hstack([one.picks[left], other.picks[right]]),
        )
    )


def bounded(of: Front, start_milli: Whole, lowest_milli: Whole, highest_milli: Whole) -> Front:
    """One sum instead of several: each begins at its start and is held within its bounds."""
    sums = np.clip(start_milli + of.points_milli, lowest_milli, highest_milli)
    return _thinned(Front(of.effort_milli, sums.sum(1, keepdims=True), of.picks))


def _thinned(of: Front) -> Front:
    """Without options that another of no more effort equals; the earlier one stands for equals."""
    total = of.points_milli.sum(1)
    order = np.lexsort((-total, of.effort_milli))
    points = of.points_milli[order]
    kept = order[_leading(points[:, 0]) if points.shape[1] == 1 else _undominated(points)]
    return Front(of.effort_milli[kept], of.points_milli[kept], of.picks[kept])


def _leading(points: Whole) -> Mask:
    """Rows above all rows before them."""
    before = np.maximum.accumulate(points)[:-1]
    return np.append(True, points[1:] > before)


def _undominated(points: Whole) -> Mask:
    """Rows that no earlier kept row equals or exceeds in every sum."""
    kept = np.zeros(len(points), np.bool_)
    for row in range(len(points)):
        kept[row] = not (points[kept] >= points[row]).all(1).any()
    return kept
