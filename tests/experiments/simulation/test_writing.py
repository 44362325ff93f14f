import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from experiments.simulation import Behaviour, SimulationConfig, write_simulation
from experiments.simulation.__main__ import app
from experiments.simulation.config import BANKS

SCALE = 0.02


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.usefixtures("written")
def test_the_same_seed_gives_the_same_bytes(
    folder: Path, tmp_path: Path, config: SimulationConfig, behaviour: Behaviour
) -> None:
    write_simulation(config, behaviour, 6, tmp_path, SCALE)
    assert _digests(tmp_path) == _digests(folder)


@pytest.mark.usefixtures("written")
def test_another_seed_gives_another_district(folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["write", "--seed", "7", "--out", str(tmp_path), "--scale", str(SCALE)])
    assert result.exit_code == 0, result.output
    assert "district/ebike_control_20260614_01.csv" in result.output
    ours, theirs = _digests(folder), _digests(tmp_path)
    same = {name for name in ours if ours[name] == theirs.get(name)}
    assert not same


@pytest.mark.usefixtures("written")
def test_folders_hold_the_district_the_banks_the_channel_and_the_truth(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"district", "channel", "truth", *BANKS}
    for bank in BANKS:
        assert {path.name for path in (folder / bank).iterdir()} == {
            "household_changes_20260410.csv",
            "household_changes_20260614.csv",
            "households_20260614.csv",
            "past_loans_20260614.csv",
        }
        assert (folder / "channel" / bank / "intentions.jsonl").stat().st_size > 0


@pytest.mark.usefixtures("written")
def test_no_delivered_file_tells_the_truth(folder: Path) -> None:
    secret = {"default_probability", "latent_log_odds", "archetype", "civility_points", "engagement"}
    truth = {name for path in (folder / "truth").glob("*.parquet") for name in pq.read_schema(path).names}
    assert secret <= truth
    for path in folder.rglob("*.csv"):
        assert not secret & set(path.read_bytes().split(b"\n")[0].decode("gb18030", "replace").split(","))


@pytest.mark.usefixtures("written")
def test_the_truth_knows_every_row_of_the_banks_files(folder: Path) -> None:
    truth = pq.read_table(folder / "truth" / "bank_households.parquet")
    for bank in BANKS:
        lines = (folder / bank / "households_20260614.csv").read_text().splitlines()[1:]
        refs = [row["household_ref"] for row in truth.to_pylist() if row["bank_code"] == bank]
        assert refs == [line.split(",")[0] for line in lines]
