"""What became of loans against what was predicted: level, slope, and every vintage at its age with a band.

A vintage is a drawing quarter. Its loans are followed month by month: what has shown by now is held against the part
of the year's defaults that shows by that age. A count outside the band of independent loans may still be a bad year
for all: medium severity; outside the band with a common factor as well, the model is off: high.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from models.arrays import Booleans, Floats, Integers
from models.logistic import probability_of
from models.monitoring.bands import CountBand, count_band
from models.monitoring.figures import PROBABILITY, Figure
from models.monitoring.levels import Levels, OutcomeLevels, Severity
from models.monitoring.stability import together

MONTHS: Final = 12
_NEWTON_STEPS: Final = 50
_CONVERGED: Final = 1e-10


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Drawn loans as far as they have been watched, one row each.

    Attributes:
        default_probability: Predicted for the twelve months after drawing (rows,).
        drawn_on: Days since 1970-01-01 (rows,).
        months_watched: Whole months on book so far, at most 12 (rows,).
        defaulted: Whether the default has shown within them (rows,).
    """

    default_probability: Floats
    drawn_on: Integers
    months_watched: Integers
    defaulted: Booleans

    def only(self, rows: Booleans) -> "Outcomes":
        """Some of the rows."""
        return Outcomes(
            self.default_probability[rows], self.drawn_on[rows], self.months_watched[rows], self.defaulted[rows]
        )

    @property
    def matured(self) -> "Outcomes":
        """Those watched for all twelve months."""
        return self.only(self.months_watched >= MONTHS)

    def quarters(self) -> Integers:
        """Drawing quarter of each row: quarters since 1970."""
        months = self.drawn_on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return months // 3


NO_LOANS: Final = Outcomes(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))


def outcome_figures(outcomes: Outcomes, levels: Levels) -> tuple[Figure, ...]:
    """Level and slope of what has matured, and each vintage at its present age."""
    vintages = tuple(np.unique(outcomes.quarters()))
    quantile = together(levels.no_change_quantile, len(vintages) + 2)
    matured = outcomes.matured
    told = list(_mean(matured, levels.outcomes, quantile)) + list(_slope(matured, levels.outcomes, quantile))
    for quarter in vintages:
        told += _vintage(outcomes, int(quarter), levels.outcomes, quantile)
    return tuple(told)


def _mean(matured: Outcomes, levels: OutcomeLevels, quantile: float) -> Iterator[Figure]:
    if len(matured.defaulted):
        yield _counted("calibration_mean", PROBABILITY, matured, matured.default_probability, levels, quantile)


def _vintage(outcomes: Outcomes, quarter: int, levels: OutcomeLevels, quantile: float) -> Iterator[Figure]:
    rows = outcomes.quarters() == quarter
    vintage = outcomes.only(rows)
    shown = np.array([0.0, *levels.shown_by_month])[vintage.months_watched]
    expected = vintage.default_probability * shown
    if expected.sum() > 0.0 or vintage.defaulted.any():
        year, place = divmod(quarter, 4)
        yield _counted("actual_to_expected", f"{1970 + year}Q{place + 1}", vintage, expected, levels, quantile)


def _counted(
    kind: str, subject: str, loans: Outcomes, expected: Floats, levels: OutcomeLevels, quantile: float
) -> Figure:
    """Defaults among loans against the sum of their chances; the figure is actual / expected."""
    actual = int(loans.defaulted.sum())
    alone, year = (count_band(expected, quantile, factor) for factor in (0.0, levels.common_factor))
    shown = count_band(expected, levels.confidence, levels.common_factor)
    mean = max(shown.expected, 1e-9)
    return Figure(
        kind="calibration_mean" if kind == "calibration_mean" else "actual_to_expected",
        subject=subject,
        reference="predicted",
        measured=actual / mean,
        threshold=(alone.high if actual > mean else alone.low) / mean,
        severity=_severity(actual, alone, year),
        rows=len(expected),
        low=shown.low / mean,
        high=shown.high / mean,
        detail={
            "actual": actual,
            "expected": shown.expected,
            "months_on_book": float(np.mean(loans.months_watched)),
            "mean_predicted": float(loans.default_probability.mean()),
        },
    )


def _severity(actual: int, alone: CountBand, year: CountBand) -> Severity:
    if alone.holds(actual):
        return ""
    return "medium" if year.holds(actual) else "high"


@dataclass(frozen=True)
class Line:
    """Observed log-odds = offset + slope x predicted log-odds, with the slope's standard error."""

    slope: float
    offset: float
    slope_error: float


def calibration_line(log_odds: Floats, defaulted: Booleans) -> Line:
    """Fit the line by maximum likelihood (Newton); both outcomes must occur.

    Args:
        log_odds: Predicted (rows,).
        defaulted: What became of them (rows,).
    """
    centre = float(log_odds.mean())
    design = np.column_stack([log_odds - centre, np.ones_like(log_odds)])
    share = float(defaulted.mean())
    line = np.array([0.0, math.log(share) - math.log1p(-share)])
    curvature = np.eye(2)
    for _ in range(_NEWTON_STEPS):
        chance = probability_of(design @ line)
        curvature = design.T @ (design * (chance * (1.0 - chance))[:, None])
        step = np.linalg.solve(curvature, design.T @ (defaulted - chance))
        line = line + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() <= _CONVERGED:
            break
    error = math.sqrt(float(np.linalg.inv(curvature)[0, 0]))
    return Line(float(line[0]), float(line[1] - line[0] * centre), error)


def _slope(matured: Outcomes, levels: OutcomeLevels, quantile: float) -> Iterator[Figure]:
    """The slope, once there are defaults enough to speak of one and predictions that differ."""
    probability, actual = matured.default_probability, int(matured.defaulted.sum())
    enough = min(actual, len(probability) - actual, float(probability.sum())) >= levels.least_defaults
    if not enough or float(np.ptp(probability)) == 0.0:
        return
    line = calibration_line(np.log(probability) - np.log1p(-probability), matured.defaulted)
    z, sure = (float(ndtri(0.5 + one / 2.0)) for one in (levels.confidence, quantile))
    band = levels.slope
    yield Figure(
        kind="calibration_slope",
        subject=PROBABILITY,
        reference="predicted",
        measured=line.slope,
        threshold=band.least if line.slope < 1.0 else band.most,
        severity=_slope_severity(line, band.least, band.most, sure),
        rows=len(probability),
        low=line.slope - z * line.slope_error,
        high=line.slope + z * line.slope_error,
        detail={"actual": actual, "offset": line.offset},
    )


def _slope_severity(line: Line, least: float, most: float, sure: float) -> Severity:
    """Surely outside the band is medium; surely without half of its strength, or with none, is high."""
    low, high = line.slope - sure * line.slope_error, line.slope + sure * line.slope_error
    if low <= most and high >= least:
        return ""
    return "high" if high < least / 2.0 or low > 2.0 * most else "medium"
