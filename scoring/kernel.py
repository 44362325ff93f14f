"""The kernel: three small reducers over spells live on one day, integers in, integers out.

Each looks at whole columns sorted so that what belongs together stands together; `starts` are the first positions of
those runs. They share no state and return new columns, so a compiled version can take their place.
"""

from __future__ import annotations

import numpy as np

from scoring.columns import Mask, Whole
from scoring.joins import segment_lengths


def total(points: Whole, starts: Whole) -> Whole:
    """Sum of each run: int64 [runs]."""
    return np.add.reduceat(points, starts) if len(starts) else np.empty(0, np.int64)


def strongest(points: Whole, starts: Whole) -> Mask:
    """True for the first row of the largest magnitude in each run: bool [rows]."""
    chosen = np.zeros(len(points), np.bool_)
    if not len(starts):
        return chosen
    magnitude = np.abs(points)
    run = np.repeat(np.arange(len(starts)), segment_lengths(starts, len(points)))
    rows = np.flatnonzero(magnitude == np.maximum.reduceat(magnitude, starts)[run])
    first = np.ones(len(rows), np.bool_)
    first[1:] = run[rows][1:] != run[rows][:-1]
    chosen[rows[first]] = True
    return chosen


def concave(quantity: Whole, starts: Whole, edges: Whole, prices: Whole) -> Whole:
    """What each row adds to its run: `round(F(before + q)) - round(F(before))`, so rows telescope to `round(F(all))`.

    Args:
        quantity: thousandths of a unit, not negative, int64 [rows].
        starts: first position of each run.
        edges: lower edge of each band in thousandths, int64 [bands], rising from 0.
        prices: thousandths of a point per unit within each band, int64 [bands].

    Returns:
        thousandths of a point, int64 [rows].
    """
    if not len(starts):
        return np.zeros(0, np.int64)
    summed = np.cumsum(quantity)
    earlier = summed[starts] - quantity[starts]
    after = summed - np.repeat(earlier, segment_lengths(starts, len(quantity)))
    return _worth(after, edges, prices) - _worth(after - quantity, edges, prices)


def _worth(quantity: Whole, edges: Whole, prices: Whole) -> Whole:
    """`F`, rounded half up (it is never negative) to thousandths of a point."""
    paid_below = np.append(0, np.cumsum(np.diff(edges) * prices[:-1]))
    band = np.searchsorted(edges, quantity, "right") - 1
    exact = paid_below[band] + (quantity - edges[band]) * prices[band]
    return np.asarray((exact + 500) // 1000)
