"""How sharp and how true probabilities are, one number each: AUC, KS, H, Brier, log-loss, calibration error.

Labels are 1 for a default and 0 for none, both must occur; larger values speak for default. Every array has shape
(rows,).
"""

from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import betainc

from models.arrays import Floats, Positions

BINS: Final = 10
"""Bins of equal size over which calibration errors are taken."""

HALF_NORMAL_MEAN: Final = (2.0 / np.pi) ** 0.5
"""Mean of |z| for a standard normal z: the expected gap of a perfectly calibrated bin, in its standard errors."""

HAND_2009: Final = (2.0, 2.0)
"""The severity distribution of Hand (2009), beta(2, 2), the same for every file."""


def area_under_curve(labels: Floats, values: Floats) -> float:
    """Probability that a default stands above a non-default; ties count half (Mann and Whitney)."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    mid_ranks = np.cumsum(sizes) - (sizes - 1) / 2.0
    bad = labels.sum()
    return float((mid_ranks[group][labels == 1].sum() - bad * (bad + 1) / 2.0) / (bad * (len(labels) - bad)))


def kolmogorov_smirnov(labels: Floats, values: Floats) -> float:
    """Largest distance between the distributions of values among non-defaults and among defaults."""
    good, bad = distributions(labels, values)
    return float(np.abs(good - bad).max())


def distributions(labels: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Shares of non-defaults and of defaults up to each distinct value, ascending."""
    _, counts, defaults = tied(labels, values)
    good, bad = np.cumsum(counts - defaults), np.cumsum(defaults)
    return good / good[-1], bad / bad[-1]


def tied(labels: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Distinct values, ascending, with their rows and their defaults."""
    distinct, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    defaults: Floats = np.bincount(group, weights=labels, minlength=len(distinct)).astype(np.float64)
    return distinct, sizes.astype(np.float64), defaults


def h_measure(labels: Floats, values: Floats, severity: tuple[float, float] | None = None) -> float:
    """Hand's H: the share of the avoidable cost of misclassification that the values avoid.

    Let c be the cost of refusing a good borrower when that and accepting a bad one cost 1 together. On the convex hull
    of the ROC curve, which is the isotonic regression q of outcomes on values, the best decision refuses where q > c;
    its cost is averaged over a beta distribution of c and compared with the cost of knowing only the prevalence.

    Args:
        labels: Outcomes.
        values: Any values in order of risk.
        severity: Both parameters of the beta distribution of c; `HAND_2009` for Hand (2009). None stands for
            beta(1 + prevalence, 2 - prevalence), whose mode is the prevalence (Hand and Anagnostopoulos 2014): where
            defaults are rare, missing one costs more.
    """
    _, rows, defaults = tied(labels, values)
    return h_of_counts(rows, defaults, severity)


def h_of_counts(rows: Floats, defaults: Floats, severity: tuple[float, float] | None = None) -> float:
    """As `h_measure`, of the (weighted) rows and defaults at each distinct value, ascending."""
    present = rows > 0.0
    rows, defaults = rows[present], defaults[present]
    hull = isotonic_regression(defaults / rows, weights=rows)
    prevalence = float(defaults.sum() / rows.sum())
    shape = severity or (1.0 + prevalence, 2.0 - prevalence)
    lost = float(_least_cost(hull.x[hull.blocks[:-1]], shape) @ hull.weights / rows.sum())
    return 1.0 - lost / float(_least_cost(np.array([prevalence]), shape)[0])


def _least_cost(probability: Floats, shape: tuple[float, float]) -> Floats:
    """Mean cost of the best decision about members with this default probability, over the beta distribution of c."""
    first, second = shape
    mean = first / (first + second)
    refused = (1.0 - probability) * mean * betainc(first + 1.0, second, probability)
    accepted = probability * (1.0 - mean) * (1.0 - betainc(first, second + 1.0, probability))
    cost: Floats = refused + accepted
    return cost


def brier(labels: Floats, probability: Floats) -> float:
    """Mean squared distance between probability and outcome."""
    return float(np.mean((probability - labels) ** 2))


def log_loss(labels: Floats, log_odds: Floats) -> float:
    """Mean negative log-likelihood of outcomes under log-odds (not probabilities); exact in both tails."""
    return float(np.mean(log_losses(labels, log_odds)))


def log_losses(labels: Floats, log_odds: Floats) -> Floats:
    """Negative log-likelihood of each outcome."""
    losses: Floats = np.logaddexp(0.0, log_odds) - labels * log_odds
    return losses


def expected_calibration_error(labels: Floats, probability: Floats) -> tuple[float, float]:
    """Expected calibration error and its noise floor.

    The error is the mean over ten bins of equal size of |observed share - mean probability|. The floor is what
    perfectly calibrated probabilities would show on as many rows: a bin's gap then has the standard error
    sqrt(sum p (1 - p)) / rows, computed exactly from the bin's probabilities, and the mean of its absolute value is
    sqrt(2 / pi), about 0.8, times that.
    """
    error = floor = 0.0
    for rows in bins_of(probability):
        predicted = probability[rows]
        error += abs(float((labels[rows] - predicted).sum()))
        floor += HALF_NORMAL_MEAN * float(np.sqrt((predicted * (1.0 - predicted)).sum()))
    return error / len(labels), floor / len(labels)


def bins_of(probability: Floats) -> list[Positions]:
    """Rows of each of ten bins of equal size, by ascending probability."""
    return np.array_split(np.argsort(probability, kind="stable"), BINS)
