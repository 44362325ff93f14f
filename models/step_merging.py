"""Many narrow steps of a band become few, always to the safe side: the low only lower, the high only higher."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import Floats
from models.probability_interval import Band

_MICRO: Final = 1e6
_MOST_DECIMALS: Final = 13
"""Beyond these a number is kept as it is."""


@dataclass(frozen=True, eq=False)
class Steps:
    """A band that is being made.

    Attributes:
        ends: Upper ends of all steps but the last, float64, shape (steps - 1,).
        low: Shape (steps,), never falling.
        high: Likewise.
        rows: Calibration rows on each step: what a widening there costs, shape (steps,).
    """

    ends: Floats
    low: Floats
    high: Floats
    rows: Floats

    def mean_width(self) -> float:
        """Mean width over the calibration rows."""
        return float((self.high - self.low) @ self.rows / self.rows.sum())

    def merged(self, most: int) -> "Steps":
        """At most so many steps; those neighbours go together first that widen the fewest rows by the least."""
        ends, low, high, rows = self.ends, self.low, self.high, self.rows
        while len(rows) > most:
            place = int(np.argmin(rows[1:] * np.diff(low) + rows[:-1] * np.diff(high)))
            ends, low, high = np.delete(ends, place), np.delete(low, place + 1), np.delete(high, place)
            rows = np.delete(rows, place + 1) + _only(place, rows)
        return Steps(ends, low, high, rows)

    def band(self) -> Band:
        """The band, in millionths: the low rounded down, the high rounded up."""
        low, high = np.floor(self.low * _MICRO) / _MICRO, np.ceil(self.high * _MICRO) / _MICRO
        return Band(self.ends, np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0))


def _only(place: int, rows: Floats) -> Floats:
    """The rows of the step after `place`, standing at `place`, one step fewer."""
    added = np.zeros(len(rows) - 1)
    added[place] = rows[place + 1]
    return added


def short_between(least: Floats, below: Floats) -> Floats:
    """For each place the shortest decimal number that is at least `least` and below `below`, for readable files."""
    short = least.copy()
    open_ones = np.ones(len(least), dtype=np.bool_)
    for decimals in range(_MOST_DECIMALS):
        rounded = np.ceil(least * 10.0**decimals) / 10.0**decimals + 0.0  # never minus zero
        fits = open_ones & (rounded >= least) & (rounded < below)
        short[fits] = rounded[fits]
        open_ones &= ~fits
    return short


def hull(one: Steps, other: Steps) -> Steps:
    """Steps that contain both; rows are those of the first, spread to where its steps end."""
    ends = np.union1d(one.ends, other.ends)
    asked = np.append(ends, np.inf)
    of_one, of_other = (np.searchsorted(steps.ends, asked, side="left") for steps in (one, other))
    shared = np.bincount(of_one, minlength=len(one.rows))
    return Steps(
        ends,
        np.minimum(one.low[of_one], other.low[of_other]),
        np.maximum(one.high[of_one], other.high[of_other]),
        (one.rows / shared)[of_one],
    )
