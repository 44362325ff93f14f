"""Affordability month by month: what a household can repay through the worst stretch of a stressed year.

For each month of the year, income x share x stress, minus living costs and the service of debts elsewhere, is what
is free; a household may carry what is left over for `carry_months`. A line is affordable if in every stretch of that
length (the year taken as a circle, so that no month of the year is a better day to ask) the repayment share of what is
free covers what falls due: principal by the household's repayment plan, in as few parts as the term may leave it
whichever month it begins in, and a month's interest on the whole line. The method and its parameters are proposals [P]
of the policy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.day_policy import DayPolicy

Int = NDArray[np.int64]

_PPM = 1_000_000
_BEYOND_ANY_LINE_FEN = 10**12
"""Ten billion yuan: keeps products inside 64 bits without touching any real household."""


@dataclass(frozen=True)
class CashYear:
    """What n households earn and owe in a year, money in fen.

    Attributes:
        stable_income_fen: stable income of a year (n).
        share_ppm: share of the year's income by month (n, 12).
        sector: position in `models.policy.SECTORS` (n).
        plan: position in `day.plans.codes` (n).
        adults: number of adults (n).
        minors: number of minors (n).
        debt_fen: unsecured debt elsewhere, known or assumed (n).
    """

    stable_income_fen: Int
    share_ppm: Int
    sector: Int
    plan: Int
    adults: Int
    minors: Int
    debt_fen: Int


@dataclass(frozen=True)
class TightestStretch:
    """The stretch of months that limits a household.

    Attributes:
        affordable_fen: largest line whose dues can be met in every stretch, never below 0 (n).
        last_month: the month, 1 to 12, in which the tightest stretch ends (n).
        free_fen: what is free in that stretch before this line's dues (n).
        due_ppm: what falls due in that stretch, in millionths of the line (n).
    """

    affordable_fen: Int
    last_month: Int
    free_fen: Int
    due_ppm: Int

    def left_monthly_fen(self, limit_fen: Int, carry_months: int) -> Int:
        """Return what is left a month in the tightest stretch when the whole line is drawn and repaid, in fen."""
        left: Int = (self.free_fen - limit_fen * self.due_ppm // _PPM) // carry_months
        return left


def tightest_stretch(cash: CashYear, term_months: Int, rate_bp: Int, day: DayPolicy) -> TightestStretch:
    """Test n households month by month.

    Args:
        cash: what they earn and owe.
        term_months: term of the line (n).
        rate_bp: the yearly rate before any grade's discount (n), so that no grade changes what is affordable.
        day: the policy of the day.
    """
    rules = day.affordability
    free = _stretches(_free_by_month(cash, day), rules.carry_months)
    due = _due_by_stretch(cash.plan, term_months, rate_bp, day)
    usable = np.clip(free, 0, _BEYOND_ANY_LINE_FEN) * rules.repayment_share_milli // 1000
    largest = usable * _PPM // np.maximum(due, 1)
    tightest = np.argmin(largest, axis=1)
    rows = np.arange(len(tightest))
    return TightestStretch(
        affordable_fen=largest[rows, tightest],
        last_month=tightest + 1,
        free_fen=free[rows, tightest],
        due_ppm=due[rows, tightest],
    )


def _free_by_month(cash: CashYear, day: DayPolicy) -> Int:
    rules = day.affordability
    stressed_ppm = cash.share_ppm * day.sectors.stress_milli[cash.sector] // 1000
    income = cash.stable_income_fen[:, None] * stressed_ppm // _PPM
    fixed = cash.adults * rules.adult_fen + cash.minors * rules.minor_fen
    fixed += cash.debt_fen * rules.debt_service_milli // 1000
    free: Int = income - fixed[:, None]
    return free


def _due_by_stretch(plan: Int, term_months: Int, rate_bp: Int, day: DayPolicy) -> Int:
    carry = day.affordability.carry_months
    # Rounded up: what falls due is never understated.
    principal_ppm = -(-_PPM // np.maximum(day.plans.parts[plan, term_months], 1))
    interest_ppm = -(-rate_bp * 100 * carry // 12)
    months_due = _stretches(day.plans.principal_due, carry)[plan]
    due: Int = np.minimum(months_due * principal_ppm[:, None], _PPM) + interest_ppm[:, None]
    return due


def _stretches(by_month: Int, length: int) -> Int:
    """Sum each stretch of `length` months that ends in each month, the year taken as a circle: (n, 12) to (n, 12)."""
    twice = np.cumsum(np.concatenate((by_month, by_month), axis=1), axis=1)
    sums: Int = twice[:, 12:] - twice[:, 12 - length : 24 - length]
    return sums
