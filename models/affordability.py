"""Affordability month by month, for showing: what a stressed year brings, costs and leaves when a line is repaid.

For each month of the year, income x share x stress, minus living costs and the service of debts elsewhere, is what
is free; a household may carry what is left over for the policy's `carry` months. A line is affordable if in every
stretch of that length (the year taken as a circle, so that no month of the year is a better day to ask) the repayment
share of what is free covers what falls due: principal by the household's repayment plan, in as few parts as the term
may leave it whichever month it begins in, and a month's interest on the whole line. The test itself is
`models.household_year_kernel.find_tightest`; this module shows the months it looks at. The method and its parameters
are proposals [P] of the policy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.household_facts import Households, household_facts
from models.offers import Offers
from models.repayment_plans import schedules
from models.terms_layout import MONTHS
from models.terms_rules import rules_on
from models.terms_run import stressed_year

Int = NDArray[np.int64]


@dataclass(frozen=True)
class YearByMonth:
    """The twelve months of n households in a stressed year, (n, 12) in fen, January first.

    Attributes:
        income_fen: stressed income.
        living_fen: living costs.
        debt_service_fen: service of debts elsewhere, known or assumed.
        due_fen: what the line repays in its first year, principal and interest before any discount; 0 without an
            offer.
        left_fen: what remains; a month may fall short where the months around it do not.
    """

    income_fen: Int
    living_fen: Int
    debt_service_fen: Int
    due_fen: Int
    left_fen: Int


def year_of(households: Households, offers: Offers, drawn_in: int | None = None) -> YearByMonth:
    """Show the stressed year in which the offered lines are drawn in full.

    Args:
        households: the columns the offers were made of (n).
        offers: their offers (n).
        drawn_in: calendar month of drawing, 1 to 12; by default that of the offers' business date.

    Raises:
        InputError: the columns cannot be read.
    """
    day, today = offers.day, rules_on(offers.day)
    work = stressed_year(today, household_facts(households, day.rule_columns))
    service = (work.debt_fen + work.assumed_fen) * day.affordability.debt_service_milli // 1000
    living = np.repeat((work.fixed_fen - service)[:, None], MONTHS, axis=1)
    service = np.repeat(service[:, None], MONTHS, axis=1)
    due = first_year_due_fen(offers, drawn_in)
    left = work.month_income_fen - living - service - due
    return YearByMonth(work.month_income_fen, living, service, due, left)


def first_year_due_fen(offers: Offers, drawn_in: int | None = None) -> Int:
    """Return what offered lines, drawn in full in a calendar month, repay in their first year, fen by month (n, 12)."""
    drawn_in, plans = drawn_in or offers.day.business_date.month, offers.day.plans
    plan = offers.day.sectors.plan[offers.sector]
    repaid = schedules(
        offers.limit_fen,
        offers.base_rate_bp,
        offers.term_months,
        plans.principal_due[plan],
        plans.at_once[plan],
        drawn_in,
    )
    first = (repaid.principal_fen + repaid.interest_fen)[:, :MONTHS]
    due = np.zeros((len(plan), MONTHS), dtype=np.int64)
    due[:, (drawn_in + np.arange(first.shape[1])) % MONTHS] = first
    return due
