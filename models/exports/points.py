"""A scorecard in points that people can add up: more points, less risk; what rounding costs is measured, not guessed.

Points are `anchor_points + points_per_log_odds * (anchor log-odds - raw log-odds)`: at the anchor the odds are the
declared ones, and `points_to_double` more points double them (Siddiqi, 2006, 'Credit Risk Scorecards', chapter 6).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import Floats, Integers
from models.calibrated import Calibration
from models.errors import FlatScorecardError
from models.logistic import probability_of
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard

_FURTHEST_LOG_ODDS: Final = 200.0
_HALVINGS: Final = 200


@dataclass(frozen=True)
class PointsScale:
    """How points are told: a choice of whoever prints, never a fact about anybody.

    Attributes:
        anchor_points: Points at which the odds are `anchor_odds`.
        anchor_odds: Non-defaults per default there.
        points_to_double: Points that double the odds (in the trade: pdo).
        decimals: Decimals that printed points keep.
    """

    anchor_points: float
    anchor_odds: float
    points_to_double: float
    decimals: int

    def __post_init__(self) -> None:
        numbers = self.anchor_points, self.anchor_odds, self.points_to_double
        if not all(map(math.isfinite, numbers)) or self.anchor_odds <= 0 or self.points_to_double <= 0:
            raise ValueError(f"odds and points to double must be above zero: {numbers}")
        if self.decimals not in range(7):
            raise ValueError(f"points keep 0 to 6 decimals, not {self.decimals}")


@dataclass(frozen=True, eq=False)
class CardPoints:
    """A scorecard's tables in whole steps of the last printed decimal.

    Attributes:
        scale: What a point means.
        start: What everybody begins with.
        features: Per feature, int64 of the shape of its cells.
        interactions: Per table of features together, int64 of the shape of its cells.
        anchor_log_odds: Raw log-odds that stand at the anchor.
        points_per_log_odds: Points that one raw log-odds is worth.
        largest_error: Points by which rounding can move a total at most.
    """

    scale: PointsScale
    start: int
    features: tuple[Integers, ...]
    interactions: tuple[Integers, ...]
    anchor_log_odds: float
    points_per_log_odds: float
    largest_error: float

    @property
    def step(self) -> float:
        """One unit of the last decimal, in points."""
        return float(10.0**-self.scale.decimals)

    @property
    def range(self) -> tuple[int, int]:
        """A total can be neither below nor above these, in steps."""
        tables = (*self.features, *self.interactions)
        return self.start + sum(int(one.min()) for one in tables), self.start + sum(int(one.max()) for one in tables)

    def totals(self, card: Scorecard, values: Floats) -> Integers:
        """Total of each row as somebody with the printed card adds it up, in steps, shape (rows,)."""
        cells = card.cells_of(values)
        total = np.full(len(values), self.start, dtype=np.int64)
        for points, cell in zip(self.features, cells, strict=True):
            total += points[cell]
        for points, table in zip(self.interactions, card.interactions, strict=True):
            total += points[table.places(cells)]
        return total

    def probability_at(self, totals: Floats, calibration: Calibration) -> Floats:
        """Default probability that a total of points stands for, shape of `totals` (points, not steps)."""
        raw = self.anchor_log_odds - (totals - self.scale.anchor_points) / self.points_per_log_odds
        return probability_of(calibration.of(raw))


def points_of(card: Scorecard, scale: PointsScale) -> CardPoints:
    """Turn a scorecard into points.

    Raises:
        FlatScorecardError: The calibration gives everybody the same odds, or never reaches the anchor's.
    """
    anchor, slope = _anchor(card.calibration, -math.log(scale.anchor_odds))
    per_log_odds = slope * scale.points_to_double / math.log(2.0)
    steps_per_unit = per_log_odds / UNITS_PER_LOG_ODDS * 10.0**scale.decimals
    start = scale.anchor_points * 10.0**scale.decimals + (anchor * UNITS_PER_LOG_ODDS - card.intercept) * steps_per_unit
    cells = [*(table.cells for table in card.features), *(table.cells for table in card.interactions)]
    exact = [np.array([start]), *(-one * steps_per_unit for one in cells)]
    whole = [np.rint(one).astype(np.int64) for one in exact]
    error = sum(float(np.abs(one - other).max()) for one, other in zip(exact, whole, strict=True))
    features = len(card.features)
    return CardPoints(
        scale=scale,
        start=int(whole[0][0]),
        features=tuple(whole[1 : 1 + features]),
        interactions=tuple(whole[1 + features :]),
        anchor_log_odds=anchor,
        points_per_log_odds=per_log_odds,
        largest_error=error / 10.0**scale.decimals,
    )


def _anchor(calibration: Calibration, wanted: float) -> tuple[float, float]:
    """Raw log-odds whose calibrated ones are wanted, by halving, and the slope of the calibration there."""
    low, high = -_FURTHEST_LOG_ODDS, _FURTHEST_LOG_ODDS
    ends = calibration.of(np.array([low, high]))
    if not ends[0] < wanted < ends[1]:
        raise FlatScorecardError(wanted, float(ends[0]), float(ends[1]))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if calibration.of(np.array([middle]))[0] < wanted:
            low = middle
        else:
            high = middle
    share = float(probability_of(np.array([high]))[0])
    return high, calibration.high_slope * share + calibration.low_slope * (1.0 - share)
