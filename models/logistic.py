"""Logistic function and its companions from the four basic operations only, so that every machine gets the same bytes.

Library exponentials and logarithms differ in the last bit between processors; IEEE 754 fixes addition, subtraction,
multiplication and division exactly. Whoever repeats these steps in another language gets the same bytes by following
the order of operations written here, without fusing a multiplication with an addition.
"""

from typing import Final

import numpy as np

from models.arrays import Floats

FURTHEST: Final = 700.0
LOG2_E: Final = 1.4426950408889634
LN2_HIGH: Final = 0.6931471803691238  # leading 32 bits of ln 2: multiples up to 1,024 are exact (Cody and Waite)
LN2_LOW: Final = 1.9082149292705877e-10
EXPONENTIAL_SERIES: Final = (
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

LOGARITHM_SERIES: Final = tuple(1 / odd for odd in range(33, 0, -2))
"""Coefficients 1/33 .. 1/3, 1 of atanh(z)/z in powers of z squared: below 2e-18 relative on 0 <= z <= 1/3."""


def probability_of(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)) for every x; within 4e-16 of the exact value, relative."""
    smaller = _exponential(np.maximum(-np.abs(log_odds), -FURTHEST))
    probability: Floats = np.where(log_odds < 0.0, smaller, 1.0) / (1.0 + smaller)
    return probability


def log_odds_of(probability: Floats) -> Floats:
    """The inverse, ln(p / (1 - p)), by the library: for measuring, never for serving; infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        log_odds: Floats = np.log(probability) - np.log1p(-probability)
    return log_odds


def softplus_tail(log_odds: Floats) -> Floats:
    """The part ln(1 + exp(-|x|)) that x and -x share: softplus(x) = max(x, 0) + tail; within 1e-15, relative."""
    smaller = _exponential(np.maximum(-np.abs(log_odds), -FURTHEST))
    return _logarithm_of_one_plus(smaller)


def _exponential(exponent: Floats) -> Floats:
    halvings = np.rint(exponent * LOG2_E)
    rest = exponent - halvings * LN2_HIGH
    rest -= halvings * LN2_LOW
    power: Floats = np.ldexp(_polynomial(EXPONENTIAL_SERIES, rest), halvings.astype(np.int32))
    return power


def _logarithm_of_one_plus(small: Floats) -> Floats:
    """ln(1 + u) = 2 atanh(u / (2 + u)) for u in [0, 1]."""
    ratio = small / (2.0 + small)
    logarithm: Floats = 2.0 * ratio * _polynomial(LOGARITHM_SERIES, ratio * ratio)
    return logarithm


def _polynomial(coefficients: tuple[float, ...], variable: Floats) -> Floats:
    """Horner's rule, highest power first, a rounding after every multiplication and after every addition."""
    total = np.full_like(variable, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= variable
        total += coefficient
    return total
