"""Preapproval: households, grades and probabilities in, offers with their terms ledgers out.

Baseline terms are computed without the grades; the grade then adds its bonus and can do nothing else. One household or
a whole village take the same path, array by array.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.annual_cost import effective_annual_rate_bp
from models.arrays import Floats
from models.baseline_terms import BaselineTerms, Line, Prices, baseline_terms
from models.columns import numbers_of, same_length, texts_of
from models.day_policy import DayPolicy, policy_on
from models.household_facts import HouseholdFacts, Households, household_facts
from models.lpr import LprTable
from models.offers import ByGrade, Offers
from models.policy import GRADES, Policy
from models.probability_interval import too_wide
from models.term_reasons import SpeakingAgainst, rank_reasons
from models.terms import LIMIT_RULES, RATE_RULES, ledger_of
from models.terms_errors import BadProbabilityError, TermOutsidePlanError, UnknownGradeError, UnknownPurposeError

Flag = NDArray[np.bool_]
Int = NDArray[np.int64]
_UnknownText: TypeAlias = type[UnknownGradeError] | type[UnknownPurposeError]


def preapprove(
    households: Households,
    grades: Any,
    probabilities: Any,
    policy: Policy,
    lpr: LprTable,
    business_date: date,
    *,
    purposes: Any = None,
    terms_months: Any = None,
    contributions: SpeakingAgainst | None = None,
    intervals: tuple[Floats, Floats] | None = None,
) -> Offers:
    """Turn n households into n offers, declines or referrals.

    Args:
        households: columns of the bank's household file (see `models.household_facts`).
        grades: texts none, A, AA, AAA (n); null is `none`: without a certificate there is no grade. Of borrower and
            consenting spouse the caller passes the better one.
        probabilities: baseline probability of each household (n), 0 to 1, read in whole millionths.
        policy: the bank's checked policy.
        lpr: the LPR table.
        business_date: the pricing day, from the bank's message.
        purposes: wanted purpose codes (n); null or absent takes the one the policy offers to the sector.
        terms_months: wanted terms in months (n); null or absent takes the longest that purpose and plan allow.
        contributions: the baseline model's contributions, for reasons.
        intervals: lower and upper end of each probability (n each); where they lie too far apart for the policy, a
            person decides. None, or a policy without widths: nobody is referred for it.

    Raises:
        InputError: the columns cannot be read (`models.terms_errors` names each way).
        PolicyNotInForceError, LprDayMissingError, LprTableEndsError: the day cannot be priced.
    """
    day = policy_on(policy, lpr, business_date)
    facts = household_facts(households, day.rule_columns, business_date)
    purpose = _purposes(purposes, facts, day)
    term = _terms_months(terms_months, purpose, facts, day)
    uncertain = _uncertain(intervals, facts.count, day)
    baseline = baseline_terms(facts, _probability_ppm(probabilities, facts.count), purpose, term, day, uncertain)
    return _with_bonus(baseline, facts, _grades(grades, facts.count), day, contributions)


def _with_bonus(
    baseline: BaselineTerms, facts: HouseholdFacts, grade: Int, day: DayPolicy, contributions: SpeakingAgainst | None
) -> Offers:
    offered, line, prices = baseline.offered, baseline.line, baseline.prices
    bonus_rows = _bonus_rows(line, day.limit_bonus_milli[prices.band, grade], day)
    baseline_limit = line.limit_fen * offered
    bonus = sum(bonus_rows, start=np.zeros(facts.count, dtype=np.int64)) * offered
    wanted = day.rate_discount_bp[prices.band, grade]
    room = prices.base_rate_bp - prices.cost_bp
    discount = _discount_bp(prices, wanted, day) * offered
    rate = prices.base_rate_bp * offered - discount
    limit = baseline_limit + bonus
    return Offers(
        day=day,
        decision=baseline.decision,
        grade=grade,
        purpose=baseline.purpose,
        sector=facts.sector,
        band=prices.band,
        term_months=baseline.term_months,
        baseline_limit_fen=baseline_limit,
        limit_bonus_fen=bonus,
        limit_fen=limit,
        base_rate_bp=prices.base_rate_bp * offered,
        rate_discount_bp=discount,
        rate_bp=rate,
        incentive_gap_bp=np.maximum(discount - room, 0) * offered,
        all_in_annual_cost_bp=effective_annual_rate_bp(rate),
        affordability_fen=baseline.stretch.affordable_fen,
        worst_month=baseline.stretch.last_month,
        left_after_repayment_fen=baseline.stretch.left_monthly_fen(limit, day.affordability.carry_months) * offered,
        assumptions=baseline.assumptions,
        reasons=rank_reasons(
            baseline.findings, baseline.decision, contributions, dearer=prices.band > 0, rules=day.rules
        ),
        by_grade=_by_grade(baseline, day),
        limit_ledger=ledger_of(LIMIT_RULES, "amount_fen", [*_baseline_rows(line), *bonus_rows], offered),
        rate_ledger=ledger_of(RATE_RULES, "amount_bp", _rate_rows(baseline, wanted, discount, day), offered),
    )


def _by_grade(baseline: BaselineTerms, day: DayPolicy) -> ByGrade:
    """Return the terms with each grade: the same arithmetic as for the one grade that is offered."""
    line, prices, offered = baseline.line, baseline.prices, baseline.offered
    limits, rates = [], []
    for position in range(len(GRADES)):
        bonus = sum(_bonus_rows(line, day.limit_bonus_milli[prices.band, position], day))
        discount = _discount_bp(prices, day.rate_discount_bp[prices.band, position], day)
        limits.append((line.limit_fen + bonus) * offered)
        rates.append((prices.base_rate_bp - discount) * offered)
    rate_bp = np.stack(rates, axis=1)
    all_in = effective_annual_rate_bp(rate_bp.ravel()).reshape(rate_bp.shape)
    return ByGrade(limit_fen=np.stack(limits, axis=1), rate_bp=rate_bp, all_in_annual_cost_bp=all_in)


def _discount_bp(prices: Prices, wanted: Int, day: DayPolicy) -> Int:
    """Return what a grade takes off, as far as cost and the budget's cap for one offer let it."""
    room = prices.base_rate_bp - prices.cost_bp
    discount: Int = np.minimum(wanted, room + day.gap_cap_bp)
    return discount


def _baseline_rows(line: Line) -> list[Int]:
    running, rows = line.income_line_fen, [line.carried_fen, -line.known_debt_fen, -line.assumed_debt_fen]
    for cap in line.caps_fen:
        lowered = np.minimum(running, cap)
        rows.append(lowered - running)
        running = lowered
    return [*rows, line.limit_fen - running]


def _bonus_rows(line: Line, bonus_milli: Int, day: DayPolicy) -> list[Int]:
    """Return the bonus in whole steps and what each cap cuts from it; together never below 0.

    Every cap is at least the baseline limit already, so the caps can take back the bonus but nothing of the baseline:
    limit = floor(min((1 + bonus) x income line, caps)).
    """
    step = day.limit_step_fen
    extra = np.maximum(line.income_line_fen, 0) * bonus_milli // 1000
    running = (line.capped_fen + extra) // step * step
    rows = [running - line.capped_fen // step * step]
    for cap in line.caps_fen:
        lowered = np.minimum(running, cap // step * step)
        rows.append(lowered - running)
        running = lowered
    return rows


def _rate_rows(baseline: BaselineTerms, wanted: Int, discount: Int, day: DayPolicy) -> list[Int]:
    prices = baseline.prices
    lpr = np.full(len(wanted), day.lpr_bp)
    return [lpr, prices.spread_bp, prices.cost_floor_bp, -wanted, wanted - discount]


def _grades(grades: Any, count: int) -> Int:
    texts = texts_of(grades)
    same_length("grades", texts, count)
    return _codes(texts, GRADES, UnknownGradeError, np.full(count, GRADES.index("none")))


def _purposes(purposes: Any, facts: HouseholdFacts, day: DayPolicy) -> Int:
    offered = day.sectors.purpose[facts.sector]
    if purposes is None:
        return offered
    texts = texts_of(purposes)
    same_length("purposes", texts, facts.count)
    return _codes(texts, tuple(purpose.code for purpose in day.purposes), UnknownPurposeError, offered)


def _terms_months(terms_months: Any, purpose: Int, facts: HouseholdFacts, day: DayPolicy) -> Int:
    plan = day.sectors.plan[facts.sector]
    longest: Int = np.minimum(day.purpose_term_months[purpose], day.plans.longest_term_months[plan])
    if terms_months is None:
        return longest
    same_length("terms_months", terms_months, facts.count)
    wanted = numbers_of(terms_months)
    bad = wanted.known & ((wanted.values < 1) | (wanted.values > longest))
    bad |= wanted.known & (day.plans.parts[plan, np.where(bad, 0, wanted.values)] == 0)
    if bad.any():
        row = int(np.argmax(bad))
        shortest = int(np.argmax(day.plans.parts[plan[row]] > 0))
        raise TermOutsidePlanError(row, int(wanted.values[row]), shortest, int(longest[row]))
    return np.where(wanted.known, wanted.values, longest)


def _codes(texts: pa.Array, known: Sequence[str], error: _UnknownText, absent: Int) -> Int:
    """Return positions in `known`, `absent` where null; anything else is an error."""
    found = pc.index_in(texts, pa.array(known, pa.string()))
    bad = pc.and_(texts.is_valid(), found.is_null()).to_numpy(zero_copy_only=False)
    if bad.any():
        row = int(np.argmax(bad))
        raise error(row, texts[row].as_py())
    positions = found.fill_null(-1).to_numpy().astype(np.int64)
    return np.where(positions >= 0, positions, absent)


def _uncertain(intervals: tuple[Floats, Floats] | None, count: int, day: DayPolicy) -> Flag:
    """Whose interval is too wide; but where even its lower end is declined, nothing is in doubt."""
    if intervals is None or day.widest_interval is None:
        return np.zeros(count, dtype=bool)
    low, high = intervals
    same_length("intervals", low, count)
    wide = too_wide(low, high, day.widest_interval)
    return wide if day.widest_interval.cut_off is None else wide & (low < day.widest_interval.cut_off)


def _probability_ppm(probabilities: Any, count: int) -> Int:
    values = np.asarray(probabilities, dtype=np.float64)
    same_length("probabilities", values, count)
    bad = ~((values >= 0) & (values <= 1))
    if bad.any():
        row = int(np.argmax(bad))
        raise BadProbabilityError(row, float(values[row]))
    return np.minimum(np.rint(values * 1_000_000), 999_999).astype(np.int64)
