"""Preapproval: households, grades and probabilities in, offers with their terms ledgers out.

Baseline terms are computed without the grades; the grade then adds its bonus and can do nothing else. One household or
a whole village take the same path, one compiled pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats
from models.columns import NO_CODE, codes_of, numbers_of, same_length, texts_of
from models.day_policy import DayPolicy
from models.household_facts import Households, household_facts
from models.lpr import LprTable
from models.offers import ByGrade, Offers
from models.policy import GRADES, SECTORS, Policy
from models.probability_interval import too_wide
from models.term_reasons import Findings, SpeakingAgainst, rank_reasons
from models.terms_errors import BadProbabilityError, TermOutsidePlanError, UnknownGradeError, UnknownPurposeError
from models.terms_layout import ASSUMPTIONS
from models.terms_rules import RulesOfTheDay, rules_of_the_day
from models.terms_run import Answered, Asked, run

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
    threads: int = 1,
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
        contributions: what speaks against each household by the baseline model, for reasons.
        intervals: lower and upper end of each probability (n each); where they lie too far apart for the policy, a
            person decides. None, or a policy without widths: nobody is referred for it.
        threads: how many chunks of households are computed side by side; it changes nothing but the time.

    Raises:
        InputError: the columns cannot be read (`models.terms_errors` names each way).
        PolicyNotInForceError, LprDayMissingError, LprTableEndsError: the day cannot be priced.
    """
    today = rules_of_the_day(policy, lpr, business_date)
    facts = household_facts(households, today.day.rule_columns)
    asked = Asked(
        grade=_codes("grades", grades, GRADES, UnknownGradeError, facts.count, GRADES.index("none")).astype(np.int8),
        purpose=_purposes(purposes, facts.count, today.day),
        term_months=_terms_months(terms_months, facts.count),
        probability=_probabilities(probabilities, facts.count),
        uncertain=_uncertain(intervals, facts.count, today.day),
    )
    answered = run(today, facts, asked, threads)
    if answered.impossible >= 0:
        raise _term_error(today.day, asked, facts.sector, answered.impossible, terms_months)
    return _offers(today, answered, asked.grade, contributions, threads)


def _offers(
    today: RulesOfTheDay,
    answered: Answered,
    grade: NDArray[np.int8],
    contributions: SpeakingAgainst | None,
    threads: int,
) -> Offers:
    day, decided = today.day, answered.decided
    findings, dearer = Findings(today.codes, today.outcomes, decided.met), decided.base_rate_bp > day.lowest_rate_bp
    return Offers(
        day=day,
        decision=decided.decision,
        grade=grade.astype(np.int64),
        purpose=decided.purpose,
        sector=decided.sector,
        band=decided.band,
        term_months=decided.term_months,
        baseline_limit_fen=decided.baseline_limit_fen,
        limit_bonus_fen=decided.limit_bonus_fen,
        limit_fen=decided.limit_fen,
        base_rate_bp=decided.base_rate_bp,
        rate_discount_bp=decided.rate_discount_bp,
        rate_bp=decided.rate_bp,
        incentive_gap_bp=decided.incentive_gap_bp,
        all_in_annual_cost_bp=decided.all_in_annual_cost_bp,
        affordability_fen=decided.affordability_fen,
        worst_month=decided.worst_month,
        left_after_repayment_fen=decided.left_after_repayment_fen,
        assumptions={name: decided.assumed[:, at].view(np.bool_) for at, name in enumerate(ASSUMPTIONS)},
        reasons=rank_reasons(
            findings, decided.decision, contributions, dearer=dearer, rules=day.rules, threads=threads
        ),
        by_grade=ByGrade(decided.grade_limit_fen, decided.grade_rate_bp, decided.grade_all_in_bp),
        limit_ledger=answered.limit_ledger,
        rate_ledger=answered.rate_ledger,
    )


def _purposes(purposes: Any, count: int, day: DayPolicy) -> Int:
    if purposes is None:
        return np.full(count, -1, dtype=np.int64)
    return _codes("purposes", purposes, tuple(one.code for one in day.purposes), UnknownPurposeError, count, -1)


def _codes(name: str, raw: Any, known: Sequence[str], error: _UnknownText, count: int, absent: int) -> Int:
    """Return positions in `known`, `absent` where null; anything else is an error."""
    texts = texts_of(raw)
    same_length(name, texts, count)
    positions = codes_of(texts, known)
    if (positions == NO_CODE).any():
        row = int(np.argmax(positions == NO_CODE))
        raise error(row, texts[row].as_py())
    return np.where(positions >= 0, positions, absent)


def _terms_months(terms_months: Any, count: int) -> Int:
    """Return wished terms as the kernel reads them: 0 for none, and -1, which no plan allows, for what is no term."""
    if terms_months is None:
        return np.zeros(count, dtype=np.int64)
    same_length("terms_months", terms_months, count)
    wanted = numbers_of(terms_months)
    return np.where(wanted.known, np.where(wanted.values > 0, wanted.values, -1), 0)


def _term_error(
    day: DayPolicy, asked: Asked, sector: NDArray[np.int8], row: int, terms_months: Any
) -> TermOutsidePlanError:
    place = int(sector[row]) if sector[row] >= 0 else SECTORS.index("other")
    purpose = int(asked.purpose[row]) if asked.purpose[row] >= 0 else int(day.sectors.purpose[place])
    plan = int(day.sectors.plan[place])
    longest = min(int(day.purpose_term_months[purpose]), int(day.plans.longest_term_months[plan]))
    shortest = int(np.argmax(day.plans.parts[plan] > 0))
    return TermOutsidePlanError(row, int(numbers_of(terms_months).values[row]), shortest, longest)


def _uncertain(intervals: tuple[Floats, Floats] | None, count: int, day: DayPolicy) -> NDArray[np.uint8]:
    """Whose interval is too wide; but where even its lower end is declined, nothing is in doubt."""
    if intervals is None or day.widest_interval is None:
        return np.zeros(count, dtype=np.uint8)
    low, high = intervals
    same_length("intervals", low, count)
    wide = too_wide(low, high, day.widest_interval)
    if day.widest_interval.cut_off is not None:
        wide &= low < day.widest_interval.cut_off
    return wide.view(np.uint8)


def _probabilities(probabilities: Any, count: int) -> Floats:
    values = np.array(probabilities, dtype=np.float64)
    same_length("probabilities", values, count)
    bad = ~((values >= 0) & (values <= 1))
    if bad.any():
        row = int(np.argmax(bad))
        raise BadProbabilityError(row, float(values[row]))
    return values
