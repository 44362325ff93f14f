"""Two models on the same rows: what one gains over the other, and what difference could have been seen at all."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.arrays import Floats, Positions
from models.measures import area_under_curve, log_losses
from models.ranked_runs import RankedRuns
from models.resampling import drawn_weights, group_numbers

RESAMPLES: Final = 500
DETECTABLE_Z: Final = 1.959963984540054 + 0.8416212335729143
"""Two-sided level of 5 % and power of 80 %, in standard errors."""


@dataclass(frozen=True)
class Difference:
    """A figure of the one minus that of the other.

    Attributes:
        estimate: On the rows as they are.
        standard_error: Of the paired bootstrap.
        low: Lower end of its 95 % interval (percentiles).
        high: Upper end.
    """

    estimate: float
    standard_error: float
    low: float
    high: float

    @property
    def minimum_detectable(self) -> float:
        """The true difference that would be noticed with 80 % power at the two-sided level of 5 %."""
        return DETECTABLE_Z * self.standard_error


@dataclass(frozen=True)
class Comparison:
    """One model minus the other, paired.

    Attributes:
        rows: Rows both were measured on.
        defaults: Defaults among them.
        groups: Villages drawn; the rows themselves where no groups were given or all are one.
        log_loss: Negative is better.
        auc: Positive is better.
    """

    rows: int
    defaults: int
    groups: int
    log_loss: Difference
    auc: Difference

    def as_numbers(self) -> dict[str, float]:
        """Flat names and numbers; the minimum detectable effects among them."""
        numbers: dict[str, float] = {"rows": self.rows, "defaults": self.defaults, "groups": self.groups}
        for name, one in (("log_loss", self.log_loss), ("auc", self.auc)):
            numbers |= {f"{name}_{part}": number for part, number in asdict(one).items()}
            numbers[f"{name}_minimum_detectable"] = one.minimum_detectable
        return numbers


def compare(
    labels: Floats,
    log_odds: Floats,
    other_log_odds: Floats,
    *,
    groups: npt.NDArray[Any] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare the calibrated log-odds of two models on the same rows by a paired cluster bootstrap.

    Args:
        labels: 1 = default, 0 = none, shape (rows,); both must occur.
        log_odds: Of the one, such as the challenger, float64, shape (rows,).
        other_log_odds: Of the other, such as the champion.
        groups: Group of each row, such as its village; None, or a single group, draws rows.
        resamples: Resamples.
        seed: Of the draws.
    """
    number, count = group_numbers(len(labels), groups)
    if count == 1:
        number, count = group_numbers(len(labels), None)
    losses = log_losses(labels, log_odds) - log_losses(labels, other_log_odds)
    runs = RankedRuns.of(labels, log_odds), RankedRuns.of(labels, other_log_odds)
    weights = list(drawn_weights(count, resamples, seed, len(labels)))
    loss = np.concatenate([_mean_of(losses, one, (number, count)) for one in weights])
    auc = np.concatenate([runs[0].ranking(one, number).auc - runs[1].ranking(one, number).auc for one in weights])
    area = area_under_curve(labels, log_odds) - area_under_curve(labels, other_log_odds)
    return Comparison(
        rows=len(labels),
        defaults=int(labels.sum()),
        groups=count,
        log_loss=_difference(float(losses.mean()), loss),
        auc=_difference(area, auc),
    )


def _mean_of(values: Floats, weights: Floats, groups: tuple[Positions, int]) -> Floats:
    """Mean over the rows of each resample."""
    number, count = groups
    rows = weights @ np.bincount(number, minlength=count)
    means: Floats = weights @ np.bincount(number, weights=values, minlength=count) / rows
    return means


def _difference(estimate: float, resampled: Floats) -> Difference:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return Difference(estimate, float(resampled.std(ddof=1)), float(low), float(high))
