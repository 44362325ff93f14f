from pathlib import Path

import numpy as np
import pytest

from experiments.benchmarks.models.cells import Cell, write_cell
from experiments.benchmarks.models.contenders import Contender
from experiments.benchmarks.models.exchange import Feature, Fold, Part
from experiments.benchmarks.models.page import page
from experiments.benchmarks.models.runs import Task, prepared, shared_out
from experiments.benchmarks.models.sharpness import FileFigures, averages, bar, file_figures, measures, told
from experiments.benchmarks.models.tables import CreditTable

FOLDS = tuple(Fold(0, number) for number in range(4))


def figures(tmp_path: Path, **learners: list[float]) -> FileFigures:
    """Given AUCs by learner and fold; log-loss is 1 - AUC."""
    part = Part((Feature("x"),), np.arange(4.0)[:, None], np.array([0.0, 1.0, 0.0, 1.0]))
    task = Task(CreditTable("some", part, ()), tmp_path, FOLDS, quick=False)
    others = dict.fromkeys(("ks", "h", "brier", "ece", "ece_floor"), np.full(4, 0.5))
    return FileFigures(
        task,
        FOLDS,
        {name: {"auc": np.array(auc), "logloss": 1 - np.array(auc), **others} for name, auc in learners.items()},
        {},
    )


def test_differences_are_paired_by_fold(tmp_path: Path) -> None:
    found = figures(tmp_path, haixia=[0.7, 0.8, 0.6, 0.9], peer=[0.69, 0.79, 0.59, 0.89])
    difference, error = found.difference("auc", "peer")
    assert difference == pytest.approx(0.01)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_the_standard_error_is_that_of_the_mean_of_the_differences(tmp_path: Path) -> None:
    found = figures(tmp_path, haixia=[0.7, 0.8, 0.6, 0.9], peer=[0.7, 0.7, 0.7, 0.7])
    _, error = found.difference("auc", "peer")
    assert error == pytest.approx(np.std([0.0, 0.1, -0.1, 0.2], ddof=1) / 2)


def test_the_best_peer_is_never_one_of_ours_and_depends_on_the_measure(tmp_path: Path) -> None:
    found = figures(tmp_path, haixia=[0.9] * 4, haixia_raw=[0.9] * 4, good=[0.8] * 4, poor=[0.7] * 4)
    assert (found.best_peer("auc"), found.best_peer("logloss")) == ("good", "good")
    assert told(found)["best_peer_auc"] == pytest.approx(0.8)
    assert told(found)["best_peer_logloss"] == pytest.approx(0.2)


def test_averages_are_over_files_and_only_for_whom_all_files_know(tmp_path: Path) -> None:
    one = figures(tmp_path, haixia=[0.9] * 4, peer=[0.8] * 4)
    other = figures(tmp_path, haixia=[0.7] * 4)
    assert list(averages([one, other])) == ["haixia"]
    assert averages([one, other])["haixia"]["auc"] == pytest.approx(0.8)


def test_a_file_is_below_the_bar_only_beyond_one_paired_standard_error(tmp_path: Path) -> None:
    level = {"peer": [0.70, 0.80, 0.60, 0.90]}
    near = figures(tmp_path, haixia=[0.71, 0.78, 0.60, 0.90], **level)
    far = figures(tmp_path, haixia=[0.68, 0.79, 0.59, 0.88], **level)
    ahead = figures(tmp_path, haixia=[0.75, 0.85, 0.65, 0.95], **level)
    assert [told(one)["below_bar"] for one in (near, far, ahead)] == [0.0, 1.0, 0.0]
    assert bar([near, far, ahead])["files_below_bar"] == 1.0
    assert bar([near, far, ahead])["average_auc_lead"] == pytest.approx((-0.0025 - 0.015 + 0.05) / 3)
    assert bar([near, far, ahead])["average_logloss_lead"] == pytest.approx((-0.0025 - 0.015 + 0.05) / 3)


def test_certain_probabilities_do_not_break_the_log_loss() -> None:
    found = measures(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.5, 0.5]))
    assert found["logloss"] == pytest.approx(np.log(2) / 2)
    assert found["auc"] == pytest.approx(0.875)


def test_only_missing_cells_are_run_and_their_folds_shared_out(tmp_path: Path) -> None:
    labels = (np.arange(100) % 3 == 0).astype(np.float64)
    table = CreditTable("some", Part((Feature("x"),), np.arange(100.0)[:, None], labels), ())
    task, contender = prepared(table, tmp_path, quick=False), Contender("ours", ("haixia",))
    done = Cell(np.array([0]), {"haixia": np.array([0.5])}, [], -1, {"cell": 1.0}, {})
    write_cell(done, task.cell_path(contender, Fold(0, 1)))
    shares = [folds for _, _, folds in shared_out(task, contender, 2)]
    assert sorted(fold.name for share in shares for fold in share) == sorted(
        fold.name for fold in task.folds if fold != Fold(0, 1)
    )
    assert abs(len(shares[0]) - len(shares[1])) <= 1


def test_folds_that_a_contender_lacks_are_measured_for_nobody(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    labels = (np.arange(100) % 3 == 0).astype(np.float64)
    table = CreditTable("some", Part((Feature("x"),), np.arange(100.0)[:, None], labels), ())
    task = prepared(table, tmp_path, quick=True)
    ours, peer = Contender("ours", ("haixia",)), Contender("peers.logistic", ("logistic_regression",))
    for contender, folds in ((ours, task.folds), (peer, task.folds[:1])):
        for fold in folds:
            rows = np.arange(50)
            cell = Cell(rows, {contender.learners[0]: rng.random(50)}, [], -1, {"cell": 1.0}, {})
            write_cell(cell, task.cell_path(contender, fold))
    found = file_figures(task, (ours, peer))
    assert found.folds == task.folds[:1]
    written = page([found], quick=True)
    assert "Not the bar" in written
    assert "1 of 2 outer folds measured" in written
