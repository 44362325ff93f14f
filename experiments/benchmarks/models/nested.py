"""The search all learners go through: configurations in the inner folds, then one fit of the outer training rows.

Everything is chosen by log-loss inside the outer training rows; the rows of the outer fold are only predicted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.models.cells import Cell, Trial
from experiments.benchmarks.models.exchange import Floats, Part, inner_splits, outer_split

Setting = dict[str, Any]


class Learner(Protocol):
    """What a peer must be able to do."""

    settings: Sequence[Setting]
    """Configurations to search; a single one is taken as it is."""

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """Log-loss on the tested part after each stage of learning; one number where there are no stages."""
        ...

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:
        """Probability of each tested row by name of the learner, learned in so many stages."""
        ...


def log_loss(labels: Floats, probability: Floats) -> float:
    """Mean negative log-likelihood; probabilities are kept 1e-15 away from certainty."""
    kept = np.clip(probability, 1e-15, 1 - 1e-15)
    return float(-np.mean(np.where(labels > 0, np.log(kept), np.log1p(-kept))))


def searched(learner: Learner, part: Part, inner: NDArray[np.int8]) -> list[Trial]:
    """Every configuration with its inner log-loss at its best common stage; nothing to search gives no trial."""
    if len(learner.settings) == 1:
        return []
    splits = [(part.take(split.learned), part.take(split.tested)) for split in inner_splits(inner)]
    return [trial(setting, [learner.losses(setting, *split) for split in splits]) for setting in learner.settings]


def trial(setting: Setting, curves: Sequence[Floats]) -> Trial:
    """The stage at which the folds' common loss is least."""
    common = min(map(len, curves))
    mean = np.mean([curve[:common] for curve in curves], axis=0)
    best = int(np.argmin(mean))
    return Trial(setting, float(mean[best]), best + 1 if common > 1 else 0)


def nested(learner: Learner, part: Part, inner: NDArray[np.int8]) -> Cell:
    """Search, fit, and predict one outer fold."""
    started = time.perf_counter()
    trials = searched(learner, part, inner)
    chosen = min(range(len(trials)), key=lambda one: trials[one].loss, default=-1)
    setting, stages = (trials[chosen].setting, trials[chosen].stage) if trials else (learner.settings[0], 0)
    split, fitting = outer_split(inner), time.perf_counter()
    probability = learner.probabilities(setting, stages, part.take(split.learned), part.take(split.tested))
    ended = time.perf_counter()
    seconds = {"cell": ended - started, "fit": ended - fitting}
    return Cell(split.tested, probability, trials, chosen, seconds, {})
