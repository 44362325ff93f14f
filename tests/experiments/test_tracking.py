"""Runs of experiments are kept: parameters, data hash, code, figures, files; a run that breaks says so."""

import json
from pathlib import Path

import pytest

from experiments.benchmarks import reporting
from experiments.plots import bars
from experiments.tracking import hash_of, tracked
from models.code_version import code_version
from models.registry import open_client


@pytest.fixture
def uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of the test's own; what has no store named goes there too."""
    monkeypatch.chdir(tmp_path)
    address = f"sqlite:///{tmp_path / 'runs.db'}"
    monkeypatch.setenv("HAIXIA_TRACKING_URI", address)
    return address


def test_a_run_keeps_what_it_was_given_and_what_it_found(uri: str, tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_text("a\n1\n")
    with tracked("fit", {"seed": 3, "long": "x" * 9000}, data=hash_of([data]), uri=uri) as run:
        run.metrics({"auc": 0.7})
        run.file("plots/auc.svg", bars({"auc": 0.7}, "AUC"))
    with open_client(uri) as client:
        kept = client.get_run(run.run_id)
        picture = Path(client.download_artifacts(run.run_id, "plots/auc.svg", str(tmp_path))).read_text()
    assert (kept.info.status, kept.data.params["seed"], kept.data.metrics) == ("FINISHED", "3", {"auc": 0.7})
    assert kept.data.tags["data_hash"] == hash_of([data])
    assert kept.data.tags["code_version"] == code_version()
    assert picture.startswith("<svg")


def broken_run(uri: str, started: list[str]) -> None:
    with tracked("fit", {}, uri=uri) as run:
        started.append(run.run_id)
        raise KeyboardInterrupt


def test_a_run_that_breaks_is_failed_and_the_error_goes_on(uri: str) -> None:
    started: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        broken_run(uri, started)
    with open_client(uri) as client:
        assert client.get_run(started[0]).info.status == "FAILED"


def test_the_hash_of_data_tells_contents_and_names_apart_but_not_their_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    assert hash_of([one, two]) == hash_of([two, one]) == hash_of([tmp_path])
    before = hash_of([tmp_path])
    two.write_text("3")
    assert hash_of([tmp_path]) != before
    two.write_text("2")
    two.rename(tmp_path / "other")
    assert hash_of([tmp_path]) != before


def test_every_benchmark_is_a_run(uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reporting.report("toy", {"ours/theirs %": 2.0}, {"ours/theirs %": "more is better"}, parameters={"rows": 10})
    assert "more is better" in capsys.readouterr().out
    assert json.loads((tmp_path / "build/bench/toy.json").read_text()) == {"ours/theirs %": 2.0}
    with open_client(uri) as client:
        experiment = client.get_experiment_by_name("bench toy")
        (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.metrics == {"ours/theirs _": 2.0}
    assert run.data.params["rows"] == "10"
    assert run.data.params["cores"]
