"""The terms' kernel: one pass over households, in whole numbers, that decides, limits, prices and tells every row.

Each household is read once, its year gone through month by month, and everything an offer says written at its place:
findings, limit and rate with their ledger rows, and the terms that each grade would bring. What is read of the grade
comes after everything that decides. A chunk of households is one call; threads may run calls side by side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import policy, terms_layout
from models.policy import CERTAINTY_PPM, DECISIONS, SECTORS
from models.terms_layout import (
    ADULTS,
    BEYOND_MEANS,
    BIRTH,
    CAPS_BELOW,
    DEBT,
    DEBT_UNKNOWN,
    FIRST_SHARE,
    FIRST_STANDING,
    GROUP,
    HOUSEHOLD_EXPOSURE,
    IMPLAUSIBLE,
    INCOME,
    INCOME_LINE_BELOW,
    INCOME_UNKNOWN,
    MEMBERS_UNKNOWN,
    MINORS,
    MONTHS,
    MONTHS_INCONSISTENT,
    RISK_ABOVE_APPETITE,
    RISK_NEEDS_A_PERSON,
    RISK_UNCERTAIN,
    SECTOR_UNKNOWN,
    STABILITY,
    TWO_BORROWERS,
)
from models.terms_rules import PricingDay, TermsRules
from scoring.compiled import compiler, inlined

Int = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Codes = NDArray[np.int8]
Whole = Any
"""Python's and NumPy's integers, which compiled code does not tell apart and a type checker does."""

_OFFER: Final = DECISIONS.index("offer")
_REFER: Final = DECISIONS.index("refer")
_DECLINE: Final = DECISIONS.index("decline")
_GRADES: Final = 4
_CAPS: Final = 4
_MILLI: Final = 1000
_PPM: Final = CERTAINTY_PPM
_PPM_A_BP: Final = 100
_PPM_A_MILLI_A_BP: Final = _PPM_A_BP * _MILLI
_OTHER_SECTOR: Final = SECTORS.index("other")
_OWN_MONTHS: Final = 0
_UNKNOWN_MONTHS: Final = 1
_INCONSISTENT_MONTHS: Final = 2
_FIRST_CAP: Final = 3
_ROUNDING: Final = _FIRST_CAP + _CAPS
_BONUS: Final = _ROUNDING + 1
_FEBRUARY: Final = 2
_TILL_DECEMBER: Final = 10
_SHARE_TOLERANCE_PPM: Final = 20_000
"""Twelve rounded shares may miss the year by 2 %; beyond that they describe no year."""

BEYOND_ANY: Final = 10**12
"""Ten billion yuan, or as many of anything: no household has it, and below it no product leaves 64 bits."""

LIMIT_ROWS: Final = 13
RATE_ROWS: Final = 5
"""Most ledger rows of one household, in the order of `terms.LIMIT_RULES` and `terms.RATE_RULES`."""

compiled = compiler(*(Path(source) for source in (__file__, policy.__file__, terms_layout.__file__)))


class Given(NamedTuple):
    """What is known of a chunk of n households.

    Attributes:
        numbers: float64 (NUMBERS, n), NaN where unknown.
        sector: position in SECTORS, -1 where unknown (n).
        standing: position in STANDINGS, -1 where nothing is in the way (n).
        alone: 1 where no other row is of the same household (n).
        probability: baseline probability, 0 to 1 (n).
        uncertain: 1 where the probability is not known closely enough (n).
        grade: position in GRADES (n).
        purpose: wanted position in the policy's purposes, -1 for the sector's own (n).
        term_months: wanted term, 0 for the longest that purpose and plan allow (n).
    """

    numbers: Floats
    sector: Codes
    standing: Codes
    alone: Bytes
    probability: Floats
    uncertain: Bytes
    grade: Codes
    purpose: Int
    term_months: Int


class Decided(NamedTuple):
    """What the kernel fills, row by row; see `models.offers.Offers` for what each says.

    Attributes:
        met: uint8 (n, findings), all zero before.
        assumed: uint8 (n, ASSUMPTIONS).
        limit_rows, rate_rows: how many ledger rows each household has (n).
        grade_limit_fen, grade_rate_bp, grade_all_in_bp: (n, 4).
    """

    decision: Int
    met: Bytes
    assumed: Bytes
    sector: Int
    purpose: Int
    band: Int
    term_months: Int
    baseline_limit_fen: Int
    limit_bonus_fen: Int
    limit_fen: Int
    base_rate_bp: Int
    rate_discount_bp: Int
    rate_bp: Int
    incentive_gap_bp: Int
    all_in_annual_cost_bp: Int
    affordability_fen: Int
    worst_month: Int
    left_after_repayment_fen: Int
    grade_limit_fen: Int
    grade_rate_bp: Int
    grade_all_in_bp: Int
    limit_rows: Int
    rate_rows: Int


class Rows(NamedTuple):
    """Room for the ledger rows of a chunk, one after the other: rule and amount."""

    limit_rule: Codes
    limit_fen: Int
    rate_rule: Codes
    rate_bp: Int


class Year(NamedTuple):
    """A household's stressed year by month, overwritten for each household: shares, income, and what it leaves free."""

    share_ppm: Int
    income_fen: Int
    free_fen: Int


class Price(NamedTuple):
    """Band of a probability, what lending costs there, LPR with the band's spread, and that raised to cost."""

    band: Whole
    cost_bp: Whole
    spread_rate_bp: Whole
    base_rate_bp: Whole


class Means(NamedTuple):
    """Stable income of a year, what the band lets it carry, and debts known and assumed; fen."""

    income_fen: Whole
    carried_fen: Whole
    debt_fen: Whole
    assumed_fen: Whole


class Stretch(NamedTuple):
    """The tightest stretch: its last month from 0, what line it can repay, what is free in it, what a line has due."""

    last: Whole
    affordable_fen: Whole
    free_fen: Whole
    due_ppm: Whole


class Line(NamedTuple):
    """What income carries less debts, the caps in the order of `terms.CAP_RULES`, the lowest of all, the limit; fen."""

    income_line_fen: Whole
    caps_fen: tuple[Whole, Whole, Whole, Whole]
    capped_fen: Whole
    limit_fen: Whole


@inlined
def _whole(value: Whole, scale: Whole) -> Whole:
    """A number times `scale`, rounded to even; 0 where unknown, held within what no product overflows."""
    if not np.isfinite(value):
        return 0
    return int(min(max(np.rint(value * scale), -BEYOND_ANY), BEYOND_ANY))


@inlined
def _age(born_on: Whole, today: PricingDay) -> Whole:
    """Completed years of somebody born so many days from 1970-01-01; a 29 February birthday may fall on 28 February.

    The calendar is counted in years that begin in March, so that leap days come last (H. Hinnant, chrono algorithms).
    """
    day = born_on + 719_468
    era = day // 146_097
    of_era = day - era * 146_097
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < _TILL_DECEMBER else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= _FEBRUARY else 0)
    months = (today.year - year) * MONTHS + today.month - month
    if today.day < day_of_month and not today.ends_month:
        months -= 1
    return months // MONTHS


@compiled
def completed_years(born_on: Int, today: PricingDay, years: Int) -> None:
    """Fill completed years of persons born so many days from 1970-01-01 (n)."""
    for row in range(len(born_on)):
        years[row] = _age(born_on[row], today)


@inlined
def _read_year(rules: TermsRules, numbers: Floats, row: Whole, sector: Whole, year: Year) -> Whole:
    """Fill the shares of a household's year, the sector's where its own are unknown or make no year; says which."""
    known, inside, total = True, True, 0
    for month in range(MONTHS):
        value = numbers[FIRST_SHARE + month, row]
        known = known and np.isfinite(value)
        share = _whole(value, _PPM)
        inside = inside and 0 <= share <= _PPM
        total += share
        year.share_ppm[month] = share
    sound = inside and abs(total - _PPM) <= _SHARE_TOLERANCE_PPM
    if known and sound:
        return _OWN_MONTHS
    for month in range(MONTHS):
        year.share_ppm[month] = rules.typical_ppm[sector, month]
    return _INCONSISTENT_MONTHS if known else _UNKNOWN_MONTHS


@inlined
def _spend_year(rules: TermsRules, income: Whole, fixed: Whole, sector: Whole, year: Year) -> None:
    """Fill what each month of a stressed year brings and leaves before this line."""
    for month in range(MONTHS):
        stressed = year.share_ppm[month] * rules.stress_milli[sector, month] // _MILLI
        year.income_fen[month] = income * stressed // _PPM
        year.free_fen[month] = year.income_fen[month] - fixed


@inlined
def _living(rules: TermsRules, numbers: Floats, row: Whole) -> Whole:
    return _whole(numbers[ADULTS, row], 1) * rules.adult_fen + _whole(numbers[MINORS, row], 1) * rules.minor_fen


@inlined
def _stable_income(rules: TermsRules, numbers: Floats, row: Whole) -> Whole:
    """Count the stable part of income in full and the rest by the policy's share."""
    stable = rules.assumed_stability_milli
    if np.isfinite(numbers[STABILITY, row]):
        stable = min(max(_whole(numbers[STABILITY, row], _MILLI), 0), _MILLI)
    counted = stable * _MILLI + (_MILLI - stable) * rules.unstable_income_milli
    return _whole(numbers[INCOME, row], 1) * counted // (_MILLI * _MILLI)


@inlined
def _assumed_debt(rules: TermsRules, numbers: Floats, row: Whole, income: Whole) -> Whole:
    if np.isfinite(numbers[DEBT, row]):
        return 0
    return max(income, 0) * rules.assumed_debt_milli // _MILLI


@inlined
def interest_of(rate_bp: Whole, months: Whole) -> Whole:
    """Interest of some months on a whole line in millionths of it, rounded up: what falls due is never understated."""
    return -(-rate_bp * _PPM_A_BP * months // MONTHS)


@inlined
def _rule_findings(rules: TermsRules, given: Given, row: Whole, met: Bytes) -> Whole:
    """Mark whom the policy's own rules stop and return the severest outcome."""
    severest = _OFFER
    for at in range(len(rules.column)):
        column = rules.column[at]
        value = given.numbers[column, row]
        known = np.isfinite(value)
        read = np.rint(value)
        if column == BIRTH and known:
            read = float(_age(int(read), rules.today))
        found = rules.failed[at] if known else rules.unknown[at]
        stopped = not known or read < rules.lowest[at] or read > rules.highest[at]
        if stopped and found >= 0:
            met[row, found] = 1
            severest = max(severest, rules.outcome[found])
    return severest


@inlined
def _implausible(numbers: Floats, row: Whole) -> Whole:
    """Whether a figure cannot be right: nobody there, less than nothing, or more than anybody has."""
    wrong = np.isfinite(numbers[ADULTS, row]) and _whole(numbers[ADULTS, row], 1) < 1
    for column in (ADULTS, MINORS, INCOME, DEBT, GROUP):
        value = _whole(numbers[column, row], 1)
        wrong = wrong or value < 0 or value >= BEYOND_ANY
    return wrong


@inlined
def _data_findings(rules: TermsRules, given: Given, row: Whole, months: Whole, met: Bytes) -> Whole:
    """Refer what the bank's data cannot answer: nothing unknown is read as zero."""
    numbers, own = given.numbers, rules.own
    met[row, own + TWO_BORROWERS] = given.alone[row] == 0
    if given.standing[row] >= 0:
        met[row, own + FIRST_STANDING + given.standing[row]] = 1
    met[row, own + SECTOR_UNKNOWN] = given.sector[row] < 0
    met[row, own + MEMBERS_UNKNOWN] = not (np.isfinite(numbers[ADULTS, row]) and np.isfinite(numbers[MINORS, row]))
    met[row, own + INCOME_UNKNOWN] = not np.isfinite(numbers[INCOME, row])
    met[row, own + MONTHS_INCONSISTENT] = months == _INCONSISTENT_MONTHS
    met[row, own + IMPLAUSIBLE] = _implausible(numbers, row)
    for at in range(own + TWO_BORROWERS, own + IMPLAUSIBLE + 1):
        if met[row, at]:
            return _REFER
    return _OFFER


@inlined
def _band_findings(rules: TermsRules, outcome: Whole, uncertain: Whole, row: Whole, met: Bytes) -> Whole:
    """A person looks at a risk that is not known closely enough, whatever the band that it happens to fall into."""
    met[row, rules.own + RISK_UNCERTAIN] = uncertain
    met[row, rules.own + RISK_ABOVE_APPETITE] = outcome == _DECLINE and not uncertain
    met[row, rules.own + RISK_NEEDS_A_PERSON] = outcome == _REFER
    if uncertain:
        return _REFER
    return outcome


@inlined
def _line_findings(
    rules: TermsRules, line: Whole, household: Whole, affordable: Whole, known: Whole, row: Whole, met: Bytes
) -> Whole:
    """Decline a line below the minimum by whatever holds it there; where debts are only assumed, ask instead."""
    own, least = rules.own, rules.minimum_limit_fen
    if not known:
        met[row, own + DEBT_UNKNOWN] = 1
        return _REFER
    met[row, own + INCOME_LINE_BELOW] = line < least
    met[row, own + HOUSEHOLD_EXPOSURE] = household < least
    met[row, own + BEYOND_MEANS] = affordable < least
    met[row, own + CAPS_BELOW] = line >= least and household >= least and affordable >= least
    return _DECLINE


@inlined
def _tightest(rules: TermsRules, plan: Whole, term: Whole, rate_bp: Whole, year: Year) -> Stretch:
    """Find the stretch of months that can carry the smallest line.

    Stretches are compared as fractions, by cross-multiplying; among equals the first month of the year counts.
    """
    interest_ppm = interest_of(rate_bp, rules.carry_months)
    free = 0
    for month in range(MONTHS - rules.carry_months, MONTHS):
        free += year.free_fen[month]
    last, least, least_due, least_free = 0, 0, 0, 0
    for month in range(MONTHS):
        free += year.free_fen[month] - year.free_fen[(month - rules.carry_months) % MONTHS]
        usable = min(max(free, 0), BEYOND_ANY) * rules.repayment_share_milli // _MILLI
        due = max(min(rules.months_due[plan, month] * rules.part_ppm[plan, term], _PPM) + interest_ppm, 1)
        if month == 0 or usable * least_due < least * due:
            last, least, least_due, least_free = month, usable, due, free
    return Stretch(last, least * _PPM // least_due, least_free, least_due)


@inlined
def _price(rules: TermsRules, probability: Whole) -> Price:
    """Find band, cost and rate of a probability, read in whole millionths; certain default lies in the last band."""
    ppm = min(int(np.rint(probability * _PPM)), _PPM - 1)
    band = len(rules.from_ppm) - 1
    while rules.from_ppm[band] > ppm:
        band -= 1
    # Expected loss is rounded up, as in `models.expected_loss`, so that cost is never understated.
    cost = rules.fixed_cost_bp - (-ppm * rules.loss_given_default_milli // _PPM_A_MILLI_A_BP)
    spread = rules.lpr_bp + rules.spread_bp[band]
    return Price(band, cost, spread, max(spread, cost))


@inlined
def _purpose_and_term(rules: TermsRules, given: Given, row: Whole, plan: Whole, sector: Whole) -> tuple[Whole, Whole]:
    """The purpose and term of a line; the term is -1 where the wish is not one that purpose and plan allow."""
    purpose = given.purpose[row]
    if purpose < 0:
        purpose = rules.sector_purpose[sector]
    longest = min(rules.purpose_term_months[purpose], rules.longest_term_months[plan])
    term = given.term_months[row]
    if term == 0:
        return purpose, longest
    if term < 0 or term > longest or rules.part_ppm[plan, term] == 0:
        return purpose, -1
    return purpose, term


@inlined
def _line(rules: TermsRules, numbers: Floats, row: Whole, means: Means, caps: tuple[Whole, Whole]) -> Line:
    """Find the line before any grade, all of it in fen.

    Args:
        rules: the policy of the day.
        numbers: of the household.
        row: of the household.
        means: what income carries and what debts it has.
        caps: of the purpose, and what the tightest months can repay.
    """
    household = rules.household_cap_unknown_debt_fen
    if np.isfinite(numbers[DEBT, row]):
        household = rules.household_cap_fen - means.debt_fen
    household -= _whole(numbers[GROUP, row], 1)
    income_line = means.carried_fen - means.debt_fen - means.assumed_fen
    capped = min(income_line, caps[0], household, caps[1], rules.hard_cap_fen)
    limit = 0
    if capped >= rules.minimum_limit_fen:
        limit = capped // rules.limit_step_fen * rules.limit_step_fen
    return Line(income_line, (caps[0], household, caps[1], rules.hard_cap_fen), capped, limit)


@inlined
def _findings(rules: TermsRules, given: Given, row: Whole, months: Whole, band: Whole, line: Line, met: Bytes) -> Whole:
    """Mark everything that stands in a household's way and return the decision, the severest of it."""
    severest = _rule_findings(rules, given, row, met)
    severest = max(severest, _data_findings(rules, given, row, months, met))
    severest = max(severest, _band_findings(rules, rules.band_outcome[band], given.uncertain[row], row, met))
    if severest == _OFFER and line.limit_fen == 0:
        known = np.isfinite(given.numbers[DEBT, row])
        return _line_findings(rules, line.income_line_fen, line.caps_fen[1], line.caps_fen[2], known, row, met)
    return severest


@inlined
def _fill_grades(rules: TermsRules, decided: Decided, row: Whole, price: Price, line: Line) -> None:
    """Fill what each grade makes of the line and the rate: limit = floor(min((1 + bonus) x income line, caps))."""
    step = rules.limit_step_fen
    highest = min(line.caps_fen[0], line.caps_fen[1], line.caps_fen[2], line.caps_fen[3]) // step * step
    deepest = min(price.base_rate_bp - price.cost_bp + rules.gap_cap_bp, price.base_rate_bp)
    for grade in range(_GRADES):
        discount = min(rules.discount_bp[price.band, grade], deepest)
        wanted = _with_bonus(rules, price.band, grade, line)
        decided.grade_limit_fen[row, grade] = min(wanted, highest)
        decided.grade_rate_bp[row, grade] = price.base_rate_bp - discount
        decided.grade_all_in_bp[row, grade] = rules.all_in_bp[price.base_rate_bp - discount]


@inlined
def _with_bonus(rules: TermsRules, band: Whole, grade: Whole, line: Line) -> Whole:
    """The line with a grade's bonus, down to whole steps, before any cap cuts the bonus."""
    extra = max(line.income_line_fen, 0) * rules.bonus_milli[band, grade] // _MILLI
    return (line.capped_fen + extra) // rules.limit_step_fen * rules.limit_step_fen


@inlined
def _fill_terms(decided: Decided, row: Whole, grade: Whole, price: Price, line: Line) -> None:
    """Fill what is offered: the terms of the household's own grade beside those without any."""
    limit, rate = decided.grade_limit_fen[row, grade], decided.grade_rate_bp[row, grade]
    discount = price.base_rate_bp - rate
    decided.baseline_limit_fen[row] = line.limit_fen
    decided.limit_bonus_fen[row] = limit - line.limit_fen
    decided.limit_fen[row] = limit
    decided.base_rate_bp[row] = price.base_rate_bp
    decided.rate_discount_bp[row] = discount
    decided.rate_bp[row] = rate
    decided.incentive_gap_bp[row] = max(price.cost_bp - rate, 0)
    decided.all_in_annual_cost_bp[row] = decided.grade_all_in_bp[row, grade]


@inlined
def _fill_nothing(decided: Decided, row: Whole) -> None:
    """Fill the terms of a household without an offer: nothing."""
    decided.baseline_limit_fen[row] = 0
    decided.limit_bonus_fen[row] = 0
    decided.limit_fen[row] = 0
    decided.base_rate_bp[row] = 0
    decided.rate_discount_bp[row] = 0
    decided.rate_bp[row] = 0
    decided.incentive_gap_bp[row] = 0
    decided.all_in_annual_cost_bp[row] = 0
    decided.left_after_repayment_fen[row] = 0
    decided.limit_rows[row] = 0
    decided.rate_rows[row] = 0
    for grade in range(_GRADES):
        decided.grade_limit_fen[row, grade] = 0
        decided.grade_rate_bp[row, grade] = 0
        decided.grade_all_in_bp[row, grade] = 0


@inlined
def _add(rules: Codes, amounts: Int, at: Whole, rule: Whole, amount: Whole) -> Whole:
    """Write a ledger row unless it is nothing; returns where the next one goes."""
    rules[at] = rule
    amounts[at] = amount
    return at + (amount != 0)


@inlined
def _tell_limit(rows: Rows, at: Whole, means: Means, line: Line, wanted: Whole, step: Whole) -> Whole:
    """Write the rows of a limit in the order of `terms.LIMIT_RULES`; returns where the next household's go.

    Every cap is at least the baseline limit already, so the caps can take back the bonus but nothing of the baseline.

    Args:
        rows: filled.
        at: where the first row goes.
        means: what income carries, debts.
        line: caps and baseline limit.
        wanted: the line with the bonus before any cap cuts it.
        step: whole steps of a limit.
    """
    codes, amounts = rows.limit_rule, rows.limit_fen
    at = _add(codes, amounts, at, 0, means.carried_fen)
    at = _add(codes, amounts, at, 1, -means.debt_fen)
    at = _add(codes, amounts, at, 2, -means.assumed_fen)
    running = line.income_line_fen
    for cap in range(_CAPS):
        lowered = min(running, line.caps_fen[cap])
        at = _add(codes, amounts, at, _FIRST_CAP + cap, lowered - running)
        running = lowered
    at = _add(codes, amounts, at, _ROUNDING, line.limit_fen - running)
    at = _add(codes, amounts, at, _BONUS, wanted - line.limit_fen)
    running = wanted
    for cap in range(_CAPS):
        lowered = running
        if line.caps_fen[cap] < running:
            lowered = line.caps_fen[cap] // step * step
        at = _add(codes, amounts, at, _BONUS + 1 + cap, lowered - running)
        running = lowered
    return at


@inlined
def _tell_rate(rules: TermsRules, rows: Rows, at: Whole, price: Price, grade: Whole, rate_bp: Whole) -> Whole:
    """Write the rows of a rate in the order of `terms.RATE_RULES`; returns where the next household's go."""
    codes, amounts = rows.rate_rule, rows.rate_bp
    wanted = rules.discount_bp[price.band, grade]
    at = _add(codes, amounts, at, 0, rules.lpr_bp)
    at = _add(codes, amounts, at, 1, rules.spread_bp[price.band])
    at = _add(codes, amounts, at, 2, price.base_rate_bp - price.spread_rate_bp)
    at = _add(codes, amounts, at, 3, -wanted)
    return _add(codes, amounts, at, 4, wanted - (price.base_rate_bp - rate_bp))


@inlined
def _means(rules: TermsRules, numbers: Floats, row: Whole, band: Whole) -> Means:
    income = _stable_income(rules, numbers, row)
    return Means(
        income,
        income * rules.multiple_milli[band] // _MILLI,
        _whole(numbers[DEBT, row], 1),
        _assumed_debt(rules, numbers, row, income),
    )


@inlined
def _read_months(rules: TermsRules, numbers: Floats, row: Whole, sector: Whole, means: Means, year: Year) -> Whole:
    """Fill a household's stressed year; returns what `_read_year` says of its months."""
    months = _read_year(rules, numbers, row, sector, year)
    service = (means.debt_fen + means.assumed_fen) * rules.debt_service_milli // _MILLI
    _spend_year(rules, means.income_fen, _living(rules, numbers, row) + service, sector, year)
    return months


@compiled
def decide(rules: TermsRules, given: Given, decided: Decided, rows: Rows) -> tuple[Whole, Whole, Whole]:
    """Decide, limit and price a chunk of households and tell every row of it.

    base = min(purpose cap, household cap, affordability, hard cap, band multiple x stable income - unsecured debt);
    below the minimum it is a decline before any bonus. Rate = LPR + spread of the band, raised to cost where cost is
    higher, less the grade's discount as far as cost and the budget's cap for one offer let it.

    Args:
        rules: the policy of the day.
        given: what is known of the households.
        decided: filled.
        rows: filled from the left.

    Returns:
        How many limit rows, how many rate rows, and the first household whose wanted term is not possible, or -1.
    """
    year = Year(np.empty(MONTHS, np.int64), np.empty(MONTHS, np.int64), np.empty(MONTHS, np.int64))
    numbers, limit_rows, rate_rows = given.numbers, 0, 0
    for row in range(len(given.sector)):
        sector = given.sector[row] if given.sector[row] >= 0 else _OTHER_SECTOR
        plan = rules.sector_plan[sector]
        purpose, term = _purpose_and_term(rules, given, row, plan, sector)
        if term < 0:
            return limit_rows, rate_rows, row
        price = _price(rules, given.probability[row])
        means = _means(rules, numbers, row, price.band)
        months = _read_months(rules, numbers, row, sector, means, year)
        stretch = _tightest(rules, plan, term, price.base_rate_bp, year)
        line = _line(rules, numbers, row, means, (rules.purpose_cap_fen[purpose], stretch.affordable_fen))
        decision = _findings(rules, given, row, months, price.band, line, decided.met)
        decided.decision[row] = decision
        decided.assumed[row, 0] = not np.isfinite(numbers[DEBT, row])
        decided.assumed[row, 1] = not np.isfinite(numbers[STABILITY, row])
        decided.assumed[row, 2] = months == _UNKNOWN_MONTHS
        decided.sector[row] = sector
        decided.purpose[row] = purpose
        decided.band[row] = price.band
        decided.term_months[row] = term
        decided.affordability_fen[row] = stretch.affordable_fen
        decided.worst_month[row] = stretch.last + 1
        if decision != _OFFER:
            _fill_nothing(decided, row)
            continue
        # Only now is the grade read: nothing decides any more.
        grade = given.grade[row]
        _fill_grades(rules, decided, row, price, line)
        _fill_terms(decided, row, grade, price, line)
        left = stretch.free_fen - decided.limit_fen[row] * stretch.due_ppm // _PPM
        decided.left_after_repayment_fen[row] = left // rules.carry_months
        limits, rates = limit_rows, rate_rows
        wanted = _with_bonus(rules, price.band, grade, line)
        limit_rows = _tell_limit(rows, limits, means, line, wanted, rules.limit_step_fen)
        rate_rows = _tell_rate(rules, rows, rates, price, grade, decided.rate_bp[row])
        decided.limit_rows[row] = limit_rows - limits
        decided.rate_rows[row] = rate_rows - rates
    return limit_rows, rate_rows, -1
