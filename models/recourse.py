"""What a household can do at its bank for better terms, each step quoted by the bank's own path before it is told.

A step changes figures of the household's own row, or what it asks for. All whole steps of every kind are quoted
together; the least that reaches something is kept, quoted again by itself, and told with what it betters, what stays
and what it makes worse. Nothing here borrows more, borrows elsewhere or reads a civility fact: a step must better the
terms without a grade, and may not worsen those with the household's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.affordability import first_year_due_fen, year_of
from models.offers import Offers
from models.policy import DECISIONS
from models.recourse_answer import NO_WISH, Aspect, BankRecourse, Kind, Move, Path, Terms, Wish
from models.recourse_moves import moves_of
from models.terms_errors import UnrepeatableQuoteError
from models.yearly_cost import yearly_interest_fen

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]

SMALLER_BY_FEN: Final = 1_000_000
"""By how much less is borrowed where a smaller line is shown: ten thousand yuan."""

CAPS_LIFTED: Final = ("household_cap", "affordability")
"""Caps of the limit that repaying debts can lift."""


class Candidates(NamedTuple):
    """Rows to be quoted: the household's columns as they would be, and what it would ask for (null: as offered)."""

    households: pa.Table
    purposes: pa.Array
    terms_months: pa.Array


Quote: TypeAlias = Callable[[Candidates], Offers]
"""The bank's whole path from rows to offers, features and card included."""


def bank_recourse(
    household: pa.Table,
    quote: Quote,
    wish: Wish = NO_WISH,
    purposes: Sequence[str] = (),
) -> BankRecourse:
    """Find the bank-side steps that better one household's terms.

    Args:
        household: one row with the columns `quote` reads.
        quote: the bank's whole path; asked three times: for today's terms, for all steps, for those that are kept.
        wish: what the household would ask for.
        purposes: what else the money would really be for; no other purpose is ever proposed, for a line asked for under
            a pretext is no better one.

    Raises:
        UnrepeatableQuoteError: a kept step is not quoted again as it was found.
    """
    now = quote(_candidates(household, [Move("wait", wish), Move("longer_term", Wish(wish.purpose))]))
    others = [Wish(purpose) for purpose in purposes if purpose != _terms(now, 0).purpose]
    own = moves_of(household, wish, int(now.term_months[0]), _longest(now))
    moves = [Move("wait", wish), *own, *(Move("other_purpose", other) for other in others)]
    found = _Found(moves, quote(_candidates(household, moves)))
    kept = list(dict.fromkeys(_kept(found)))
    again = quote(_candidates(household, [found.moves[row] for row in kept]))
    for place, row in enumerate(kept):
        if _terms(again, place) != found.terms(row):
            raise UnrepeatableQuoteError(found.moves[row].kind)
    waiting, *paths = (_path(found, row) for row in kept)
    told = (waiting, *sorted(paths, key=_order), *_smaller_line(household, wish, now, found.today))
    return BankRecourse(found.today, told, bool(_longest(now) == now.term_months[0]))


def _longest(now: Offers) -> int:
    """The term of the second row of the first quote, which asked for none."""
    return int(now.term_months[1])


def _candidates(household: pa.Table, moves: Sequence[Move]) -> Candidates:
    """Repeat the household's row once per move and write in what the move changes."""
    rows = household.take(pa.array(np.zeros(len(moves), dtype=np.int64)))
    for name in sorted({name for move in moves for name in move.changes}):
        known = household[name].to_pylist()[0]
        changed = pa.array([move.changes.get(name, known) for move in moves], rows.schema.field(name).type)
        rows = rows.set_column(rows.column_names.index(name), name, changed)
    purposes = pa.array([move.wish.purpose for move in moves], pa.string())
    return Candidates(rows, purposes, pa.array([move.wish.term_months for move in moves], pa.int64()))


# --- what is kept -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Found:
    """All moves with their quotes; row 0 is today."""

    moves: Sequence[Move]
    offers: Offers

    @cached_property
    def today(self) -> Terms:
        return self.terms(0)

    def terms(self, row: int) -> Terms:
        return _terms(self.offers, row)

    def rows(self, kind: Kind) -> Int:
        """Rows of one kind, in the order of their whole steps."""
        return np.array([row for row, move in enumerate(self.moves) if move.kind == kind], dtype=np.int64)

    @cached_property
    def signs(self) -> dict[Aspect, Int]:
        """1 where an aspect is better than today, 0 where it is the same, -1 where it is worse, by row.

        Better on the terms without grade, and no worse on those that are offered; rate and line are compared where
        there is an offer then and now.
        """
        offers = self.offers
        both = offers.offered & offers.offered[0]
        return {
            "decision": _sign(-offers.decision),
            "rate": both * np.minimum(_sign(-offers.base_rate_bp), _sign(-offers.rate_bp)),
            "line": both * np.minimum(_sign(offers.baseline_limit_fen), _sign(offers.limit_fen)),
            "carried": _sign(offers.affordability_fen),
        }

    @cached_property
    def helps(self) -> Flag:
        """Whether the decision, the rate or the line is better and none of them is worse, by row."""
        signs = np.stack([self.signs[aspect] for aspect in ("decision", "rate", "line")])
        return np.logical_and((signs > 0).any(axis=0), (signs >= 0).all(axis=0))

    @cached_property
    def lifts_a_cap(self) -> Flag:
        """Whether a cap that cuts today's line cuts it no longer, by row."""
        cut = [self._cut_by(code) for code in CAPS_LIFTED]
        lifted = np.stack([one[0] & ~one for one in cut]).any(axis=0)
        return np.logical_and(lifted, self.offers.offered)

    def _cut_by(self, code: str) -> Flag:
        ledger = self.offers.limit_ledger
        rule = [one.code for one in ledger.rules].index(code)
        return np.bincount(ledger.household_row[ledger.rule == rule], minlength=ledger.households) > 0


def _sign(values: Int) -> Int:
    signs: Int = np.sign(values - values[0])
    return signs


def _kept(found: _Found) -> Iterator[int]:
    """Rows worth telling: waiting, then of each kind the least steps that reach something."""
    yield 0
    yield from _least(found, found.rows("debt_repaid"))
    yield from _longer(found, found.rows("longer_term"))
    yield from _first(found, found.rows("bureau_authorised"))
    yield from _from_there_on(found, found.rows("income_authorised"))
    for kind in ("arrears_lapsed", "other_purpose"):
        rows = found.rows(kind)
        yield from rows[found.helps[rows]].tolist()


def _least(found: _Found, rows: Int) -> Iterator[int]:
    """The least step that changes the decision, that makes the loan cheaper, that lifts a cap and widens the line."""
    signs = found.signs
    wider = (signs["line"] > 0) & found.lifts_a_cap
    for reached in (signs["decision"] > 0, signs["rate"] > 0, wider):
        yield from rows[(reached & found.helps)[rows]][:1].tolist()


def _longer(found: _Found, rows: Int) -> Iterator[int]:
    """The shortest of the longer terms that help most: by decision, then by the line."""
    offers, helping = found.offers, rows[found.helps[rows]]
    order = np.lexsort((offers.term_months[helping], -offers.limit_fen[helping], offers.decision[helping]))
    yield from helping[order][:1].tolist()


def _first(found: _Found, rows: Int) -> Iterator[int]:
    """The best answer, if even that would help."""
    yield from rows[:1][found.helps[rows[:1]]].tolist()


def _from_there_on(found: _Found, rows: Int) -> Iterator[int]:
    """The least from which on every further step helps too."""
    failing = np.flatnonzero(~found.helps[rows])
    first = int(failing[-1]) + 1 if len(failing) else 0
    yield from rows[first : first + 1].tolist()


def _smaller_line(household: pa.Table, wish: Wish, now: Offers, today: Terms) -> Iterator[Path]:
    """Borrowing less changes neither decision nor price; what more it leaves is read off the months of the year."""
    smaller_fen = today.limit_fen - SMALLER_BY_FEN
    if today.decision != "offer" or smaller_fen < now.day.minimum_limit_fen:
        return
    move = Move("smaller_line", wish, SMALLER_BY_FEN)
    rows = _candidates(household, [move, move]).households
    year, smaller = year_of(rows, now), replace(now, limit_fen=now.limit_fen - SMALLER_BY_FEN)
    tightest = int(np.argmin(year.left_fen[0]))
    spared = year.due_fen[0] - first_year_due_fen(smaller)[0]
    yield Path(
        move=move,
        certain=True,
        terms=today._replace(limit_fen=smaller_fen),
        saved_fen=None,
        better=("left",),
        same=("decision", "rate", "carried"),
        worse=("line",),
        month=tightest + 1,
        left_more_fen=int(spared[tightest]),
    )


# --- what is told -----------------------------------------------------------------------------------------------------
def _path(found: _Found, row: int) -> Path:
    move, today, terms = found.moves[row], found.today, found.terms(row)
    both = today.decision == terms.decision == "offer"
    compared = [aspect for aspect in found.signs if both or aspect not in ("rate", "line")]
    sign = {aspect: int(found.signs[aspect][row]) for aspect in compared}
    used = today.baseline_limit_fen
    saved = yearly_interest_fen(used, today.rate_bp) - yearly_interest_fen(used, terms.rate_bp)
    return Path(
        move=move,
        certain=move.kind not in ("bureau_authorised", "income_authorised"),
        terms=terms,
        saved_fen=saved if both else None,
        better=tuple(aspect for aspect in compared if sign[aspect] > 0),
        same=tuple(aspect for aspect in compared if sign[aspect] == 0),
        worse=tuple(aspect for aspect in compared if sign[aspect] < 0),
        holds_until_fen=_holds_until_fen(found) if move.kind == "bureau_authorised" else 0,
    )


def _holds_until_fen(found: _Found) -> int:
    """The largest debt up to which every answer of the bureau would help."""
    rows = found.rows("bureau_authorised")
    helping = np.logical_and.accumulate(found.helps[rows])
    return found.moves[int(rows[helping][-1])].amount


def _order(path: Path) -> tuple[bool, int, int]:
    return "decision" not in path.better, -(path.saved_fen or 0), -path.terms.limit_fen


def _terms(offers: Offers, row: int) -> Terms:
    offered = bool(offers.offered[row])
    return Terms(
        decision=DECISIONS[offers.decision[row]],
        baseline_limit_fen=int(offers.baseline_limit_fen[row]),
        limit_fen=int(offers.limit_fen[row]),
        base_rate_bp=int(offers.base_rate_bp[row]),
        rate_bp=int(offers.rate_bp[row]),
        all_in_annual_cost_bp=int(offers.all_in_annual_cost_bp[row]) if offered else 0,
        term_months=int(offers.term_months[row]) if offered else 0,
        purpose=offers.day.purposes[offers.purpose[row]].code,
        carried_fen=int(offers.affordability_fen[row]),
    )
