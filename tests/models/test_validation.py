"""Every figure of a validation against a naive computation, its intervals against repeated worlds, its speed."""

import json
from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score

from models.calibration_gates import calibration_gates, champion_gate
from models.comparison import DETECTABLE_Z, compare
from models.logistic import probability_of
from models.logistic_fit import fit_line
from models.measures import expected_calibration_error, h_measure, kolmogorov_smirnov, log_loss
from models.ranked_runs import RankedRuns
from models.resampling import drawn_weights
from models.validation import Figure, Validation, _Sums, validate, wilson

World = tuple[np.ndarray, np.ndarray, np.ndarray]


def world(rows: int, seed: int, *, shock: float = 0.0, base: float = -2.5, decimals: int = 12) -> World:
    """Outcomes, log-odds and villages; a shock is what a village shares beyond its log-odds."""
    draw = np.random.default_rng(seed)
    village = draw.integers(0, 84, rows)
    log_odds = draw.normal(base, 1.2, rows).round(decimals)
    shared = draw.normal(0.0, shock, 84)[village] if shock else 0.0
    return (draw.random(rows) < probability_of(log_odds + shared)).astype(float), log_odds, village


def resampled_rows(weights: np.ndarray, village: np.ndarray) -> np.ndarray:
    """The rows of a resample, written out one by one."""
    return np.repeat(np.arange(len(village)), weights.astype(int)[village])


@pytest.mark.parametrize("decimals", [12, 1])
def test_every_resample_is_measured_as_if_its_rows_were_written_out(decimals: int) -> None:
    labels, log_odds, village = world(1_500, 1, decimals=decimals)
    weights = next(drawn_weights(84, 6, 0, 1_500))
    assert (weights.sum(axis=1) == 84).all()
    ranking = RankedRuns.of(labels, log_odds).ranking(weights, village)
    line = fit_line(log_odds, labels)
    means = _Sums.of(labels, log_odds, line, (village, 84)).means(weights)
    for resample in range(6):
        rows = resampled_rows(weights[resample], village)
        bad, drawn = labels[rows], log_odds[rows]
        assert ranking.auc[resample] == pytest.approx(roc_auc_score(bad, drawn), abs=1e-12)
        assert ranking.ks[resample] == pytest.approx(kolmogorov_smirnov(bad, drawn), abs=1e-12)
        assert ranking.h[resample] == pytest.approx(h_measure(bad, drawn), abs=1e-10)
        assert means["log_loss"][resample] == pytest.approx(log_loss(bad, drawn), abs=1e-12)
        assert means["observed"][resample] == pytest.approx(bad.mean(), abs=1e-12)
        refitted = fit_line(drawn, bad)
        assert means["slope"][resample] == pytest.approx(refitted[0], abs=0.02), "one Newton step"
        assert means["offset"][resample] == pytest.approx(refitted[1], abs=0.05)


def test_a_single_draw_of_everybody_is_the_sample_itself() -> None:
    labels, log_odds, village = world(2_000, 2)
    line = fit_line(log_odds, labels)
    means = _Sums.of(labels, log_odds, line, (village, 84)).means(np.ones((1, 84)))
    ece, floor = expected_calibration_error(labels, probability_of(log_odds))
    expected = {"ece": ece, "ece_floor": floor, "slope": line[0], "offset": line[1]}
    assert {name: means[name][0] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_runs_are_far_fewer_than_rows_where_defaults_are_rare() -> None:
    labels, log_odds, _ = world(20_000, 3, base=-5.0)
    assert len(RankedRuns.of(labels, log_odds).starts) <= 2 * labels.sum() + 1


def test_figures_are_those_of_the_single_measures() -> None:
    labels, log_odds, village = world(3_000, 4)
    found = validate(labels, log_odds, groups=village, resamples=50)
    ece, floor = expected_calibration_error(labels, probability_of(log_odds))
    assert found.auc.estimate == pytest.approx(roc_auc_score(labels, log_odds), abs=1e-12)
    assert (found.h.estimate, found.ks.estimate) == (h_measure(labels, log_odds), kolmogorov_smirnov(labels, log_odds))
    assert (found.ece.estimate, found.ece_floor) == (ece, floor)
    assert found.ece_over_floor.estimate == pytest.approx(ece / floor)
    assert (found.slope.estimate, found.offset.estimate) == fit_line(log_odds, labels)
    assert (found.rows, found.defaults, found.groups, found.resamples) == (3_000, labels.sum(), 84, 50)


def test_intervals_hold_the_truth_of_shared_fortunes_about_as_often_as_promised() -> None:
    """84 villages with shocks of their own: drawn as villages, the level is held; drawn as rows, it is not."""
    inside = {True: 0, False: 0}
    draw = np.random.default_rng(5)
    truth = probability_of(draw.normal(-2.5, 1.2, 200_000) + draw.normal(0.0, 0.6, 200_000)).mean()
    for seed in range(60):
        labels, log_odds, village = world(4_000, 100 + seed, shock=0.6)
        for by_village in inside:
            groups = village if by_village else None
            mean = validate(labels, log_odds, groups=groups, resamples=150).mean_observed
            inside[by_village] += mean.low <= truth <= mean.high
    assert inside[True] / 60 > 0.86
    assert inside[False] / 60 < 0.8


def test_auc_and_slope_hold_their_truth_about_as_often_as_promised() -> None:
    truth = roc_auc_score(*world(400_000, 6)[:2])
    held = np.zeros(2)
    for seed in range(60):
        labels, log_odds, village = world(3_000, 200 + seed)
        found = validate(labels, log_odds, groups=village, resamples=150)
        held += [found.auc.low <= truth <= found.auc.high, found.slope.low <= 1.0 <= found.slope.high]
    assert (held / 60 > 0.86).all()
    assert (held / 60 < 1.0).any()


def test_the_calibration_error_of_true_probabilities_reaches_down_to_none() -> None:
    """Resampling adds noise to noise; without reflection nobody's interval would hold a perfect calibration."""
    found = [validate(*world(3_000, 300 + seed)[:2], resamples=100) for seed in range(20)]
    assert all(one.ece_over_floor.low < 1.0 and one.ece.low < one.ece_floor for one in found)


def test_ten_bins_hold_every_row_and_wilson_s_interval() -> None:
    labels, log_odds, _ = world(1_234, 7)
    bins = validate(labels, log_odds, resamples=10).reliability
    assert (len(bins), sum(one.rows for one in bins), sum(one.defaults for one in bins)) == (10, 1_234, labels.sum())
    assert [one.mean_predicted for one in bins] == sorted(one.mean_predicted for one in bins)
    for one in bins:
        expected = binomtest(one.defaults, one.rows).proportion_ci(method="wilson")
        assert (one.observed_low, one.observed_high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert wilson(0, 40)[0] == 0.0
    assert wilson(40, 40)[1] == 1.0


def test_the_plotted_curves_are_short_end_at_one_and_show_the_widest_gap() -> None:
    labels, log_odds, _ = world(5_000, 8)
    found = validate(labels, log_odds, resamples=10)
    good, bad = np.array(found.separation.good_below), np.array(found.separation.bad_below)
    assert len(good) <= 200
    assert (good[-1], bad[-1]) == (1.0, 1.0)
    assert np.abs(good - bad).max() == pytest.approx(found.ks.estimate)
    assert list(found.separation.probability) == sorted(found.separation.probability)


def test_numbers_are_flat_finite_and_named_and_the_whole_is_json() -> None:
    labels, log_odds, village = world(2_000, 9)
    found = validate(labels, log_odds, groups=village, resamples=40)
    numbers = found.as_numbers()
    assert {"auc", "auc_low", "auc_high", "log_loss", "ece", "ece_floor", "slope", "test_rows", "mean_low"} <= set(
        numbers
    )
    assert len(numbers) == sum(3 if isinstance(getattr(found, one.name), Figure) else 1 for one in fields(found)) - 2
    assert np.isfinite(list(numbers.values())).all()
    assert json.loads(json.dumps(found.to_content()))["auc"]["estimate"] == found.auc.estimate


def test_the_same_rows_and_seed_give_the_same_figures() -> None:
    labels, log_odds, village = world(1_000, 10)
    assert validate(labels, log_odds, groups=village, seed=4) == validate(labels, log_odds, groups=village, seed=4)


def test_names_of_villages_do_not_matter_and_one_village_draws_rows() -> None:
    labels, log_odds, village = world(1_000, 11)
    named = np.array([f"V{one:03d}" for one in village])
    assert validate(labels, log_odds, groups=named) == validate(labels, log_odds, groups=village)
    assert validate(labels, log_odds, groups=np.zeros(1_000), resamples=20).groups == 1_000


def test_resamples_without_a_default_are_left_out() -> None:
    labels = np.zeros(300)
    labels[7] = 1.0
    found = validate(labels, np.random.default_rng(0).normal(-4.0, 1.0, 300), resamples=200)
    assert np.isfinite(list(found.as_numbers().values())).all()


def gates_of(labels: np.ndarray, log_odds: np.ndarray, village: np.ndarray) -> dict[str, str]:
    return {one.name: one.outcome for one in calibration_gates(validate(labels, log_odds, groups=village))}


def test_true_probabilities_pass_every_gate() -> None:
    assert set(gates_of(*world(20_000, 12)).values()) == {"passed"}


@pytest.mark.parametrize(
    ("slope", "offset", "gate"),
    [(1.5, 1.2, "calibration_slope"), (0.6, -0.9, "calibration_slope"), (1.0, 0.5, "calibration_mean"),
     (1.0, 0.5, "calibration_ece")],
)  # fmt: skip
def test_wrong_probabilities_fail_the_gate_that_names_their_fault(slope: float, offset: float, gate: str) -> None:
    labels, log_odds, village = world(20_000, 13)
    assert gates_of(labels, log_odds * slope + offset, village)[gate] == "failed"


def test_too_few_rows_to_tell_are_undecided_not_failed() -> None:
    """The same slope of 0.85, out of bounds: 20,000 rows know it, 900 do not."""
    for rows, outcome in ((900, "undecided"), (20_000, "failed")):
        labels, log_odds, village = world(rows, 14)
        steep = log_odds * (fit_line(log_odds, labels)[0] / 0.85)
        assert gates_of(labels, steep, village)["calibration_slope"] == outcome


def test_a_level_that_villages_alone_could_explain_is_undecided() -> None:
    outcomes = [gates_of(*world(6_000, 400 + seed, shock=0.9))["calibration_mean"] for seed in range(12)]
    independent = [gates_of(*world(6_000, 400 + seed))["calibration_mean"] for seed in range(12)]
    assert outcomes.count("undecided") > independent.count("undecided")


def test_a_candidate_is_compared_with_the_champion_on_the_same_villages() -> None:
    labels, log_odds, village = world(8_000, 15)
    worse = log_odds + np.random.default_rng(1).normal(0.0, 1.0, 8_000)
    found = compare(labels, log_odds, worse, groups=village)
    assert found.log_loss.estimate == pytest.approx(log_loss(labels, log_odds) - log_loss(labels, worse))
    assert found.auc.estimate == pytest.approx(roc_auc_score(labels, log_odds) - roc_auc_score(labels, worse))
    assert champion_gate(found).outcome == "passed"
    assert champion_gate(compare(labels, worse, log_odds, groups=village)).outcome == "failed"
    assert champion_gate(compare(labels, log_odds, log_odds, groups=village)).outcome == "passed"
    nearly = log_odds + np.random.default_rng(2).normal(0.0, 0.005, 8_000)
    both_ways = compare(labels, nearly, log_odds, groups=village), compare(labels, log_odds, nearly, groups=village)
    assert {champion_gate(one).outcome for one in both_ways} == {"passed", "undecided"}


def test_what_could_have_been_seen_is_told_with_every_difference() -> None:
    labels, log_odds, village = world(8_000, 16)
    noisy = log_odds + np.random.default_rng(3).normal(0.0, 0.3, 8_000)
    found = compare(labels, log_odds, noisy, groups=village)
    numbers = found.as_numbers()
    assert numbers["auc_minimum_detectable"] == pytest.approx(DETECTABLE_Z * found.auc.standard_error)
    few = compare(labels[:2_000], log_odds[:2_000], noisy[:2_000], groups=village[:2_000])
    assert few.auc.minimum_detectable > 1.5 * found.auc.minimum_detectable


def test_differences_are_seen_as_often_as_their_errors_say() -> None:
    """Power by repetition: truth and spread over 60 worlds against the standard error that each of them tells."""
    found = []
    for seed in range(60):
        labels, log_odds, village = world(1_500, 500 + seed)
        noisy = log_odds + np.random.default_rng(seed).normal(0.0, 0.45, 1_500)
        found.append(compare(labels, log_odds, noisy, groups=village, resamples=150).auc)
    differences, errors = np.array([(one.estimate, one.standard_error) for one in found]).T
    assert differences.std() == pytest.approx(errors.mean(), rel=0.3)
    power = norm.cdf(differences.mean() / errors.mean() - norm.ppf(0.975))
    assert np.mean([one.low > 0.0 for one in found]) == pytest.approx(power, abs=0.15)


def test_twenty_thousand_rows_five_hundred_times_fit_the_cache() -> None:
    """Weights are held a few resamples at a time: never all rows times all resamples."""
    sizes = [one.size for one in drawn_weights(20_000, 500, 0, 20_000)]
    assert sum(sizes) == 500 * 20_000
    assert max(sizes) <= 1 << 18


def test_a_validation_names_every_field() -> None:
    assert all(one.name in (Validation.__doc__ or "") for one in fields(Validation))
