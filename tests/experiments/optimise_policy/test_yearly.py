"""What a line brings and costs, household by household, checked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.optimise_policy.settings import Capital, Economics, Responses
from experiments.optimise_policy.yearly import Risks, Terms, Use, demand_at, probability_at, yearly
from experiments.simulation.arrays import Floats

STILL = Responses(
    default_per_100_bp=0,
    default_per_log_line=0,
    signing_per_100_bp=0,
    signing_per_log_line=0,
    drawing_per_100_bp=0,
    drawing_per_log_line=0,
)
LIVELY = Responses(
    default_per_100_bp=0.2,
    default_per_log_line=0.3,
    signing_per_100_bp=0.5,
    signing_per_log_line=0.25,
    drawing_per_100_bp=0.5,
    drawing_per_log_line=0.1,
)
COSTS = Economics(fixed_cost_bp=350, loss_given_default=0.6)
CAPITAL = Capital(risk_weight=0.75, ratio=0.10, undrawn_factor=0.4)


def of(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def terms(line: float = 120_000, rate: float = 480) -> Terms:
    return Terms(of(100_000), of(line), of(500), of(rate), of(0))


def risks(shown: float = 0.01) -> Risks:
    return Risks(priced=of(0.01), shown=of(shown), actual=of(0.01))


def use(*, takes_bonus: bool = True, line_share: float = 1.0) -> Use:
    return Use(of(0.5), of(0.6), of(line_share), of(0.75), np.array([takes_bonus]))


def year(terms: Terms, risks: Risks, use: Use, responses: Responses = STILL) -> dict[str, float]:
    return {name: float(one[0]) for name, one in yearly(terms, risks, use, responses, COSTS, CAPITAL).items()}


def test_a_line_adds_up_by_hand() -> None:
    found = year(terms(), risks(), use())
    assert found["line_yuan"] == pytest.approx(60_000)
    assert found["drawn_yuan"] == pytest.approx(27_000)
    assert found["interest_yuan"] == pytest.approx(27_000 * 0.048)
    assert found["loss_yuan"] == pytest.approx(27_000 * 0.01 * 0.6)
    assert found["profit_yuan"] == pytest.approx(27_000 * (0.048 - 0.035 - 0.006))
    assert found["capital_yuan"] == pytest.approx(0.075 * (27_000 + 0.4 * 33_000))
    assert found["discount_yuan"] == pytest.approx(60_000 * 0.002)
    assert found["bonus_cost_yuan"] == pytest.approx(120 + 10_000 * 0.006)


def test_what_no_lower_risk_pays_for_is_incentive() -> None:
    found = year(terms(), risks(shown=0.01), use())
    assert found["risk_based_yuan"] == 0
    assert found["incentive_yuan"] == pytest.approx(found["bonus_cost_yuan"])


def test_a_lower_risk_pays_for_as_much_as_it_saves_and_no_more() -> None:
    some = year(terms(), risks(shown=0.008), use())
    assert some["risk_based_yuan"] == pytest.approx(60_000 * 0.002 * 0.6)
    much = year(terms(), risks(shown=0.0), use())
    assert much["risk_based_yuan"] == pytest.approx(much["bonus_cost_yuan"])
    assert much["incentive_yuan"] == 0


def test_who_leaves_the_bonus_signs_the_baseline_line_at_the_lower_rate() -> None:
    found = year(terms(), risks(), use(takes_bonus=False))
    assert found["line_yuan"] == pytest.approx(50_000)
    assert found["bonus_line_yuan"] == 0
    assert found["discount_yuan"] == pytest.approx(50_000 * 0.002)


def test_who_asks_for_less_than_the_baseline_needs_no_bonus() -> None:
    asked = use(takes_bonus=False, line_share=0.5)
    found = year(terms(), risks(), asked)
    assert found["line_yuan"] == pytest.approx(30_000)
    assert found["bonus_line_yuan"] == 0


def test_a_lower_rate_lowers_the_probability_and_a_larger_line_raises_it() -> None:
    chance, asked = of(0.02), use()
    cheaper = probability_at(chance, terms(100_000, 400), asked, LIVELY)
    larger = probability_at(chance, terms(150_000, 500), asked, LIVELY)
    assert cheaper[0] / (1 - cheaper[0]) == pytest.approx(0.02 / 0.98 * np.exp(-0.2))
    assert larger[0] / (1 - larger[0]) == pytest.approx(0.02 / 0.98 * 1.5**0.3)


def test_a_lower_rate_and_a_larger_line_raise_demand() -> None:
    before, after = demand_at(use(), terms(100_000, 500), LIVELY), demand_at(use(), terms(150_000, 400), LIVELY)
    assert before.signs == pytest.approx(0.5)
    assert after.signs[0] / (1 - after.signs[0]) == pytest.approx(np.exp(0.5) * 1.5**0.25)
    assert after.draws > before.draws


def test_with_answers_of_zero_nothing_answers() -> None:
    far = terms(200_000, 300)
    assert probability_at(of(0.02), far, use(), STILL) == pytest.approx(0.02)
    assert demand_at(use(), far, STILL).signs == pytest.approx(0.5)


def test_baseline_terms_stay_as_they_are_whatever_answers() -> None:
    baseline = replace(terms(), line_yuan=of(100_000), rate_bp=of(500))
    found = year(baseline, risks(), use(), LIVELY)
    assert found["loss_yuan"] == pytest.approx(50_000 * 0.45 * 0.006)
    assert found["bonus_cost_yuan"] == 0
