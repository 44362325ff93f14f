"""Measures against the library's, the line against a known one, gates that can fail."""

import numpy as np
import pytest
from sklearn.metrics import log_loss as library_log_loss
from sklearn.metrics import roc_auc_score

from models.calibration import PlattCalibrator, area_under_curve, fit_line, log_loss, measure_fit
from models.logistic import probability_of


def outcomes(log_odds: np.ndarray, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(log_odds)) < probability_of(log_odds)).astype(float)


@pytest.fixture(scope="module")
def log_odds() -> np.ndarray:
    return np.random.default_rng(5).normal(-3.0, 1.0, 60_000)


@pytest.fixture(scope="module")
def labels(log_odds: np.ndarray) -> np.ndarray:
    return outcomes(log_odds, 6)


def test_auc_and_log_loss_are_the_library_s(log_odds: np.ndarray, labels: np.ndarray) -> None:
    rounded = log_odds.round(1)
    assert area_under_curve(labels, rounded) == pytest.approx(roc_auc_score(labels, rounded), abs=1e-12)
    assert log_loss(labels, log_odds) == pytest.approx(library_log_loss(labels, probability_of(log_odds)), abs=1e-12)


def test_log_loss_stays_finite_in_the_far_tails() -> None:
    assert log_loss(np.array([1.0, 0.0]), np.array([-800.0, 800.0])) == 800.0


def test_the_line_undoes_a_known_distortion(log_odds: np.ndarray, labels: np.ndarray) -> None:
    distorted = (log_odds - 0.7) / 0.5
    calibrator = PlattCalibrator().fit(distorted, labels)
    assert calibrator.slope_ == pytest.approx(0.5, abs=0.02)
    assert calibrator.transform(distorted).mean() == pytest.approx(log_odds.mean(), abs=0.05)
    slope, offset = fit_line(calibrator.transform(distorted), labels)
    assert (slope, offset) == (pytest.approx(1.0, abs=1e-9), pytest.approx(0.0, abs=1e-9))


def test_log_odds_that_point_the_wrong_way_give_everybody_the_mean(labels: np.ndarray) -> None:
    wrong = np.random.default_rng(7).normal(size=len(labels)) - labels
    calibrator = PlattCalibrator().fit(wrong, labels)
    np.testing.assert_allclose(probability_of(calibrator.transform(wrong)), labels.mean())


def test_the_line_is_found_from_far_away(log_odds: np.ndarray, labels: np.ndarray) -> None:
    slope, offset = fit_line(log_odds * 1e3 + 5e3, labels)
    assert slope * 1e3 == pytest.approx(1.0, abs=0.05)
    assert slope * 5e3 + offset == pytest.approx(0.0, abs=0.1)


def test_a_step_that_would_overshoot_is_halved() -> None:
    """Few, well separated defaults throw plain Newton to infinity."""
    draw = np.random.default_rng(0)
    labels = (draw.random(20_000) < 0.01).astype(float)
    shifted = draw.normal(size=20_000) + np.where(draw.random(20_000) < 0.7, 8.0, 0.0) * labels
    slope, offset = fit_line(shifted, labels)
    fitted = probability_of(shifted * slope + offset)
    assert fitted.mean() == pytest.approx(labels.mean(), rel=1e-6)
    assert np.dot(fitted - labels, shifted) == pytest.approx(0.0, abs=1e-6)


def test_true_probabilities_pass_every_gate(log_odds: np.ndarray, labels: np.ndarray) -> None:
    fit = measure_fit(probability_of(log_odds), labels)
    assert fit.failed_gates() == ()
    assert fit.ece < 1.3 * fit.ece_floor
    assert fit.slope == pytest.approx(1.0, abs=0.05)


def test_the_floor_is_the_mean_error_of_true_probabilities(log_odds: np.ndarray) -> None:
    probability = probability_of(log_odds)
    fits = [measure_fit(probability, outcomes(log_odds, seed)) for seed in range(40)]
    assert np.mean([fit.ece for fit in fits]) == pytest.approx(fits[0].ece_floor, rel=0.1)


@pytest.mark.parametrize(
    ("slope", "offset", "failed"), [(1.6, 1.8, "slope"), (0.6, -1.2, "slope"), (1.0, 0.4, "mean"), (1.0, 0.4, "ece")]
)
def test_wrong_probabilities_fail_the_gate_that_names_their_fault(
    log_odds: np.ndarray, labels: np.ndarray, slope: float, offset: float, failed: str
) -> None:
    assert failed in measure_fit(probability_of(log_odds * slope + offset), labels).failed_gates()
