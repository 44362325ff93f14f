from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from experiments.simulation import District, SimulationConfig
from experiments.simulation.config import BANKS, SECTORS
from experiments.simulation.district import households_of

RowsOf: TypeAlias = Callable[[Path], list[dict[str, Any]]]
TableOf: TypeAlias = Callable[[Path], tuple[list[str], list[list[Any]]]]

MONTHS = [f"monthly_income_share_{month:02d}" for month in range(1, 13)]
FEATURES = [
    "adults",
    "minors",
    "annual_income_fen",
    "income_stability",
    *MONTHS,
    "months_with_bank",
    "deposit_average_12m_fen",
    "settlement_inflow_12m_fen",
    "months_inflow_positive_12m",
    "unsecured_debt_fen",
    "other_lenders",
    "max_days_past_due_24m",
    "bureau_queries_6m",
    "years_in_trade",
    "owns_vessel",
    "prior_loans",
    "prior_loans_repaid_on_time",
]
HOUSEHOLDS = [
    "household_ref",
    "household_key",
    "village_code",
    "sector",
    "borrower_ref",
    "borrower_birth_on",
    "borrower_sex",
    "borrower_binding_token",
    "spouse_consented",
    "spouse_binding_token",
    *FEATURES,
    "authorised_bureau",
    "authorised_income",
    "as_of",
]
LOANS = [
    "loan_ref",
    "village_code",
    "drawn_on",
    "matured_on",
    "principal_fen",
    "rate_bp",
    "purpose",
    "sector",
    *FEATURES,
    "grade_at_start",
    "days_past_due_max_12m",
    "written_off_within_12m",
    "distressed_restructuring_within_12m",
]
INCOME = ["annual_income_fen", "income_stability", *MONTHS]
BUREAU = ["unsecured_debt_fen", "other_lenders", "bureau_queries_6m"]
pytestmark = pytest.mark.usefixtures("written")


@pytest.fixture(params=BANKS)
def bank(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_columns_are_exactly_those_of_the_contract(folder: Path, bank: str, table_of: TableOf) -> None:
    assert table_of(folder / bank / "households_20260614.csv")[0] == HOUSEHOLDS
    assert table_of(folder / bank / "past_loans_20260614.csv")[0] == LOANS


def test_what_was_not_authorised_is_empty_and_what_was_is_not(folder: Path, bank: str, rows_of: RowsOf) -> None:
    rows = rows_of(folder / bank / "households_20260614.csv")
    assert {row["authorised_income"] for row in rows} == {"0", "1"}
    for row in rows:
        assert {row[name] != "" for name in INCOME} == {row["authorised_income"] == "1"}
        assert {row[name] != "" for name in BUREAU} == {row["authorised_bureau"] == "1"}


def test_a_years_income_falls_into_twelve_months_without_remainder(folder: Path, bank: str, rows_of: RowsOf) -> None:
    for row in rows_of(folder / bank / "households_20260614.csv"):
        if row["authorised_income"] == "1":
            assert sum(round(10_000 * float(row[name])) for name in MONTHS) == 10_000
            assert all("e" not in row[name] for name in MONTHS)


def test_a_household_is_listed_once_and_has_one_key_at_every_bank(folder: Path, rows_of: RowsOf) -> None:
    villages: dict[str, str] = {}
    for bank in BANKS:
        rows = rows_of(folder / bank / "households_20260614.csv")
        assert len({row["household_ref"] for row in rows}) == len({row["household_key"] for row in rows}) == len(rows)
        assert all(
            villages.setdefault(row["household_key"], row["village_code"]) == row["village_code"] for row in rows
        )


def test_borrowers_are_adults_and_never_their_own_spouse(folder: Path, bank: str, rows_of: RowsOf) -> None:
    for row in rows_of(folder / bank / "households_20260614.csv"):
        assert "1920" < row["borrower_birth_on"] <= "2008-06-14"
        assert row["spouse_binding_token"] == "" or row["spouse_binding_token"] != row["borrower_binding_token"]
        assert row["spouse_binding_token"] == "" or row["spouse_consented"] == "1"
        assert int(row["adults"]) >= 1
        assert int(row["prior_loans_repaid_on_time"]) <= int(row["prior_loans"])


def test_past_loans_were_drawn_and_matured_within_the_five_years(folder: Path, bank: str, rows_of: RowsOf) -> None:
    rows = rows_of(folder / bank / "past_loans_20260614.csv")
    assert min(row["drawn_on"] for row in rows) >= "2021-06-01"
    assert max(row["matured_on"] for row in rows) < "2026-06-15"
    assert max(row["drawn_on"] for row in rows) < "2025-06-15"
    assert {row["sector"] for row in rows} == set(SECTORS)
    assert {row["village_code"][0] for row in rows} == {"V", "W"}


def test_only_borrowers_of_the_district_ever_had_a_grade(folder: Path, bank: str, rows_of: RowsOf) -> None:
    graded = [row for row in rows_of(folder / bank / "past_loans_20260614.csv") if row["grade_at_start"] != "none"]
    assert {row["grade_at_start"] for row in graded} <= {"A", "AA", "AAA"}
    assert graded
    assert all(row["village_code"].startswith("V") and row["drawn_on"] >= "2021-08-01" for row in graded)


def test_together_the_full_files_list_forty_to_fifty_five_thousand_households(full: District) -> None:
    files = [households_of(full, bank, -4.6) for bank in BANKS]
    assert 40_000 < sum(file.table.num_rows for file in files) < 55_000
    with_token = sum(file.table.num_rows - file.table["borrower_binding_token"].null_count for file in files)
    assert with_token > 15_000


def test_unknown_keys_in_the_configuration_are_refused(config: SimulationConfig) -> None:
    values = config.model_dump(by_alias=True) | {"surprise": 1}
    with pytest.raises(ValueError, match="surprise"):
        SimulationConfig.model_validate(values)
