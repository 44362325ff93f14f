"""Whole groups drawn with replacement: honest errors where rows of one village share their fortune."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from models.arrays import Floats, Positions

_ENTRIES_AT_ONCE: Final = 1 << 18
"""Weights held at once; about what stays in a processor's cache."""


@dataclass(frozen=True)
class PairedDifference:
    """A mean difference over rows and how far chance may have carried it.

    Attributes:
        difference: Mean of the rows' differences.
        standard_error: By groups where they are given; infinite when there is only one.
        low: Lower end of the 95 % interval (Student's t).
        high: Its upper end.
    """

    difference: float
    standard_error: float
    low: float
    high: float


def group_numbers(rows: int, groups: npt.NDArray[Any] | None) -> tuple[Positions, int]:
    """A number from 0 for each row's group, and how many there are; without groups every row is its own."""
    if groups is None:
        return np.arange(rows), rows
    names, numbers = np.unique(groups, return_inverse=True)
    return numbers.astype(np.intp), len(names)


def paired_difference(differences: Floats, groups: npt.NDArray[Any] | None = None) -> PairedDifference:
    """Mean of paired differences with a standard error robust to groups (linearised ratio of sums).

    Args:
        differences: One per row, such as own log-loss minus the other model's, shape (rows,).
        groups: Group of each row, shape (rows,), such as its village; None for independent rows.
    """
    number, count = group_numbers(len(differences), groups)
    mean = float(differences.mean())
    if count == 1:
        return PairedDifference(mean, np.inf, -np.inf, np.inf)
    sums = np.bincount(number, weights=differences - mean, minlength=count)
    error = float(np.sqrt((sums**2).sum() * count / (count - 1.0))) / len(differences)
    reach = float(stdtrit(count - 1, 0.975)) * error
    return PairedDifference(mean, error, mean - reach, mean + reach)


def drawn_weights(groups: int, resamples: int, seed: int, entries_each: int) -> Iterator[Floats]:
    """How often each group is drawn, for a few resamples at a time so that they fit a processor's cache.

    Args:
        groups: Groups; as many are drawn with replacement for each resample.
        resamples: Resamples in all.
        seed: Of the draws.
        entries_each: Numbers the caller will hold per resample.

    Yields:
        float64, shape (some resamples, groups).
    """
    draw = np.random.default_rng(seed)
    at_once = max(1, _ENTRIES_AT_ONCE // max(groups, entries_each))
    for start in range(0, resamples, at_once):
        some = range(min(at_once, resamples - start))
        drawn = [np.bincount(draw.integers(0, groups, groups), minlength=groups) for _ in some]
        yield np.array(drawn, dtype=np.float64)
