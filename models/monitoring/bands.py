"""How many defaults chance alone gives: bands of a Poisson-binomial count, alone or under a common bad or good year.

Given the year, loans are independent; the year shifts all of them together (Vasicek's one-factor model, Gauss-Hermite
quadrature over the factor). The count given the year is taken as a binomial of the same mean and variance with a real
number of trials: exact for equal probabilities, and never far off for small ones.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from scipy.special import betainc, ndtr, ndtri

from models.arrays import Floats

_NODES: Final = 32
_LEAST: Final = 1e-12


@dataclass(frozen=True)
class CountBand:
    """What is expected of a count.

    Attributes:
        expected: Its mean.
        low: Smallest count inside.
        high: Largest count inside.
    """

    expected: float
    low: int
    high: int

    def holds(self, count: int) -> bool:
        """Whether a count is inside."""
        return self.low <= count <= self.high


def count_band(probability: Floats, confidence: float, common_factor: float = 0.0) -> CountBand:
    """The two-sided band of the number of defaults among loans.

    Args:
        probability: Of each loan's default (loans,).
        confidence: The count lies inside with at least this probability, in (0, 1).
        common_factor: Asset correlation by which the loans share a year's fate, in [0, 1); 0: none.
    """
    years, weights = _years(common_factor)
    given = [_Given.of(_in_year(probability, year, common_factor)) for year in years]

    def below(count: int) -> float:
        return float(sum(weight * one.cumulative(count) for weight, one in zip(weights, given, strict=True)))

    tail = (1.0 - confidence) / 2.0
    low, high = (_first(below, one, len(probability)) for one in (tail, 1.0 - tail))
    return CountBand(float(probability.sum()), low, high)


def _first(below: Callable[[int], float], wanted: float, most: int) -> int:
    """The smallest count with at least so much probability up to it, by halving."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if below(middle) >= wanted else (middle + 1, high)
    return low


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / math.sqrt(2.0 * math.pi)


def _years(common_factor: float) -> tuple[Floats, Floats]:
    return _nodes() if common_factor > 0.0 else (np.zeros(1), np.ones(1))


def _in_year(probability: Floats, year: float, common_factor: float) -> Floats:
    """Probabilities given the year's factor (positive: a good year)."""
    if common_factor == 0.0:
        return probability
    shifted = (ndtri(probability) - math.sqrt(common_factor) * year) / math.sqrt(1.0 - common_factor)
    chances: Floats = ndtr(shifted)
    return chances


@dataclass(frozen=True)
class _Given:
    """The number of independent defaults as a binomial of equal mean and variance."""

    trials: float
    chance: float

    @classmethod
    def of(cls, probability: Floats) -> "_Given":
        mean = float(probability.sum())
        chance = float(np.square(probability).sum()) / mean if mean > _LEAST else 0.0
        return cls(mean / chance if chance else 0.0, chance)

    def cumulative(self, count: int) -> float:
        """Probability of at most so many."""
        if count >= self.trials:
            return 1.0
        return float(betainc(self.trials - count, count + 1.0, 1.0 - self.chance))
