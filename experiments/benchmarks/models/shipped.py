"""The model as it ships: fitted on all rows of a file with its own search, calibrated, compiled into a scorecard."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.ours import learner
from models.calibration import fit_calibration
from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel
from models.scorecard import Scorecard


@dataclass(frozen=True, eq=False, slots=True)
class Shipped:
    """A fitted model, its scorecard, and LightGBM's own boosters of every member."""

    model: DefaultRiskModel
    card: Scorecard
    single: Scorecard
    boosters: tuple[tuple[lgb.Booster, ...], ...]

    @property
    def single_trees(self) -> int:
        """Trees of the first member."""
        return sum(one.num_trees() for one in self.boosters[0])

    @property
    def trees(self) -> int:
        """Trees of the whole bag."""
        return sum(one.num_trees() for member in self.boosters for one in member)

    def forest_log_odds(self, values: Floats) -> Floats:
        """LightGBM's answer: the mean over members of the sum over a member's boosters."""
        matrix = self.model.layout_.expand(values)
        members = [np.sum([one.predict(matrix, raw_score=True) for one in member], axis=0) for member in self.boosters]
        return np.asarray(np.mean(members, axis=0))

    def compile_error(self, values: Floats) -> float:
        """The largest distance between the scorecard's log-odds and the forest's."""
        return float(np.abs(self.card.log_odds(values) - self.forest_log_odds(values)).max())


def ship(part: Part) -> Shipped:
    """Fits on all rows."""
    model = learner(part).fit(part.values, part.labels)
    calibration, _ = fit_calibration(model.oof_log_odds_, part.labels)
    return Shipped(
        model=model,
        card=compile_scorecard(model.members_, model.layout_, part.values, calibration=calibration),
        single=compile_scorecard(model.members_[:1], model.layout_, part.values),
        boosters=tuple(tuple(lgb.Booster(model_str=text) for text in member) for member in model.members_),
    )
