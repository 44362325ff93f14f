"""Probabilities against what happened: every measure with its 95 % interval, where whole villages are drawn again.

Rows of one village share weather, harbour and employer, so the bootstrap draws villages. It cannot know what all
villages of the tested year shared: an interval here is about other villages, not about other years.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.arrays import Floats, Positions
from models.logistic import probability_of
from models.logistic_fit import fit_line
from models.measures import (
    BINS,
    HALF_NORMAL_MEAN,
    area_under_curve,
    bins_of,
    brier,
    distributions,
    expected_calibration_error,
    h_measure,
    kolmogorov_smirnov,
    log_loss,
    log_losses,
)
from models.ranked_runs import RankedRuns
from models.resampling import drawn_weights, group_numbers

RESAMPLES: Final = 500
CURVE_POINTS: Final = 200
Z_95: Final = 1.959963984540054


@dataclass(frozen=True)
class Figure:
    """A figure with the 95 % interval of a cluster bootstrap.

    Attributes:
        estimate: Of the rows as they are.
        low: Lower end.
        high: Upper end.
    """

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class ReliabilityBin:
    """A tenth of the rows, by ascending probability.

    Attributes:
        rows: Rows in it.
        defaults: Defaults among them.
        mean_predicted: Mean probability.
        mean_observed: Share of defaults.
        observed_low: Lower end of Wilson's 95 % interval of that share.
        observed_high: Its upper end.
    """

    rows: int
    defaults: int
    mean_predicted: float
    mean_observed: float
    observed_low: float
    observed_high: float


@dataclass(frozen=True)
class Separation:
    """Points for plots of KS (both shares against probability) and of ROC (one share left above against the other).

    Attributes:
        probability: Default probability, ascending.
        good_below: Share of non-defaults up to it.
        bad_below: Share of defaults up to it.
    """

    probability: tuple[float, ...]
    good_below: tuple[float, ...]
    bad_below: tuple[float, ...]


@dataclass(frozen=True)
class Validation:
    """A model against outcomes it never saw.

    Attributes:
        rows: Tested rows.
        defaults: Defaults among them.
        groups: Villages drawn; the rows themselves where no groups were given or all are one.
        resamples: Resamples drawn.
        auc: Area under the receiver operating curve.
        ks: Kolmogorov and Smirnov's distance.
        h: Hand's H, severity by prevalence.
        brier: Mean squared error of the probabilities.
        log_loss: Mean negative log-likelihood.
        ece: Expected calibration error over ten bins of equal size.
        ece_floor: What perfectly calibrated probabilities would show on as many rows.
        ece_over_floor: The error in floors.
        slope: Slope of a logistic line of the outcome on the log-odds; below 1 is over-confident.
        offset: Its offset.
        mean_predicted: Mean probability.
        mean_observed: Share of defaults.
        mean_gap: Observed minus predicted mean, by villages.
        mean_low: Lower end of the 95 % interval of the observed mean, were every row independent and the model right.
        mean_high: Its upper end.
        reliability: Ten bins.
        separation: Points of the KS and ROC curves.
    """

    rows: int
    defaults: int
    groups: int
    resamples: int
    auc: Figure
    ks: Figure
    h: Figure
    brier: Figure
    log_loss: Figure
    ece: Figure
    ece_floor: float
    ece_over_floor: Figure
    slope: Figure
    offset: Figure
    mean_predicted: float
    mean_observed: Figure
    mean_gap: Figure
    mean_low: float
    mean_high: float
    reliability: tuple[ReliabilityBin, ...]
    separation: Separation

    def as_numbers(self) -> dict[str, float]:
        """Flat names and numbers, for the registry: `auc`, `auc_low`, `auc_high`, ..; rows are `test_rows`."""
        return dict(self._numbers())

    def _numbers(self) -> Iterator[tuple[str, float]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Figure):
                yield from ((field.name + end, number) for end, number in zip(_ENDS, _parts(value), strict=True))
            elif isinstance(value, int | float):
                yield _RENAMED.get(field.name, field.name), value

    def to_content(self) -> dict[str, Any]:
        """Everything, plots included, for JSON."""
        return asdict(self)


_ENDS: Final = ("", "_low", "_high")
_RENAMED: Final = {"rows": "test_rows", "defaults": "test_defaults", "groups": "test_groups"}


def _parts(figure: Figure) -> tuple[float, float, float]:
    return figure.estimate, figure.low, figure.high


def validate(
    labels: Floats,
    log_odds: Floats,
    *,
    groups: npt.NDArray[Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Validation:
    """Measure calibrated log-odds against outcomes.

    Smooth figures have percentile intervals. KS, H and the calibration error grow by resampling alone, because noise
    is added to noise; their intervals are therefore reflected at the estimate (basic bootstrap). Slope and offset of
    a resample are one Newton step away from the sample's. Bins stay those of the sample.

    Args:
        labels: 1 = default, 0 = none, shape (rows,); both must occur.
        log_odds: Calibrated log-odds of default, float64, shape (rows,).
        groups: Group of each row, such as its village; None, or a single group, draws rows.
        resamples: Resamples.
        seed: Of the draws.
    """
    number, count = group_numbers(len(labels), groups)
    if count == 1:
        number, count = group_numbers(len(labels), None)
    probability = probability_of(log_odds)
    line = fit_line(log_odds, labels)
    runs, sums = RankedRuns.of(labels, log_odds), _Sums.of(labels, log_odds, line, (number, count))
    drawn = _joined(
        _resampled(runs, sums, weights, number) for weights in drawn_weights(count, resamples, seed, len(labels))
    )
    ece, floor = expected_calibration_error(labels, probability)
    predicted, observed = float(probability.mean()), float(labels.mean())
    spread = Z_95 * float(np.sqrt((probability * (1.0 - probability)).sum())) / len(labels)
    return Validation(
        rows=len(labels),
        defaults=int(labels.sum()),
        groups=count,
        resamples=resamples,
        auc=_percentile(area_under_curve(labels, log_odds), drawn["auc"]),
        ks=_reflected(kolmogorov_smirnov(labels, log_odds), drawn["ks"]),
        h=_reflected(h_measure(labels, log_odds), drawn["h"]),
        brier=_percentile(brier(labels, probability), drawn["brier"]),
        log_loss=_percentile(log_loss(labels, log_odds), drawn["log_loss"]),
        ece=_reflected(ece, drawn["ece"]),
        ece_floor=floor,
        ece_over_floor=_reflected(ece / floor, drawn["ece"] / drawn["ece_floor"]),
        slope=_percentile(line[0], drawn["slope"]),
        offset=_percentile(line[1], drawn["offset"]),
        mean_predicted=predicted,
        mean_observed=_percentile(observed, drawn["observed"]),
        mean_gap=_percentile(observed - predicted, drawn["observed"] - drawn["predicted"]),
        mean_low=predicted - spread,
        mean_high=predicted + spread,
        reliability=tuple(_reliability(labels, probability)),
        separation=_separation(labels, probability),
    )


def _percentile(estimate: float, resampled: Floats) -> Figure:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Figure(estimate, float(low), float(high))


def _reflected(estimate: float, resampled: Floats) -> Figure:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Figure(estimate, max(0.0, float(2.0 * estimate - high)), max(0.0, float(2.0 * estimate - low)))


def _joined(parts: Iterable[dict[str, Floats]]) -> dict[str, Floats]:
    every = list(parts)
    return {name: np.concatenate([part[name] for part in every]) for name in every[0]}


def _resampled(runs: RankedRuns, sums: "_Sums", weights: Floats, number: Positions) -> dict[str, Floats]:
    """Every figure of some resamples."""
    ranking = runs.ranking(weights, number)
    return {"auc": ranking.auc, "ks": ranking.ks, "h": ranking.h, **sums.means(weights[ranking.usable])}


@dataclass(frozen=True, eq=False)
class _Sums:
    """What each group adds to every measure that is a function of sums over rows.

    Attributes:
        line: Slope and offset of the sample.
        plain: Log-loss, squared error, probability, outcome, rows, then score (2) and curvature (3) of the line.
        gaps: Outcome minus probability by bin, shape (groups, bins).
        variances: Variance of the outcome by bin, likewise.
    """

    line: tuple[float, float]
    plain: Floats
    gaps: Floats
    variances: Floats

    @classmethod
    def of(cls, labels: Floats, log_odds: Floats, line: tuple[float, float], groups: tuple[Positions, int]) -> "_Sums":
        probability = probability_of(log_odds)
        gaps, variances = _bin_columns(labels, probability)
        means = [log_losses(labels, log_odds), (probability - labels) ** 2, probability, labels, np.ones_like(labels)]
        plain = np.column_stack([*means, *_newton_columns(labels, log_odds, line)])
        return cls(line, *(_by_group(columns, *groups) for columns in (plain, gaps, variances)))

    def means(self, weights: Floats) -> dict[str, Floats]:
        sums = weights @ self.plain
        rows = sums[:, 4]
        slope, offset = _newton_steps(sums[:, 5:])
        floors = np.sqrt(np.maximum(weights @ self.variances, 0.0)).sum(axis=1)
        return {
            "log_loss": sums[:, 0] / rows,
            "brier": sums[:, 1] / rows,
            "predicted": sums[:, 2] / rows,
            "observed": sums[:, 3] / rows,
            "slope": self.line[0] + slope,
            "offset": self.line[1] + offset,
            "ece": np.abs(weights @ self.gaps).sum(axis=1) / rows,
            "ece_floor": HALF_NORMAL_MEAN * floors / rows,
        }


def _by_group(columns: Floats, number: Positions, groups: int) -> Floats:
    """Sums of each column over each group, shape (groups, columns)."""
    if groups == len(columns):
        ordered = np.empty_like(columns)
        ordered[number] = columns
        return ordered
    return np.column_stack([np.bincount(number, weights=column, minlength=groups) for column in columns.T])


def _bin_columns(labels: Floats, probability: Floats) -> tuple[Floats, Floats]:
    """Each row's gap and variance in the column of its bin, both of shape (rows, bins)."""
    gaps, variances = np.zeros((len(labels), BINS)), np.zeros((len(labels), BINS))
    for place, rows in enumerate(bins_of(probability)):
        gaps[rows, place] = labels[rows] - probability[rows]
        variances[rows, place] = probability[rows] * (1.0 - probability[rows])
    return gaps, variances


def _newton_columns(labels: Floats, log_odds: Floats, line: tuple[float, float]) -> list[Floats]:
    """Score (2) and curvature (3) of each row at the fitted line."""
    fitted = probability_of(log_odds * line[0] + line[1])
    residual, weight = labels - fitted, fitted * (1.0 - fitted)
    return [residual * log_odds, residual, weight * log_odds**2, weight * log_odds, weight]


def _newton_steps(sums: Floats) -> tuple[Floats, Floats]:
    """From sums of score and curvature to a step of slope and offset, by Cramer's rule."""
    along, level, square, cross, plain = sums.T
    determinant = square * plain - cross**2
    return (along * plain - level * cross) / determinant, (level * square - along * cross) / determinant


def _reliability(labels: Floats, probability: Floats) -> Iterator[ReliabilityBin]:
    for rows in bins_of(probability):
        if rows.size:
            count, defaults = len(rows), int(labels[rows].sum())
            low, high = wilson(defaults, count)
            yield ReliabilityBin(count, defaults, float(probability[rows].mean()), defaults / count, low, high)


def wilson(defaults: int, rows: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a share of defaults among one row or more."""
    share, square = defaults / rows, Z_95**2
    middle = (share + square / (2.0 * rows)) / (1.0 + square / rows)
    reach = Z_95 * float(np.sqrt(share * (1.0 - share) / rows + square / (4.0 * rows**2))) / (1.0 + square / rows)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _separation(labels: Floats, probability: Floats) -> Separation:
    """At most 200 points, evenly spread over distinct probabilities, the widest gap among them."""
    good, bad = distributions(labels, probability)
    values = np.unique(probability)
    spread = np.linspace(0, len(values) - 1, min(CURVE_POINTS - 1, len(values))).astype(np.intp)
    kept = np.union1d(spread, [np.abs(good - bad).argmax()])
    return Separation(*(tuple(one[kept].tolist()) for one in (values, good, bad)))
