"""The logistic function from additions, multiplications and divisions only, so that every machine gets the same bytes.

Library exponentials differ in the last bit between processors; IEEE 754 fixes the four basic operations exactly.
"""

from typing import Final

import numpy as np

from models.features import Floats

_FURTHEST: Final = 700.0
_LOG2_E: Final = 1.4426950408889634
_LN2_HIGH: Final = 0.6931471803691238  # leading 32 bits of ln 2: multiples up to 1,024 are exact (Cody and Waite)
_LN2_LOW: Final = 1.9082149292705877e-10
_SERIES: Final = (
    1 / 6227020800,
    1 / 479001600,
    1 / 39916800,
    1 / 3628800,
    1 / 362880,
    1 / 40320,
    1 / 5040,
    1 / 720,
    1 / 120,
    1 / 24,
    1 / 6,
    1 / 2,
    1.0,
    1.0,
)
"""Taylor coefficients 1/13! .. 1/0!: below 1e-17 relative on |r| <= ln(2)/2."""


def probability_of(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)) for every x; within 4e-16 of the exact value, relative."""
    smaller = _exponential(np.maximum(-np.abs(log_odds), -_FURTHEST))
    probability: Floats = np.where(log_odds < 0.0, smaller, 1.0) / (1.0 + smaller)
    return probability


def _exponential(exponent: Floats) -> Floats:
    halvings = np.rint(exponent * _LOG2_E)
    rest = exponent - halvings * _LN2_HIGH
    rest -= halvings * _LN2_LOW
    series = np.full_like(rest, _SERIES[0])
    for coefficient in _SERIES[1:]:
        series *= rest
        series += coefficient
    power: Floats = np.ldexp(series, halvings.astype(np.int32))
    return power
