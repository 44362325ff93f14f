"""What an offer costs in yuan a year, in three lines: without joining, with today's grade, with the next grade.

The comparison needs one amount. It is the line the bank offers without any grade: the larger line a grade may open is
money to be borrowed, not money saved. The interest is that of this amount owed for a whole year; who uses less, or
repays on the way, pays less and saves less, in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.policy import GRADES
from models.terms_errors import Words

Int = NDArray[np.int64]
Amount = TypeVar("Amount", int, Int)

YEARLY_COST_METHOD: Final = "simple_interest_on_the_line_without_grade_owed_for_a_whole_year"
"""interest = line x yearly rate, half up to the fen; nothing is repaid within the year, no fee is charged."""

YEARLY_COST_WORDS: Final = Words(
    "按不加入时的额度用满一整年、中途不还本金计算。用得少、还得早，利息和节省都按比例减少。",
    "Counted as if the line without joining were owed for a whole year. Who uses less or repays earlier pays less "
    "and saves less, in proportion.",
)
WORTH_TELLING_FEN: Final = 10_000
"""A hundred yuan a year: whoever is promised less is told so."""


class GradeTerms(NamedTuple):
    """What one household is offered at one grade; all 0 where it gets no offer."""

    grade: str
    limit_fen: int
    rate_bp: int
    all_in_annual_cost_bp: int


@dataclass(frozen=True)
class GradeLine:
    """What one grade means to a household in yuan a year.

    Attributes:
        grade: none, A, AA or AAA.
        limit_fen: the line that may be asked for.
        rate_bp: yearly rate; as many yuan does 10,000 yuan cost in a year.
        all_in_annual_cost_bp: the same with interest on interest, by `annual_cost.ALL_IN_COST_METHOD`.
        used_fen: the amount compared, the same at every grade.
        interest_fen: what it costs in a year at this rate.
        saved_fen: what that is less than without joining, never below 0.
        more_line_fen: by how much the line is larger than without joining, never below 0.
    """

    grade: str
    limit_fen: int
    rate_bp: int
    all_in_annual_cost_bp: int
    used_fen: int
    interest_fen: int
    saved_fen: int
    more_line_fen: int

    @property
    def saves_little(self) -> bool:
        """Whether it saves less than a hundred yuan a year."""
        return self.saved_fen < WORTH_TELLING_FEN


@dataclass(frozen=True)
class ThreeLines:
    """One household's terms without joining, with today's grade, and with the next one; None at the top."""

    without_joining: GradeLine
    with_todays_grade: GradeLine
    with_next_grade: GradeLine | None


def yearly_interest_fen(owed_fen: Amount, rate_bp: Amount) -> Amount:
    """Return the interest of a whole year on an amount that stays owed, half up to the fen."""
    return (owed_fen * rate_bp * 2 + 10_000) // 20_000


def next_grade(grade: str) -> str | None:
    """Return the grade above, None at the top."""
    above = GRADES.index(grade) + 1
    return GRADES[above] if above < len(GRADES) else None


def grade_lines(by_grade: Sequence[GradeTerms]) -> tuple[GradeLine, ...]:
    """Tell what every grade means to one household, in the order of `GRADES`; nothing without an offer.

    Without an offer no grade is worth anything: the bank's own data decide, and the index changes none of it.
    """
    return tuple(_line(one, by_grade[0]) for one in by_grade)


def three_lines(by_grade: Sequence[GradeTerms], grade: str) -> ThreeLines | None:
    """Tell one household's terms without joining, with today's grade and with the next; None without an offer."""
    lines = {line.grade: line for line in grade_lines(by_grade)}
    if not lines:
        return None
    return ThreeLines(lines["none"], lines[grade], lines.get(next_grade(grade) or ""))


def _line(terms: GradeTerms, without: GradeTerms) -> GradeLine:
    used = without.limit_fen
    interest = yearly_interest_fen(used, terms.rate_bp)
    return GradeLine(
        **terms._asdict(),
        used_fen=used,
        interest_fen=interest,
        saved_fen=yearly_interest_fen(used, without.rate_bp) - interest,
        more_line_fen=terms.limit_fen - without.limit_fen,
    )
