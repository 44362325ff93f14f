"""Repayment plans: which months repay principal, in how many parts at least, and the schedule of a line in fen.

An instalment falls due every month after the line is drawn, the last one with the term. It brings a month's interest
on what is owed, and principal: in equal parts in every principal month of the term, or all at once in the last of them
(interest only). Affordability counts on the same rule, with the fewest parts that any month of drawing would leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

MONTHS_A_YEAR: Final = 12
_BP_A_MONTH: Final = 10_000 * MONTHS_A_YEAR


def months_due(principal_months: Iterable[int]) -> tuple[int, ...]:
    """Return 1 or 0 for each calendar month, January first: whether principal may fall due in it."""
    due = set(principal_months)
    return tuple(int(month in due) for month in range(1, MONTHS_A_YEAR + 1))


def fewest_parts(due: Sequence[int], term_months: int) -> int:
    """Return in how many months of a term principal falls due at least, whichever month the term begins in."""
    whole_years, rest = divmod(term_months, MONTHS_A_YEAR)
    twice = (*due, *due)
    return whole_years * sum(due) + min(sum(twice[start : start + rest]) for start in range(MONTHS_A_YEAR))


def shortest_term_months(principal_months: Iterable[int]) -> int:
    """Return the shortest term that contains a month of principal wherever in the year it begins."""
    due = months_due(principal_months)
    return next(term for term in range(1, MONTHS_A_YEAR + 1) if fewest_parts(due, term))


@dataclass(frozen=True)
class Schedules:
    """What n lines repay month by month, (n, longest term) in fen; nothing after a line's own term.

    Attributes:
        principal_fen: sums to the line, exactly.
        interest_fen: of a twelfth of the year on what is still owed, half a fen up.
    """

    principal_fen: Int
    interest_fen: Int


def schedules(
    line_fen: Int, rate_bp: Int, term_months: Int, due: Int, at_once: NDArray[np.bool_], drawn_in: int
) -> Schedules:
    """Return the schedules of lines drawn in full.

    Args:
        line_fen: lines (n).
        rate_bp: yearly rates (n).
        term_months: terms, each with a month of principal in it (n).
        due: 1 where principal may fall due, by calendar month, January first (n, 12).
        at_once: whether all principal falls due in the last of these months (n).
        drawn_in: calendar month of drawing, 1 to 12; the first instalment falls due the month after.
    """
    instalment = np.arange(max(term_months, default=0))
    falls_due = due[:, (drawn_in + instalment) % MONTHS_A_YEAR] * (instalment < term_months[:, None])
    parts = np.cumsum(falls_due, axis=1)
    every = parts[:, -1:] if len(instalment) else parts
    done = np.where(at_once[:, None], parts == every, parts) * falls_due.any(axis=1, keepdims=True)
    # What is repaid by a month rounds down as a whole, so that the last part takes what rounding left.
    repaid = line_fen[:, None] * done // np.where(at_once[:, None], 1, np.maximum(every, 1))
    principal = np.diff(repaid, axis=1, prepend=0)
    owed = line_fen[:, None] - repaid + principal
    interest = (2 * owed * rate_bp[:, None] + _BP_A_MONTH) // (2 * _BP_A_MONTH)
    return Schedules(principal, interest * (instalment < term_months[:, None]))
