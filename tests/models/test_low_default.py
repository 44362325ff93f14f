"""The most prudent estimation: the paper's own portfolio, the equation each bound has to solve, and their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, binom, norm

from models.low_default import chance_of_at_most, lower_bounds, upper_bounds
from models.training_errors import BadPortfolioError

OBLIGORS = (100, 400, 300)
LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)

# Pluto and Tasche (2005): upper bounds in % of grades A, B, C at the six levels, as printed to two decimals.
NO_DEFAULTS = (
    (0.09, 0.17, 0.29, 0.37, 0.57, 0.86),
    (0.10, 0.20, 0.33, 0.43, 0.66, 0.98),
    (0.23, 0.46, 0.76, 0.99, 1.52, 2.28),
)
FEW_DEFAULTS = (
    (0.46, 0.64, 0.83, 0.97, 1.25, 1.62),
    (0.52, 0.73, 0.95, 1.10, 1.43, 1.85),
    (0.56, 0.90, 1.29, 1.57, 2.19, 3.04),
)
NO_DEFAULTS_CORRELATED = (
    (0.15, 0.40, 0.86, 1.31, 2.65, 5.29),
    (0.17, 0.45, 0.96, 1.45, 2.92, 5.77),
    (0.37, 0.92, 1.89, 2.78, 5.30, 9.84),
)


@pytest.mark.parametrize(
    ("printed", "defaults", "correlation"),
    [
        (NO_DEFAULTS, (0, 0, 0), 0.0),
        (FEW_DEFAULTS, (0, 2, 1), 0.0),
        (NO_DEFAULTS_CORRELATED, (0, 0, 0), 0.12),
    ],
)
def test_the_paper_s_portfolio_gives_the_paper_s_figures(
    printed: tuple[tuple[float, ...], ...], defaults: tuple[int, ...], correlation: float
) -> None:
    found = [upper_bounds(OBLIGORS, defaults, confidence=level, correlation=correlation) for level in LEVELS]
    np.testing.assert_allclose(100 * np.array(found).T, printed, atol=0.0075)


def test_without_defaults_the_bound_has_a_closed_form() -> None:
    bounds = upper_bounds(OBLIGORS, (0, 0, 0), confidence=0.9)
    np.testing.assert_allclose(bounds, [1 - 0.1 ** (1 / n) for n in (800, 700, 300)], rtol=1e-12)


@pytest.mark.parametrize("correlation", [0.05, 0.12, 0.3])
@pytest.mark.parametrize(("grade", "obligors", "defaults"), [(0, 800, 3), (1, 700, 3), (2, 300, 1)])
def test_a_correlated_bound_solves_its_equation_by_another_quadrature(
    correlation: float, grade: int, obligors: int, defaults: int
) -> None:
    bound = upper_bounds(OBLIGORS, (0, 2, 1), confidence=0.9, correlation=correlation)[grade]

    def integrand(factor: float) -> float:
        given = norm.cdf((norm.ppf(bound) - np.sqrt(correlation) * factor) / np.sqrt(1 - correlation))
        return float(norm.pdf(factor) * binom.cdf(defaults, obligors, given))

    assert quad(integrand, -12, 12, limit=400)[0] == pytest.approx(0.1, abs=1e-8)


def test_correlation_widens_the_bounds_and_vanishes_continuously() -> None:
    plain, slight, strong = (
        upper_bounds(OBLIGORS, (0, 2, 1), confidence=0.9, correlation=rho) for rho in (0.0, 1e-9, 0.12)
    )
    np.testing.assert_allclose(slight, plain, rtol=1e-3)
    assert (strong > plain).all()


def test_the_lower_bound_pools_with_the_better_grades_and_is_clopper_and_pearson_s() -> None:
    bounds = lower_bounds(OBLIGORS, (1, 4, 9), confidence=0.95)
    by_hand = [beta.ppf(0.05, d, n - d + 1) for d, n in ((1, 100), (5, 500), (14, 800))]
    np.testing.assert_allclose(bounds, by_hand, rtol=1e-9)
    assert (lower_bounds(OBLIGORS, (0, 0, 0), confidence=0.95) == 0.0).all()


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1)), min_size=1, max_size=5),
    st.floats(0.5, 0.999),
    st.sampled_from([0.0, 0.05]),
)
def test_bounds_never_fall_from_best_to_worst_and_hold_the_portfolio_s_rate(
    grades: list[tuple[int, float]], confidence: float, correlation: float
) -> None:
    obligors = [count for count, _ in grades]
    defaults = [int(count * share) for count, share in grades]
    high = upper_bounds(obligors, defaults, confidence=confidence, correlation=correlation)
    low = lower_bounds(obligors, defaults, confidence=confidence, correlation=correlation)
    assert (np.diff(high) >= 0).all()
    assert (np.diff(low) >= 0).all()
    if sum(obligors) and correlation == 0.0:  # a correlated count is skewed: at 50 % its bounds may lie on one side
        assert low[-1] - 1e-12 <= sum(defaults) / sum(obligors) <= high[0] + 1e-12


def test_nothing_observed_bounds_nothing() -> None:
    assert upper_bounds((0, 10), (0, 0), confidence=0.9)[-1] < 1.0
    assert upper_bounds((10, 0), (0, 0), confidence=0.9)[-1] == 1.0
    assert lower_bounds((10, 0), (0, 0), confidence=0.9)[-1] == 0.0


def test_the_chance_is_a_chance_and_falls_with_the_probability() -> None:
    chances = [chance_of_at_most(3, 200, p, 0.1) for p in (1e-6, 0.01, 0.03, 0.5, 0.999999)]
    assert chances == sorted(chances, reverse=True)
    assert 0.0 <= chances[-1] < chances[0] <= 1.0


@pytest.mark.parametrize(
    ("obligors", "defaults", "confidence", "correlation", "place"),
    [
        ((10,), (11,), 0.9, 0.0, "defaults"),
        ((10,), (-1,), 0.9, 0.0, "defaults"),
        ((10,), (1, 2), 0.9, 0.0, "grades"),
        ((), (), 0.9, 0.0, "grades"),
        ((10,), (1,), 1.0, 0.0, "confidence"),
        ((10,), (1,), 0.9, 1.0, "correlation"),
    ],
)
def test_impossible_portfolios_are_refused_by_name(
    obligors: tuple[int, ...], defaults: tuple[int, ...], confidence: float, correlation: float, place: str
) -> None:
    with pytest.raises(BadPortfolioError) as caught:
        upper_bounds(obligors, defaults, confidence=confidence, correlation=correlation)
    assert caught.value.place == place
