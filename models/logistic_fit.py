"""Maximum likelihood of small logistic regressions, by Newton's method with halved steps."""

import math
from typing import Final

import numpy as np

from models.arrays import Floats
from models.logistic import probability_of
from models.measures import log_loss

_NEWTON_STEPS: Final = 50
_CONVERGED: Final = 1e-12


def fit_line(log_odds: Floats, labels: Floats) -> tuple[float, float]:
    """Slope and offset of the logistic regression of outcomes on log-odds.

    Args:
        log_odds: float64, shape (rows,).
        labels: 1 = default, 0 = none, shape (rows,); both must occur.
    """
    slope, offset = fit_logistic(np.column_stack([log_odds, np.ones_like(log_odds)]), labels)
    return float(slope), float(offset)


def fit_logistic(design: Floats, labels: Floats, start: Floats | None = None) -> Floats:
    """Coefficients of the logistic regression of outcomes on a few columns.

    A step that would not lower the loss is halved until it does.

    Args:
        design: float64, shape (rows, columns); its last column is 1.
        labels: 1 = default, 0 = none, shape (rows,); both must occur.
        start: Coefficients to start from; by default zero and the log-odds of the mean.

    Returns:
        Coefficients, shape (columns,).
    """
    found = flat_start(design, labels) if start is None else start
    loss = log_loss(labels, design @ found)
    for _ in range(_NEWTON_STEPS):
        step = _newton_step(design, labels, found)
        reached = log_loss(labels, design @ (found + step))
        while reached > loss and np.abs(step).max() > _CONVERGED:
            step /= 2.0
            reached = log_loss(labels, design @ (found + step))
        found, loss = found + step, reached
        if np.abs(step).max() <= _CONVERGED:
            break
    return found


def flat_start(design: Floats, labels: Floats) -> Floats:
    """Coefficients that give everybody the mean."""
    start = np.zeros(design.shape[1])
    start[-1] = log_odds_of_mean(labels)
    return start


def log_odds_of_mean(labels: Floats) -> float:
    """Log-odds of the share of defaults; both outcomes must occur."""
    mean = float(labels.mean())
    return math.log(mean) - math.log1p(-mean)


def _newton_step(design: Floats, labels: Floats, found: Floats) -> Floats:
    probability = probability_of(design @ found)
    weight = probability * (1.0 - probability)
    curvature = design.T @ (design * weight[:, None])
    return np.asarray(np.linalg.lstsq(curvature, design.T @ (labels - probability))[0], dtype=np.float64)
