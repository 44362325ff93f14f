"""An honest interval for each probability: step functions of the raw log-odds, for thick files and for thin ones.

How the steps are found is told in `models.interval_fit`; this module only reads them and needs NumPy alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, eq=False)
class Band:
    """Lower and upper probability as step functions of the raw log-odds.

    Steps stand in the order (..t1], (t1..t2], .., (tn..): one more than thresholds, like the cells of a feature.

    Attributes:
        thresholds: Upper ends of the steps, inclusive, strictly ascending, float64 raw log-odds.
        low: Lower probability of each step, never falling, float64 in [0, 1].
        high: Upper probability of each step, never falling, at least `low`.
    """

    thresholds: Floats
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        if not len(self.low) == len(self.high) == len(self.thresholds) + 1:
            raise ValueError(f"{len(self.thresholds)} thresholds, {len(self.low)} and {len(self.high)} steps")
        if not (np.isfinite(self.thresholds).all() and (np.diff(self.thresholds) > 0.0).all()):
            raise ValueError("thresholds of a band must be finite and ascend")
        if not ((self.low >= 0.0) & (self.low <= self.high) & (self.high <= 1.0)).all():
            raise ValueError("a band needs 0 <= low <= high <= 1 at every step")
        if (np.diff(self.low) < 0.0).any() or (np.diff(self.high) < 0.0).any():
            raise ValueError("a band must not fall where the log-odds rise")

    def of(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """Lower and upper probability of raw log-odds, each of their shape."""
        step = np.searchsorted(self.thresholds, log_odds, side="left")
        return self.low[step], self.high[step]

    def to_content(self) -> dict[str, list[float]]:
        """The steps for JSON; every float64 survives the round trip."""
        return {"thresholds": self.thresholds.tolist(), "low": self.low.tolist(), "high": self.high.tolist()}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Band":
        """Read `to_content` back; KeyError, TypeError or ValueError when it is none."""
        return cls(*(np.array(content[name], dtype=np.float64) for name in ("thresholds", "low", "high")))


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals by thickness of the file: the less is known about a household, the wider its interval.

    Attributes:
        thick: Band of files in which fewer than `thin_from` features are missing.
        thin: Band of all others.
        thin_from: Least number of missing features that makes a file thin, 1 or more.
    """

    thick: Band
    thin: Band
    thin_from: int

    def __post_init__(self) -> None:
        if self.thin_from < 1:
            raise ValueError(f"thin_from must be 1 or more, not {self.thin_from}")

    def of(self, raw_log_odds: Floats, missing_count: Integers) -> tuple[Floats, Floats]:
        """Lower and upper default probability.

        Args:
            raw_log_odds: float64, shape (rows,), before calibration.
            missing_count: Number of missing features of each row, shape (rows,).

        Returns:
            Two float64 arrays of shape (rows,).
        """
        thin = missing_count >= self.thin_from
        thick_low, thick_high = self.thick.of(raw_log_odds)
        thin_low, thin_high = self.thin.of(raw_log_odds)
        return np.where(thin, thin_low, thick_low), np.where(thin, thin_high, thick_high)

    def around(self, probability: Floats, raw_log_odds: Floats, missing_count: Integers) -> tuple[Floats, Floats]:
        """As `of`, widened where needed so that each probability lies inside its own interval."""
        low, high = self.of(raw_log_odds, missing_count)
        return np.minimum(low, probability), np.maximum(high, probability)

    def to_content(self) -> dict[str, Any]:
        """The bands for JSON."""
        return {"thin_from": self.thin_from, "thick": self.thick.to_content(), "thin": self.thin.to_content()}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Intervals":
        """Read `to_content` back; KeyError, TypeError or ValueError when it is none."""
        thin_from = content["thin_from"]
        if type(thin_from) is not int:
            raise TypeError(f"thin_from must be a whole number, not {thin_from!r}")
        return cls(Band.from_content(content["thick"]), Band.from_content(content["thin"]), thin_from)


@dataclass(frozen=True)
class WidthPolicy:
    """When an interval is too wide for a machine's decision; the numbers are a bank's configuration.

    Attributes:
        widest: Largest width (upper minus lower probability) a decision may rest on: what is unknown costs money in
            proportion to the width, whatever the level.
        cut_off: Probability from which the bank declines, if it has one.
        widest_at_cut_off: Largest width where the interval holds the cut-off: there the doubt decides, so it is
            usually smaller.
    """

    widest: float
    cut_off: float | None = None
    widest_at_cut_off: float = 0.0


def too_wide(low: Floats, high: Floats, policy: WidthPolicy) -> Booleans:
    """Which households must be looked at by a human, because their interval is too wide to decide on; shape (rows,)."""
    width = high - low
    wide = width > policy.widest
    if policy.cut_off is None:
        return wide
    undecided = (low < policy.cut_off) & (policy.cut_off <= high)
    return wide | (undecided & (width > policy.widest_at_cut_off))
