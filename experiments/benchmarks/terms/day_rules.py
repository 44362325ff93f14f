"""Our policy of a day, told as plain data to everybody who takes part."""

from __future__ import annotations

from typing import Any, Final

from experiments.benchmarks.terms.rules import Rules
from models.day_policy import DayPolicy
from models.policy import DECISIONS, GRADES, SECTORS, EligibilityRule

PPM: Final = 1_000_000
_UNKNOWN: Final = {"pass": 0} | {decision: position for position, decision in enumerate(DECISIONS)}


def day_rules(day: DayPolicy, features: int) -> Rules:
    """Every number an offer of that day depends on; intervals of probabilities are left out.

    Args:
        day: the policy of the day.
        features: contributions a household comes with.
    """
    offered = day.sectors.purpose
    return Rules(
        day=day.business_date.toordinal(),
        year=day.business_date.year,
        month=day.business_date.month,
        day_of_month=day.business_date.day,
        numbers=_numbers(day),
        eligibility=[_rule(rule) for rule in day.rules],
        from_ppm=day.bands.from_ppm.tolist(),
        band_outcome=day.bands.outcome.tolist(),
        multiple_milli=day.bands.multiple_milli.tolist(),
        spread_bp=day.bands.spread_bp.tolist(),
        limit_bonus_milli=day.limit_bonus_milli.tolist(),
        rate_discount_bp=day.rate_discount_bp.tolist(),
        sectors=list(SECTORS),
        purpose_cap_fen=day.purpose_cap_fen[offered].tolist(),
        term_months=[_term_months(day, *both) for both in zip(day.sectors.plan, offered, strict=True)],
        principal_due_ppm=_principal_due_ppm(day),
        stress_milli=day.sectors.stress_milli.tolist(),
        typical_share_ppm=day.sectors.typical_share_ppm.tolist(),
        grades=list(GRADES),
        features=features,
    )


def _numbers(day: DayPolicy) -> dict[str, int]:
    months = day.affordability
    return {
        "unstable_income_milli": day.unstable_income_milli,
        "assumed_stability_milli": day.assumed_stability_milli,
        "assumed_debt_milli": day.assumed_debt_milli,
        "hard_cap_fen": day.hard_cap_fen,
        "household_cap_fen": day.household_cap_fen,
        "household_cap_unknown_debt_fen": day.household_cap_unknown_debt_fen,
        "minimum_limit_fen": day.minimum_limit_fen,
        "limit_step_fen": day.limit_step_fen,
        "adult_fen": months.adult_fen,
        "minor_fen": months.minor_fen,
        "debt_service_milli": months.debt_service_milli,
        "repayment_share_milli": months.repayment_share_milli,
        "carry_months": months.carry_months,
        "lpr_bp": day.lpr_bp,
        "lowest_rate_bp": day.lowest_rate_bp,
        "fixed_cost_bp": day.fixed_cost_bp,
        "loss_given_default_milli": day.loss_given_default_milli,
        "gap_cap_bp": day.gap_cap_bp,
        "share_tolerance_ppm": 20_000,  # models.terms_kernel: twelve rounded shares may miss the year by so much
    }


def _term_months(day: DayPolicy, plan: int, purpose: int) -> int:
    """The longest term that purpose and plan allow."""
    return int(min(day.purpose_term_months[purpose], day.plans.longest_term_months[plan]))


def _principal_due_ppm(day: DayPolicy) -> list[list[int]]:
    """What no household changes: plan and term are its sector's."""
    carry, table = day.affordability.carry_months, []
    for plan, purpose in zip(day.sectors.plan, day.sectors.purpose, strict=True):
        parts = day.plans.parts[plan, _term_months(day, plan, purpose)]
        months = day.plans.principal_due[plan]
        due = [int(sum(months[end - back] for back in range(carry))) for end in range(12)]
        table.append([min(-(-PPM // int(parts)) * count, PPM) for count in due])
    return table


def _rule(rule: EligibilityRule) -> dict[str, Any]:
    scale = 100 if rule.unit == "yuan" else 1
    bounds = {"at_least": rule.at_least, "at_most": rule.at_most}
    return {
        "code": rule.code,
        "column": rule.column,
        **{name: None if bound is None else bound * scale for name, bound in bounds.items()},
        "otherwise": DECISIONS.index(rule.otherwise),
        "unknown": _UNKNOWN[rule.unknown],
    }
