"""The kernel's steps that read a household: age, income, debts, and its stressed year month by month."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from models import feature_spec, household_rule, policy, terms, terms_layout, terms_rules, terms_shapes
from models.policy import CERTAINTY_PPM
from models.terms_layout import (
    ADULTS,
    DEBT,
    FIRST_SHARE,
    INCOME,
    INCONSISTENT_MONTHS,
    MINORS,
    MONTHS,
    OWN_MONTHS,
    STABILITY,
    UNKNOWN_MONTHS,
)
from models.terms_rules import PricingDay, TermsRules
from models.terms_shapes import Decided, Floats, Given, Int, Work
from scoring.compiled import compiler, inlined

Whole = Any
"""Python's and NumPy's integers, which compiled code does not tell apart and a type checker does."""

MILLI: Final = 1000
PPM: Final = CERTAINTY_PPM
PPM_A_BP: Final = 100
SHARE_TOLERANCE_PPM: Final = 20_000
"""Twelve rounded shares may miss the year by 2 %; beyond that they describe no year."""

BEYOND_ANY: Final = 10**12
"""Ten billion yuan, or as many of anything: no household has it, and below it no product leaves 64 bits."""

_FEBRUARY: Final = 2
_TILL_DECEMBER: Final = 10

_TAKEN_IN: Final = (feature_spec, household_rule, policy, terms, terms_layout, terms_rules, terms_shapes)
SOURCES: Final = (Path(__file__), *(Path(str(module.__file__)) for module in _TAKEN_IN))
"""Beside this file, those whose constants and shapes the kernels' places come from: a cache knows nothing else."""
compiled = compiler(*SOURCES)


@inlined
def whole(value: Whole, scale: Whole) -> Whole:
    """A number times `scale`, rounded to even; 0 where unknown, held within what no product overflows."""
    if not np.isfinite(value):
        return 0
    return int(min(max(np.rint(value * scale), -BEYOND_ANY), BEYOND_ANY))


@inlined
def interest_of(rate_bp: Whole, months: Whole) -> Whole:
    """Interest of some months on a whole line in millionths of it, rounded up: what falls due is never understated."""
    return -(-rate_bp * PPM_A_BP * months // MONTHS)


@inlined
def age_of(born_on: Whole, year: Whole, month: Whole, day: Whole, ends_month: Whole) -> Whole:
    """Completed years of somebody born so many days from 1970-01-01; a 29 February birthday may fall on 28 February.

    The calendar is counted in years that begin in March, so that leap days come last (H. Hinnant, chrono algorithms).
    """
    since_march_0 = born_on + 719_468
    era = since_march_0 // 146_097
    of_era = since_march_0 - era * 146_097
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * of_year + 2) // 153
    born_day = of_year - (153 * from_march + 2) // 5 + 1
    born_month = from_march + 3 if from_march < _TILL_DECEMBER else from_march - 9
    born_year = year_of_era + era * 400 + (1 if born_month <= _FEBRUARY else 0)
    months = (year - born_year) * MONTHS + month - born_month
    if day < born_day and not ends_month:
        months -= 1
    return months // MONTHS


@compiled
def completed_years(born_on: Int, today: PricingDay, years: Int) -> None:
    """Fill completed years of persons born so many days from 1970-01-01 (n)."""
    year, month, day, ends_month = today.year, today.month, today.day, today.ends_month
    for row in range(len(born_on)):
        years[row] = age_of(born_on[row], year, month, day, ends_month)


@compiled
def read_means(rules: TermsRules, given: Given, work: Work) -> None:
    """Fill stable income, debts, and what a month costs before this line.

    The stable part of income counts in full, the rest by the policy's share. A debt that is not known is assumed.
    """
    numbers = given.numbers
    income_fen, debt_fen, assumed_fen, fixed_fen = work.income_fen, work.debt_fen, work.assumed_fen, work.fixed_fen
    unstable, stability = rules.unstable_income_milli, rules.assumed_stability_milli
    assumed_milli, service = rules.assumed_debt_milli, rules.debt_service_milli
    adult_fen, minor_fen = rules.adult_fen, rules.minor_fen
    for row in range(numbers.shape[1]):
        stable = stability
        if np.isfinite(numbers[STABILITY, row]):
            stable = min(max(whole(numbers[STABILITY, row], MILLI), 0), MILLI)
        counted = stable * MILLI + (MILLI - stable) * unstable
        income = whole(numbers[INCOME, row], 1) * counted // (MILLI * MILLI)
        debt = whole(numbers[DEBT, row], 1)
        assumed = 0 if np.isfinite(numbers[DEBT, row]) else max(income, 0) * assumed_milli // MILLI
        living = whole(numbers[ADULTS, row], 1) * adult_fen + whole(numbers[MINORS, row], 1) * minor_fen
        income_fen[row] = income
        debt_fen[row] = debt
        assumed_fen[row] = assumed
        fixed_fen[row] = living + (debt + assumed) * service // MILLI


@compiled
def read_months(rules: TermsRules, given: Given, decided: Decided, work: Work) -> None:
    """Fill what each month of a stressed year brings: by the household's own shares, else by those of its sector."""
    numbers, sectors = given.numbers, decided.sector
    stress_milli, typical_ppm = rules.stress_milli, rules.typical_ppm
    income_fen, month_income_fen, months = work.income_fen, work.month_income_fen, work.months
    shares = np.empty(MONTHS)
    for row in range(numbers.shape[1]):
        inside, total = True, 0.0
        for month in range(MONTHS):
            share = np.rint(numbers[FIRST_SHARE + month, row] * PPM)
            inside &= 0.0 <= share <= PPM  # false of what is unknown
            total += share
            shares[month] = share
        own = inside and abs(total - PPM) <= SHARE_TOLERANCE_PPM
        months[row] = OWN_MONTHS if own else _why_not_own(numbers, row)
        sector, income = sectors[row], income_fen[row]
        for month in range(MONTHS):
            share_ppm = int(shares[month]) if own else typical_ppm[sector, month]
            month_income_fen[row, month] = income * (share_ppm * stress_milli[sector, month] // MILLI) // PPM


@compiled
def _why_not_own(numbers: Floats, row: Whole) -> Whole:
    """Whether a household's shares are not known, or make no year."""
    for month in range(MONTHS):
        if not np.isfinite(numbers[FIRST_SHARE + month, row]):
            return UNKNOWN_MONTHS
    return INCONSISTENT_MONTHS


@compiled
def find_tightest(rules: TermsRules, decided: Decided, work: Work) -> None:
    """Find the stretch of months that can repay the smallest line, the year taken as a circle.

    Stretches are compared as fractions, by cross-multiplying; among equals the first month of the year counts.
    """
    sectors, terms, base_rate_bp = decided.sector, decided.term_months, work.base_rate_bp
    month_income_fen, fixed_fen = work.month_income_fen, work.fixed_fen
    plans, due_ppm = rules.sector_plan, rules.due_ppm
    carry, share = rules.carry_months, rules.repayment_share_milli
    for row in range(len(sectors)):
        plan = plans[sectors[row]]
        term, interest = terms[row], interest_of(base_rate_bp[row], carry)
        free = -carry * fixed_fen[row]
        for month in range(MONTHS - carry, MONTHS):
            free += month_income_fen[row, month]
        # Of nothing at all anything is less, so that the first month is taken.
        last, least, least_due, least_free = 0, 1, 0, 0
        for month in range(MONTHS):
            left = month - carry
            free += month_income_fen[row, month] - month_income_fen[row, left + MONTHS if left < 0 else left]
            usable = min(max(free, 0), BEYOND_ANY) * share // MILLI
            due = due_ppm[plan, term, month] + interest
            less = usable * least_due < least * due
            last = month if less else last
            least = usable if less else least
            least_due = due if less else least_due
            least_free = free if less else least_free
        decided.affordability_fen[row] = least * PPM // least_due
        decided.worst_month[row] = last + 1
        work.stretch_free_fen[row] = least_free
        work.stretch_due_ppm[row] = least_due
