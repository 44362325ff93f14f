"""What a household could do at its bank: whole steps, each a row that differs from today's, or another wish."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from models.columns import numbers_of
from models.recourse_answer import Move, Wish

STEP_FEN: Final = 100_000
"""Whole steps: a thousand yuan."""

MOST_STEPS: Final = 1_000
"""Whole steps looked at of one kind: a million yuan."""

TERM_STEP_MONTHS: Final = 6
WINDOW_MONTHS: Final = 24
"""How long arrears are remembered (`max_days_past_due_24m`)."""

ASKS_THE_BUREAU: Final = ("other_lenders", "bureau_queries_6m")
"""What the bureau tells beside debts."""


def moves_of(household: pa.Table, wish: Wish, term_months: int, longest_months: int) -> Iterator[Move]:
    """Yield every whole step of every kind; none borrows more or elsewhere.

    Args:
        household: one row with the columns of the bank's household file.
        wish: what the household would ask for.
        term_months: the term it would get.
        longest_months: the longest it could get.
    """
    debt_fen = _known(household, "unsecured_debt_fen")
    yield from _unknown_debts(household, wish) if debt_fen is None else _debts_repaid(debt_fen, wish)
    if _known(household, "annual_income_fen") is None:
        yield from _unknown_incomes(wish)
    if _known(household, "max_days_past_due_24m"):
        yield Move("arrears_lapsed", wish, WINDOW_MONTHS, {"max_days_past_due_24m": 0})
    longer = range(term_months + TERM_STEP_MONTHS, longest_months, TERM_STEP_MONTHS)
    for months in (*longer, *([longest_months] if longest_months > term_months else [])):
        yield Move("longer_term", wish._replace(term_months=months), months)


def _known(household: pa.Table, name: str) -> int | None:
    column = numbers_of(household[name])
    return int(column.values[0]) if column.known[0] else None


def _debts_repaid(owed_fen: int, wish: Wish) -> Iterator[Move]:
    """Whole steps, to the whole debt or the most looked at. How many lenders are left is not guessed: none fewer."""
    for steps in range(1, min(-(-owed_fen // STEP_FEN), MOST_STEPS) + 1):
        repaid_fen = min(steps * STEP_FEN, owed_fen)
        yield Move("debt_repaid", wish, repaid_fen, {"unsecured_debt_fen": owed_fen - repaid_fen})


def _unknown_debts(household: pa.Table, wish: Wish) -> Iterator[Move]:
    """Every debt the bureau might report, none first; what else is not known of it is taken at its best."""
    rest = {name: 0 for name in ASKS_THE_BUREAU if _known(household, name) is None}
    for debt_fen in range(0, MOST_STEPS * STEP_FEN + 1, STEP_FEN):
        yield Move("bureau_authorised", wish, debt_fen, {"unsecured_debt_fen": debt_fen, **rest})


def _unknown_incomes(wish: Wish) -> Iterator[Move]:
    for income_fen in range(STEP_FEN, MOST_STEPS * STEP_FEN + 1, STEP_FEN):
        yield Move("income_authorised", wish, income_fen, {"annual_income_fen": income_fen})
