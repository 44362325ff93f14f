"""Upper and lower bounds of default probabilities where defaults are few or none: the most prudent estimation.

Source: K. Pluto and D. Tasche, "Thinking positively", Risk, August 2005, and "Estimating probabilities of default for
low default portfolios" (2005, arXiv cond-mat/0411699). Their principle: grades are ordered from best to worst, so the
probability of a grade is at most that of every worse one; its upper bound therefore may use the obligors and defaults
of the grade and of all worse ones together. The lower bound is the mirror image: the grade and all better ones.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, betaincinv, ndtr, ndtri

from models.arrays import Floats
from models.training_errors import BadPortfolioError

Counts = Sequence[int] | npt.NDArray[np.int64]

_FURTHEST: Final = 9.0
_FACTOR: Final = np.linspace(-_FURTHEST, _FURTHEST, 2401)
_WEIGHT: Final = np.exp(-0.5 * _FACTOR**2) / np.exp(-0.5 * _FACTOR**2).sum()
"""The common factor on an even grid: for smooth integrands that die out at both ends the trapezoid rule is exact to
machine precision once the grid is fine enough."""

_HALVINGS: Final = 80


def upper_bounds(obligors: Counts, defaults: Counts, *, confidence: float, correlation: float = 0.0) -> Floats:
    """The largest default probability of each grade that the observed defaults do not yet contradict.

    The bound of a grade solves P[at most d defaults among n] = 1 - confidence, where n and d are those of the grade and
    of all worse grades. With independent defaults that is Clopper and Pearson's bound (for d = 0:
    1 - (1 - confidence)^(1 / n)); with a correlation the number of defaults is binomial given a common normal factor
    (Vasicek; equation (4.2) of the paper), averaged over it.

    Args:
        obligors: Per grade, best grade first, whole numbers.
        defaults: Per grade, at most its obligors.
        confidence: One-sided confidence level, inside (0, 1).
        correlation: Asset correlation rho, in [0, 1); several years pooled as if they shared one factor err on the
            prudent side.

    Returns:
        float64, one bound per grade, never falling from best to worst; 1 where nothing has been observed.

    Raises:
        BadPortfolioError: The counts, the level or the correlation make no sense.
    """
    counts, bad = _checked(obligors, defaults, confidence, correlation)
    pooled = np.cumsum(counts[::-1])[::-1], np.cumsum(bad[::-1])[::-1]
    bounds = [_upper(int(n), int(d), confidence, correlation) for n, d in zip(*pooled, strict=True)]
    return np.maximum.accumulate(np.array(bounds))


def lower_bounds(obligors: Counts, defaults: Counts, *, confidence: float, correlation: float = 0.0) -> Floats:
    """The smallest default probability of each grade that the observed defaults do not yet contradict.

    The mirror image of `upper_bounds`, with the same arguments and errors: P[at least d defaults among n] =
    1 - confidence for the grade and all better ones; never falling from best to worst, 0 where nothing defaulted.
    """
    counts, bad = _checked(obligors, defaults, confidence, correlation)
    pooled = np.cumsum(counts), np.cumsum(bad)
    bounds = [_lower(int(n), int(d), confidence, correlation) for n, d in zip(*pooled, strict=True)]
    return np.minimum.accumulate(np.array(bounds)[::-1])[::-1]


def chance_of_at_most(defaults: int, obligors: int, probability: float, correlation: float = 0.0) -> float:
    """P[at most so many defaults], each obligor defaulting with this probability inside (0, 1)."""
    if correlation == 0.0:
        return float(bdtr(defaults, obligors, probability))
    given = ndtr((ndtri(probability) - np.sqrt(correlation) * _FACTOR) / np.sqrt(1.0 - correlation))
    return float(_WEIGHT @ bdtr(defaults, obligors, given))


def _upper(obligors: int, defaults: int, confidence: float, correlation: float) -> float:
    if defaults == obligors:  # nothing observed, or nobody survived
        return 1.0
    if correlation == 0.0:
        return float(betaincinv(defaults + 1, obligors - defaults, confidence))
    return _solved(defaults, obligors, 1.0 - confidence, correlation)


def _lower(obligors: int, defaults: int, confidence: float, correlation: float) -> float:
    if defaults == 0:
        return 0.0
    if correlation == 0.0:
        return float(betaincinv(defaults, obligors - defaults + 1, 1.0 - confidence))
    return _solved(defaults - 1, obligors, confidence, correlation)


def _solved(defaults: int, obligors: int, chance: float, correlation: float) -> float:
    """The probability at which P[at most so many defaults] equals `chance`; it falls all the way, so halving finds it.

    Halving runs on the normal quantile of the probability, where the smallest ones are as well resolved as any.
    """
    low, high = -_FURTHEST, _FURTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if chance_of_at_most(defaults, obligors, float(ndtr(middle)), correlation) > chance:
            low = middle
        else:
            high = middle
    return float(ndtr((low + high) / 2.0))


def _checked(obligors: Counts, defaults: Counts, confidence: float, correlation: float) -> tuple[Floats, Floats]:
    counts, bad = np.asarray(obligors, dtype=np.float64), np.asarray(defaults, dtype=np.float64)
    if counts.ndim != 1 or counts.shape != bad.shape or not len(counts):
        raise BadPortfolioError("grades", ("债务人与违约数须逐级对应", "one count of each kind per grade is needed"))
    if not ((bad >= 0) & (bad <= counts) & (counts == np.floor(counts)) & (bad == np.floor(bad))).all():
        raise BadPortfolioError("defaults", ("须为 0 至债务人数的整数", "whole numbers from 0 to the obligors"))
    if not 0.0 < confidence < 1.0:
        raise BadPortfolioError("confidence", ("须在 0 与 1 之间", "must lie between 0 and 1"))
    if not 0.0 <= correlation < 1.0:
        raise BadPortfolioError("correlation", ("须不小于 0 且小于 1", "must be at least 0 and below 1"))
    return counts, bad
