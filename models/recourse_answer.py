"""What a household is told about a bank-side step: what is done, the terms then, what gets better, stays or worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from models.yearly_cost import WORTH_TELLING_FEN

Kind = Literal[
    "wait",
    "debt_repaid",
    "longer_term",
    "other_purpose",
    "smaller_line",
    "bureau_authorised",
    "income_authorised",
    "arrears_lapsed",
]
Aspect = Literal["decision", "rate", "line", "carried", "left"]
"""What a step may change: the decision, the yearly rate, the line, the largest line the tightest months carry, and what
is left in the tightest month of a stressed year with the line drawn in full."""


class Wish(NamedTuple):
    """What the household would ask for; None takes what the bank offers: the sector's purpose, the longest term."""

    purpose: str | None = None
    term_months: int | None = None


NO_WISH: Final = Wish()


class Terms(NamedTuple):
    """One quoted row, money in fen; amounts are 0 where there is no offer, `carried_fen` is known in any case."""

    decision: str
    baseline_limit_fen: int
    limit_fen: int
    base_rate_bp: int
    rate_bp: int
    all_in_annual_cost_bp: int
    term_months: int
    purpose: str
    carried_fen: int


@dataclass(frozen=True)
class Move:
    """One candidate: what differs from today, and the number the step is told by.

    Attributes:
        kind: what is done.
        amount: fen repaid or not borrowed, months of the term, months waited at most, fen of debt or income found;
            else 0.
        changes: columns of the household's row that would hold another value.
        wish: what would be asked for.
    """

    kind: Kind
    wish: Wish
    amount: int = 0
    changes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Path:
    """A step with the terms it leads to, as quoted.

    Attributes:
        move: what is done.
        certain: whether the terms follow from what the bank knows. Where they hang on what it would be shown, they are
            those of the best answer (no debts) or of the least that helps (an income), and `holds_until_fen` says up
            to which debt found they would still be better and in nothing worse.
        terms: the terms then.
        saved_fen: interest saved in a year on today's line without joining; None without an offer today or then, and
            for a smaller line, which saves nothing on today's.
        better: what it betters.
        same: what stays.
        worse: what it makes worse.
        holds_until_fen: see `certain`; 0 otherwise.
        month: the tightest month where something more is left in it; 0 otherwise.
        left_more_fen: what more is left in that month.
    """

    move: Move
    certain: bool
    terms: Terms
    saved_fen: int | None
    better: tuple[Aspect, ...]
    same: tuple[Aspect, ...]
    worse: tuple[Aspect, ...]
    holds_until_fen: int = 0
    month: int = 0
    left_more_fen: int = 0

    @property
    def worth_little(self) -> bool:
        """Whether it saves less than a hundred yuan a year where there is an offer today."""
        return self.saved_fen is not None and self.saved_fen < WORTH_TELLING_FEN


@dataclass(frozen=True)
class BankRecourse:
    """What a household can do at its bank.

    Attributes:
        today: its terms as they are.
        paths: waiting first, which needs nothing; then what changes the decision, then what saves most.
        longest_term: whether the term asked for is the longest the bank gives for this purpose.
    """

    today: Terms
    paths: tuple[Path, ...]
    longest_term: bool
