"""From a probability of default within twelve months to one within the rest of a contract, by survival.

    S(T) = exp(-sum over years k of m_k x h x t_k),  h = -ln(1 - p),  probability within T = 1 - S(T)

p is the twelve-month probability, h its constant hazard in the first year, m_k the hazard of year k against the first
and t_k the part of year k that lies within T, in years: survival under a hazard that is constant within each year
(Kalbfleisch and Prentice 2002, "The Statistical Analysis of Failure Time Data", chapter 1). With m_1 = 1, T = 12 months
gives p back.
"""

from collections.abc import Sequence

import numpy as np

from models.arrays import Floats, Integers


def probability_within(months: Integers, probability_12m: Floats, hazard_milli: Sequence[int]) -> Floats:
    """Probability of default within so many months, shape (rows,); NaN where the probability is not known.

    Args:
        months: Months ahead, at least 0, shape (rows,).
        probability_12m: Of default within twelve months, at least 0 and below 1, shape (rows,).
        hazard_milli: Hazard of years 1, 2 ... against the first, in thousandths; the last holds on.
    """
    hazard = -np.log1p(-probability_12m)
    within: Floats = -np.expm1(-hazard * _years_weighed(months, hazard_milli))
    return within


def _years_weighed(months: Integers, hazard_milli: Sequence[int]) -> Floats:
    """Years ahead, each weighed by its hazard against the first."""
    total = np.zeros(len(months))
    for year, milli in enumerate(hazard_milli):
        longest = np.inf if year == len(hazard_milli) - 1 else 12.0
        total += np.clip(months - 12.0 * year, 0.0, longest) * milli
    return total / 12_000.0
