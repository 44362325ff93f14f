"""The all-in annual cost of a credit line, exact in basis points on every machine."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

ALL_IN_COST_METHOD: Final = "effective_annual_rate_of_monthly_interest_no_fees"
"""(1 + rate / 12) ** 12 - 1: the yearly internal rate of return of any plan paying interest monthly on what is owed."""


def effective_annual_rate_bp(rate_bp: Int) -> Int:
    """Return (1 + rate / 12) ** 12 - 1 in basis points, half up, for yearly rates with monthly interest (n)."""
    rates, position = np.unique(rate_bp, return_inverse=True)
    effective = np.array([_effective_bp(int(rate)) for rate in rates], dtype=np.int64)
    yearly: Int = effective[position]
    return yearly


@lru_cache(maxsize=4096)
def _effective_bp(rate_bp: int) -> int:
    # Whole numbers throughout: a power of floats may differ in its last digit between machines.
    unit = 120_000**12
    growth = (120_000 + rate_bp) ** 12 - unit
    return (2 * growth * 10_000 + unit) // (2 * unit)
