"""A small past-loan file with a known truth, and models trained on it once per run."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from models.feature_spec import GRADES, MONTHLY_SHARES, SECTORS, declared_features
from models.features import make_features
from models.training import BankModels, TrainedModel, train_bank

SEED = 11


def make_past_loans(rows: int, seed: int, *, base: float = -4.0) -> pa.Table:
    """Past loans as a bank delivers them; the grade lowers the risk beyond the bank's own data."""
    draw = np.random.default_rng(seed)
    sector = draw.choice(len(SECTORS), rows, p=[0.2, 0.12, 0.18, 0.35, 0.1, 0.05])
    income = np.exp(draw.normal(16.2, 0.6, rows)).round()
    stability = draw.beta(5, 2, rows).round(3)
    shares = draw.dirichlet(np.full(12, 4.0), rows)
    debt = np.where(draw.random(rows) < 0.5, 0.0, (income * np.exp(draw.normal(-1.0, 0.8, rows))).round())
    deposits = (income * np.exp(draw.normal(-2.0, 1.0, rows))).round()
    days_late = np.where(draw.random(rows) < 0.85, 0, draw.integers(1, 80, rows))
    queries = draw.poisson(1.2, rows)
    prior = draw.poisson(1.0, rows)
    on_time = draw.binomial(prior, 0.95)
    grade = draw.choice(len(GRADES), rows, p=[0.6, 0.25, 0.1, 0.05])
    log_odds = (
        base
        - 0.4 * (np.log(income) - 16.2)
        - 1.2 * stability
        + 1.5 * np.minimum(debt / income, 2.0)
        + 0.03 * days_late
        + 0.15 * queries
        + 0.9 * ((sector == 0) & (deposits < 0.1 * income))
        - 0.6 * grade
    )
    bad = draw.random(rows) < 1.0 / (1.0 + np.exp(-log_odds))
    how = draw.integers(0, 3, rows)
    drawn = np.array([date(2021, 6, 1)] * rows, dtype="datetime64[D]") + draw.integers(0, 1430, rows)
    unknown_income, no_bureau = draw.random(rows) < 0.2, draw.random(rows) < 0.15
    return pa.table(
        {
            "loan_ref": [f"L{number:07d}" for number in range(rows)],
            "village_code": [f"V{number:03d}" for number in draw.integers(1, 85, rows)],
            "drawn_on": pa.array(drawn),
            "matured_on": pa.array(drawn + 365),
            "principal_fen": pa.array(draw.integers(10, 300, rows) * 100_000),
            "sector": np.array(SECTORS)[sector],
            "adults": draw.integers(1, 5, rows),
            "minors": draw.integers(0, 3, rows),
            "annual_income_fen": _whole(income, unknown_income),
            "income_stability": pa.array(stability, mask=unknown_income),
            **{name: pa.array(shares[:, month], mask=unknown_income) for month, name in enumerate(MONTHLY_SHARES)},
            "months_with_bank": draw.integers(0, 240, rows),
            "deposit_average_12m_fen": _whole(deposits),
            "settlement_inflow_12m_fen": _whole((income * draw.beta(4, 2, rows)).round()),
            "months_inflow_positive_12m": draw.integers(3, 13, rows),
            "unsecured_debt_fen": _whole(debt, no_bureau),
            "other_lenders": draw.poisson(0.6, rows),
            "max_days_past_due_24m": days_late,
            "bureau_queries_6m": _whole(queries, no_bureau),
            "years_in_trade": draw.integers(0, 35, rows),
            "owns_vessel": ((sector == 0) & (draw.random(rows) < 0.6)).astype(np.int64),
            "prior_loans": prior,
            "prior_loans_repaid_on_time": on_time,
            "grade_at_start": np.array(GRADES)[grade],
            "days_past_due_max_12m": np.where(bad & (how == 0), 95, np.minimum(days_late, 89)),
            "written_off_within_12m": (bad & (how == 1)).astype(np.int64),
            "distressed_restructuring_within_12m": (bad & (how == 2)).astype(np.int64),
        }
    )


def _whole(values: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    return pa.array(values.astype(np.int64), mask=mask)


@pytest.fixture(scope="session")
def past_loans() -> pa.Table:
    return make_past_loans(16_000, SEED)


@pytest.fixture(scope="session")
def households() -> pa.Table:
    """Household columns as they come for serving: no outcome, the grade under its serving name."""
    loans = make_past_loans(3_000, SEED + 1)
    return loans.rename_columns(["grade" if name == "grade_at_start" else name for name in loans.column_names])


@pytest.fixture(scope="session")
def values(households: pa.Table) -> np.ndarray:
    """Baseline features of varied households, with holes punched at random into every column."""
    values = make_features(households, declared_features("baseline")).values.copy()
    values[np.random.default_rng(SEED).random(values.shape) < 0.15] = np.nan
    return values


@pytest.fixture(scope="session")
def both(past_loans: pa.Table) -> BankModels:
    return train_bank(past_loans, seed=SEED)


@pytest.fixture(scope="session")
def baseline(both: BankModels) -> TrainedModel:
    return both.baseline


@pytest.fixture(scope="session")
def full(both: BankModels) -> TrainedModel:
    assert both.full is not None
    return both.full
