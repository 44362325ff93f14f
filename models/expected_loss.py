"""The expected loss of a year as a price component, in whole basis points."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Whole = TypeVar("Whole", int, NDArray[np.int64])


def expected_loss_bp(probability_ppm: Whole, loss_given_default_milli: int) -> Whole:
    """Return probability (millionths) x loss given default (thousandths) in basis points.

    Rounded up, so that cost is never understated.
    """
    return -(-probability_ppm * loss_given_default_milli // 100_000)
