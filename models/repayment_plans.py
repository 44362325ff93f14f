"""Repayment plans: which months repay principal, in how many parts at least, and the schedule of a line in fen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MONTHS_A_YEAR = 12


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
