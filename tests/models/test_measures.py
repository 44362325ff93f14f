"""Measures against independent oracles: scikit-learn, and brute force by numerical integration."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, ks_2samp
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as library_log_loss

from models.logistic import log_odds_of, probability_of
from models.measures import (
    HAND_2009,
    area_under_curve,
    brier,
    expected_calibration_error,
    h_measure,
    kolmogorov_smirnov,
    log_loss,
)

Sample = tuple[np.ndarray, np.ndarray]


def sample(rows: int, seed: int, *, base: float = -2.0, decimals: int = 12) -> Sample:
    """Labels and true log-odds; few decimals give ties."""
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(base, 1.0, rows).round(decimals)
    return (draw.random(rows) < probability_of(log_odds)).astype(float), log_odds


@pytest.fixture(params=[(5_000, 1, 12), (5_000, 2, 1), (300, 3, 0)], ids=["distinct", "tied", "few"])
def data(request: pytest.FixtureRequest) -> Sample:
    rows, seed, decimals = request.param
    return sample(rows, seed, decimals=decimals)


def test_auc_brier_and_log_loss_are_the_library_s(data: Sample) -> None:
    labels, log_odds = data
    probability = probability_of(log_odds)
    assert area_under_curve(labels, log_odds) == pytest.approx(roc_auc_score(labels, log_odds), abs=1e-12)
    assert brier(labels, probability) == pytest.approx(brier_score_loss(labels, probability), abs=1e-12)
    assert log_loss(labels, log_odds) == pytest.approx(library_log_loss(labels, probability), abs=1e-12)


def test_ks_is_the_library_s_two_sample_distance(data: Sample) -> None:
    labels, log_odds = data
    expected = ks_2samp(log_odds[labels == 1], log_odds[labels == 0]).statistic
    assert kolmogorov_smirnov(labels, log_odds) == pytest.approx(expected, abs=1e-12)


def test_log_loss_stays_finite_in_the_far_tails() -> None:
    assert log_loss(np.array([1.0, 0.0]), np.array([-800.0, 800.0])) == 800.0


def h_by_brute_force(labels: np.ndarray, values: np.ndarray, first: float, second: float) -> float:
    """Integrate the cost of the best threshold over c on a fine grid; no hull and no isotonic regression.

    The best over all thresholds at every c is by itself the best on the hull.
    """
    thresholds = np.concatenate([[-np.inf], np.unique(values)])
    bad = labels.mean()
    refused_good = np.array([((values > cut) & (labels == 0)).mean() for cut in thresholds])
    accepted_bad = np.array([((values <= cut) & (labels == 1)).mean() for cut in thresholds])

    def mean_cost(cost_at: np.ndarray) -> float:
        return float((cost_at * weight).sum() / weight.sum())

    c = (np.arange(40_000) + 0.5) / 40_000
    weight = beta(first, second).pdf(c)
    least = np.full_like(c, np.inf)
    for good, missed in zip(refused_good, accepted_bad, strict=True):
        np.minimum(least, c * good + (1.0 - c) * missed, out=least)
    blind = np.minimum(c * (1.0 - bad), (1.0 - c) * bad)
    return 1.0 - mean_cost(least) / mean_cost(blind)


@pytest.mark.parametrize("decimals", [12, 0])
def test_h_is_what_integration_by_brute_force_gives(decimals: int) -> None:
    labels, values = sample(400, 7, decimals=decimals)
    prevalence = labels.mean()
    assert h_measure(labels, values, HAND_2009) == pytest.approx(h_by_brute_force(labels, values, 2.0, 2.0), abs=1e-6)
    by_prevalence = h_by_brute_force(labels, values, 1.0 + prevalence, 2.0 - prevalence)
    assert h_measure(labels, values) == pytest.approx(by_prevalence, abs=1e-6)
    assert abs(h_measure(labels, values) - h_measure(labels, values, HAND_2009)) > 1e-3, "the severity matters"


def test_h_of_a_perfect_order_is_one_and_of_a_constant_zero() -> None:
    labels = np.repeat([0.0, 1.0], [95, 5])
    assert h_measure(labels, labels) == pytest.approx(1.0, abs=1e-12)
    assert h_measure(labels, np.zeros(100)) == pytest.approx(0.0, abs=1e-12)
    assert h_measure(labels, -labels) == pytest.approx(0.0, abs=1e-12), "the hull never goes below chance"


def test_h_depends_on_the_order_alone(data: Sample) -> None:
    labels, log_odds = data
    assert h_measure(labels, np.exp(log_odds)) == pytest.approx(h_measure(labels, log_odds), abs=1e-12)


def test_the_floor_of_equal_probabilities_is_the_textbook_one() -> None:
    """With one probability p everywhere every bin has the floor sqrt(2 / pi) * sqrt(p (1 - p) / rows)."""
    _, floor = expected_calibration_error(np.zeros(10_000), np.full(10_000, 0.02))
    assert floor == pytest.approx(np.sqrt(2.0 / np.pi * 0.02 * 0.98 / 1_000), rel=1e-12)


def test_the_floor_is_the_mean_error_of_true_probabilities() -> None:
    errors = [expected_calibration_error(*_with_probability(sample(20_000, seed))) for seed in range(60)]
    error, floor = np.array(errors).T
    assert error.mean() == pytest.approx(floor.mean(), rel=0.08)


def test_the_error_is_the_gap_of_each_bin_by_hand() -> None:
    labels = np.repeat([0.0, 1.0], 10)
    probability = np.repeat([0.1, 0.7], 10)
    error, _ = expected_calibration_error(labels, probability)
    assert error == pytest.approx((0.1 + 0.3) / 2.0)


def test_a_wrong_level_shows_as_error() -> None:
    labels, log_odds = sample(20_000, 5)
    error, floor = expected_calibration_error(labels, probability_of(log_odds + 0.5))
    assert error > 3.0 * floor


def test_log_odds_and_probability_are_inverse() -> None:
    log_odds = np.linspace(-30.0, 30.0, 601)
    np.testing.assert_allclose(log_odds_of(probability_of(log_odds))[:450], log_odds[:450], rtol=1e-9, atol=1e-9)
    assert log_odds_of(np.array([0.0, 1.0])).tolist() == [-np.inf, np.inf]


def test_the_severity_distribution_has_its_mode_at_the_prevalence() -> None:
    prevalence = 0.07
    density = beta(1.0 + prevalence, 2.0 - prevalence).pdf
    grid = np.linspace(0.001, 0.999, 9_981)
    assert grid[density(grid).argmax()] == pytest.approx(prevalence, abs=1e-3)
    assert quad(density, 0.0, 1.0)[0] == pytest.approx(1.0)


def _with_probability(one: Sample) -> Sample:
    return one[0], probability_of(one[1])
