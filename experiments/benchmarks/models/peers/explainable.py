"""Explainable boosting machine (interpret): the search uses one bag per fold, the last fit the default fourteen."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from interpret.glassbox import (  # type: ignore[import-not-found]  # lives in the peers' environment
    ExplainableBoostingClassifier,
)

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.nested import Setting, log_loss
from experiments.benchmarks.models.peers.frames import frame
from experiments.benchmarks.models.side import contend

NAME = "explainable_boosting"
SETTINGS: list[Setting] = [
    {},
    {"interactions": 0},
    {"max_leaves": 3},
    {"smoothing_rounds": 300, "interaction_smoothing_rounds": 300},
]


class Explainable:
    """Default, without pairs, with deeper or smoother shapes."""

    settings: Sequence[Setting] = SETTINGS

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """One number, from one bag."""
        return np.array([log_loss(tested.labels, fitted({**setting, "outer_bags": 1}, learned, tested))])

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:  # noqa: ARG002  # it stops by itself
        """Probability of each tested row."""
        return {NAME: fitted(setting, learned, tested)}


def fitted(setting: Setting, learned: Part, tested: Part) -> Floats:
    """Fits the learned part, predicts the tested one."""
    kinds = ["nominal" if feature.levels else "continuous" for feature in learned.features]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ExplainableBoostingClassifier(feature_types=kinds, n_jobs=1, **setting)
        model.fit(frame(learned), learned.labels.astype(np.int64))
        probability: Floats = model.predict_proba(frame(tested))[:, 1]
    return probability


if __name__ == "__main__":
    contend(Explainable(), quick=[{}])
