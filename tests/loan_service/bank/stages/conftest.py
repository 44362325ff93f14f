"""A bank's file of past loans, and a registry with a database of its own."""

import csv
import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from loan_service.bank.files import PAST_LOANS
from loan_service.foundation.migrate import ensure_database
from models.registry import Registry

BANK = "island_rural"
LOANS = 4200
_NUMBERS = itertools.count()


@pytest.fixture
def registry(owner_url: str, worker_id: str, tmp_path: Path) -> Iterator[Registry]:
    """MLflow in a database of its own, dropped afterwards; a new name each time: MLflow remembers what it set up."""
    name = f"mlflow_of_bank_{worker_id}_{next(_NUMBERS)}"
    yield Registry(ensure_database(owner_url, name), tmp_path / "models")
    url = make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """A file of past loans, late payers among them, with one faulty row."""
    draw = np.random.default_rng(7)
    path = tmp_path / "files" / BANK / "past_loans_20260614.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, PAST_LOANS.header)
        writer.writeheader()
        for number in range(LOANS):
            writer.writerow(_loan(draw, number))
        writer.writerow(_loan(draw, LOANS) | {"grade_at_start": "B"})
    return path


def _loan(draw: np.random.Generator, number: int) -> dict[str, Any]:
    late = int(draw.choice([0, 0, 0, 10, 40, 70]))
    income = int(np.exp(draw.normal(16.2, 0.6)))
    bad = draw.random() < 0.03 + late / 300
    drawn = date(2021, 6, 1) + timedelta(days=number * 1430 // LOANS)
    shares = {f"monthly_income_share_{month:02d}": "0.0833" for month in range(1, 13)}
    return shares | {
        "loan_ref": f"L{number:06d}",
        "village_code": f"V{1 + number % 84:03d}",
        "drawn_on": drawn,
        "matured_on": drawn + timedelta(days=365),
        "principal_fen": 5_000_000,
        "rate_bp": 485,
        "purpose": "fishing_gear",
        "sector": draw.choice(["fishery", "wage", "trade"]),
        "adults": 2,
        "minors": 1,
        "annual_income_fen": income,
        "income_stability": f"{draw.uniform(0.2, 1):.3f}",
        "months_with_bank": int(draw.integers(1, 200)),
        "deposit_average_12m_fen": int(income * draw.uniform(0.01, 0.4)),
        "settlement_inflow_12m_fen": income,
        "months_inflow_positive_12m": 12,
        "unsecured_debt_fen": "" if draw.random() < 0.1 else int(income * draw.uniform(0, 1)),
        "other_lenders": int(draw.integers(0, 4)),
        "max_days_past_due_24m": late,
        "bureau_queries_6m": int(draw.integers(0, 6)),
        "years_in_trade": int(draw.integers(0, 30)),
        "owns_vessel": 0,
        "prior_loans": 2,
        "prior_loans_repaid_on_time": 1,
        "grade_at_start": draw.choice(["none", "none", "A", "AA"]),
        "days_past_due_max_12m": 120 if bad else 0,
        "written_off_within_12m": 0,
        "distressed_restructuring_within_12m": 0,
    }
