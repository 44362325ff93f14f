"""Whether probabilities mean what they say: Platt's line on out-of-fold log-odds, and the measures of its fit."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.features import Floats
from models.logistic import probability_of
from models.scorecard import Calibration

BINS: Final = 10
HALF_NORMAL_MEAN: Final = (2.0 / np.pi) ** 0.5
"""Mean of |z| for a standard normal z: the expected gap of a perfectly calibrated bin, in its standard errors."""

ECE_OVER_FLOOR_AT_MOST: Final = 1.3
SLOPE_WITHIN: Final = (0.9, 1.1)
_NEWTON_STEPS: Final = 50
_CONVERGED: Final = 1e-12
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
        self.slope_, self.offset_ = (slope, offset) if slope > 0.0 else (0.0, _log_odds_of_mean(labels))
        return self

    def transform(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds."""
        return log_odds * self.slope_ + self.offset_

    def calibration(self) -> Calibration:
        """The line as the scorecard keeps it."""
        return Calibration(slope=self.slope_, offset=self.offset_)


def fit_line(log_odds: Floats, labels: Floats) -> tuple[float, float]:
    """Slope and offset of the logistic regression of the outcome (both values must occur) on log-odds.

    Newton's method from the flat line; a step that would not lower the loss is halved until it does.
    """
    design = np.column_stack([log_odds, np.ones_like(log_odds)])
    line = np.array([0.0, _log_odds_of_mean(labels)])
    loss = log_loss(labels, design @ line)
    for _ in range(_NEWTON_STEPS):
        step = _newton_step(design, labels, line)
        while log_loss(labels, design @ (line + step)) > loss and np.abs(step).max() > _CONVERGED:
            step /= 2.0
        line = line + step
        loss = log_loss(labels, design @ line)
        if np.abs(step).max() <= _CONVERGED:
            break
    return float(line[0]), float(line[1])


def _newton_step(design: Floats, labels: Floats, line: Floats) -> Floats:
    probability = probability_of(design @ line)
    weight = probability * (1.0 - probability)
    curvature = design.T @ (design * weight[:, None])
    return np.asarray(np.linalg.lstsq(curvature, design.T @ (labels - probability))[0], dtype=np.float64)


def _log_odds_of_mean(labels: Floats) -> float:
    mean = float(labels.mean())
    return math.log(mean) - math.log1p(-mean)


def measure_fit(probability: Floats, labels: Floats) -> CalibrationFit:
    """Measure calibrated probabilities against outcomes (1 = default), both of shape (rows,)."""
    log_odds = np.log(probability) - np.log1p(-probability)
    slope, offset = fit_line(log_odds, labels)
    ece, floor = _expected_error(probability, labels)
    spread = _INTERVAL_Z * float(np.sqrt((probability * (1.0 - probability)).sum())) / len(labels)
    mean = float(probability.mean())
    return CalibrationFit(ece, floor, slope, offset, mean, float(labels.mean()), mean - spread, mean + spread)


def _expected_error(probability: Floats, labels: Floats) -> tuple[float, float]:
    """Expected calibration error over bins of equal size, and its mean under perfect calibration."""
    error = floor = 0.0
    for rows in np.array_split(np.argsort(probability, kind="stable"), BINS):
        predicted = probability[rows]
        error += abs(float((labels[rows] - predicted).sum()))
        floor += HALF_NORMAL_MEAN * float(np.sqrt((predicted * (1.0 - predicted)).sum()))
    return error / len(labels), floor / len(labels)


def log_loss(labels: Floats, log_odds: Floats) -> float:
    """Mean negative log-likelihood of outcomes (1 = default) under log-odds; exact in both tails."""
    return float(np.mean(np.logaddexp(0.0, log_odds) - labels * log_odds))


def area_under_curve(labels: Floats, values: Floats) -> float:
    """Probability that a default stands above a non-default; ties count half (Mann and Whitney)."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(sizes) - (sizes - 1) / 2.0
    bad = labels.sum()
    return float((mid_ranks[group][labels == 1].sum() - bad * (bad + 1) / 2.0) / (bad * (len(labels) - bad)))
