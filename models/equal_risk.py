"""Groups compared at equal risk: direct standardisation over bins of the baseline probability, with honest errors.

    gap = mean of the group - sum over bins b of (share of the group in b) x (mean of everybody else in b)

The second term is what the group would have got had everybody been treated as everybody else of the same risk: direct
standardisation of the others to the group's own mix of risks (Kitagawa 1955, "Components of a difference between two
rates", JASA 50; as a measure of discrimination that risk does not explain: Kamiran, Zliobaite and Calders 2013,
"Quantifying explainable discrimination", KAIS 35). Bins without anybody else compare nothing; the share of the group
that was compared is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from models.arrays import Booleans, Floats, Positions
from models.resampling import paired_difference

FEWEST_VILLAGES: Final = 10
"""Below so many villages nothing can be said of how villages differ: households count as independent instead."""
WRONG_IN_ALL: Final = 0.05


@dataclass(frozen=True)
class Gap:
    """What a group got beside what everybody else of the same risk got.

    Attributes:
        mean: Mean of the group's compared households.
        at_equal_risk: Mean of everybody else, brought to the group's mix of risks.
        gap: The former minus the latter; below zero the group got less.
        low: Lower end of its 95 % interval, simultaneous over all that is told together.
        high: Its upper end.
        compared_share: Share of the group in bins in which somebody else lies too.
    """

    mean: float
    at_equal_risk: float
    gap: float
    low: float
    high: float
    compared_share: float


def risk_bins(probability: Floats, bins: int) -> Positions:
    """Bin of each row, about equally large by ascending probability; equal probabilities share a bin."""
    inner = np.quantile(probability, np.arange(1, bins) / bins) if len(probability) else np.empty(0)
    return np.searchsorted(np.unique(inner), probability, side="right").astype(np.intp)


def gaps_at_equal_risk(
    values: Sequence[Floats],
    inside: Booleans,
    others: Booleans,
    bins: Positions,
    villages: Positions,
    *,
    told_together: int,
) -> tuple[Gap, ...] | None:
    """Compare one group with everybody else, value by value.

    Args:
        values: What is compared, one array of shape (rows,) each.
        inside: Rows of the group, shape (rows,).
        others: Rows it is compared with, shape (rows,).
        bins: Bin of each row, shape (rows,); one bin for all compares as it is.
        villages: Number of each row's village, shape (rows,): one village shares its fortune.
        told_together: How many gaps are told together: all of them are to hold in 19 of 20 cases (Bonferroni).

    Returns:
        One gap per value; None where no bin holds both.
    """
    count = int(bins.max(initial=0)) + 1
    own, theirs = (np.bincount(bins[rows], minlength=count) for rows in (inside, others))
    shared = (own > 0) & (theirs > 0)
    kept = (inside | others) & shared[bins]
    if not (inside & kept).any():
        return None
    inside, bins, villages = inside[kept], bins[kept], villages[kept]
    share = own[shared].sum() / own.sum()
    return tuple(_gap(value[kept], inside, bins, villages, share, told_together) for value in values)


def _gap(
    value: Floats, inside: Booleans, bins: Positions, villages: Positions, compared_share: float, told_together: int
) -> Gap:
    own = np.bincount(bins[inside]).astype(np.float64)
    theirs = np.bincount(bins[~inside], minlength=len(own)).astype(np.float64)
    expected = np.bincount(bins[~inside], value[~inside], len(own)) / np.maximum(theirs, 1.0)
    mean, at_equal_risk = float(value[inside].mean()), float(own @ expected / own.sum())
    gap = mean - at_equal_risk
    weight = np.where(inside, 1.0 / own.sum(), -own[bins] / (own.sum() * np.maximum(theirs, 1.0)[bins]))
    # How far each row moves the gap; their sum is zero, so the mean of the shifted influences is the gap itself.
    influence = weight * (value - expected[bins] - np.where(inside, gap, 0.0))
    clusters = _clusters(inside, villages)
    error = paired_difference(len(influence) * influence, clusters).standard_error
    error = max(error, _error_if_alike(value - expected[bins], inside, bins, own))
    half = _reach(len(value) if clusters is None else len(np.unique(clusters)), told_together) * error
    return Gap(mean, at_equal_risk, gap, gap - half, gap + half, float(compared_share))


def _clusters(inside: Booleans, villages: Positions) -> Positions | None:
    """Villages, where the group lies in enough of them; else every household for itself."""
    return villages if len(np.unique(villages[inside])) >= FEWEST_VILLAGES else None


def _error_if_alike(residuals: Floats, inside: Booleans, bins: Positions, own: Floats) -> float:
    """Standard error of the group's mean were it as varied as everybody else of the same risk.

    Where few get anything, a dozen households of whom nobody did look exact and are not.
    """
    count = np.bincount(bins[~inside], minlength=len(own))
    variance = np.bincount(bins[~inside], residuals[~inside] ** 2, len(own)) / np.maximum(count - 1.0, 1.0)
    return float(np.sqrt(own @ variance)) / float(own.sum())


def _reach(units: int, told_together: int) -> float:
    """Standard errors to either side: Student's t, simultaneous over all that is told together (Bonferroni)."""
    return float(stdtrit(units - 1, 1.0 - WRONG_IN_ALL / (2.0 * told_together)))
