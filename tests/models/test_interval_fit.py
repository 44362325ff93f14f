"""Venn-Abers against brute force; intervals against known truths: what is promised is held, thin files get room."""

import numpy as np
import pytest
from scipy.optimize import isotonic_regression
from scipy.stats import poisson

from models.interval_fit import IntervalEvidence, design_effect, fit_intervals
from models.logistic import probability_of
from models.probability_interval import Intervals
from models.step_merging import Steps, hull, short_between
from models.thin_files import choose_thin_from, level_ratio
from models.venn_abers import venn_abers

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]


def drawn(rows: int, seed: int, *, base: float = -3.5) -> Drawn:
    """Log-odds, true probabilities and outcomes of a well specified world."""
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(base, 1.2, rows)
    probability = probability_of(log_odds)
    return log_odds, probability, (draw.random(rows) < probability).astype(float)


def nothing_missing(rows: int) -> np.ndarray:
    return np.zeros(rows, dtype=np.int64)


def by_brute_force(rows: np.ndarray, defaults: np.ndarray) -> Drawn:
    """Two isotonic fits per score: the case added there without, then with default."""
    both = np.empty((2, len(rows)))
    for outcome in (0, 1):
        for place in range(len(rows)):
            more, bad = rows.copy(), defaults.copy()
            more[place] += 1.0
            bad[place] += outcome
            both[outcome, place] = isotonic_regression(bad / more, weights=more).x[place]
    return both[0], both[1], rows


@pytest.mark.parametrize("seed", range(60))
def test_venn_abers_is_what_two_isotonic_fits_per_case_give(seed: int) -> None:
    draw = np.random.default_rng(seed)
    scores = int(draw.integers(1, 40))
    rows = draw.integers(1, 6, scores)
    defaults = draw.binomial(rows, np.sort(draw.random(scores)) * draw.random()).astype(float)
    low, high = venn_abers(rows.astype(float), defaults)
    expected_low, expected_high, _ = by_brute_force(rows.astype(float), defaults)
    np.testing.assert_allclose(low, expected_low, rtol=0.0, atol=4e-16)
    np.testing.assert_allclose(high, expected_high, rtol=0.0, atol=4e-16)
    assert (np.diff(low) >= 0.0).all()
    assert (np.diff(high) >= 0.0).all()


@pytest.mark.parametrize(("rows", "base"), [(12_000, -3.5), (12_000, -1.0), (1_500, -2.0)])
def test_at_least_the_promised_share_of_cases_and_of_bins_lies_inside(rows: int, base: float) -> None:
    cases, bins = [], []
    for seed in range(8):
        log_odds, _, labels = drawn(rows, seed, base=base)
        intervals, _ = fit_intervals(log_odds, labels, nothing_missing(rows))
        asked, truth, _ = drawn(10_000, 1_000 + seed, base=base)
        low, high = intervals.of(asked, nothing_missing(10_000))
        cases.append(((low <= truth) & (truth <= high)).mean())
        of_bin = [[one[part].mean() for one in (low, truth, high)] for part in np.array_split(np.argsort(asked), 20)]
        bins.extend(least <= mean <= most for least, mean, most in of_bin)
    assert min(cases) >= 0.95
    assert np.mean(bins) >= 0.95


def test_a_jump_where_order_is_all_that_helps_is_still_covered() -> None:
    covered = []
    for seed in range(8):
        draw = np.random.default_rng(seed)
        log_odds = draw.normal(-3.5, 1.2, 8_000)
        truth = np.where(log_odds > -3.0, 0.12, 0.02)
        labels = (draw.random(8_000) < truth).astype(float)
        low, high = fit_intervals(log_odds, labels, nothing_missing(8_000))[0].of(log_odds, nothing_missing(8_000))
        covered.append(((low <= truth) & (truth <= high)).mean())
    assert np.mean(covered) >= 0.95


def test_pure_venn_abers_would_not_be_an_interval_for_the_probability() -> None:
    """Why it is widened: it tells what one more outcome changes, not what chance did to all of them."""
    log_odds, truth, labels = drawn(12_000, 3)
    order = np.argsort(log_odds)
    low, high = venn_abers(np.ones(12_000), labels[order])
    assert ((low <= truth[order]) & (truth[order] <= high)).mean() < 0.5
    intervals, evidence = fit_intervals(log_odds, labels, nothing_missing(12_000))
    assert evidence.venn_abers_mean_width < evidence.thick_mean_width / 5.0
    shipped = intervals.of(log_odds[order], nothing_missing(12_000))
    assert (shipped[0] <= low + 2e-3).mean() > 0.99, "the hull holds Venn-Abers, up to the width of a cell"
    assert (shipped[1] >= high - 2e-3).mean() > 0.99


def test_more_rows_narrow_the_interval_and_a_surer_promise_widens_it() -> None:
    log_odds, _, labels = drawn(16_000, 5)
    widths = [
        fit_intervals(log_odds[:rows], labels[:rows], nothing_missing(rows), confidence=confidence)[1].thick_mean_width
        for rows, confidence in ((16_000, 0.95), (2_000, 0.95), (16_000, 0.999))
    ]
    assert widths[0] < widths[1]
    assert widths[0] < widths[2]


def thin_world(rows: int, seed: int, thin_share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Thick files miss 0 to 2 features, thin ones 8 to 13 and default more often than their log-odds say."""
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(-3.0, 1.2, rows)
    thin = draw.random(rows) < thin_share
    missing = np.where(thin, draw.integers(8, 14, rows), draw.integers(0, 3, rows))
    truth = probability_of(log_odds + np.where(thin, 0.7, 0.0))
    return log_odds, truth, (draw.random(rows) < truth).astype(float), missing


@pytest.mark.parametrize(("thin_share", "basis"), [(0.1, "own_rows"), (0.01, "widened")])
def test_thin_files_are_found_covered_and_get_wider_intervals(thin_share: float, basis: str) -> None:
    log_odds, truth, labels, missing = thin_world(20_000, 7, thin_share)
    intervals, evidence = fit_intervals(log_odds, labels, missing)
    assert (evidence.thin_basis, 2 < evidence.thin_from <= 8) == (basis, True)
    low, high = intervals.of(log_odds, missing)
    for part in (missing >= 8, missing < 8):
        assert ((low <= truth) & (truth <= high))[part].mean() >= 0.95
    assert evidence.thin_mean_width is not None
    assert evidence.thin_mean_width > 1.3 * evidence.thick_mean_width


@pytest.mark.parametrize("thin_share", [0.1, 0.01, 0.0])
def test_a_thin_file_s_interval_contains_that_of_a_thick_file(thin_share: float) -> None:
    log_odds, _, labels, missing = thin_world(9_000, 8, thin_share)
    intervals, _ = fit_intervals(log_odds, labels, missing)
    asked = np.linspace(-9.0, 4.0, 2_001)
    (thick_low, thick_high), (thin_low, thin_high) = intervals.thick.of(asked), intervals.thin.of(asked)
    assert (thin_low <= thick_low).all()
    assert (thin_high >= thick_high).all()


def test_files_thinner_than_any_ever_seen_leave_everything_open() -> None:
    log_odds, _, labels = drawn(4_000, 9)
    intervals, evidence = fit_intervals(log_odds, labels, nothing_missing(4_000))
    assert (evidence.thin_basis, evidence.thin_from, evidence.thin_mean_width) == ("never_seen", 1, None)
    low, high = intervals.of(log_odds, nothing_missing(4_000) + 1)
    assert (low == 0.0).all()
    assert (high == 1.0).all()


def test_the_number_that_parts_files_best_is_found_and_without_one_the_unusual_tenth_is_thin() -> None:
    log_odds, _, labels, missing = thin_world(20_000, 11, 0.15)
    probability = np.full_like(labels, labels.mean())
    assert choose_thin_from(labels, probability, log_odds * 0.0, missing, effect=1.0, least_defaults=50) == (3, True)
    draw = np.random.default_rng(1)
    alike = draw.binomial(10, 0.1, 20_000)
    log_odds, truth, labels = drawn(20_000, 12)
    found, own = choose_thin_from(labels, truth, log_odds, alike, effect=1.0, least_defaults=50)
    assert own
    assert (alike >= found).mean() <= 0.1 < (alike >= found - 1).mean()


@pytest.mark.parametrize("observed", [0, 1, 7])
def test_the_level_of_a_few_files_is_bounded_exactly(observed: int) -> None:
    """At either end of the interval, as many defaults or more (fewer) would come in 2.5 of 100 such samples."""
    labels, probability = np.repeat([1.0, 0.0], [observed, 100 - observed]), np.full(100, 0.04)
    low, high = level_ratio(labels, probability, 0.95, 1.0)
    assert poisson.cdf(observed, high * 4.0) == pytest.approx(0.025)
    assert low == 0.0 if observed == 0 else poisson.sf(observed - 1, low * 4.0) == pytest.approx(0.025)
    wider = level_ratio(labels, probability, 0.95, 4.0)
    assert wider[0] <= low < high < wider[1]
    assert level_ratio(labels[:0], probability[:0], 0.95, 1.0) == (0.0, np.inf)


def test_bands_are_short_and_millionths() -> None:
    log_odds, _, labels, missing = thin_world(9_000, 13, 0.1)
    intervals, _ = fit_intervals(log_odds, labels, missing)
    for band in (intervals.thick, intervals.thin):
        assert len(band.low) <= 100
        np.testing.assert_array_equal(np.round(band.low, 6), band.low)
    assert Intervals.from_content(intervals.to_content()).thin_from == intervals.thin_from


def test_ends_of_steps_are_short_and_still_part_the_same_rows() -> None:
    least = np.array([-3.14159, -0.001, 0.0, 1.23456789, 2.0])
    below = np.array([-3.0, 0.5, 1e-9, 1.2345679, np.nextafter(2.0, 3.0)])
    short = short_between(least, below)
    assert short.tolist() == [-3.1, 0.0, 0.0, 1.23456789, 2.0]
    log_odds, _, labels = drawn(4_000, 15)
    band = fit_intervals(log_odds, labels, nothing_missing(4_000))[0].thick
    assert max(len(repr(one)) for one in band.thresholds.tolist()) <= 9


def test_merging_only_lowers_the_low_and_only_raises_the_high() -> None:
    draw = np.random.default_rng(2)
    low = np.sort(draw.random(300)) * 0.5
    steps = Steps(np.sort(draw.random(299)), low, np.minimum(1.0, low + np.sort(draw.random(300)) * 0.5), np.ones(300))
    merged = steps.merged(20)
    assert len(merged.low) == 20
    assert merged.rows.sum() == 300
    asked = draw.random(5_000)
    (fine_low, fine_high), (low_after, high_after) = steps.band().of(asked), merged.band().of(asked)
    assert (low_after <= fine_low).all()
    assert (high_after >= fine_high).all()
    assert merged.mean_width() < steps.mean_width() + 0.1


def test_a_hull_contains_both_at_every_place() -> None:
    one = Steps(np.array([0.0]), np.array([0.1, 0.4]), np.array([0.5, 0.6]), np.array([4.0, 6.0]))
    other = Steps(np.array([-1.0, 1.0]), np.array([0.2, 0.2, 0.5]), np.array([0.3, 0.7, 0.9]), np.ones(3))
    both = hull(one, other)
    assert both.ends.tolist() == [-1.0, 0.0, 1.0]
    assert both.low.tolist() == [0.1, 0.1, 0.2, 0.4]
    assert both.high.tolist() == [0.5, 0.7, 0.7, 0.9]
    assert both.rows.sum() == 10.0


def test_villages_that_share_their_fortune_widen_the_interval() -> None:
    draw = np.random.default_rng(4)
    village = draw.integers(0, 84, 12_000)
    log_odds = draw.normal(-3.0, 1.0, 12_000)
    labels = (draw.random(12_000) < probability_of(log_odds + draw.normal(0.0, 0.6, 84)[village])).astype(float)
    alone = fit_intervals(log_odds, labels, nothing_missing(12_000))[1]
    together = fit_intervals(log_odds, labels, nothing_missing(12_000), groups=village)[1]
    assert alone.design_effect == 1.0
    assert together.design_effect > 2.0
    assert together.thick_mean_width > 1.2 * alone.thick_mean_width


def test_independent_villages_have_no_design_effect_to_speak_of() -> None:
    _, truth, labels = drawn(20_000, 6)
    assert design_effect(labels, truth, np.random.default_rng(0).integers(0, 84, 20_000)) < 1.6


def test_equal_rows_in_any_order_give_equal_intervals() -> None:
    log_odds, _, labels, missing = thin_world(5_000, 14, 0.1)
    shuffled = np.random.default_rng(3).permutation(5_000)
    first = fit_intervals(log_odds, labels, missing)[0].to_content()
    assert fit_intervals(log_odds[shuffled], labels[shuffled], missing[shuffled])[0].to_content() == first


def test_log_odds_that_carry_nothing_give_one_wide_band() -> None:
    draw = np.random.default_rng(5)
    labels = (draw.random(3_000) < 0.1).astype(float)
    intervals, evidence = fit_intervals(np.zeros(3_000), labels, nothing_missing(3_000))
    low, high = intervals.of(np.zeros(1), np.zeros(1, dtype=np.int64))
    assert low[0] < labels.mean() < high[0]
    assert high[0] - low[0] < 0.05
    assert isinstance(evidence, IntervalEvidence)
