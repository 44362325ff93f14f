"""LightGBM as it comes, tuned, and tuned in a bag: one search serves the tuned model and the bag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.nested import Setting
from experiments.benchmarks.models.side import contend

MOST_ROUNDS, PATIENCE, MEMBERS = 1_500, 60, 8
COMMON: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "num_threads": 1,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}
SHAPES: list[Setting] = [
    {"num_leaves": 4, "feature_fraction": 0.5, "min_data_in_leaf": 20, "lambda_l2": 1.0},
    {"num_leaves": 4, "feature_fraction": 0.25, "min_data_in_leaf": 40, "lambda_l2": 20.0},
    {"num_leaves": 8, "feature_fraction": 0.5, "min_data_in_leaf": 20, "lambda_l2": 1.0},
    {"num_leaves": 8, "feature_fraction": 0.25, "min_data_in_leaf": 40, "lambda_l2": 20.0},
    {"num_leaves": 16, "feature_fraction": 0.5, "min_data_in_leaf": 20, "lambda_l2": 1.0},
    {"num_leaves": 16, "feature_fraction": 0.25, "min_data_in_leaf": 60, "lambda_l2": 20.0},
    {"num_leaves": 31, "feature_fraction": 0.5, "min_data_in_leaf": 40, "lambda_l2": 5.0},
    {"num_leaves": 31, "feature_fraction": 0.25, "min_data_in_leaf": 100, "lambda_l2": 20.0},
]


class Tuned:
    """Shape searched, rounds by early stopping in the inner folds; the bag repeats the fit with other seeds."""

    settings: Sequence[Setting] = SHAPES

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """Held-out log-loss after every round, until it has not fallen for a while."""
        told: dict[str, dict[str, list[float]]] = {}
        train = data(learned)
        lgb.train(
            {**COMMON, **setting, "metric": "binary_logloss"},
            train,
            MOST_ROUNDS,
            valid_sets=[data(tested, train)],
            callbacks=[lgb.record_evaluation(told), lgb.early_stopping(PATIENCE, verbose=False)],
        )
        return np.array(told["valid_0"]["binary_logloss"])

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:
        """The first member alone, and the mean of all members."""
        members = [
            lgb.train({**COMMON, **setting, "seed": seed}, data(learned), stages).predict(tested.values)
            for seed in range(MEMBERS)
        ]
        return {"lightgbm_tuned": np.asarray(members[0]), "lightgbm_bag": np.mean(members, axis=0)}


def data(part: Part, reference: lgb.Dataset | None = None) -> lgb.Dataset:
    """The rows with their categories named."""
    return lgb.Dataset(part.values, part.labels, reference=reference, categorical_feature=part.categories or "auto")


if __name__ == "__main__":
    contend(Tuned(), quick=[SHAPES[0], SHAPES[3], SHAPES[5]])
