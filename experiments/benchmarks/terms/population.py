"""Households as a bank's file has them, with what a model and a certificate say of each; drawn, with much unknown."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.feature_spec import MONTHLY_SHARES
from models.policy import GRADES, SECTORS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SEED: Final = 5
UNKNOWN: Final = 0.08
"""Share of unknown values in each column that is often unknown."""

LATE: Final = 0.2
"""Share of households with arrears."""

FAULTY: Final = 0.005
"""Share of values that no sound file has."""

_BORN: Final = (-4_000, 10_000)


def population(households: int, features: int) -> pa.Table:
    """Draws households.

    Args:
        households: rows.
        features: columns `contribution_00` ... of log-odds in 1e-12, which a card would give.

    Returns:
        columns of the bank's file, `grade`, `probability_ppm` and the contributions; null is unknown.
    """
    rng = np.random.default_rng(SEED)
    columns = {
        "household_ref": _references(rng, households),
        "sector": pa.array(np.array(SECTORS)[rng.integers(0, len(SECTORS), households)], mask=_rarely(rng, households)),
        "borrower_birth_on": pa.array(rng.integers(*_BORN, households).astype(np.int32)).cast(pa.date32()),
        "adults": pa.array(rng.integers(1, 5, households), mask=_rarely(rng, households)),
        "minors": pa.array(rng.integers(0, 3, households), mask=_rarely(rng, households)),
        "annual_income_fen": _often(rng, _incomes(rng, households)),
        "income_stability_milli": _often(rng, rng.integers(0, 1001, households)),
        "unsecured_debt_fen": _often(rng, rng.integers(0, 6_000_000, households) * rng.integers(0, 2, households)),
        "max_days_past_due_24m": _often(rng, rng.integers(0, 60, households) * (rng.random(households) < LATE)),
        "bureau_queries_6m": _often(rng, rng.poisson(2, households)),
        "other_lenders": _often(rng, rng.poisson(1, households)),
        **_monthly_shares(rng, households),
        **_own_records(rng, households),
        "grade": pa.array(np.array(GRADES)[rng.integers(0, len(GRADES), households)]),
        "probability_ppm": pa.array((np.exp(rng.normal(-4.2, 0.8, households)).clip(0, 0.5) * 1e6).astype(np.int64)),
        **{f"contribution_{number:02d}": _contribution(rng, households) for number in range(features)},
    }
    return pa.table(columns)


def _own_records(rng: np.random.Generator, households: int) -> dict[str, pa.Array]:
    """What only a card reads."""
    loans = rng.poisson(1.5, households)
    return {
        "months_with_bank": _often(rng, rng.integers(0, 240, households)),
        "deposit_average_12m_fen": _often(rng, np.exp(rng.normal(13.5, 1.2, households)).astype(np.int64)),
        "settlement_inflow_12m_fen": _often(rng, np.exp(rng.normal(15.5, 1.0, households)).astype(np.int64)),
        "months_inflow_positive_12m": _often(rng, rng.integers(0, 13, households)),
        "years_in_trade": _often(rng, rng.integers(0, 40, households)),
        "owns_vessel": pa.array(rng.integers(0, 2, households)),
        "prior_loans": pa.array(loans),
        "prior_loans_repaid_on_time": pa.array(rng.binomial(loans, 0.9)),
    }


def _references(rng: np.random.Generator, households: int) -> pa.Array:
    """A household's own key each, but for a few that stand twice."""
    number = np.where(_rarely(rng, households), rng.integers(0, households, households), np.arange(households))
    return pa.array([f"H{one:07d}" for one in number])


def _incomes(rng: np.random.Generator, households: int) -> NDArray[np.int64]:
    """Log-normal yearly incomes, a few of which cannot be."""
    drawn = np.exp(rng.normal(16.2, 0.7, households)).astype(np.int64)
    return np.where(_rarely(rng, households), -drawn, drawn)


def _monthly_shares(rng: np.random.Generator, households: int) -> dict[str, pa.Array]:
    """Twelve shares in millionths, all known or all unknown, that but for a few make a year."""
    drawn = rng.random((households, 12)) + 0.01
    shares = (drawn / drawn.sum(axis=1, keepdims=True) * 1_000_000).round().astype(np.int64)
    shares[_rarely(rng, households), 0] += 100_000
    unknown = rng.random(households) < UNKNOWN
    return {f"{name}_ppm": pa.array(shares[:, month], mask=unknown) for month, name in enumerate(MONTHLY_SHARES)}


def _rarely(rng: np.random.Generator, households: int) -> Flags:
    return rng.random(households) < FAULTY


def _often(rng: np.random.Generator, values: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, mask=rng.random(len(values)) < UNKNOWN)


def _contribution(rng: np.random.Generator, households: int) -> pa.Array:
    return pa.array((rng.normal(0, 0.2, households) * 1e12).astype(np.int64))
