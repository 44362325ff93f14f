"""The bank's classic: optimal bins (optbinning), weights of evidence, logistic regression on them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # lives in the peers' environment
from optbinning import BinningProcess  # type: ignore[import-not-found]  # likewise
from sklearn.linear_model import LogisticRegression

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.nested import Setting, log_loss
from experiments.benchmarks.models.peers.frames import frame, names
from experiments.benchmarks.models.side import contend

NAME = "woe_scorecard"
SETTINGS: list[Setting] = [
    {"min_prebin_size": prebin, "C": strength} for prebin in (0.02, 0.05) for strength in (0.003, 0.03, 0.3, 3.0)
]


class WeightsOfEvidence:
    """The finest bins and the strength of the ridge are searched; bins are made once per training part."""

    settings: Sequence[Setting] = SETTINGS

    def __init__(self) -> None:
        self._known: dict[tuple[int, float], tuple[Part, pd.DataFrame, pd.DataFrame]] = {}

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """One number."""
        return np.array([log_loss(tested.labels, self.probabilities(setting, 0, learned, tested)[NAME])])

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:  # noqa: ARG002  # no stages
        """Probability of each tested row."""
        known, asked = self._evidence(setting["min_prebin_size"], learned, tested)
        model = LogisticRegression(C=setting["C"], max_iter=2_000).fit(known, learned.labels)
        return {NAME: model.predict_proba(asked)[:, 1]}

    def _evidence(self, prebin: float, learned: Part, tested: Part) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Weights of evidence of both parts; the learned part is kept with them, so that its identity stays its own."""
        key = (id(learned), prebin)
        if key not in self._known:
            process = binning(prebin, learned)
            self._known[key] = (learned, *(evidence(process, part) for part in (learned, tested)))
        return self._known[key][1:]


def binning(prebin: float, learned: Part) -> BinningProcess:
    """Optimal bins of every feature: at least so large a share of the rows in each of the first bins."""
    columns = names(learned)
    codes = sorted({code for feature in learned.features for code in feature.special_codes})
    process = BinningProcess(
        columns,
        categorical_variables=[columns[place] for place in learned.categories] or None,
        special_codes=codes or None,
        binning_fit_params={name: {"min_prebin_size": prebin} for name in columns},
        n_jobs=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return process.fit(frame(learned), learned.labels.astype(np.int64))


def evidence(process: BinningProcess, part: Part) -> pd.DataFrame:
    """Weights of evidence; what is missing or special has its own, as observed."""
    told: dict[str, Any] = {"metric": "woe", "metric_missing": "empirical", "metric_special": "empirical"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return process.transform(frame(part), **told)


if __name__ == "__main__":
    contend(WeightsOfEvidence(), quick=[SETTINGS[1], SETTINGS[5], SETTINGS[6]])
