"""What the learner tries: one shape of tree after the other, from simple to rich."""

from dataclasses import dataclass
from typing import Final

from models.arrays import Floats

ALONE: Final = 1
PAIRS: Final = 2
TRIPLES: Final = 3


@dataclass(frozen=True)
class Setting:
    """One shape of forest.

    Attributes:
        leaves: Most leaves per tree.
        width: Most features that may meet in a path.
        random_thresholds: Whether each split draws one threshold per feature at random and takes the best feature:
            smoother shapes, as a bag of them averages many thresholds.
        ratios: Whether ratios of two numbers join the features.
    """

    leaves: int
    width: int = PAIRS
    random_thresholds: bool = True
    ratios: bool = False


SETTINGS: Final = (
    Setting(leaves=4, width=ALONE),
    Setting(leaves=4),
    Setting(leaves=4, ratios=True),
    Setting(leaves=8, ratios=True),
    Setting(leaves=8, ratios=True, random_thresholds=False),
    Setting(leaves=16, ratios=True, random_thresholds=False, width=TRIPLES),
)
"""Tried in this order; more must earn its place (see `DefaultRiskModel`)."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What one setting reached in the folds.

    Attributes:
        setting: The setting.
        rounds: Trees per member at the lowest held-out loss.
        loss: Held-out log-loss per row.
        log_odds: Held-out log-odds, shape (rows,).
        accepted: Whether it became the best so far.
        needed: How far below the best so far its loss had to lie.
    """

    setting: Setting
    rounds: int
    loss: float
    log_odds: Floats
    accepted: bool = True
    needed: float = 0.0
