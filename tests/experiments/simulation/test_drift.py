import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from experiments.simulation.drift import KINDS, Kind, bank_folder, write_drift
from experiments.simulation.writing import Simulation
from loan_service.bank.files import HOUSEHOLDS, check, day_of, read_texts, typed

BANK = "island_rural"
LATER = dt.date(2026, 7, 14)


@pytest.fixture
def mine(folder: Path, written: Simulation, tmp_path: Path) -> Path:
    """A bank's folder of our own with its household file of the demo's eve."""
    own = tmp_path / BANK
    own.mkdir()
    (own / "households_20260614.csv").write_bytes((folder / BANK / "households_20260614.csv").read_bytes())
    return own


def read(path: Path) -> pa.Table:
    texts = read_texts(HOUSEHOLDS, path.name, path.read_bytes())
    checked = check(HOUSEHOLDS, texts, day_of(HOUSEHOLDS, path))
    assert checked.faults == []
    return typed(HOUSEHOLDS, checked.columns)


def numbers(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_file_keeps_the_contract_and_the_households(mine: Path, kind: Kind) -> None:
    before = read(mine / "households_20260614.csv")
    after = read(write_drift(mine, kind, seed=1))
    assert after["household_ref"].equals(before["household_ref"])
    assert set(after["as_of"].to_pylist()) == {LATER}
    assert (numbers(after, "months_with_bank") - numbers(before, "months_with_bank") == 1).all()


def test_the_same_seed_gives_the_same_bytes(mine: Path) -> None:
    path = write_drift(mine, "fishing_ban", seed=1)
    first = path.read_bytes()
    path.unlink()
    assert write_drift(mine, "fishing_ban", seed=1).read_bytes() == first
    path.unlink()
    assert write_drift(mine, "fishing_ban", seed=2).read_bytes() != first


def test_without_drift_only_what_changes_anyway_has_changed(mine: Path) -> None:
    before = read(mine / "households_20260614.csv")
    after = read(write_drift(mine, "none", seed=1))
    changed = {name for name in before.column_names if not after[name].equals(before[name])}
    assert changed == {
        "annual_income_fen",
        "deposit_average_12m_fen",
        "settlement_inflow_12m_fen",
        "bureau_queries_6m",
        "months_with_bank",
        "as_of",
    }


def test_a_longer_ban_takes_income_and_months_from_fishery_households_alone(mine: Path) -> None:
    before = read(mine / "households_20260614.csv")
    after = read(write_drift(mine, "fishing_ban", seed=1))
    fishery = np.array([sector == "fishery" for sector in before["sector"].to_pylist()])
    ratio = numbers(after, "annual_income_fen") / numbers(before, "annual_income_fen")
    assert np.nanmedian(ratio[fishery]) < 0.85
    assert np.nanmedian(ratio[~fishery]) == pytest.approx(1.0, abs=0.01)
    september = numbers(after, "monthly_income_share_09") - numbers(before, "monthly_income_share_09")
    assert np.nanmax(september[fishery]) < 0.0
    assert np.nanmax(np.abs(september[~fishery])) == pytest.approx(0.0, abs=1e-9)


def test_shares_still_sum_to_one(mine: Path) -> None:
    after = read(write_drift(mine, "fishing_ban", seed=1))
    shares = np.stack([numbers(after, f"monthly_income_share_{month:02d}") for month in range(1, 13)])
    known = ~np.isnan(shares[0])
    assert shares.sum(axis=0)[known] == pytest.approx(1.0, abs=1e-9)


def test_the_silent_bureau_leaves_authorised_fields_empty(mine: Path) -> None:
    before = read(mine / "households_20260614.csv")
    after = read(write_drift(mine, "bureau_missing", seed=1))
    assert after["authorised_bureau"].equals(before["authorised_bureau"])
    gone = after["unsecured_debt_fen"].null_count / after.num_rows
    assert gone > before["unsecured_debt_fen"].null_count / before.num_rows + 0.3


def test_an_earlier_day_and_an_empty_folder_are_refused(mine: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not later"):
        write_drift(mine, "none", seed=1, day=dt.date(2026, 6, 14))
    with pytest.raises(FileNotFoundError):
        bank_folder(tmp_path, "harbour_city")
    assert bank_folder(tmp_path, BANK) == mine
