"""What past loans show of the grade, and what is made of it."""

import numpy as np
import pytest

from experiments.optimise_policy.worlds import GradeWorth, households_of, planning_risks, with_grade
from experiments.simulation.config import BANKS, load_config


def worth(observed: tuple[int, int, int], expected: tuple[float, float, float], *, earned: bool = True) -> GradeWorth:
    return GradeWorth(observed, expected, is_earned=earned, told=("", ""))


def test_no_default_where_many_were_expected_shows_a_lower_risk() -> None:
    found = worth((100, 0, 0), (100.0, 30.0, 0.5))
    level = 0.05 / 3
    assert found.intervals[1][1] == pytest.approx(np.log(-np.log(level / 2) / 30.0))
    assert found.intervals[1][0] == -np.inf
    assert found.shown[2] == pytest.approx(found.intervals[1][1])


def test_a_better_grade_has_at_least_what_is_shown_for_it_or_better() -> None:
    found = worth((100, 5, 0), (100.0, 40.0, 0.5))
    assert found.intervals[2][1] > 0  # of AAA alone nothing can be said
    assert found.shown[3] == found.shown[2] < 0
    assert found.shown[1] == found.shown[0] == 0


def test_nothing_is_shown_of_a_grade_that_is_not_earned() -> None:
    assert not worth((100, 0, 0), (100.0, 30.0, 5.0), earned=False).shown.any()


def test_nothing_is_shown_where_as_many_defaulted_as_expected() -> None:
    assert not worth((100, 20, 2), (100.0, 20.0, 2.0)).shown.any()


def test_intervals_hold_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(1)
    means = np.array([120.0, 12.0, 1.5])
    kept = 0
    for _ in range(400):
        counts = rng.poisson(means)
        ends = worth(tuple(int(one) for one in counts), tuple(means)).intervals
        kept += all(low <= 0 <= high for low, high in ends)
    assert kept / 400 >= 0.95


def test_a_grade_told_apart_leaves_the_mean_and_the_ungraded_no_better() -> None:
    rng = np.random.default_rng(2)
    probability, grade = rng.beta(1, 60, 4000), rng.integers(0, 4, 4000)
    apart = with_grade(probability, grade, np.array([0.0, 0.0, -0.5, -1.0]))
    assert apart.mean() == pytest.approx(probability.mean(), rel=1e-6)
    assert (apart[grade == 3] < probability[grade == 3]).all()
    assert (apart[grade == 0] > probability[grade == 0]).all()


def test_without_anything_shown_the_bank_plans_with_its_own_probability() -> None:
    probability = np.array([0.01, 0.02, 0.05])
    risks = planning_risks(probability, np.array([0, 1, 3]), worth((1, 0, 0), (1.0, 0.1, 0.0)))
    assert np.array_equal(risks.shown, probability)
    assert np.array_equal(risks.actual, probability)


def test_households_of_all_banks_are_those_that_any_bank_knows() -> None:
    config = load_config()
    known = 1 - np.prod([1 - config.banks[bank].client_share for bank in BANKS])
    assert sum(households_of(config, bank) for bank in BANKS) == pytest.approx(config.population.households * known)
