"""The cheapest ways to a grade on each of several days: options per indicator are rescored, then combined.

The space searched. Units of a kind that repeats are interchangeable but for the day: those that bring most on the day
asked about are taken first, those that bring nothing never. Every number of them is tried with every set of mendings
(at most `MOST_MENDINGS`) of the same indicators. What different indicators bring adds up below the dimensions' bounds,
so the best combinations are found without trying all; what is returned is evaluated once more as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, combinations, product
from typing import Any, Final, TypeVar

import numpy as np

from scoring.columns import AnyInts, Whole
from scoring.dated import date_of
from scoring.evaluation import Evaluation, evaluated
from scoring.folding import Folded, fold
from scoring.recourse_actions import Choice
from scoring.recourse_frames import Action, Copies
from scoring.recourse_fronts import Front, added, bounded, front
from scoring.rulebook import Rulebook

MOST_MENDINGS: Final = 6
MOST_CANDIDATES: Final = 8
"""Combinations of rising effort that are rescored per day; the first that reaches the grade is the answer."""

Plan = tuple[Action, ...]
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Found:
    """The least effort with which the grade is reached on a day."""

    day: int
    effort_milli: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class Rescored:
    """Many plans of one person, each in a copy of his history."""

    folded: Folded
    place: dict[Plan, int]

    def on(self, day: int) -> Evaluation:
        """Their evaluation on a day; empty if the person then has no index."""
        as_of = date_of(day)
        if as_of is None:
            raise ValueError(day)
        return evaluated(self.folded, as_of)


@dataclass(frozen=True, slots=True)
class Field:
    """Blocks of choices that no other field's choices can touch.

    Attributes:
        blocks: choices that touch common indicators.
        dimensions: numbers of the dimensions touched, ascending.
    """

    blocks: tuple[list[Choice], ...]
    dimensions: tuple[int, ...]


class Search:
    """Rescoring of one person's possible plans under one edition."""

    def __init__(self, rulebook: Rulebook, copies: Copies, known_position: int, choices: Sequence[Choice]) -> None:
        self._rulebook = rulebook
        self._copies = copies
        self._position = known_position
        self._numbers = {each.indicator: number for number, (_, each) in enumerate(rulebook.indicators)}
        order = {each.dimension: number for number, each in enumerate(rulebook.dimensions)}
        self._home = np.array([order[dimension.dimension] for dimension, _ in rulebook.indicators])
        self._lowest = np.array([each.lowest_milli for each in rulebook.dimensions], np.int64)
        self._highest = np.array([each.highest_milli for each in rulebook.dimensions], np.int64)
        self._fields = _fields(choices, dict(zip(self._numbers, self._home.tolist(), strict=True)))
        self._blocks = [block for field in self._fields for block in field.blocks]

    def rescored(self, plans: Sequence[Plan]) -> Rescored:
        """The plans in copies of the person's history, each once."""
        place = {plan: number for number, plan in enumerate(dict.fromkeys(plans))}
        frames = self._copies.with_actions(list(place))
        return Rescored(fold(self._rulebook, frames, self._position), place)

    def cheapest(self, days: Sequence[int], from_milli: int) -> Iterator[Found]:
        """The least effort for each day on which the index can be brought to so many points, in the order of days."""
        options = self._options(days)
        rescored = self.rescored([(), *chain.from_iterable(plans for of in options.values() for plans in of)])
        candidates = {day: self._candidates(rescored, day, options[day], from_milli) for day in days}
        final = self.rescored([(), *chain.from_iterable(candidates.values())])
        for day in days:
            persons = final.on(day).persons
            reaching = [
                plan
                for plan in candidates[day]
                if len(persons) and persons.index_milli[final.place[plan]] >= from_milli
            ]
            if reaching:
                yield Found(day, effort_of(reaching[0]), reaching[0])

    # --- options of a block -------------------------------------------------------------------------------------------
    def _options(self, days: Sequence[int]) -> dict[int, list[list[Plan]]]:
        """For every day and block of indicators the plans to be tried."""
        singles = self.rescored(
            [(), *((action,) for block in self._blocks for choice in block for action in choice.actions)]
        )
        sums = {day: self._sums(singles.on(day)) for day in days}
        return {day: [self._tried(block, singles, sums[day], day) for block in self._blocks] for day in days}

    def _tried(self, block: Sequence[Choice], singles: Rescored, sums: Whole, day: int) -> list[Plan]:
        if not len(sums):
            return []
        ways = [self._ways(choice, singles, sums, day) for choice in block]
        return [tuple(chain.from_iterable(parts)) for parts in product(*ways)]

    def _ways(self, choice: Choice, singles: Rescored, sums: Whole, day: int) -> list[Plan]:
        """Nothing, the best unit, the two best and so on; or every set of mendings."""
        own = [self._numbers[indicator] for indicator in choice.indicators]
        worth = {
            action: int((sums[singles.place[action,]] - sums[singles.place[()]])[own].sum())
            for action in choice.actions
            if action.day <= day
        }
        best = sorted(worth, key=lambda action: (-worth[action], action.day, action.about_event_id))
        if choice.apart:
            chosen = best[:MOST_MENDINGS]
            return [plan for size in range(len(chosen) + 1) for plan in combinations(chosen, size)]
        useful = [action for action in best if worth[action] > 0]
        return [tuple(useful[:size]) for size in range(len(useful) + 1)]

    def _sums(self, evaluation: Evaluation) -> Whole:
        """Points of every indicator, caps of indicators included, int64 [plans, indicators]."""
        ledger, size = evaluation.ledger, len(self._numbers)
        number = np.array([self._numbers.get(name, -1) for name in ledger.indicator.names], np.int64)
        indicator = number[ledger.indicator.codes]
        person = np.repeat(np.arange(len(evaluation.persons)), np.diff(evaluation.first_row))
        sums = np.zeros((len(evaluation.persons), size), np.int64)
        here = indicator >= 0
        np.add.at(sums, (person[here], indicator[here]), ledger.points_milli[here])
        return sums

    # --- combinations of blocks ---------------------------------------------------------------------------------------
    def _candidates(self, rescored: Rescored, day: int, options: list[list[Plan]], from_milli: int) -> list[Plan]:
        """Plans of rising effort whose sums come near enough: within one rounding step of the grade."""
        sums = self._sums(rescored.on(day))
        if not len(sums):
            return []
        best = self._combined(options, rescored, sums)
        edition = self._rulebook.edition
        near = edition.base_milli + best.points_milli[:, 0] >= from_milli - edition.rounding_milli
        picks = best.picks[near][:MOST_CANDIDATES].tolist()
        return [tuple(chain.from_iterable(map(list.__getitem__, options, row))) for row in picks]

    def _combined(self, options: list[list[Plan]], rescored: Rescored, sums: Whole) -> Front:
        """All blocks together: field by field, each dimension within its bounds, then their sums."""
        start = self._by_dimension(sums[rescored.place[()]][None, :])[0]
        still = np.setdiff1d(np.arange(len(start)), [number for field in self._fields for number in field.dimensions])
        fixed = np.clip(start[still], self._lowest[still], self._highest[still]).sum()
        total = Front(np.zeros(1, np.int64), np.array([[fixed]]), np.empty((1, 0), np.int64))
        plans = iter(options)
        for field in self._fields:
            own = np.array(field.dimensions)
            fronts = [self._front(next(plans), rescored, sums, own) for _ in field.blocks]
            whole = bounded(reduce(added, fronts), start[own], self._lowest[own], self._highest[own])
            total = added(total, whole)
        return total

    def _front(self, plans: list[Plan], rescored: Rescored, sums: Whole, dimensions: AnyInts) -> Front:
        """What the plans of one block bring to these dimensions."""
        effort = np.array([effort_of(plan) for plan in plans], np.int64)
        gains = sums[[rescored.place[plan] for plan in plans]] - sums[rescored.place[()]]
        return front(effort, self._by_dimension(gains)[:, dimensions])

    def _by_dimension(self, sums: Whole) -> Whole:
        """Sums of indicators as sums of dimensions, int64 [rows, dimensions]."""
        return np.asarray(sums @ (self._home[:, None] == np.arange(len(self._lowest))))


def effort_of(plan: Iterable[Action]) -> int:
    """Thousandths of an hour."""
    return sum(action.effort_milli for action in plan)


def _fields(choices: Sequence[Choice], home: Mapping[str, int]) -> list[Field]:
    """Choices that touch a common indicator together, and those that touch a common dimension."""
    blocks = _together([(choice, choice.indicators) for choice in choices])
    touched = [frozenset(home[each] for choice in block for each in choice.indicators) for block in blocks]
    fields = _together(list(zip(blocks, touched, strict=True)))
    return [
        Field(
            tuple(field),
            tuple(sorted({home[each] for block in field for choice in block for each in choice.indicators})),
        )
        for field in fields
    ]


def _together(things: Sequence[tuple[Thing, frozenset[Any]]]) -> list[list[Thing]]:
    """Things in groups that share nothing with each other, in the order of their first members."""
    groups: list[tuple[list[Thing], frozenset[Any]]] = []
    for thing, marks in things:
        sharing = [group for group in groups if group[1] & marks]
        apart = [group for group in groups if not group[1] & marks]
        merged = [member for group, _ in sharing for member in group]
        groups = [*apart, ([*merged, thing], marks.union(*(of for _, of in sharing)))]
    order = {id(thing): number for number, (thing, _) in enumerate(things)}
    return sorted((group for group, _ in groups), key=lambda group: order[id(group[0])])
