from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from experiments.benchmarks.models.cells import Cell, Trial, read_cell, write_cell
from experiments.benchmarks.models.exchange import Feature, Floats, Part, outer_split
from experiments.benchmarks.models.folds import drawn
from experiments.benchmarks.models.nested import Setting, log_loss, nested, trial

ROWS = 200
LABELS = (np.arange(ROWS) % 4 == 0).astype(np.float64)
PART = Part((Feature("row"),), np.arange(ROWS, dtype=np.float64)[:, None], LABELS)
FOLD, INNER = next(iter(drawn(LABELS)))


class Watched:
    """Predicts a constant; remembers which rows it was ever shown."""

    def __init__(self, constants: Sequence[float]) -> None:
        self.settings: Sequence[Setting] = [{"constant": one} for one in constants]
        self.searched: set[float] = set()
        self.fitted: list[float] = []

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        self.searched |= set(learned.values[:, 0]) | set(tested.values[:, 0])
        return np.array([log_loss(tested.labels, np.full(len(tested.labels), setting["constant"]))])

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:  # noqa: ARG002
        self.fitted = learned.values[:, 0].tolist()
        return {"watched": np.full(len(tested.labels), setting["constant"])}


def test_the_search_never_sees_a_row_of_the_outer_fold() -> None:
    learner = Watched([0.1, 0.25])
    nested(learner, PART, INNER)
    assert learner.searched == set(outer_split(INNER).learned.astype(float))
    assert learner.fitted == outer_split(INNER).learned.tolist()


def test_the_configuration_with_the_least_inner_loss_predicts_the_outer_fold() -> None:
    cell = nested(Watched([0.9, 0.25, 0.5]), PART, INNER)
    assert cell.chosen == 1
    assert cell.probability["watched"].tolist() == [0.25] * len(cell.rows)
    assert [one.setting["constant"] for one in cell.trials] == [0.9, 0.25, 0.5]
    assert cell.rows.tolist() == outer_split(INNER).tested.tolist()


def test_a_single_configuration_is_taken_without_a_search() -> None:
    learner = Watched([0.25])
    cell = nested(learner, PART, INNER)
    assert (learner.searched, cell.trials, cell.chosen) == (set(), [], -1)


def test_rounds_are_those_best_for_all_folds_together() -> None:
    found = trial({}, [np.array([3.0, 1.0, 2.0, 0.0]), np.array([3.0, 2.0, 0.5])])
    assert found.stage == 3
    assert found.loss == pytest.approx(1.25)


def test_a_cell_survives_its_file_and_leaves_no_half(tmp_path: Path) -> None:
    cell = Cell(np.array([3, 5]), {"a": np.array([0.1, 0.2])}, [Trial({"C": 1.0}, 0.5, 7)], 0, {"cell": 1.5}, {"x": 1})
    write_cell(cell, tmp_path / "deep" / "r0f0.parquet")
    read = read_cell(tmp_path / "deep" / "r0f0.parquet")
    assert read.rows.tolist() == [3, 5]
    assert read.probability["a"].tolist() == [0.1, 0.2]
    assert (read.trials, read.chosen, read.seconds, read.told) == (cell.trials, 0, {"cell": 1.5}, {"x": 1})
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["r0f0.parquet"]
