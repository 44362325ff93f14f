"""From out-of-fold log-odds to calibrated ones: Platt's line, unless a paired test on held-out folds proves better.

Isotonic regression can be asked for as a comparison and is never shipped: it gives whole ranges of households one
probability, so order inside them is lost; it gives zero and one, where log-odds end; it lost on every file tried.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from models.arrays import Floats, Positions
from models.calibrated import Calibration
from models.logistic import log_odds_of, softplus_tail
from models.logistic_fit import fit_line, fit_logistic, log_odds_of_mean
from models.measures import log_loss, log_losses, tied
from models.resampling import group_numbers, paired_difference

__all__ = [
    "PLATT",
    "SHIPPED",
    "CalibrationEvidence",
    "MethodEvidence",
    "beta_calibration",
    "fit_calibration",
    "folds_of",
    "platt_calibration",
]

FOLDS: Final = 5
PLATT: Final = "platt"


class Curve(Protocol):
    """Anything that turns raw log-odds into calibrated ones."""

    def of(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds of raw ones, shape (rows,)."""


Fit: TypeAlias = Callable[[Floats, Floats], Curve]


@dataclass(frozen=True)
class MethodEvidence:
    """One way to calibrate, on rows it was not fitted on, against Platt's line on the same rows.

    Attributes:
        method: `platt`, `beta`, `identity` or `isotonic`.
        log_loss: Mean cross-fitted log-loss.
        difference: Its log-loss minus Platt's; negative is better.
        standard_error: Of the difference, paired by row, robust to groups.
        low: Lower end of the difference's 95 % interval.
        high: Its upper end.
        proven: The whole interval is below zero.
        may_ship: Whether the method could be chosen at all.
    """

    method: str
    log_loss: float
    difference: float
    standard_error: float
    low: float
    high: float
    proven: bool
    may_ship: bool


@dataclass(frozen=True)
class CalibrationEvidence:
    """Why this calibration and no other.

    Attributes:
        chosen: The method shipped.
        rows: Rows it was fitted on.
        defaults: Defaults among them.
        groups: Groups that stayed together in folds and errors; the rows themselves when none were given.
        folds: Folds of the comparison.
        methods: Every method compared.
    """

    chosen: str
    rows: int
    defaults: int
    groups: int
    folds: int
    methods: tuple[MethodEvidence, ...]

    def to_content(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)


def fit_calibration(
    oof_log_odds: Floats,
    labels: Floats,
    *,
    groups: npt.NDArray[Any] | None = None,
    seed: int = 0,
    with_isotonic: bool = False,
) -> tuple[Calibration, CalibrationEvidence]:
    """Fit the calibration of a model, and say why it is of this kind.

    Beta calibration and leaving the log-odds as they are replace Platt's line only where their cross-fitted log-loss
    is lower by more than chance explains (95 % interval of the paired difference); of several, the lowest is taken.

    Args:
        oof_log_odds: Raw log-odds of each row from models that never saw it, float64, shape (rows,).
        labels: 1 = default, 0 = none, shape (rows,); both must occur.
        groups: Group of each row, such as its village; groups stay together in folds and in errors.
        seed: Of the folds.
        with_isotonic: Also measure isotonic regression, for comparison only.

    Returns:
        The calibration fitted on all rows, and the evidence.
    """
    number, count = group_numbers(len(labels), groups)
    fold = folds_of(labels, number, count, seed)
    fits: dict[str, Fit] = {**SHIPPED, "isotonic": _Steps.fit} if with_isotonic else {**SHIPPED}
    losses = {name: log_losses(labels, _cross_fitted(fit, oof_log_odds, labels, fold)) for name, fit in fits.items()}
    methods = tuple(_compared(name, losses, groups) for name in fits)
    best = min((one for one in methods if one.proven and one.may_ship), key=lambda one: one.log_loss, default=None)
    chosen = best.method if best else PLATT
    evidence = CalibrationEvidence(chosen, len(labels), int(labels.sum()), count, int(fold.max()) + 1, methods)
    return SHIPPED[chosen](oof_log_odds, labels), evidence


def folds_of(labels: Floats, number: Positions, groups: int, seed: int) -> Positions:
    """Fold of each row: groups whole, those with most defaults dealt first, so that every fold has its share.

    Fewer folds than usual where fewer groups than that hold a default; a single one then means that nothing can be
    held out, and the comparison sees the fitted rows.
    """
    defaults = np.bincount(number, weights=labels, minlength=groups)
    folds = max(1, min(FOLDS, int((defaults > 0).sum())))
    shuffled = np.random.default_rng(seed).permutation(groups)
    dealt = shuffled[np.argsort(-defaults[shuffled], kind="stable")]
    fold_of_group = np.empty(groups, dtype=np.intp)
    fold_of_group[dealt] = np.arange(groups) % folds
    return fold_of_group[number]


def _cross_fitted(fit: Fit, log_odds: Floats, labels: Floats, fold: Positions) -> Floats:
    """Calibrated log-odds of every row by a curve fitted on the other folds."""
    calibrated = np.empty_like(log_odds)
    for number in range(int(fold.max()) + 1):
        held = fold == number
        learned = ~held if fold.max() else held
        calibrated[held] = fit(log_odds[learned], labels[learned]).of(log_odds[held])
    return calibrated


def _compared(name: str, losses: Mapping[str, Floats], groups: npt.NDArray[Any] | None) -> MethodEvidence:
    paired = paired_difference(losses[name] - losses[PLATT], groups)
    return MethodEvidence(
        method=name,
        log_loss=float(losses[name].mean()),
        difference=paired.difference,
        standard_error=paired.standard_error,
        low=paired.low,
        high=paired.high,
        proven=name != PLATT and paired.high < 0.0,
        may_ship=name in SHIPPED,
    )


def platt_calibration(log_odds: Floats, labels: Floats) -> Calibration:
    """Platt's line by maximum likelihood; log-odds that point the wrong way are worthless: all get the mean."""
    slope, offset = fit_line(log_odds, labels)
    return Calibration(slope, slope, offset) if slope > 0.0 else Calibration(0.0, 0.0, log_odds_of_mean(labels))


def beta_calibration(log_odds: Floats, labels: Floats) -> Calibration:
    """Beta calibration by maximum likelihood among curves that keep order (both slopes zero or more).

    The likelihood is concave, so where the free optimum has a negative slope the best allowed one has a slope of zero.
    """
    tail = softplus_tail(log_odds)
    above, below = np.maximum(log_odds, 0.0) + tail, np.maximum(-log_odds, 0.0) + tail
    design = np.column_stack([-below, above, np.ones_like(log_odds)])
    low, high, offset = (float(one) for one in fit_logistic(design, labels))
    if min(low, high) >= 0.0:
        return Calibration(low, high, offset)
    edges = [_on_the_edge(design, labels, kept) for kept in (0, 1)]
    return min(edges, key=lambda edge: log_loss(labels, edge.of(log_odds)))


def _on_the_edge(design: Floats, labels: Floats, kept: int) -> Calibration:
    slope, offset = (float(one) for one in fit_logistic(design[:, [kept, 2]], labels))
    if slope < 0.0:
        return Calibration(0.0, 0.0, log_odds_of_mean(labels))
    return Calibration(slope, 0.0, offset) if kept == 0 else Calibration(0.0, slope, offset)


@dataclass(frozen=True, eq=False)
class _Steps:
    """Isotonic regression, kept half a row away from zero and one so that its log-loss is finite."""

    values: Floats
    log_odds: Floats

    @classmethod
    def fit(cls, log_odds: Floats, labels: Floats) -> "_Steps":
        values, rows, defaults = tied(labels, log_odds)
        steps = isotonic_regression(defaults / rows, weights=rows).x
        half = 0.5 / len(labels)
        return cls(values, log_odds_of(np.clip(steps, half, 1.0 - half)))

    def of(self, log_odds: Floats) -> Floats:
        return np.interp(log_odds, self.values, self.log_odds)


SHIPPED: Final[Mapping[str, Callable[[Floats, Floats], Calibration]]] = {
    PLATT: platt_calibration,
    "beta": beta_calibration,
    "identity": lambda _log_odds, _labels: Calibration(),
}
"""What may become a scorecard's calibration."""
