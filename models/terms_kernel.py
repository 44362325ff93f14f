"""The terms' kernel: decides, limits and prices a chunk of households in whole numbers and tells every row of it.

Each step is one loop over the households and leaves plain columns to the next; a chunk is small enough that they stay
in a processor's own cache. The grade is read by the last steps only, when everything is decided. A chunk is one call;
threads may run calls side by side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from models.household_year_kernel import (
    BEYOND_ANY,
    MILLI,
    PPM,
    PPM_A_BP,
    SOURCES,
    Whole,
    age_of,
    find_tightest,
    read_means,
    read_months,
    whole,
)
from models.policy import DECISIONS, GRADES, SECTORS
from models.terms import CAP_RULES, LIMIT_RULES, RATE_RULES
from models.terms_layout import (
    ADULTS,
    BEYOND_MEANS,
    BIRTH,
    CAPS_BELOW,
    DEBT,
    DEBT_UNKNOWN,
    FIRST_STANDING,
    GROUP,
    HOUSEHOLD_EXPOSURE,
    IMPLAUSIBLE,
    INCOME,
    INCOME_LINE_BELOW,
    INCOME_UNKNOWN,
    INCONSISTENT_MONTHS,
    MEMBERS_UNKNOWN,
    MINORS,
    MONTHS_INCONSISTENT,
    RISK_ABOVE_APPETITE,
    RISK_NEEDS_A_PERSON,
    RISK_UNCERTAIN,
    SECTOR_UNKNOWN,
    STABILITY,
    TWO_BORROWERS,
    UNKNOWN_MONTHS,
)
from models.terms_rules import TermsRules
from models.terms_shapes import Decided, Given, Int, Rows, Work
from scoring.compiled import compiler, inlined

_OFFER: Final = DECISIONS.index("offer")
_REFER: Final = DECISIONS.index("refer")
_DECLINE: Final = DECISIONS.index("decline")
_OTHER_SECTOR: Final = SECTORS.index("other")
_GRADES: Final = len(GRADES)

_LIMIT_CODES: Final = tuple(rule.code for rule in LIMIT_RULES)
_CARRIED: Final = _LIMIT_CODES.index("income_multiple")
_DEBT: Final = _LIMIT_CODES.index("unsecured_debt")
_ASSUMED_DEBT: Final = _LIMIT_CODES.index("assumed_debt")
_FIRST_CAP: Final = _LIMIT_CODES.index(CAP_RULES[0])
_ROUNDING: Final = _LIMIT_CODES.index("whole_thousands")
_BONUS: Final = _LIMIT_CODES.index("grade_bonus")
_FIRST_BONUS_CAP: Final = _LIMIT_CODES.index(f"bonus_{CAP_RULES[0]}")

_CAPS: Final = len(CAP_RULES)
_PURPOSE_CAP: Final = CAP_RULES.index("purpose_cap")
_HOUSEHOLD_CAP: Final = CAP_RULES.index("household_cap")
_MEANS_CAP: Final = CAP_RULES.index("affordability")
_HARD_CAP: Final = CAP_RULES.index("hard_cap")

_RATE_CODES: Final = tuple(rule.code for rule in RATE_RULES)
_LPR: Final = _RATE_CODES.index("lpr")
_SPREAD: Final = _RATE_CODES.index("band_spread")
_COST_FLOOR: Final = _RATE_CODES.index("cost_floor")
_DISCOUNT: Final = _RATE_CODES.index("grade_discount")
_WITHHELD: Final = _RATE_CODES.index("discount_cost_floor")

LIMIT_ROWS: Final = len(LIMIT_RULES)
RATE_ROWS: Final = len(RATE_RULES)
"""Most ledger rows of one household, in the order of `terms.LIMIT_RULES` and `terms.RATE_RULES`."""

compiled = compiler(Path(__file__), *SOURCES)


@compiled
def _choose(rules: TermsRules, given: Given, decided: Decided) -> Whole:
    """Fill sector, purpose and term; returns the first household whose wanted term is not possible, or -1."""
    purpose_term, plan_term, possible = rules.purpose_term_months, rules.longest_term_months, rules.possible
    sector_purpose, sector_plan = rules.sector_purpose, rules.sector_plan
    for row in range(len(given.sector)):
        sector = given.sector[row] if given.sector[row] >= 0 else _OTHER_SECTOR
        purpose = given.purpose[row] if given.purpose[row] >= 0 else sector_purpose[sector]
        plan, wanted = sector_plan[sector], given.term_months[row]
        longest = min(purpose_term[purpose], plan_term[plan])
        if wanted < 0 or wanted > longest or (wanted > 0 and possible[plan, wanted] == 0):
            return row
        decided.sector[row] = sector
        decided.purpose[row] = purpose
        decided.term_months[row] = wanted if wanted > 0 else longest
    return -1


@compiled
def _price(rules: TermsRules, given: Given, decided: Decided, work: Work) -> None:
    """Fill band, cost and rate of a probability, read in whole millionths; certain default lies in the last band.

    Expected loss is rounded up, as in `models.expected_loss`, so that cost is never understated.
    """
    from_ppm, spread_bp, probability = rules.from_ppm, rules.spread_bp, given.probability
    loss, fixed, lpr = rules.loss_given_default_milli, rules.fixed_cost_bp, rules.lpr_bp
    for row in range(len(probability)):
        ppm = min(int(np.rint(probability[row] * PPM)), PPM - 1)
        band = -1
        for one in range(len(from_ppm)):
            band += from_ppm[one] <= ppm
        cost = fixed - (-ppm * loss // (MILLI * PPM_A_BP))
        decided.band[row] = band
        work.cost_bp[row] = cost
        work.spread_rate_bp[row] = lpr + spread_bp[band]
        work.base_rate_bp[row] = max(lpr + spread_bp[band], cost)


@inlined
def _lowest_cap(caps_fen: Int, row: Whole) -> Whole:
    """The cap that binds first."""
    lowest = caps_fen[row, 0]
    for cap in range(1, _CAPS):
        lowest = min(lowest, caps_fen[row, cap])
    return lowest


@compiled
def _draw_lines(rules: TermsRules, given: Given, decided: Decided, work: Work) -> None:
    """Fill what income carries, the caps and the line before any grade."""
    debts, groups, caps_fen = given.numbers[DEBT], given.numbers[GROUP], work.caps_fen
    multiple_milli, purpose_cap = rules.multiple_milli, rules.purpose_cap_fen
    step, least = rules.limit_step_fen, rules.minimum_limit_fen
    for row in range(len(debts)):
        carried = work.income_fen[row] * multiple_milli[decided.band[row]] // MILLI
        line = carried - work.debt_fen[row] - work.assumed_fen[row]
        household = rules.household_cap_unknown_debt_fen
        if np.isfinite(debts[row]):
            household = rules.household_cap_fen - work.debt_fen[row]
        caps_fen[row, _PURPOSE_CAP] = purpose_cap[decided.purpose[row]]
        caps_fen[row, _HOUSEHOLD_CAP] = household - whole(groups[row], 1)
        caps_fen[row, _MEANS_CAP] = decided.affordability_fen[row]
        caps_fen[row, _HARD_CAP] = rules.hard_cap_fen
        capped = min(line, _lowest_cap(caps_fen, row))
        work.carried_fen[row] = carried
        work.line_fen[row] = line
        work.capped_fen[row] = capped
        work.limit_fen[row] = capped // step * step if capped >= least else 0


@compiled
def _find_by_rules(rules: TermsRules, given: Given, decided: Decided) -> None:
    """Mark whom the policy's own rules stop; the decision so far is the severest outcome."""
    today, met, decision = rules.today, decided.met, decided.decision
    year, month, day, ends_month = today.year, today.month, today.day, today.ends_month
    decision[:] = _OFFER
    for at in range(len(rules.column)):
        column, lowest, highest = rules.column[at], rules.lowest[at], rules.highest[at]
        failed, unknown = rules.failed[at], rules.unknown[at]
        values = given.numbers[column]
        for row in range(len(values)):
            found = failed if np.isfinite(values[row]) else unknown
            read = np.rint(values[row])
            if column == BIRTH and np.isfinite(values[row]):
                read = float(age_of(int(read), year, month, day, ends_month))
            # What is unknown lies within no bounds.
            if found >= 0 and not lowest <= read <= highest:
                met[row, found] = 1
                decision[row] = max(decision[row], rules.outcome[found])


@compiled
def _find_by_data(rules: TermsRules, given: Given, decided: Decided, work: Work) -> None:
    """Refer what the bank's data cannot answer: nothing unknown is read as zero."""
    numbers, own, met = given.numbers, rules.own, decided.met
    for row in range(len(given.sector)):
        wrong = np.isfinite(numbers[ADULTS, row]) and whole(numbers[ADULTS, row], 1) < 1
        for column in (ADULTS, MINORS, INCOME, DEBT, GROUP):
            value = whole(numbers[column, row], 1)
            wrong |= value < 0 or value >= BEYOND_ANY
        met[row, own + TWO_BORROWERS] = given.alone[row] == 0
        if given.standing[row] >= 0:
            met[row, own + FIRST_STANDING + given.standing[row]] = 1
        met[row, own + SECTOR_UNKNOWN] = given.sector[row] < 0
        met[row, own + MEMBERS_UNKNOWN] = not (np.isfinite(numbers[ADULTS, row]) and np.isfinite(numbers[MINORS, row]))
        met[row, own + INCOME_UNKNOWN] = not np.isfinite(numbers[INCOME, row])
        met[row, own + MONTHS_INCONSISTENT] = work.months[row] == INCONSISTENT_MONTHS
        met[row, own + IMPLAUSIBLE] = wrong
        doubtful = 0
        for at in range(own + TWO_BORROWERS, own + IMPLAUSIBLE + 1):
            doubtful |= met[row, at]
        decided.decision[row] = max(decided.decision[row], _REFER * doubtful)
        decided.assumed[row, 0] = not np.isfinite(numbers[DEBT, row])
        decided.assumed[row, 1] = not np.isfinite(numbers[STABILITY, row])
        decided.assumed[row, 2] = work.months[row] == UNKNOWN_MONTHS


@compiled
def _find_by_risk(rules: TermsRules, given: Given, decided: Decided) -> None:
    """A person looks at a risk that is not known closely enough, whatever the band that it happens to fall into."""
    own, met, band_outcome = rules.own, decided.met, rules.band_outcome
    for row in range(len(given.uncertain)):
        uncertain, outcome = given.uncertain[row] != 0, band_outcome[decided.band[row]]
        met[row, own + RISK_UNCERTAIN] = uncertain
        met[row, own + RISK_ABOVE_APPETITE] = outcome == _DECLINE and not uncertain
        met[row, own + RISK_NEEDS_A_PERSON] = outcome == _REFER
        decided.decision[row] = max(decided.decision[row], _REFER if uncertain else outcome)


@compiled
def _find_by_line(rules: TermsRules, given: Given, decided: Decided, work: Work) -> None:
    """Decline a line below the minimum by whatever holds it there; where debts are only assumed, ask instead."""
    own, met, least = rules.own, decided.met, rules.minimum_limit_fen
    debts = given.numbers[DEBT]
    for row in range(len(debts)):
        if decided.decision[row] != _OFFER or work.limit_fen[row] > 0:
            continue
        if not np.isfinite(debts[row]):
            met[row, own + DEBT_UNKNOWN] = 1
            decided.decision[row] = _REFER
            continue
        income_below, household_below = work.line_fen[row] < least, work.caps_fen[row, _HOUSEHOLD_CAP] < least
        means_below = work.caps_fen[row, _MEANS_CAP] < least
        met[row, own + INCOME_LINE_BELOW] = income_below
        met[row, own + HOUSEHOLD_EXPOSURE] = household_below
        met[row, own + BEYOND_MEANS] = means_below
        met[row, own + CAPS_BELOW] = not (income_below or household_below or means_below)
        decided.decision[row] = _DECLINE


@compiled
def _fill_grades(rules: TermsRules, decided: Decided, work: Work) -> None:
    """Fill what each grade makes of line and rate: limit = floor(min((1 + bonus) x income line, caps)); else nothing.

    A discount goes below cost only as far as the named budget's cap for one offer, and no rate below nothing.
    """
    step, gap, caps_fen, bands = rules.limit_step_fen, rules.gap_cap_bp, work.caps_fen, decided.band
    bonus_milli, discount_bp, all_in_bp = rules.bonus_milli, rules.discount_bp, rules.all_in_bp
    limits, rates, costs = decided.grade_limit_fen, decided.grade_rate_bp, decided.grade_all_in_bp
    for row in range(len(bands)):
        if decided.decision[row] != _OFFER:
            limits[row] = 0
            rates[row] = 0
            costs[row] = 0
            continue
        band, base_rate, line = bands[row], work.base_rate_bp[row], max(work.line_fen[row], 0)
        cap = _lowest_cap(caps_fen, row)
        deepest = min(base_rate - work.cost_bp[row] + gap, base_rate)
        for grade in range(_GRADES):
            wanted = work.capped_fen[row] + line * bonus_milli[band, grade] // MILLI
            rate = base_rate - min(discount_bp[band, grade], deepest)
            limits[row, grade] = min(wanted, cap) // step * step
            rates[row, grade] = rate
            costs[row, grade] = all_in_bp[rate]


@compiled
def _fill_terms(rules: TermsRules, given: Given, decided: Decided, work: Work) -> None:
    """Fill what is offered: the terms of the household's own grade beside those without any; else nothing."""
    carry = rules.carry_months
    for row in range(len(given.grade)):
        grade, offered = given.grade[row], decided.decision[row] == _OFFER
        limit, rate = decided.grade_limit_fen[row, grade], decided.grade_rate_bp[row, grade]
        baseline = work.limit_fen[row] if offered else 0
        base_rate = work.base_rate_bp[row] if offered else 0
        decided.baseline_limit_fen[row] = baseline
        decided.limit_bonus_fen[row] = limit - baseline
        decided.limit_fen[row] = limit
        decided.base_rate_bp[row] = base_rate
        decided.rate_discount_bp[row] = base_rate - rate
        decided.rate_bp[row] = rate
        decided.incentive_gap_bp[row] = max(work.cost_bp[row] - rate, 0) if offered else 0
        decided.all_in_annual_cost_bp[row] = decided.grade_all_in_bp[row, grade]
        left = work.stretch_free_fen[row] - limit * work.stretch_due_ppm[row] // PPM
        decided.left_after_repayment_fen[row] = left // carry if offered else 0


@compiled
def _tell_limits(rules: TermsRules, given: Given, decided: Decided, work: Work, rows: Rows) -> Whole:
    """Write the rows of every limit in the order of `terms.LIMIT_RULES`; returns how many they are.

    Every cap is at least the baseline limit already, so the caps can take back the bonus but nothing of the baseline.
    """
    codes, amounts, caps_fen, step = rows.limit_rule, rows.limit_fen, work.caps_fen, rules.limit_step_fen
    bonus_milli = rules.bonus_milli
    told, at = np.empty(LIMIT_ROWS, np.int64), 0
    for row in range(len(given.grade)):
        before = at
        if decided.decision[row] == _OFFER:
            told[_CARRIED] = work.carried_fen[row]
            told[_DEBT] = -work.debt_fen[row]
            told[_ASSUMED_DEBT] = -work.assumed_fen[row]
            running = work.line_fen[row]
            for cap in range(_CAPS):
                lowered = min(running, caps_fen[row, cap])
                told[_FIRST_CAP + cap] = lowered - running
                running = lowered
            limit = work.limit_fen[row]
            told[_ROUNDING] = limit - running
            extra = max(work.line_fen[row], 0) * bonus_milli[decided.band[row], given.grade[row]] // MILLI
            wanted = (work.capped_fen[row] + extra) // step * step
            told[_BONUS] = wanted - limit
            for cap in range(_CAPS):
                lowered = wanted if caps_fen[row, cap] >= wanted else caps_fen[row, cap] // step * step
                told[_FIRST_BONUS_CAP + cap] = lowered - wanted
                wanted = lowered
            for rule in range(LIMIT_ROWS):
                codes[at] = rule
                amounts[at] = told[rule]
                at += told[rule] != 0
        decided.limit_rows[row] = at - before
    return at


@compiled
def _tell_rates(rules: TermsRules, given: Given, decided: Decided, work: Work, rows: Rows) -> Whole:
    """Write the rows of every rate in the order of `terms.RATE_RULES`; returns how many they are."""
    codes, amounts, lpr, spread_bp = rows.rate_rule, rows.rate_bp, rules.lpr_bp, rules.spread_bp
    discount_bp = rules.discount_bp
    told, at = np.empty(RATE_ROWS, np.int64), 0
    for row in range(len(given.grade)):
        before = at
        if decided.decision[row] == _OFFER:
            wanted = discount_bp[decided.band[row], given.grade[row]]
            told[_LPR] = lpr
            told[_SPREAD] = spread_bp[decided.band[row]]
            told[_COST_FLOOR] = work.base_rate_bp[row] - work.spread_rate_bp[row]
            told[_DISCOUNT] = -wanted
            told[_WITHHELD] = wanted - decided.rate_discount_bp[row]
            for rule in range(RATE_ROWS):
                codes[at] = rule
                amounts[at] = told[rule]
                at += told[rule] != 0
        decided.rate_rows[row] = at - before
    return at


@compiled
def decide(rules: TermsRules, given: Given, decided: Decided, work: Work, rows: Rows) -> tuple[Whole, Whole, Whole]:
    """Decide, limit and price a chunk of households and tell every row of it.

    base = min(purpose cap, household cap, affordability, hard cap, band multiple x stable income - unsecured debt);
    below the minimum it is a decline before any bonus. Rate = LPR + spread of the band, raised to cost where cost is
    higher, less the grade's discount as far as cost and the budget's cap for one offer let it.

    Args:
        rules: the policy of the day.
        given: what is known of the households.
        decided: filled; `met` is all zero before.
        work: overwritten.
        rows: filled from the left.

    Returns:
        How many limit rows, how many rate rows, and the first household whose wanted term is not possible, or -1; then
        nothing else holds.
    """
    impossible = _choose(rules, given, decided)
    if impossible >= 0:
        return 0, 0, impossible
    _price(rules, given, decided, work)
    read_means(rules, given, work)
    read_months(rules, given, decided, work)
    find_tightest(rules, decided, work)
    _draw_lines(rules, given, decided, work)
    _find_by_rules(rules, given, decided)
    _find_by_data(rules, given, decided, work)
    _find_by_risk(rules, given, decided)
    _find_by_line(rules, given, decided, work)
    # Everything is decided; only from here on is the grade read.
    _fill_grades(rules, decided, work)
    _fill_terms(rules, given, decided, work)
    return _tell_limits(rules, given, decided, work, rows), _tell_rates(rules, given, decided, work, rows), -1
