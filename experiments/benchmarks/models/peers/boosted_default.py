"""LightGBM exactly as it comes: 100 rounds of 31 leaves, no search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import lightgbm as lgb
import numpy as np

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.nested import Setting
from experiments.benchmarks.models.side import contend


class AsItComes:
    """`LGBMClassifier()` with one thread."""

    settings: Sequence[Setting] = [{}]

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """There is nothing to search."""
        raise NotImplementedError

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:  # noqa: ARG002  # nothing is set
        """Probability of each tested row."""
        model = lgb.LGBMClassifier(n_jobs=1, verbosity=-1)
        model.fit(learned.values, learned.labels, categorical_feature=learned.categories or "auto")
        return {"lightgbm_default": np.asarray(model.booster_.predict(tested.values))}


if __name__ == "__main__":
    contend(AsItComes(), quick=[{}])
