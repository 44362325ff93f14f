"""A day's policy in flat arrays and plain numbers: what the terms' kernel reads for every household."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.annual_cost import effective_annual_rate_bp
from models.day_policy import DayPolicy, policy_on
from models.expected_loss import expected_loss_bp
from models.lpr import LprTable
from models.policy import CERTAINTY_PPM, DECISIONS, Decision, EligibilityRule, Policy
from models.terms_layout import BIRTH, FINDINGS, MONTHS, NUMBERS

Int = NDArray[np.int64]
Floats = NDArray[np.float64]


class PricingDay(NamedTuple):
    """A business date for counting ages."""

    year: int
    month: int
    day: int
    ends_month: int


class TermsRules(NamedTuple):
    """One policy on one day.

    Attributes:
        column: number of `NUMBERS` each eligibility rule reads (rules); that of the birth date stands for the age.
        lowest, highest: what passes, both included, in the column's own unit (rules).
        failed: finding of a household that does not pass (rules).
        unknown: finding of one whose number is unknown, -1 where unknown passes (rules).
        outcome: position in DECISIONS of each finding; the policy's findings first, then `FINDINGS` (findings).
        own: position of the first of `FINDINGS`.
        from_ppm, band_outcome, multiple_milli, spread_bp: risk bands, safest first (bands).
        bonus_milli, discount_bp: what a grade adds (bands, grades).
        purpose_cap_fen, purpose_term_months: (purposes).
        sector_purpose, sector_plan: (sectors).
        stress_milli, typical_ppm: (sectors, 12).
        longest_term_months: (plans).
        possible: 1 where a term in months suits a plan (plans, terms).
        due_ppm: what of a line falls due at most, in millionths rounded up, in the stretch of months that ends in a
            month; never nothing (plans, terms, 12).
        all_in_bp: all-in annual cost by yearly rate in basis points (rates).
    """

    column: Int
    lowest: Floats
    highest: Floats
    failed: Int
    unknown: Int
    outcome: Int
    own: int
    from_ppm: Int
    band_outcome: Int
    multiple_milli: Int
    spread_bp: Int
    bonus_milli: Int
    discount_bp: Int
    purpose_cap_fen: Int
    purpose_term_months: Int
    sector_purpose: Int
    sector_plan: Int
    stress_milli: Int
    typical_ppm: Int
    longest_term_months: Int
    possible: Int
    due_ppm: Int
    all_in_bp: Int
    unstable_income_milli: int
    assumed_stability_milli: int
    assumed_debt_milli: int
    hard_cap_fen: int
    household_cap_fen: int
    household_cap_unknown_debt_fen: int
    minimum_limit_fen: int
    limit_step_fen: int
    adult_fen: int
    minor_fen: int
    debt_service_milli: int
    repayment_share_milli: int
    carry_months: int
    lpr_bp: int
    fixed_cost_bp: int
    loss_given_default_milli: int
    gap_cap_bp: int
    today: PricingDay


class RulesOfTheDay(NamedTuple):
    """A day's policy for people and for the kernel, with the findings that it can make."""

    day: DayPolicy
    rules: TermsRules
    codes: tuple[str, ...]
    outcomes: tuple[Decision, ...]


@lru_cache(maxsize=64)
def rules_of_the_day(policy: Policy, lpr: LprTable, business_date: date) -> RulesOfTheDay:
    """Resolve a policy for a day and lay it out for the kernel; errors as in `policy_on`."""
    return rules_on(policy_on(policy, lpr, business_date))


def rules_on(day: DayPolicy) -> RulesOfTheDay:
    """Lay out a policy that is resolved for a day."""
    findings = [finding for rule in day.rules for finding in _findings_of(rule)]
    told = (*findings, *FINDINGS)
    return RulesOfTheDay(
        day=day,
        rules=_laid_out(day, [code for code, _ in findings], [outcome for _, outcome in told]),
        codes=tuple(code for code, _ in told),
        outcomes=tuple(outcome for _, outcome in told),
    )


def no_rules() -> TermsRules:
    """Return rules of no policy, of the types that every policy has: enough to compile a kernel with."""
    row, table, bounds = np.zeros(1, np.int64), np.zeros((1, MONTHS), np.int64), np.zeros(1)
    tables = ("bonus_milli", "discount_bp", "stress_milli", "typical_ppm", "possible")
    arrays = dict.fromkeys(TermsRules._fields[: TermsRules._fields.index("unstable_income_milli")], row)
    numbers = dict.fromkeys(TermsRules._fields[len(arrays) :], 1)
    bounded = {"lowest": bounds, "highest": bounds, "due_ppm": np.zeros((1, 1, MONTHS), np.int64)}
    given: dict[str, Any] = arrays | numbers | bounded | dict.fromkeys(tables, table)
    return TermsRules(**given | {"own": 0, "today": pricing_day(date(1970, 1, 1))})


def _findings_of(rule: EligibilityRule) -> list[tuple[str, Decision]]:
    """Return what a rule can find: what fails it and, where that is told otherwise, what is unknown."""
    failed: tuple[str, Decision] = (rule.code, rule.otherwise)
    if rule.unknown == "pass" or rule.unknown == rule.otherwise:  # noqa: PLR1714 - a type checker follows this one
        return [failed]
    return [failed, (rule.code, rule.unknown)]


def _laid_out(day: DayPolicy, own_codes: list[str], outcomes: list[Decision]) -> TermsRules:
    failed = [own_codes.index(rule.code) for rule in day.rules]
    means = day.affordability
    return TermsRules(
        column=_whole([_column(rule) for rule in day.rules]),
        lowest=_bounds([rule.at_least for rule in day.rules], day, -np.inf),
        highest=_bounds([rule.at_most for rule in day.rules], day, np.inf),
        failed=_whole(failed),
        unknown=_whole([_unknown(rule, at) for rule, at in zip(day.rules, failed, strict=True)]),
        outcome=_whole([DECISIONS.index(outcome) for outcome in outcomes]),
        own=len(own_codes),
        from_ppm=day.bands.from_ppm.copy(),
        band_outcome=day.bands.outcome.copy(),
        multiple_milli=day.bands.multiple_milli.copy(),
        spread_bp=day.bands.spread_bp.copy(),
        bonus_milli=day.limit_bonus_milli.copy(),
        discount_bp=day.rate_discount_bp.copy(),
        purpose_cap_fen=day.purpose_cap_fen.copy(),
        purpose_term_months=day.purpose_term_months.copy(),
        sector_purpose=day.sectors.purpose.copy(),
        sector_plan=day.sectors.plan.copy(),
        stress_milli=day.sectors.stress_milli.copy(),
        typical_ppm=day.sectors.typical_share_ppm.copy(),
        longest_term_months=day.plans.longest_term_months.copy(),
        possible=(day.plans.parts > 0).astype(np.int64),
        due_ppm=_due_ppm(day),
        all_in_bp=effective_annual_rate_bp(np.arange(_dearest_bp(day) + 1)),
        unstable_income_milli=day.unstable_income_milli,
        assumed_stability_milli=day.assumed_stability_milli,
        assumed_debt_milli=day.assumed_debt_milli,
        hard_cap_fen=day.hard_cap_fen,
        household_cap_fen=day.household_cap_fen,
        household_cap_unknown_debt_fen=day.household_cap_unknown_debt_fen,
        minimum_limit_fen=day.minimum_limit_fen,
        limit_step_fen=day.limit_step_fen,
        adult_fen=means.adult_fen,
        minor_fen=means.minor_fen,
        debt_service_milli=means.debt_service_milli,
        repayment_share_milli=means.repayment_share_milli,
        carry_months=means.carry_months,
        lpr_bp=day.lpr_bp,
        fixed_cost_bp=day.fixed_cost_bp,
        loss_given_default_milli=day.loss_given_default_milli,
        gap_cap_bp=day.gap_cap_bp,
        today=pricing_day(day.business_date),
    )


def _column(rule: EligibilityRule) -> int:
    return BIRTH if rule.column == "borrower_age_years" else NUMBERS.index(rule.column)


def _unknown(rule: EligibilityRule, failed: int) -> int:
    if rule.unknown == "pass":
        return -1
    return failed if rule.unknown == rule.otherwise else failed + 1


def _bounds(bounds: list[int | None], day: DayPolicy, absent: float) -> Floats:
    """Return bounds in the unit of their column: a bound in yuan is compared with fen."""
    scales = [100 if rule.unit == "yuan" else 1 for rule in day.rules]
    told = [absent if bound is None else float(bound * scale) for bound, scale in zip(bounds, scales, strict=True)]
    return np.array(told, dtype=np.float64)


def _whole(numbers: list[int]) -> Int:
    return np.array(numbers, dtype=np.int64)


def _stretches(by_month: Int, length: int) -> Int:
    """Sum each stretch of `length` months that ends in each month, the year taken as a circle: (n, 12) to (n, 12)."""
    twice = np.cumsum(np.concatenate((by_month, by_month), axis=1), axis=1)
    sums: Int = twice[:, MONTHS:] - twice[:, MONTHS - length : 2 * MONTHS - length]
    return np.ascontiguousarray(sums)


def _due_ppm(day: DayPolicy) -> Int:
    """Return what of a line falls due by plan, term and stretch: its months of principal times the largest part."""
    largest_ppm = -(-CERTAINTY_PPM // np.maximum(day.plans.parts, 1))
    months = _stretches(day.plans.principal_due, day.affordability.carry_months)
    due: Int = np.clip(months[:, None, :] * largest_ppm[:, :, None], 1, CERTAINTY_PPM)
    return due


def _dearest_bp(day: DayPolicy) -> int:
    """Return a rate that no household pays more than: of the dearest band, or the cost of certain loss."""
    certain_loss = day.fixed_cost_bp + expected_loss_bp(CERTAINTY_PPM, day.loss_given_default_milli)
    return max(day.lpr_bp + int(day.bands.spread_bp.max()), certain_loss)


def pricing_day(day: date) -> PricingDay:
    """Lay out a date for counting ages."""
    return PricingDay(day.year, day.month, day.day, int((day + timedelta(days=1)).day == 1))
