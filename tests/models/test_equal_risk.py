"""Groups are compared at equal risk: what risk explains is no gap, what it does not explain is, chance is chance."""

import numpy as np
import pytest

from models.arrays import Booleans, Floats, Positions
from models.equal_risk import Gap, gaps_at_equal_risk, risk_bins

ROWS, VILLAGES = 4_000, 60


def gap(values: Floats, inside: Booleans, probability: Floats, villages: Positions, together: int = 1) -> Gap:
    found = gaps_at_equal_risk([values], inside, ~inside, risk_bins(probability, 10), villages, told_together=together)
    assert found is not None
    return found[0]


def drawn(seed: int = 1) -> tuple[np.random.Generator, Floats, Positions]:
    draw = np.random.default_rng(seed)
    return draw, draw.beta(2, 60, ROWS), draw.integers(0, VILLAGES, ROWS)


def test_what_risk_explains_is_no_gap() -> None:
    draw, probability, villages = drawn()
    riskier = draw.random(ROWS) < np.clip(20 * probability, 0, 1)
    by_bin = np.asarray(risk_bins(probability, 10) * -5.0, dtype=np.float64)
    assert by_bin[riskier].mean() - by_bin[~riskier].mean() < -5
    assert gap(by_bin, riskier, probability, villages).gap == pytest.approx(0.0, abs=1e-9)


def test_the_formula_is_the_groups_own_mix_of_risks() -> None:
    """Two bins, by hand: (3 x 10 + 1 x 20) / 4 for the group; others 4 and 8, weighed 3 to 1, give 5."""
    bins = np.array([0, 0, 0, 1, 0, 0, 1, 1])
    values = np.array([10.0, 10, 10, 20, 3, 5, 8, 8])
    inside = np.array([True] * 4 + [False] * 4)
    found = gaps_at_equal_risk([values], inside, ~inside, bins, np.arange(8), told_together=1)
    assert found is not None
    assert (found[0].mean, found[0].at_equal_risk, found[0].gap) == (12.5, 5.0, 7.5)


def test_a_risk_only_one_of_the_two_has_compares_nothing_and_says_so() -> None:
    bins = np.array([0, 0, 1, 0, 0, 2])
    inside = np.array([True, True, True, False, False, False])
    found = gaps_at_equal_risk(
        [np.array([1.0, 1, 99, 1, 1, -99])], inside, ~inside, bins, np.arange(6), told_together=1
    )
    assert found is not None
    assert found[0].gap == 0.0
    assert found[0].compared_share == pytest.approx(2 / 3)
    nothing = gaps_at_equal_risk([np.ones(2)], np.array([True, False]), np.array([False, True]), np.array([0, 1]),
                                 np.arange(2), told_together=1)  # fmt: skip
    assert nothing is None


def test_nineteen_of_twenty_intervals_hold_the_true_gap_though_villages_move_together() -> None:
    held = 0
    for seed in range(200):
        draw, probability, villages = drawn(seed)
        inside = draw.random(VILLAGES)[villages] < 0.4
        values = -3.0 * inside + draw.normal(0, 4, VILLAGES)[villages] + draw.normal(0, 8, ROWS)
        found = gap(values, inside, probability, villages)
        held += found.low <= -3.0 <= found.high
    assert 0.90 <= held / 200 <= 0.99


def test_a_group_without_variation_is_told_as_closely_as_its_number_allows() -> None:
    """100 households that all have 50, beside 3,900 with a spread of 10: chance may have moved their mean by 1."""
    draw = np.random.default_rng(2)
    inside = np.arange(ROWS) < 100
    values = np.where(inside, 50.0, draw.normal(0, 10, ROWS))
    found = gaps_at_equal_risk(
        [values], inside, ~inside, np.zeros(ROWS, dtype=np.intp), np.zeros(ROWS, dtype=np.intp), told_together=1
    )
    assert found is not None
    assert (found[0].high - found[0].low) / 2 == pytest.approx(1.96 * 10 / np.sqrt(100), rel=0.05)


def test_the_others_chance_counts_by_their_own_number() -> None:
    draw = np.random.default_rng(2)
    inside = np.arange(ROWS) < 100
    values = np.where(inside, 50.0 + draw.normal(0, 20, ROWS), draw.normal(0, 10, ROWS))
    found = gaps_at_equal_risk(
        [values], inside, ~inside, np.zeros(ROWS, dtype=np.intp), np.zeros(ROWS, dtype=np.intp), told_together=1
    )
    assert found is not None
    own, others = values[inside].var() / 100, values[~inside].var() / (ROWS - 100)
    assert (found[0].high - found[0].low) / 2 == pytest.approx(1.96 * np.sqrt(own + others), rel=0.01)


def test_more_gaps_told_together_are_told_less_closely() -> None:
    draw, probability, villages = drawn()
    inside, values = draw.random(ROWS) < 0.3, draw.normal(size=ROWS)
    one, many = (gap(values, inside, probability, villages, together) for together in (1, 200))
    assert many.high - many.low > 1.5 * (one.high - one.low)


def test_equal_probabilities_share_a_bin() -> None:
    probability = np.repeat([0.01, 0.02, 0.03], [70, 20, 10])
    bins = risk_bins(probability, 10)
    assert [len(set(bins[probability == one])) for one in (0.01, 0.02, 0.03)] == [1, 1, 1]
    assert bins[0] < bins[-1]
