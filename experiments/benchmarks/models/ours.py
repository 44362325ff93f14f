"""Our learner's process: its own search inside the outer training rows, calibration on its out-of-fold log-odds."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.models.cells import Cell, Trial
from experiments.benchmarks.models.exchange import Part, outer_split
from experiments.benchmarks.models.side import asked, serve
from models.calibration import fit_calibration
from models.default_risk import DefaultRiskModel
from models.layout import BaseFeature
from models.logistic import probability_of

PAIR: Final = 2


def main() -> None:
    """Answers every fold it is told; a quick run searches as a full one does."""
    serve(asked().folder, answer)


def answer(part: Part, inner: NDArray[np.int8]) -> Cell:
    """One outer fold; the learner draws its inner folds itself, within the same outer training rows."""
    started = time.perf_counter()
    split = outer_split(inner)
    learned, tested = part.take(split.learned), part.take(split.tested)
    model = learner(part).fit(learned.values, learned.labels)
    calibration, evidence = fit_calibration(model.oof_log_odds_, learned.labels)
    raw = np.asarray(model.decision_function(tested.values))
    seconds = time.perf_counter() - started
    probability = {"haixia": probability_of(calibration.of(raw)), "haixia_raw": probability_of(raw)}
    chosen = next(place for place, trial in enumerate(model.trials_) if trial is model.trial_)
    told = {"calibration": {**calibration.to_content(), "method": evidence.chosen}, **summary(model)}
    return Cell(split.tested, probability, trials_of(model), chosen, {"cell": seconds, "fit": seconds}, told)


def learner(part: Part, **knobs: Any) -> DefaultRiskModel:
    """Our learner for these columns, on one thread unless told otherwise."""
    return DefaultRiskModel(features=base_features(part), seed=0, **{"num_threads": 1, **knobs})


def base_features(part: Part) -> tuple[BaseFeature, ...]:
    """The columns as our learner declares them."""
    return tuple(BaseFeature(one.name, one.direction, one.levels, one.special_codes) for one in part.features)


def trials_of(model: DefaultRiskModel) -> list[Trial]:
    """What it tried, with its inner log-loss and rounds."""
    return [Trial(asdict(one.setting), float(one.loss), int(one.rounds)) for one in model.trials_]


def summary(model: DefaultRiskModel) -> dict[str, Any]:
    """What it became."""
    return {
        "rounds": int(model.trial_.rounds),
        "trees": int(model.tree_count_),
        "pairs": sum(len(one) == PAIR for one in model.interactions_),
        "triples": sum(len(one) > PAIR for one in model.interactions_),
        "ratios": [one.name for one in model.layout_.features if one.ratio_of],
    }


if __name__ == "__main__":
    main()
