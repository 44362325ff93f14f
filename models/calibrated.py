"""The calibration as a scorecard carries it: from raw log-odds to calibrated ones, the same bytes on every machine."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from models.arrays import Floats
from models.logistic import softplus_tail

_NAMES: Final = {"low_slope", "high_slope", "offset"}


@dataclass(frozen=True)
class Calibration:
    """Beta calibration on log-odds (Kull, Silva Filho and Flach 2017); with equal slopes it is Platt's line.

    Calibrated log-odds of raw log-odds s are `high_slope * softplus(s) - low_slope * softplus(-s) + offset`, where
    softplus(x) = ln(1 + exp(x)): far below even odds the curve runs with the low slope, far above with the high one.
    Slopes are never negative, so no two households change order.

    Attributes:
        low_slope: Slope where default is unlikely; `a` of Kull and others.
        high_slope: Slope where default is likely; their `b`.
        offset: Shift in log-odds; their `c`.
    """

    low_slope: float = 1.0
    high_slope: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        numbers = self.low_slope, self.high_slope, self.offset
        if not all(map(math.isfinite, numbers)) or min(self.low_slope, self.high_slope) < 0.0:
            raise ValueError(f"slopes must be finite and not negative, the offset finite: {numbers}")

    @property
    def is_line(self) -> bool:
        """Whether it is Platt's line."""
        return self.low_slope == self.high_slope

    def of(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds of raw log-odds, any shape.

        The order of operations is part of the definition: `(high * (max(s, 0) + tail) - low * (max(-s, 0) + tail))
        + offset`, or `s * slope + offset` for a line.
        """
        if self.is_line:
            return log_odds * self.low_slope + self.offset
        tail = softplus_tail(log_odds)
        above, below = np.maximum(log_odds, 0.0) + tail, np.maximum(-log_odds, 0.0) + tail
        calibrated: Floats = (self.high_slope * above - self.low_slope * below) + self.offset
        return calibrated

    def to_content(self) -> dict[str, float]:
        """The numbers by name, for JSON; every float64 survives the round trip."""
        return asdict(self)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Calibration":
        """Read `to_content` back.

        Raises:
            TypeError: A name is missing, unknown or not a number.
            ValueError: A slope is negative or a number is not finite.
        """
        if set(content) != _NAMES:
            raise TypeError(f"a calibration has {sorted(_NAMES)}, not {sorted(content)}")
        return cls(**{name: _number(value) for name, value in content.items()})


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a calibration holds numbers, not {value!r}")
    return float(value)
