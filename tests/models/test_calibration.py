"""The calibration chosen: Platt unless a paired test proves better, order kept, evidence for each method."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from models.calibrated import Calibration
from models.calibration import beta_calibration, fit_calibration, folds_of, platt_calibration
from models.logistic import probability_of, softplus_tail
from models.logistic_fit import fit_line, fit_logistic
from models.measures import log_loss
from models.resampling import group_numbers, paired_difference

CURVED = Calibration(0.6, 3.0, 0.0)


def outcomes(log_odds: np.ndarray, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(log_odds)) < probability_of(log_odds)).astype(float)


@pytest.fixture(scope="module")
def log_odds() -> np.ndarray:
    return np.random.default_rng(5).normal(-2.0, 1.2, 30_000)


@pytest.fixture(scope="module")
def labels(log_odds: np.ndarray) -> np.ndarray:
    return outcomes(log_odds, 6)


def test_the_line_undoes_a_known_distortion(log_odds: np.ndarray, labels: np.ndarray) -> None:
    distorted = (log_odds - 0.7) / 0.5
    calibration, evidence = fit_calibration(distorted, labels)
    assert (evidence.chosen, calibration.is_line) == ("platt", True)
    assert calibration.low_slope == pytest.approx(0.5, abs=0.02)
    assert calibration.of(distorted).mean() == pytest.approx(log_odds.mean(), abs=0.05)
    slope, offset = fit_line(calibration.of(distorted), labels)
    assert (slope, offset) == (pytest.approx(1.0, abs=1e-9), pytest.approx(0.0, abs=1e-9))


def test_beta_is_taken_where_it_is_proven_and_finds_the_true_curve(log_odds: np.ndarray) -> None:
    labels = outcomes(CURVED.of(log_odds), 7)
    calibration, evidence = fit_calibration(log_odds, labels)
    assert evidence.chosen == "beta"
    assert calibration.low_slope == pytest.approx(CURVED.low_slope, abs=0.1)
    assert calibration.high_slope == pytest.approx(CURVED.high_slope, abs=0.3)
    by_name = {one.method: one for one in evidence.methods}
    assert by_name["beta"].proven
    assert by_name["beta"].high < 0.0
    assert not by_name["identity"].proven


def test_beta_is_almost_never_taken_where_the_line_is_true() -> None:
    chosen = []
    for seed in range(40):
        log_odds = np.random.default_rng(seed).normal(-2.0, 1.2, 3_000)
        chosen.append(fit_calibration(log_odds, outcomes(log_odds * 0.9 + 0.2, seed + 100), seed=seed)[1].chosen)
    assert chosen.count("beta") <= 1


def test_log_odds_that_are_right_may_stay_as_they_are() -> None:
    """Few defaults: now and then Platt's two numbers provably cost more on held-out folds than they bring."""
    kept = 0
    for seed in range(30):
        log_odds = np.random.default_rng(seed).normal(-3.5, 1.2, 8_000)
        calibration, evidence = fit_calibration(log_odds, outcomes(log_odds, seed + 50), seed=seed)
        kept += evidence.chosen == "identity"
        assert (calibration == Calibration()) == (evidence.chosen == "identity")
    assert 0 < kept < 10


def test_log_odds_that_point_the_wrong_way_give_everybody_the_mean(labels: np.ndarray) -> None:
    wrong = np.random.default_rng(7).normal(size=len(labels)) - labels
    for calibration in (platt_calibration(wrong, labels), beta_calibration(wrong, labels)):
        np.testing.assert_allclose(probability_of(calibration.of(wrong)), labels.mean())


@pytest.mark.parametrize("true", [Calibration(0.6, 3.0, 0.0), Calibration(-0.0, 1.5, -1.0), Calibration(1.4, 0.0, 0.5)])
def test_beta_is_the_best_curve_that_keeps_order(log_odds: np.ndarray, true: Calibration) -> None:
    """Against a general optimiser with bounds."""
    some = log_odds[:4_000]
    labels = outcomes(true.of(some), 8)
    tail = softplus_tail(some)
    above, below = np.maximum(some, 0.0) + tail, np.maximum(-some, 0.0) + tail

    def loss(numbers: np.ndarray) -> float:
        return log_loss(labels, numbers[2] + numbers[1] * above - numbers[0] * below)

    best = minimize(loss, [1.0, 1.0, 0.0], bounds=[(0.0, None), (0.0, None), (None, None)], tol=1e-14)
    found = beta_calibration(some, labels)
    assert log_loss(labels, found.of(some)) <= best.fun + 1e-9
    assert min(found.low_slope, found.high_slope) >= 0.0


def test_isotonic_is_only_ever_a_comparison() -> None:
    """Even a staircase that it fits best does not make it ship: it would give whole ranges one probability."""
    log_odds = np.random.default_rng(9).normal(-2.0, 1.2, 20_000)
    stairs = np.where(log_odds > -1.0, 1.0, np.where(log_odds > -2.5, -1.5, -5.0))
    evidence = fit_calibration(log_odds, outcomes(stairs, 10), with_isotonic=True)[1]
    isotonic = next(one for one in evidence.methods if one.method == "isotonic")
    assert isotonic.proven
    assert not isotonic.may_ship
    assert evidence.chosen != "isotonic"
    without = fit_calibration(log_odds, outcomes(stairs, 10))[1]
    assert "isotonic" not in [one.method for one in without.methods]


def test_the_evidence_is_json_and_counts_what_it_saw(log_odds: np.ndarray, labels: np.ndarray) -> None:
    village = np.arange(len(labels)) % 84
    evidence = fit_calibration(log_odds, labels, groups=village)[1]
    assert (evidence.rows, evidence.defaults, evidence.groups) == (len(labels), labels.sum(), 84)
    assert json.loads(json.dumps(evidence.to_content()))["methods"][0]["method"] == "platt"


def test_the_same_rows_and_seed_give_the_same_calibration(log_odds: np.ndarray, labels: np.ndarray) -> None:
    assert fit_calibration(log_odds, labels, seed=3) == fit_calibration(log_odds, labels, seed=3)


def test_groups_stay_whole_in_folds_and_every_fold_has_defaults() -> None:
    draw = np.random.default_rng(11)
    village = draw.integers(0, 84, 4_000)
    labels = (draw.random(4_000) < 0.03).astype(float)
    number, count = group_numbers(4_000, village)
    fold = folds_of(labels, number, count, 0)
    assert set(fold) == set(range(5))
    assert all(len(set(fold[village == one])) == 1 for one in range(84))
    per_fold = np.bincount(fold, weights=labels)
    assert per_fold.min() > 0.5 * per_fold.max()


def test_two_villages_give_two_folds_and_one_gives_no_proof() -> None:
    log_odds = np.random.default_rng(12).normal(-2.0, 1.2, 4_000)
    labels = outcomes(CURVED.of(log_odds), 13)
    assert fit_calibration(log_odds, labels, groups=np.arange(4_000) % 2)[1].folds == 2
    alone = fit_calibration(log_odds, labels, groups=np.zeros(4_000))[1]
    assert (alone.folds, alone.chosen) == (1, "platt")
    assert not any(one.proven for one in alone.methods)


def test_a_paired_difference_has_the_error_of_its_groups() -> None:
    """Ten rows that always repeat one another count as one."""
    draw = np.random.default_rng(14)
    single = draw.normal(0.1, 1.0, 300)
    repeated, group = np.repeat(single, 10), np.repeat(np.arange(300), 10)
    by_group, by_row = paired_difference(repeated, group), paired_difference(repeated)
    assert by_group.standard_error == pytest.approx(single.std(ddof=1) / np.sqrt(300), rel=1e-9)
    assert by_row.standard_error == pytest.approx(by_group.standard_error / np.sqrt(10), rel=0.01)
    assert by_group.low < by_group.difference < by_group.high


def test_a_logistic_fit_is_the_library_s(log_odds: np.ndarray, labels: np.ndarray) -> None:
    other = np.random.default_rng(15).normal(size=len(labels))
    design = np.column_stack([log_odds, other, np.ones_like(other)])
    library = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(design[:, :2], labels)
    expected = [*library.coef_[0], library.intercept_[0]]
    np.testing.assert_allclose(fit_logistic(design, labels), expected, atol=1e-5)


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
