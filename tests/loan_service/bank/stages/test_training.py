import csv
import hashlib
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from loan_service.bank.files import PAST_LOANS
from loan_service.bank.stages import training
from loan_service.bank.store.promotions import live
from loan_service.foundation.database import transaction
from loan_service.foundation.migrate import ensure_database
from loan_service.foundation.wing import Wing
from models.registry import Registry
from models.scorecard import Scorecard

DAY = date(2026, 6, 15)
BANK = "island_rural"
LOANS = 2600
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
    path = tmp_path / "past_loans_20260614.csv"
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
        "village_code": "V001",
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


def test_a_file_is_trained_registered_and_put_to_work_once(
    bank: Wing, loans: Path, registry: Registry, look: Any
) -> None:
    trained = training.train(bank, BANK, loans, DAY, registry)
    assert trained.refusal == ""
    assert (trained.file.rows_read, trained.file.faults) == (LOANS + 1, {"level.unknown": 1})
    assert trained.versions == {"baseline": f"{BANK}.baseline/1", "full": f"{BANK}.full/1"}
    assert trained.metrics["baseline"]["auc"] > 0.6
    with transaction(bank.engine) as connection:
        promotions = live(connection, BANK, DAY)
        assert live(connection, BANK, DAY - timedelta(days=1)) == {}
    for kind, promotion in promotions.items():
        assert hashlib.sha256(promotion.scorecard.encode()).hexdigest() == promotion.scorecard_sha256
        served = Scorecard.from_json(promotion.scorecard)
        assert registry.load_scorecard(f"{BANK}.{kind}").to_json() == served.to_json() == promotion.scorecard
    before = look.hashes()
    again = training.train(bank, BANK, loans, DAY, registry)
    assert again == replace(trained, file=again.file, metrics={})
    assert look.hashes() == before


def test_two_trainings_of_one_file_at_once_promote_it_once(
    bank: Wing, loans: Path, registry: Registry, look: Any
) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: training.train(bank, BANK, loans, DAY, registry), range(2))
    assert first.versions == second.versions == {"baseline": f"{BANK}.baseline/1", "full": f"{BANK}.full/1"}
    assert look.count("promotions") == 2


def test_too_few_defaults_train_nothing_and_are_told(bank: Wing, loans: Path, tmp_path: Path, look: Any) -> None:
    lines = loans.read_text().splitlines()[:200]
    loans.write_text("\n".join(lines) + "\n")
    trained = training.train(bank, BANK, loans, DAY, Registry("postgresql://nobody@localhost/none", tmp_path))
    assert "defaults" in trained.refusal
    assert trained.versions == {}
    assert look.count("promotions") == 0
    assert look.rows("bank_files", "kind", "rows_read") == [("past_loans", 199)]


def test_a_file_of_another_shape_trains_nothing_and_is_told(bank: Wing, loans: Path, tmp_path: Path) -> None:
    loans.write_text(loans.read_text().replace("rate_bp", "rate", 1))
    trained = training.train(bank, BANK, loans, DAY, Registry("postgresql://nobody@localhost/none", tmp_path))
    assert "file.header" in trained.refusal
