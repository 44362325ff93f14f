"""Tiny problems whose optimum brute force knows, and limits that bind or cannot be met."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.optimise_policy.errors import UnmeetableConstraintsError
from experiments.optimise_policy.problem import Amounts, Choice, Limit, Problem, choices, is_ordered
from experiments.optimise_policy.solving import solve

REMEDY = ("提高限额", "raise the limit")


def tiny(seed: int, *, bands: int = 2, grades: int = 2, brackets: int = 2, grade_steps: int = 0) -> Problem:
    rng = np.random.default_rng(seed)
    shape = (bands, grades, 3, 2)
    worth = rng.normal(0, 100, shape)
    return Problem(
        bands=tuple(f"R{band}" for band in range(1, bands + 1)),
        multiple_milli=np.array([1000, 900, 890])[:bands],
        spread_bp=np.array([150, 152, 170])[:bands],
        limit_bonus_milli=np.array([0, 50, 100]),
        rate_discount_bp=np.array([0, 5]),
        allowed=np.ones((bands, 2), dtype=bool),
        most_brackets=brackets,
        least_grade_steps=grade_steps,
        worth=worth,
        limits=(),
    )


def cost(problem: Problem, seed: int) -> Amounts:
    rng = np.random.default_rng(seed)
    steps = np.indices(problem.shape)[2:].sum(axis=0)
    return Amounts(steps * rng.uniform(1, 10, problem.shape), 3.0)


def limit(amounts: Amounts, bound: float, **changes: object) -> Limit:
    return replace(Limit("上限 cap", amounts, bound, "at_most", REMEDY), **changes)


def best_by_brute_force(problem: Problem) -> Choice:
    kept = [one for one in choices(problem) if all(rule.excess(one) <= 1e-9 for rule in problem.limits)]
    return max(kept, key=lambda one: one.total(problem.worth))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("brackets", "grade_steps"), [(2, 0), (1, 0), (2, 1)])
def test_the_solver_finds_what_trying_everything_finds(seed: int, brackets: int, grade_steps: int) -> None:
    problem = tiny(seed, brackets=brackets, grade_steps=grade_steps)
    problem = replace(problem, limits=(limit(cost(problem, seed), 22.0),))
    found, best = solve(problem), best_by_brute_force(problem)
    assert is_ordered(problem, found)
    assert found.total(problem.worth) == pytest.approx(best.total(problem.worth), abs=1e-6)
    assert np.array_equal(found.bonus, best.bonus)
    assert np.array_equal(found.discount, best.discount)


def test_three_bands_in_two_brackets_are_as_good_as_trying_everything() -> None:
    problem = tiny(11, bands=3, grades=1, brackets=2)
    problem = replace(problem, limits=(limit(cost(problem, 5), 20.0),))
    found, best = solve(problem), best_by_brute_force(problem)
    assert found.total(problem.worth) == pytest.approx(best.total(problem.worth), abs=1e-6)
    assert len(found.brackets()) <= 2


def generous(seed: int = 0) -> Problem:
    """More bonus is always worth more, so only limits hold it back."""
    problem = tiny(seed)
    return replace(problem, worth=np.indices(problem.shape)[2:].sum(axis=0).astype(np.float64))


def test_without_limits_everything_is_given_and_a_limit_takes_some_of_it_back() -> None:
    free = generous()
    everything = solve(free)
    assert (everything.bonus == 2).all()
    spent = cost(free, 1)
    bound = replace(free, limits=(limit(spent, spent.of(everything) * 0.6),))
    held = solve(bound)
    assert held.total(bound.worth) < everything.total(free.worth)
    assert bound.limits[0].excess(held) <= 1e-9


def test_a_limit_per_another_sum_keeps_the_ratio() -> None:
    problem = generous()
    per = Amounts(np.ones(problem.shape), 2.0)
    rate = limit(cost(problem, 1), 3.0, per=per)
    found = solve(replace(problem, limits=(rate,)))
    assert rate.reached(found) <= 3.0 + 1e-9
    assert rate.reached(solve(problem)) > 3.0


def test_a_discount_a_band_may_not_have_is_never_chosen() -> None:
    problem = generous()
    allowed = problem.allowed.copy()
    allowed[1, 1] = False
    found = solve(replace(problem, allowed=allowed))
    assert (found.discount[1] == 0).all()
    assert (found.discount[0] == 1).all()


def test_a_riskier_band_never_gets_a_larger_multiple_nor_a_lower_rate() -> None:
    """Worth lies in the riskier band only: order makes the safer one follow."""
    problem = generous()
    worth = problem.worth.copy()
    worth[0] *= -0.4
    found = solve(replace(problem, worth=worth))
    assert is_ordered(problem, found)
    assert (found.bonus[1] == 2).all()
    assert (found.bonus[0] >= 0).all()
    tight = replace(problem, worth=worth, multiple_milli=np.array([1000, 990]))
    followed = solve(tight)
    assert is_ordered(tight, followed)
    assert (1000 * (1000 + 50 * followed.bonus[0]) >= 990 * (1000 + 50 * followed.bonus[1])).all()
    assert (followed.bonus[0] >= 1).all()


def test_limits_that_cannot_be_met_are_named_with_the_nearest_and_a_remedy() -> None:
    problem = generous()
    kept = limit(cost(problem, 1), 1000.0, name="宽 wide")
    impossible = limit(cost(problem, 2), 1.0, name="窄 narrow")
    with pytest.raises(UnmeetableConstraintsError, match="窄 narrow") as caught:
        solve(replace(problem, limits=(kept, impossible)))
    (shortfall,) = caught.value.shortfalls
    assert shortfall.limit == 1.0
    assert shortfall.reached == pytest.approx(3.0)  # what no choice can avoid
    assert "raise the limit" in str(caught.value)
    assert "宽 wide" not in str(caught.value)


def test_asking_for_more_than_the_menus_hold_is_named_too() -> None:
    problem = generous()
    wanted = limit(cost(problem, 1), 1e6, sense="at_least", name="户数 households")
    with pytest.raises(UnmeetableConstraintsError, match="户数 households"):
        solve(replace(problem, limits=(wanted,)))


def test_two_limits_each_possible_alone_are_named_when_they_cannot_meet() -> None:
    problem = generous()
    steps = Amounts(np.indices(problem.shape)[2:].sum(axis=0).astype(np.float64), 0.0)
    few, many = limit(steps, 2.0, name="少 few"), limit(steps, 6.0, sense="at_least", name="多 many")
    with pytest.raises(UnmeetableConstraintsError) as caught:
        solve(replace(problem, limits=(few, many)))
    assert {one.name for one in caught.value.shortfalls} & {"少 few", "多 many"}


def test_the_same_problem_has_the_same_answer_twice() -> None:
    problem = tiny(3)
    one, other = solve(problem), solve(problem)
    assert np.array_equal(one.bonus, other.bonus)
    assert np.array_equal(one.discount, other.discount)
