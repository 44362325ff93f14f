"""What banks are told of changes in households: of their own only, nobody by name, wrong where the list says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from experiments.simulation import District
from experiments.simulation.config import BANKS
from experiments.simulation.district import changes_of, households_of
from loan_service.bank.files import HOUSEHOLD_CHANGES, check, day_of, read_texts

RowsOf = Callable[[Path], list[dict[str, Any]]]
EARLIER, LATER = "household_changes_20260410.csv", "household_changes_20260614.csv"
pytestmark = pytest.mark.usefixtures("written")


@pytest.fixture(params=BANKS)
def bank(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def told(folder: Path, bank: str, rows_of: RowsOf) -> list[dict[str, Any]]:
    return [row for name in (EARLIER, LATER) for row in rows_of(folder / bank / name)]


def test_the_files_keep_their_contract_but_for_the_planted_repetitions(folder: Path, bank: str) -> None:
    for path in (folder / bank / EARLIER, folder / bank / LATER):
        texts = read_texts(HOUSEHOLD_CHANGES, path.name, path.read_bytes())
        checked = check(HOUSEHOLD_CHANGES, texts, day_of(HOUSEHOLD_CHANGES, path))
        assert {fault.code for fault in checked.faults} <= {"row.repeated"}


def test_every_sound_change_concerns_a_household_of_the_bank_or_where_a_part_of_it_came_from(
    folder: Path, bank: str, told: list[dict[str, Any]], rows_of: RowsOf
) -> None:
    listed = {row["household_key"] for row in rows_of(folder / bank / "households_20260614.csv")}
    wrong = {one["record_no"] for one in pq.read_table(folder / "truth" / "defects.parquet").to_pylist()}
    sound = [row for row in told if row["change_no"] not in wrong and row["kind"] != "registered"]
    assert sound
    for row in sound:
        assert {row["household_key"], row["other_household_key"]} & listed


def test_nobody_is_named_and_no_number_links_two_banks(
    folder: Path, bank: str, told: list[dict[str, Any]], rows_of: RowsOf
) -> None:
    identities = {row["id_number"] for row in pq.read_table(folder / "truth" / "persons.parquet").to_pylist()}
    borrowers = {row["borrower_ref"] for row in rows_of(folder / bank / "households_20260614.csv")}
    members = {row["member_ref"] for row in told} - {""}
    assert members
    assert not members & identities
    prefix = next(iter(borrowers))[:2]
    assert all(ref in borrowers or ref.startswith(f"{prefix}M") for ref in members)


def test_parts_of_the_last_24_months_deaths_moves_and_mergers_are_all_there(told: list[dict[str, Any]]) -> None:
    assert {"registered", "split", "died", "moved_out", "merged"} <= {row["kind"] for row in told}
    assert any(row["kind"] == "split" and row["occurred_on"] > "2024-06-15" for row in told)


def test_the_defect_list_names_every_row_that_is_wrong(folder: Path, bank: str, rows_of: RowsOf) -> None:
    listed = pq.read_table(folder / "truth" / "defects.parquet").to_pylist()
    defects = {(one["file"], one["record_no"], one["defect"]) for one in listed if one["file"] in (EARLIER, LATER)}
    assert {defect for *_, defect in defects} == {"late", "duplicate", "not_in_register"}
    rows = rows_of(folder / bank / LATER)
    late = {row["change_no"] for row in rows if row["occurred_on"] <= "2026-03-31" and not row["corrects_change_no"]}
    wrong = {number for name, number, defect in defects if name == LATER and defect in ("late", "duplicate")}
    assert late <= wrong


def test_at_full_size_a_bank_hears_of_hundreds_of_parts_and_of_every_case(full: District) -> None:
    files = changes_of(full, BANKS[0], households_of(full, BANKS[0], 0.0))
    kinds = [kind for told in files for kind in told.table["kind"].to_pylist()]
    assert kinds.count("split") > 100
    assert {"became_borrower", "married", "merged", "moved_out"} <= set(kinds)
