"""scikit-learn's HistGradientBoosting, shape searched, rounds by early stopping in the inner folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.nested import Setting
from experiments.benchmarks.models.side import contend

MOST_ROUNDS, PATIENCE = 1_000, 40
SHAPES: list[Setting] = [
    {"max_leaf_nodes": 4, "max_features": 0.5, "min_samples_leaf": 20, "l2_regularization": 1.0},
    {"max_leaf_nodes": 4, "max_features": 0.25, "min_samples_leaf": 40, "l2_regularization": 20.0},
    {"max_leaf_nodes": 8, "max_features": 0.5, "min_samples_leaf": 20, "l2_regularization": 1.0},
    {"max_leaf_nodes": 8, "max_features": 0.25, "min_samples_leaf": 40, "l2_regularization": 20.0},
    {"max_leaf_nodes": 16, "max_features": 0.5, "min_samples_leaf": 20, "l2_regularization": 1.0},
    {"max_leaf_nodes": 16, "max_features": 0.25, "min_samples_leaf": 60, "l2_regularization": 20.0},
    {"max_leaf_nodes": 31, "max_features": 0.5, "min_samples_leaf": 40, "l2_regularization": 5.0},
    {"max_leaf_nodes": 31, "max_features": 0.25, "min_samples_leaf": 100, "l2_regularization": 20.0},
]


class Histogram:
    """Held-out rows of the inner folds stop it; the last fit runs as many rounds as were best."""

    settings: Sequence[Setting] = SHAPES

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """Held-out log-loss before the first and after every round."""
        model = HistGradientBoostingClassifier(
            **shape(setting, learned, MOST_ROUNDS), early_stopping=True, n_iter_no_change=PATIENCE, scoring="loss"
        )
        model.fit(learned.values, learned.labels, X_val=tested.values, y_val=tested.labels)
        return -np.asarray(model.validation_score_)[1:]

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:
        """Probability of each tested row."""
        model = HistGradientBoostingClassifier(**shape(setting, learned, stages), early_stopping=False)
        model.fit(learned.values, learned.labels)
        return {"hist_gradient_boosting": model.predict_proba(tested.values)[:, 1]}


def shape(setting: Setting, part: Part, rounds: int) -> Setting:
    """Everything but how it stops."""
    fixed = {"learning_rate": 0.05, "max_iter": rounds, "random_state": 0}
    return {**fixed, **setting, "categorical_features": part.categories or None}


if __name__ == "__main__":
    contend(Histogram(), quick=[SHAPES[0], SHAPES[3], SHAPES[5]])
