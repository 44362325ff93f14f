"""From cells to figures: every measure per outer fold, and differences paired by fold with their standard errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from experiments.benchmarks.models.cells import Cell
from experiments.benchmarks.models.contenders import EVERYBODY, OURS, Contender
from experiments.benchmarks.models.exchange import Floats, Fold
from experiments.benchmarks.models.folds import OUTER
from experiments.benchmarks.models.runs import Task
from models.measures import (
    area_under_curve,
    brier,
    expected_calibration_error,
    h_measure,
    kolmogorov_smirnov,
    log_loss,
)

HIGHER_IS_BETTER: Final = {"auc": True, "ks": True, "h": True, "brier": False, "logloss": False}
_CERTAIN: Final = 1e-15

Figures = Mapping[str, Floats]
"""Per measure its value in each fold."""


@dataclass(frozen=True, eq=False, slots=True)
class FileFigures:
    """One file.

    Attributes:
        task: the file and its folds.
        folds: those whose cells of all learners below are there.
        learners: per learner its measures, in the order of `folds`.
        cells: per process its cells, in the order of `folds`.
    """

    task: Task
    folds: tuple[Fold, ...]
    learners: Mapping[str, Figures]
    cells: Mapping[Contender, Sequence[Cell]]

    def mean(self, learner: str, measure: str) -> float:
        """Mean over the folds."""
        return float(self.learners[learner][measure].mean())

    def ece_over_floor(self, learner: str) -> float:
        """Mean calibration error over the mean of its noise floors."""
        return self.mean(learner, "ece") / self.mean(learner, "ece_floor")

    @property
    def peers(self) -> list[str]:
        """Everybody but us."""
        return [name for name in self.learners if not name.startswith(OURS)]

    def best_peer(self, measure: str) -> str:
        """The peer whose mean is best."""
        sign = 1.0 if HIGHER_IS_BETTER[measure] else -1.0
        return max(self.peers, key=lambda name: sign * self.mean(name, measure))

    def difference(self, measure: str, peer: str) -> tuple[float, float]:
        """Ours less the peer's, with the standard error of folds paired.

        Repeats sharpen the mean and the spread, but are not counted as further folds: they share their rows.
        """
        paired = self.learners[OURS][measure] - self.learners[peer][measure]
        spread = float(paired.std(ddof=1)) if len(paired) > 1 else float("nan")
        return float(paired.mean()), spread / min(len(paired), OUTER) ** 0.5


def file_figures(task: Task, contenders: Sequence[Contender] = EVERYBODY) -> FileFigures:
    """Measures every cell that is there; folds in which a contender with any cell lacks one are left out."""
    present = [one for one in contenders if len(task.missing(one)) < len(task.folds)]
    folds = tuple(fold for fold in task.folds if not any(fold in task.missing(one) for one in present))
    cells = {one: [task.cell(one, fold) for fold in folds] for one in present}
    learners = {name: figures for one in present for name, figures in measured(task.table.part.labels, cells[one])}
    return FileFigures(task, folds, learners, cells)


def measured(labels: Floats, cells: Sequence[Cell]) -> Iterator[tuple[str, Figures]]:
    """Each learner of a process with its measures by fold."""
    for name in cells[0].probability if cells else ():
        folds = [measures(labels[cell.rows], cell.probability[name]) for cell in cells]
        yield name, {measure: np.array([fold[measure] for fold in folds]) for measure in folds[0]}


def measures(labels: Floats, probability: Floats) -> dict[str, float]:
    """Every measure of one fold; log-loss keeps probabilities 1e-15 away from certainty."""
    kept = np.clip(probability, _CERTAIN, 1.0 - _CERTAIN)
    error, floor = expected_calibration_error(labels, probability)
    return {
        "auc": area_under_curve(labels, probability),
        "ks": kolmogorov_smirnov(labels, probability),
        "h": h_measure(labels, probability),
        "brier": brier(labels, probability),
        "logloss": log_loss(labels, np.log(kept) - np.log1p(-kept)),
        "ece": error,
        "ece_floor": floor,
    }


def told(figures: FileFigures) -> dict[str, Any]:
    """The keys of one file."""
    by_auc, by_loss = figures.best_peer("auc"), figures.best_peer("logloss")
    auc_difference, auc_error = figures.difference("auc", by_auc)
    loss_difference, loss_error = figures.difference("logloss", by_loss)
    return {
        **{measure: figures.mean(OURS, measure) for measure in HIGHER_IS_BETTER},
        "ece_over_floor": figures.ece_over_floor(OURS),
        "best_peer": by_auc,
        "best_peer_auc": figures.mean(by_auc, "auc"),
        "best_peer_logloss": figures.mean(by_loss, "logloss"),
        "best_peer_by_logloss": by_loss,
        "auc_difference": auc_difference,
        "paired_se_auc": auc_error,
        "logloss_difference": loss_difference,
        "paired_se_logloss": loss_error,
        "below_bar": float(auc_difference < -auc_error or loss_difference > loss_error),
        "folds": len(figures.folds),
    }


def bar(files: Sequence[FileFigures]) -> dict[str, float | str]:
    """How far the bar is held: files below it, and our lead over the peer that is best on average over the files."""
    means = averages(files)
    others = [name for name in means if not name.startswith(OURS)]
    by_auc = max(others, key=lambda name: means[name]["auc"])
    by_loss = min(others, key=lambda name: means[name]["logloss"])
    return {
        "files_below_bar": sum(told(one)["below_bar"] for one in files),
        "best_average_peer": by_auc,
        "average_auc_lead": means[OURS]["auc"] - means[by_auc]["auc"],
        "best_average_peer_by_logloss": by_loss,
        "average_logloss_lead": means[by_loss]["logloss"] - means[OURS]["logloss"],
    }


def averages(files: Sequence[FileFigures]) -> dict[str, dict[str, float]]:
    """Per learner its mean over the files; only learners that were measured on all of them."""
    everywhere = [name for name in files[0].learners if all(name in one.learners for one in files)]
    return {
        name: {
            **{measure: float(np.mean([one.mean(name, measure) for one in files])) for measure in HIGHER_IS_BETTER},
            "ece_over_floor": float(np.mean([one.ece_over_floor(name) for one in files])),
        }
        for name in everywhere
    }
