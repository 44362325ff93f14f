"""What would bring a person to the next grade: the cheapest real steps, exact because every plan was rescored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from scoring.dated import add_months, date_of, day_number
from scoring.errors import PersonWithoutIndexError, ScoringError
from scoring.evaluation import Evaluation, evaluate, evaluated
from scoring.folding import fold
from scoring.frames import HistoryFrames
from scoring.recourse_actions import Choice, doing, mending, month_ends
from scoring.recourse_frames import Copies, own_frames, with_actions
from scoring.recourse_loader import load_steps
from scoring.recourse_search import Found, Search, effort_of
from scoring.recourse_search import Plan as Actions
from scoring.recourse_steps import WAITING, Doing, Steps
from scoring.rulebook import Grade, Name, Rulebook, Sentence


class UnknownStepError(ScoringError):
    """A kind of step nobody described."""


class UnknownGradeError(ScoringError):
    """A grade the edition does not have."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a plan: all units of one kind, or one thing mended.

    Attributes:
        count: units.
        amount_milli: their quantity together, thousandths; 0 where nothing is counted.
        first_on, last_on: the days of the first and last unit; each counts from its day, so `first_on` is the earliest
            day any of it can count.
        effort_milli: thousandths of an hour, all units.
        points_milli: what the step adds on the plan's day after the steps before it, caps included; exact.
        about_event_id: the event it ends, else 0.
    """

    kind: str
    name: Name
    count: int
    amount_milli: int
    first_on: dt.date
    last_on: dt.date
    effort_milli: int
    points_milli: int
    about_event_id: int
    evidence: Sentence
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps after which the grade is reached: `waiting_milli + sum(step.points_milli) == index_milli`.

    Attributes:
        on: the first day the target is reached with these steps.
        index_milli, grade: evaluated on that day with the steps as events.
        waiting_milli: the index on that day if the person does nothing.
        effort_milli: thousandths of an hour; 0 if waiting is enough.
    """

    on: dt.date
    index_milli: int
    grade: str
    waiting_milli: int
    effort_milli: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A kind the person named that cannot bring anything.

    Attributes:
        reason: `no_consent` (to the use of `source`), `no_rule` (this edition has none) or `nothing_to_mend`.
    """

    kind: str
    reason: Literal["no_consent", "no_rule", "nothing_to_mend"]
    source: str


@dataclass(frozen=True, slots=True)
class Fall:
    """A coming day on which the index is lower than the day before if nothing is done."""

    on: dt.date
    index_milli: int
    grade: str
    lost_milli: int


@dataclass(frozen=True, slots=True)
class Recourse:
    """What a person can do.

    Attributes:
        target: the grade aimed at; None for somebody at the top.
        missing_milli: points between today's index and the target's threshold.
        waiting_reaches_on: the first day on which doing nothing reaches the target within the horizon.
        plans: soonest first; each later one takes strictly less effort, so the last is the cheapest of all.
        blocked: kinds that were named and cannot help.
        falls: coming losses within the horizon, for somebody at the target already.
    """

    person_id: int
    as_of: dt.date
    edition: str
    grade: str
    index_milli: int
    target: str | None
    missing_milli: int
    horizon_on: dt.date
    waiting_reaches_on: dt.date | None
    plans: tuple[Plan, ...]
    blocked: tuple[Blocked, ...]
    falls: tuple[Fall, ...]


def steps_to(
    rulebook: Rulebook,
    frames: HistoryFrames,
    person_id: int,
    as_of: dt.date,
    known_position: int,
    can_do: Collection[str],
    target: str | None = None,
    steps: Steps | None = None,
) -> Recourse:
    """The cheapest steps from today's ledger to a grade, for the kinds of thing a person says he can do.

    Every plan was verified: its steps were added to the person's frames as events and `evaluate` was called on its day.
    Least effort is proved within the space that `recourse_search` describes, on the last day of every month within the
    horizon and on every day a period's statement or a mending can fall on; a plan found for such a day then names the
    first day on which it already holds.

    Args:
        rulebook: the edition to apply.
        frames: history, of everybody or of the person's surroundings.
        person_id: who asks.
        as_of: today.
        known_position: sealed log position, inclusive.
        can_do: kinds from the steps file; `waiting` is always among them.
        target: a grade of the edition; the next one if not given.
        steps: kinds and efforts; those shipped if not given.

    Raises:
        PersonWithoutIndexError: the person has no index that day.
        UnknownStepError: `can_do` names a kind that is not in the steps file.
        UnknownGradeError: the edition has no such grade.
    """
    steps = steps or load_steps()
    unknown = sorted(set(can_do) - {WAITING, *steps.kinds})
    if unknown:
        raise UnknownStepError(f"没有这种做法 / no such kind of step: {', '.join(unknown)}")
    return _Asking(
        rulebook, own_frames(rulebook, frames, person_id, known_position), person_id, as_of, known_position, steps
    ).answer(can_do, target)


class _Asking:
    """One person's question."""

    def __init__(
        self,
        rulebook: Rulebook,
        frames: HistoryFrames,
        person_id: int,
        as_of: dt.date,
        known_position: int,
        steps: Steps,
    ) -> None:
        self._rulebook = rulebook
        self._frames = frames
        self._person_id = person_id
        self._as_of = as_of
        self._position = known_position
        self._steps = steps
        self._folded = fold(rulebook, frames, known_position)
        self._standing = evaluated(self._folded, as_of)
        if not len(self._standing.persons):
            raise PersonWithoutIndexError(person_id)
        self._today = day_number(as_of)
        self._until = int(add_months(np.array([self._today], np.int32), steps.horizon_months)[0])

    def answer(self, can_do: Collection[str], target: str | None) -> Recourse:
        """Plans to the target, or what is lost next."""
        index_milli, grade = _index_of(self._standing)
        aim = self._aim(index_milli, target)
        choices, blocked = self._choices(can_do)
        reached = aim is None or index_milli >= aim.from_milli
        waiting_on = None if reached or aim is None else self._waiting_reaches(aim.from_milli)
        return Recourse(
            person_id=self._person_id,
            as_of=self._as_of,
            edition=self._rulebook.edition.edition,
            grade=grade,
            index_milli=index_milli,
            target=aim.grade if aim else None,
            missing_milli=0 if reached or aim is None else aim.from_milli - index_milli,
            horizon_on=_date(self._until),
            waiting_reaches_on=waiting_on,
            plans=() if reached or aim is None else _cheaper_later(self._plans(choices, aim.from_milli, waiting_on)),
            blocked=tuple(blocked),
            falls=tuple(self._falls(index_milli)) if reached else (),
        )

    def _aim(self, index_milli: int, target: str | None) -> Grade | None:
        """The grade named, or the one next above; None at the top."""
        grades = self._rulebook.edition.grades
        if target is None:
            return min(
                (each for each in grades if each.from_milli > index_milli),
                key=lambda each: each.from_milli,
                default=None,
            )
        named = [each for each in grades if each.grade == target]
        if not named:
            raise UnknownGradeError(f"没有这个等级 / no such grade: {target}")
        return named[0]

    # --- choices ------------------------------------------------------------------------------------------------------
    def _choices(self, can_do: Collection[str]) -> tuple[list[Choice], list[Blocked]]:
        """What is open to the person, and what is not and why."""
        choices, blocked = [], []
        for kind, step in self._steps.kinds.items():
            if kind not in can_do:
                continue
            if isinstance(step, Doing):
                choice = doing(step, self._rulebook, self._today, self._until)
            else:
                choice = mending(step, self._rulebook, self._standing, self._frames.events, self._until)
            lacking = self._lacking_consent(choice)
            if choice.actions and not lacking:
                choices.append(choice)
            elif lacking:
                blocked.append(Blocked(kind, "no_consent", lacking))
            else:
                blocked.append(Blocked(kind, "no_rule" if isinstance(step, Doing) else "nothing_to_mend", ""))
        return choices, blocked

    def _lacking_consent(self, choice: Choice) -> str:
        """The source whose records may not be used, '' if there is none such."""
        consents = self._frames.source_consents
        live = (consents.from_on <= self._today) & (self._today < consents.until_on)
        names = {consents.source_code.names[code] for code in consents.source_code.codes[live].tolist()} | {"enrolment"}
        wanted = [each.consent_source for _, each in self._rulebook.indicators if each.indicator in choice.indicators]
        lacking = [source for source in wanted if source and source not in names]
        return lacking[0] if len(lacking) == len(wanted) and lacking else ""

    # --- plans --------------------------------------------------------------------------------------------------------
    def _plans(self, choices: list[Choice], from_milli: int, waiting_on: dt.date | None) -> Iterator[Plan]:
        """The soonest plan, then every later one that takes less effort; waiting, which takes none, ends the row."""
        if waiting_on is not None:
            days = [day for day in self._days(choices) if day < day_number(waiting_on)]
        else:
            days = self._days(choices)
        copies = Copies(self._frames, self._person_id, self._position)
        search = Search(self._rulebook, copies, self._position, choices)
        least: int | None = None
        for found in search.cheapest(days, from_milli) if choices else ():
            if least is None or found.effort_milli < least:
                least = found.effort_milli
                yield self._told(search, found, from_milli)
        if waiting_on is not None:
            index_milli, grade = _index_of(evaluated(self._folded, waiting_on))
            yield Plan(waiting_on, index_milli, grade, index_milli, 0, ())

    def _days(self, choices: list[Choice]) -> list[int]:
        """The ends of months, and the days on which single statements and mendings can fall."""
        ends = month_ends(self._today, self._until).tolist()
        single = [action.day for choice in choices if choice.apart for action in choice.actions]
        return sorted({*ends, *single})

    def _told(self, search: Search, found: Found, from_milli: int) -> Plan:
        """The plan on the first day it holds, verified against the person's own frames, told step by step."""
        groups = self._groups(found.plan)
        prefixes: list[Actions] = [
            tuple(action for group in groups[:size] for action in group) for size in range(len(groups) + 1)
        ]
        rescored = search.rescored(prefixes)
        day = next(
            day
            for day in sorted({*(action.day for action in found.plan), found.day})
            if rescored.on(day).persons.index_milli[-1] >= from_milli
        )
        along = rescored.on(day).persons.index_milli
        proof = evaluate(
            self._rulebook,
            with_actions(self._frames, self._person_id, found.plan, self._position),
            _date(day),
            self._position,
        )
        index_milli, grade = _index_of(proof)
        if index_milli != along[-1]:
            raise AssertionError(f"{self._person_id}: {index_milli} != {along[-1]}")
        told = [self._step(group, int(gain)) for group, gain in zip(groups, np.diff(along), strict=True)]
        return Plan(_date(day), index_milli, grade, int(along[0]), effort_of(found.plan), tuple(told))

    def _groups(self, plan: Actions) -> list[Actions]:
        """Units of one kind together, each thing mended by itself; in the order of their first days."""
        order = list(self._steps.kinds)
        units = sorted(plan, key=lambda each: (order.index(each.kind), each.about_event_id, each.day))
        groups = [tuple(group) for _, group in groupby(units, key=lambda each: (each.kind, each.about_event_id))]
        return sorted(groups, key=lambda group: group[0].day)

    def _step(self, group: Actions, points_milli: int) -> Step:
        step = self._steps.kinds[group[0].kind]
        return Step(
            kind=step.kind,
            name=step.name,
            count=len(group),
            amount_milli=sum(action.quantity_milli for action in group),
            first_on=_date(group[0].day),
            last_on=_date(group[-1].day),
            effort_milli=effort_of(group),
            points_milli=points_milli,
            about_event_id=group[0].about_event_id,
            evidence=step.evidence,
            sentence=step.told(len(group)) if isinstance(step, Doing) else step.sentence,
        )

    # --- waiting ------------------------------------------------------------------------------------------------------
    def _changes(self) -> Iterator[tuple[dt.date, int, str]]:
        """Every coming day on which something may change if nothing is done, with index and grade."""
        standing = self._standing
        while len(standing.persons):
            day = int(standing.persons.next_change_on[0])
            if day > self._until:
                return
            standing = evaluated(self._folded, _date(day))
            if len(standing.persons):
                yield (_date(day), *_index_of(standing))

    def _waiting_reaches(self, from_milli: int) -> dt.date | None:
        return next((on for on, index_milli, _ in self._changes() if index_milli >= from_milli), None)

    def _falls(self, index_milli: int) -> Iterator[Fall]:
        before = index_milli
        for on, now, grade in self._changes():
            if now < before:
                yield Fall(on, now, grade, before - now)
            before = now


def _cheaper_later(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """Soonest first, without plans that cost no less than an earlier one."""
    kept: list[Plan] = []
    for plan in sorted(plans, key=lambda each: (each.on, each.effort_milli)):
        if not kept or plan.effort_milli < kept[-1].effort_milli:
            kept.append(plan)
    return tuple(kept)


def _index_of(evaluation: Evaluation) -> tuple[int, str]:
    persons = evaluation.persons
    return int(persons.index_milli[0]), persons.grade.names[persons.grade.codes[0]]


def _date(day: int) -> dt.date:
    on = date_of(day)
    if on is None:
        raise ValueError(day)
    return on
