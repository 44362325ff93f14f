"""Whether probabilities mean what they say: Platt's line on out-of-fold log-odds, and the measures of its fit."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.arrays import Floats
from models.calibrated import Calibration
from models.logistic_fit import fit_line, log_odds_of_mean
from models.measures import area_under_curve, expected_calibration_error, log_loss

__all__ = ["CalibrationFit", "PlattCalibrator", "area_under_curve", "fit_line", "log_loss", "measure_fit"]

ECE_OVER_FLOOR_AT_MOST: Final = 1.3
SLOPE_WITHIN: Final = (0.9, 1.1)
_INTERVAL_Z: Final = 1.959963984540054


@dataclass(frozen=True)
class CalibrationFit:
    """How well probabilities fit what happened.

    Attributes:
        ece: Expected calibration error over ten bins of equal size.
        ece_floor: The error a perfectly calibrated model would show on as many rows.
        slope: Slope of a logistic line of the outcome on the log-odds; 1 is right, below 1 is over-confident.
        offset: Its offset.
        mean_predicted: Mean probability.
        mean_observed: Share of defaults.
        mean_low: Lower end of the 95 % interval of the observed share if the probabilities were right.
        mean_high: Its upper end.
    """

    ece: float
    ece_floor: float
    slope: float
    offset: float
    mean_predicted: float
    mean_observed: float
    mean_low: float
    mean_high: float

    def failed_gates(self) -> tuple[str, ...]:
        """Names of the written gates that this fit does not pass; empty when it passes all."""
        gates = {
            "ece": self.ece <= ECE_OVER_FLOOR_AT_MOST * self.ece_floor,
            "slope": SLOPE_WITHIN[0] <= self.slope <= SLOPE_WITHIN[1],
            "mean": self.mean_low <= self.mean_observed <= self.mean_high,
        }
        return tuple(name for name, passed in gates.items() if not passed)


class PlattCalibrator:
    """Platt's line: calibrated log-odds = slope * log-odds + offset, fitted by maximum likelihood.

    Attributes:
        slope_: Never negative, so that no two households change order; 0 when the log-odds carry nothing.
        offset_: Shift.
    """

    def fit(self, log_odds: Floats, labels: Floats) -> "PlattCalibrator":
        """Fit on out-of-fold log-odds and outcomes (1 = default, both must occur), each of shape (rows,).

        Log-odds that point the wrong way out of fold are worthless: everybody then gets the mean.
        """
        slope, offset = fit_line(log_odds, labels)
        self.slope_, self.offset_ = (slope, offset) if slope > 0.0 else (0.0, log_odds_of_mean(labels))
        return self

    def transform(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds."""
        return log_odds * self.slope_ + self.offset_

    def calibration(self) -> Calibration:
        """The line as the scorecard keeps it."""
        return Calibration(self.slope_, self.slope_, self.offset_)


def measure_fit(probability: Floats, labels: Floats) -> CalibrationFit:
    """Measure calibrated probabilities against outcomes (1 = default), both of shape (rows,)."""
    log_odds = np.log(probability) - np.log1p(-probability)
    slope, offset = fit_line(log_odds, labels)
    ece, floor = expected_calibration_error(labels, probability)
    spread = _INTERVAL_Z * float(np.sqrt((probability * (1.0 - probability)).sum())) / len(labels)
    mean = float(probability.mean())
    return CalibrationFit(ece, floor, slope, offset, mean, float(labels.mean()), mean - spread, mean + spread)
