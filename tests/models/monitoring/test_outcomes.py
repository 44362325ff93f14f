from datetime import date

import numpy as np
import pytest

from models.monitoring import levels_on
from models.monitoring.bands import count_band
from models.monitoring.outcomes import Outcomes, calibration_line, outcome_figures

LEVELS = levels_on(date(2026, 6, 15))
Q3 = (date(2025, 7, 1) - date(1970, 1, 1)).days


def exact_cumulative(probability: np.ndarray) -> np.ndarray:
    """P(count <= k) by adding one loan after the other."""
    chances = np.ones(1)
    for one in probability:
        chances = np.convolve(chances, [1.0 - one, one])
    return np.cumsum(chances)


def loans(rng: np.random.Generator, rows: int = 6000, months: int = 12, factor: float = 1.0) -> Outcomes:
    """Loans of one quarter, each defaulting with `factor` times its chance, evenly from the fourth month on."""
    probability = np.clip(np.exp(rng.normal(-4.4, 0.8, rows)), 0.001, 0.3)
    when = np.where(rng.random(rows) < probability * factor, rng.choice(np.arange(4, 13), rows), 99)
    return Outcomes(probability, Q3 + rng.integers(0, 90, rows), np.full(rows, months), when <= months)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_band_of_independent_loans_is_the_exact_one(seed: int) -> None:
    probability = np.random.default_rng(seed).beta(0.6, 30.0, 400)
    cumulative, band = exact_cumulative(probability), count_band(probability, 0.95)
    exact = [int(np.searchsorted(cumulative, tail)) for tail in (0.025, 0.975)]
    assert abs(band.low - exact[0]) + abs(band.high - exact[1]) <= 1
    assert band.expected == pytest.approx(probability.sum())


def test_equal_chances_give_the_binomials_own_band() -> None:
    cumulative = exact_cumulative(np.full(300, 0.02))
    band = count_band(np.full(300, 0.02), 0.99)
    assert [band.low, band.high] == [int(np.searchsorted(cumulative, tail)) for tail in (0.005, 0.995)]


def test_a_common_year_widens_the_band_as_a_simulation_of_years_does() -> None:
    probability = np.full(2000, 0.015)
    alone, year = count_band(probability, 0.9), count_band(probability, 0.9, 0.05)
    rng = np.random.default_rng(5)
    from scipy.special import ndtr, ndtri

    factor = rng.standard_normal(40_000)
    chances = ndtr((ndtri(0.015) - np.sqrt(0.05) * factor) / np.sqrt(0.95))
    counts = rng.binomial(2000, chances)
    assert np.quantile(counts, [0.05, 0.95]) == pytest.approx([year.low, year.high], abs=1.5)
    assert year.high - year.low > 1.5 * (alone.high - alone.low)


def test_nothing_expected_is_a_band_of_nothing() -> None:
    assert (count_band(np.zeros(5), 0.95).low, count_band(np.zeros(5), 0.95).high) == (0, 0)


def test_predictions_that_come_true_raise_nothing_in_most_years() -> None:
    rng = np.random.default_rng(5)
    told = [outcome_figures(loans(rng, 3000), LEVELS) for _ in range(60)]
    assert sum(any(figure.severity for figure in figures) for figures in told) <= 3


def test_far_more_defaults_than_any_year_brings_are_told_with_their_band() -> None:
    figures = {figure.kind: figure for figure in outcome_figures(loans(np.random.default_rng(5), factor=4.5), LEVELS)}
    mean = figures["calibration_mean"]
    assert mean.severity == "high"
    assert mean.high is not None
    assert mean.measured > mean.high
    assert figures["actual_to_expected"].subject == "2025Q3"


def test_a_somewhat_bad_year_is_medium_because_a_year_is_shared() -> None:
    figures = {figure.kind: figure for figure in outcome_figures(loans(np.random.default_rng(5), factor=1.6), LEVELS)}
    assert figures["calibration_mean"].severity == "medium"


def test_young_loans_are_held_against_what_shows_by_their_age() -> None:
    rng = np.random.default_rng(5)
    young = [figure for figure in outcome_figures(loans(rng, months=6), LEVELS) if figure.kind == "actual_to_expected"]
    assert [figure.severity for figure in young] == [""]
    assert not [figure for figure in outcome_figures(loans(rng, months=6), LEVELS) if "calibration" in figure.kind]


def test_the_line_finds_slope_and_offset_it_was_drawn_with() -> None:
    rng = np.random.default_rng(5)
    log_odds = rng.normal(-3.0, 1.2, 60_000)
    defaulted = rng.random(60_000) < 1.0 / (1.0 + np.exp(-(0.3 + 0.7 * log_odds)))
    line = calibration_line(log_odds, defaulted)
    assert abs(line.slope - 0.7) < 3 * line.slope_error
    assert line.offset == pytest.approx(0.3, abs=0.15)


def test_probabilities_that_lost_their_meaning_show_in_the_slope() -> None:
    rng = np.random.default_rng(5)
    told = loans(rng, 20_000)
    blind = Outcomes(rng.permutation(told.default_probability), told.drawn_on, told.months_watched, told.defaulted)
    slope = next(figure for figure in outcome_figures(blind, LEVELS) if figure.kind == "calibration_slope")
    assert slope.severity == "high"
    assert slope.measured < 0.5
