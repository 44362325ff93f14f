import json
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from models.lpr import LprTable
from models.offers import Offers
from models.policy import Policy
from models.policy_comparison import PolicyComparison, compare_policies
from models.preapproval import preapprove
from models.terms_fairness_levels import terms_fairness_levels_on

Build = Callable[..., dict[str, Any]]
COUNT = 40
PROBABILITY = np.full(COUNT, 0.012)
GRADES = np.array(["none", "A", "AA", "AAA"] * (COUNT // 4))


def changed(policy: Policy, name: str, **changes: Any) -> Policy:
    """The policy with values of every row of a table changed, or a plain value with `value`."""
    parameter = getattr(policy, name)

    def other(value: Any) -> Any:
        if "value" in changes:
            return changes["value"]
        return tuple(row.model_copy(update={key: change(row) for key, change in changes.items()}) for row in value)

    periods = tuple(period.model_copy(update={"value": other(period.value)}) for period in parameter.periods)
    return policy.model_copy(update={name: parameter.model_copy(update={"periods": periods})})


@pytest.fixture
def compare(households: Build, plain: Policy, lpr: LprTable, day: date) -> Callable[..., PolicyComparison]:
    def price(policy: Policy, **columns: Any) -> Offers:
        return preapprove(households(COUNT, **columns), GRADES, PROBABILITY, policy, lpr, day)

    def compared(new: Policy, villages: list[str] | None = None, **columns: Any) -> PolicyComparison:
        return compare_policies(
            price(plain, **columns),
            price(new, **columns),
            PROBABILITY,
            {"village": villages or ["V001"] * COUNT},
            terms_fairness_levels_on(day),
            reference_bp=lpr.rate_bp("one_year", day),
        )

    return compared


def test_the_same_policy_changes_nothing(compare: Callable[..., PolicyComparison], plain: Policy) -> None:
    told = compare(plain)
    assert told.before == told.after
    assert (told.limit.lower, told.limit.same, told.limit.higher) == (0, COUNT, 0)
    assert (told.baseline_fall.households, told.baseline_fall.reasons) == (0, {})
    assert [gate.outcome for gate in told.gates] == ["passed"]


def test_a_dearer_band_fails_the_gate_and_earns_what_it_takes(
    compare: Callable[..., PolicyComparison], plain: Policy
) -> None:
    told = compare(changed(plain, "bands", spread_bp=lambda band: band.spread_bp + 10))
    assert [(gate.name, gate.outcome, gate.measured) for gate in told.gates] == [
        ("non_participants_spread", "failed", 10.0)
    ]
    # Ten basis points a year on every yuan of every line drawn in full.
    assert told.after.profit_yuan - told.before.profit_yuan == pytest.approx(told.before.limits_yuan / 1000, abs=1)


def test_a_smaller_bonus_leaves_every_baseline_where_it_was(
    compare: Callable[..., PolicyComparison], plain: Policy
) -> None:
    told = compare(changed(plain, "grade_bonuses", limit_bonus_milli=lambda row: row.limit_bonus_milli // 2))
    assert told.after.bonus_yuan < told.before.bonus_yuan
    assert told.baseline_limit.same == COUNT
    assert told.baseline_fall.households == 0
    by_grade = {group.group: group.limit for group in told.groups["grade"]}
    assert by_grade["none"].same == COUNT // 4
    assert by_grade["AAA"].lower == COUNT // 4


def test_whose_baseline_falls_is_told_by_the_row_that_cuts_or_the_reason_of_the_decline(
    compare: Callable[..., PolicyComparison], plain: Policy
) -> None:
    capped = compare(changed(plain, "hard_cap", value=50_000))
    assert capped.baseline_fall.reasons == {"hard_cap": COUNT}
    assert capped.baseline_fall.no_longer_offered == 0
    closed = compare(changed(plain, "minimum_limit", value=250_000))
    assert closed.baseline_fall.no_longer_offered == COUNT
    assert sum(closed.baseline_fall.reasons.values()) == COUNT
    assert closed.decisions["offer"] == {"offer": 0, "refer": 0, "decline": COUNT}
    assert closed.limit.mean_before is None  # nobody is offered by both


def test_who_was_not_offered_anything_before_loses_nothing(
    compare: Callable[..., PolicyComparison], plain: Policy
) -> None:
    strict = changed(plain, "eligibility", at_least=lambda _: 10**9, otherwise=lambda _: "decline")
    told = compare(strict, annual_income_fen=np.full(COUNT, np.nan))
    assert told.decisions["refer"]["decline"] == COUNT
    assert (told.baseline_fall.households, told.baseline_fall.reasons) == (0, {})


def test_of_groups_below_ten_nothing_is_told(compare: Callable[..., PolicyComparison], plain: Policy) -> None:
    told = compare(plain, ["V001"] * 9 + ["V002"] * 15 + ["V003"] * (COUNT - 24))
    # With only the smallest left out, its nine households would be the difference from all of them.
    assert [group.group for group in told.groups["village"]] == ["V003"]
    # Twelve households, of whom only five are offered anything: neither how many nor on which terms.
    declined = [100 if row < 7 else 0 for row in range(COUNT)]
    told = compare(plain, ["V001"] * 12 + ["V002"] * (COUNT - 12), max_days_past_due_24m=np.array(declined))
    few, many = told.groups["village"]
    assert (few.households, few.offered_before, few.offered_after, few.limit.mean_before) == (12, None, None, None)
    assert many.offered_before == COUNT - 12


def test_a_comparison_is_plain_json(compare: Callable[..., PolicyComparison], plain: Policy) -> None:
    told = json.loads(json.dumps(compare(plain).to_content()))
    assert told["spread"]["households"] == COUNT // 4
    assert told["gates"][0]["outcome"] == "passed"
