"""Bank files as a bank would write them."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from loan_service.bank.stages.households.contract import HEADER

Row = dict[str, str]
HouseholdFile = Callable[..., Path]


def hex32(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def household_row(number: int, **changes: object) -> Row:
    """A sound wage-earning household with every authorisation; `changes` overwrite single columns."""
    row = {
        "household_ref": f"H{number:06d}",
        "household_key": hex32("household", number),
        "village_code": f"V{1 + number % 84:03d}",
        "sector": "wage",
        "borrower_ref": f"B{number:06d}",
        "borrower_birth_on": "1980-03-01",
        "borrower_sex": "female",
        "borrower_binding_token": hex32("borrower", number),
        "spouse_consented": "0",
        "spouse_binding_token": "",
        "adults": "2",
        "minors": "1",
        "annual_income_fen": str(12_000_000 + 1000 * number),
        "income_stability": "0.850",
        **{f"monthly_income_share_{month:02d}": "0.0833" for month in range(1, 13)},
        "months_with_bank": "60",
        "deposit_average_12m_fen": "2000000",
        "settlement_inflow_12m_fen": "9000000",
        "months_inflow_positive_12m": "12",
        "unsecured_debt_fen": "0",
        "other_lenders": "0",
        "max_days_past_due_24m": "0",
        "bureau_queries_6m": "1",
        "years_in_trade": "12",
        "owns_vessel": "0",
        "prior_loans": "2",
        "prior_loans_repaid_on_time": "2",
        "authorised_bureau": "1",
        "authorised_income": "1",
        "as_of": "2026-06-15",
    }
    return row | {name: str(value) for name, value in changes.items()}


@pytest.fixture
def household_file(tmp_path: Path) -> HouseholdFile:
    """Writes `households_20260615.csv` from rows and returns its path."""

    def write(rows: Iterable[Row], name: str = "households_20260615.csv") -> Path:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.write_bytes(buffer.getvalue().encode())
        return path

    return write


@pytest.fixture(name="household_row")
def household_row_fixture() -> Callable[..., Row]:
    return household_row
