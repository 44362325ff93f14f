"""A village to try policies on, and the small policy with round numbers."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.lpr import LprTable
from models.policy import Policy
from models.policy_loader import POLICIES, PolicyFile, load_policy, read_lpr

HERE = Path(__file__).parent
DAY = date(2026, 6, 15)

Columns = dict[str, Any]
Build = Callable[..., Columns]


def _households(count: int = 1, **changed: Any) -> Columns:
    """Wage households of two adults and a child who earn 120,000 yuan, evenly, and owe nothing."""
    typical: Mapping[str, Any] = {
        "household_ref": [f"H{row:04d}" for row in range(count)],
        "sector": ["wage"] * count,
        "borrower_birth_on": np.full(count, np.datetime64("1986-03-04")),
        "adults": np.full(count, 2),
        "minors": np.full(count, 1),
        "annual_income_fen": np.full(count, 12_000_000.0),
        "income_stability": np.full(count, 1.0),
        "unsecured_debt_fen": np.full(count, 0.0),
        "max_days_past_due_24m": np.full(count, 0),
        "bureau_queries_6m": np.full(count, 1.0),
        "other_lenders": np.full(count, 0),
    }
    shares = {f"monthly_income_share_{month:02d}": np.full(count, 1 / 12) for month in range(1, 13)}
    return {**typical, **shares, **changed}


@pytest.fixture(scope="session")
def households() -> Build:
    return _households


@pytest.fixture(scope="session")
def day() -> date:
    return DAY


@pytest.fixture(scope="session")
def lpr() -> LprTable:
    return read_lpr(PolicyFile.of(POLICIES / "lpr.yaml"))[0]


@pytest.fixture(scope="session")
def plain() -> Policy:
    return load_policy("plain", DAY, folder=HERE / "policies", lpr_path=POLICIES / "lpr.yaml").policy
