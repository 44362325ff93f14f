"""The choice as a problem: what each bonus and discount is worth in each risk band and grade, and what must hold.

Nothing here knows households: `experiments.optimise_policy.cells` sums them up into these tables. Baseline limits and
prices enter as numbers; there is no variable for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from experiments.simulation.arrays import Flags, Floats, Ints
from models.policy import GRADES

BONUS_GRADES: Final = GRADES[1:]
"""Grades that may carry a bonus, lowest first."""


@dataclass(frozen=True, eq=False, slots=True)
class Amounts:
    """What each choice adds to one sum.

    Attributes:
        chosen: Of each choice (bands, grades, bonuses, discounts).
        without: What households without a bonus grade add: no choice changes it.
    """

    chosen: Floats
    without: float

    def of(self, choice: "Choice") -> float:
        """The whole sum under a choice."""
        return self.without + choice.total(self.chosen)


@dataclass(frozen=True, eq=False, slots=True)
class Limit:
    """One limit on a sum, or on one sum per another.

    Attributes:
        name: For people, Chinese and English, with the unit.
        amounts: The sum.
        bound: What it may reach.
        sense: Whether it has to stay at most, or reach at least, the bound.
        per: Where given, the bound is on the sum per this other one.
        remedy: What to change when it cannot be met, Chinese and English.
    """

    name: str
    amounts: Amounts
    bound: float
    sense: Literal["at_most", "at_least"]
    remedy: tuple[str, str]
    per: Amounts | None = None

    def row(self) -> tuple[Floats, float]:
        """The limit as `coefficients x choice <= highest`, in units of its own size."""
        sign = 1.0 if self.sense == "at_most" else -1.0
        if self.per is None:
            unit = max(abs(self.bound), 1.0)
            return sign * self.amounts.chosen / unit, sign * (self.bound - self.amounts.without) / unit
        unit = max(abs(self.bound) * float(self.per.without + self.per.chosen[:, :, 0, 0].sum()), 1e-9)
        chosen = self.amounts.chosen - self.bound * self.per.chosen
        return sign * chosen / unit, sign * (self.bound * self.per.without - self.amounts.without) / unit

    def reached(self, choice: "Choice") -> float:
        """What a choice reaches, in the unit of the bound."""
        return self.amounts.of(choice) / (self.per.of(choice) if self.per else 1.0)

    def excess(self, choice: "Choice") -> float:
        """By how much of its own size a choice breaks it; 0 or less where it is kept."""
        coefficients, highest = self.row()
        return choice.total(coefficients) - highest


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """Everything the solver is told.

    Attributes:
        bands: Codes of the lending bands, safest first.
        multiple_milli: Baseline income multiple of each band: an input (bands).
        spread_bp: Baseline spread of each band: an input (bands).
        limit_bonus_milli: The menu of bonuses, rising from 0 (bonuses).
        rate_discount_bp: The menu of discounts, rising from 0 (discounts).
        allowed: Which discounts a band may have at all, as its price may fall below cost (bands, discounts).
        most_brackets: Most groups of neighbouring bands with terms of their own.
        least_grade_steps: Steps of bonus and discount together that a grade must have above the grade below.
        worth: What each choice adds to the objective (bands, grades, bonuses, discounts).
        limits: What must be kept.
    """

    bands: tuple[str, ...]
    multiple_milli: Ints
    spread_bp: Ints
    limit_bonus_milli: Ints
    rate_discount_bp: Ints
    allowed: Flags
    most_brackets: int
    least_grade_steps: int
    worth: Floats
    limits: tuple[Limit, ...]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Bands, grades, bonuses, discounts."""
        bands, grades, bonuses, discounts = self.worth.shape
        return bands, grades, bonuses, discounts


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """The bonus terms chosen: positions in the menus, by band and grade.

    Attributes:
        bonus: Position in `limit_bonus_milli` (bands, grades).
        discount: Position in `rate_discount_bp` (bands, grades).
    """

    bonus: Ints
    discount: Ints

    def total(self, amounts: Floats) -> float:
        """Sum the amounts of the chosen cells."""
        band, grade = np.indices(self.bonus.shape)
        return float(amounts[band, grade, self.bonus, self.discount].sum())

    def brackets(self) -> list[range]:
        """Groups of neighbouring bands with equal terms, as ranges of positions."""
        terms = np.concatenate([self.bonus, self.discount], axis=1)
        breaks = [0, *(np.flatnonzero((terms[1:] != terms[:-1]).any(axis=1)) + 1).tolist(), len(terms)]
        return [range(first, end) for first, end in pairwise(breaks)]


def is_ordered(problem: Problem, choice: Choice) -> bool:
    """Whether a choice keeps order by grade and by band, what is allowed, and the number of brackets.

    The same rules as `models.policy_checks`: by grade bonus and discount never fall; from a safer to a riskier band the
    whole multiple never rises and the rate never falls.
    """
    milli, off_bp = problem.limit_bonus_milli[choice.bonus], problem.rate_discount_bp[choice.discount]
    multiple = problem.multiple_milli[:, None] * (1000 + milli)
    rate = problem.spread_bp[:, None] - off_bp
    by_grade = (np.diff(milli, axis=1) >= 0).all() and (np.diff(off_bp, axis=1) >= 0).all()
    by_grade &= (np.diff(choice.bonus + choice.discount, axis=1) >= problem.least_grade_steps).all()
    by_band = (np.diff(multiple, axis=0) <= 0).all() and (np.diff(rate, axis=0) >= 0).all()
    allowed = problem.allowed[np.arange(len(problem.bands))[:, None], choice.discount].all()
    return bool(by_grade and by_band and allowed and len(choice.brackets()) <= problem.most_brackets)


def needed_in_safer(problem: Problem, band: int) -> tuple[Sequence[int], Sequence[int]]:
    """For each bonus, and each discount, of band + 1: the least position that the safer band must have beside it.

    A position equal to the menu's length says that nothing on it is enough.
    """
    multiples = problem.multiple_milli[band] * (1000 + problem.limit_bonus_milli)
    riskier = problem.multiple_milli[band + 1] * (1000 + problem.limit_bonus_milli)
    off = problem.rate_discount_bp - (problem.spread_bp[band + 1] - problem.spread_bp[band])
    bonuses: list[int] = np.searchsorted(multiples, riskier, side="left").tolist()
    discounts: list[int] = np.searchsorted(problem.rate_discount_bp, off, side="left").tolist()
    return bonuses, discounts


def choices(problem: Problem) -> Iterator[Choice]:
    """Every ordered choice, by brute force: only for menus of a few items."""
    bands, grades, bonuses, discounts = problem.shape
    cells = bands * grades
    for code in np.ndindex(*(bonuses,) * cells, *(discounts,) * cells):
        halves = np.array(code, dtype=np.int64).reshape(2, bands, grades)
        choice = Choice(halves[0], halves[1])
        if is_ordered(problem, choice):
            yield choice
