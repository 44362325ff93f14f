"""The ratio of two numbers: amount to price, bill to limit; computed one way in training and on the card."""

import numpy as np

from models.arrays import Floats


def ratio_of(numerator: Floats, denominator: Floats) -> Floats:
    """Numerator over denominator, shape (rows,); NaN where either is not known or the denominator is not positive.

    A single IEEE division, hence the same bytes on every machine.

    Args:
        numerator: Known numbers; NaN for missing values and for special codes.
        denominator: Likewise.
    """
    ratio = np.full(len(numerator), np.nan)
    with np.errstate(all="ignore"):  # beyond float64 is infinite or zero, infinite by infinite is not known
        np.divide(numerator, denominator, out=ratio, where=denominator > 0.0)
    return ratio
