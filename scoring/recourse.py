"""What would bring a person to the next grade: the cheapest real steps, exact because every plan was rescored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Final

import numpy as np

from scoring.dated import add_months, date_of, day_number
from scoring.errors import PersonWithoutIndexError, ScoringError
from scoring.evaluation import Evaluation, evaluate, evaluated
from scoring.folding import fold
from scoring.frames import HistoryFrames
from scoring.recourse_actions import Choice, doing, mending, month_ends
from scoring.recourse_answer import Blocked, Fall, Plan, Recourse, Step
from scoring.recourse_frames import Copies, own_frames, with_actions
from scoring.recourse_loader import load_steps
from scoring.recourse_search import Found, Rescored, Search, effort_of
from scoring.recourse_search import Plan as Actions
from scoring.recourse_steps import WAITING, Doing, Steps
from scoring.rulebook import Grade, Rulebook


class UnknownStepError(ScoringError):
    """A kind of step nobody described."""


class UnknownGradeError(ScoringError):
    """A grade the edition does not have."""


MOST_FALLS: Final = 24
"""Coming losses before which a plan is looked for."""


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
    Least effort is proved within the space that `recourse_search` describes, for the last day of every month within the
    horizon, every day a mending can fall on, and the last day before each of the `MOST_FALLS` largest losses that
    waiting brings; between two losses nothing gets harder. A plan found for such a day names the first day on which its
    steps are done and the grade is reached, and until when that lasts.

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
            plans=() if reached or aim is None else self._plans(choices, aim.from_milli, waiting_on),
            blocked=tuple(blocked),
            falls=tuple(self._falls()) if reached else (),
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
    def _plans(self, choices: list[Choice], from_milli: int, waiting_on: dt.date | None) -> tuple[Plan, ...]:
        """Soonest first; each later plan takes less effort, or begins when the one before no longer holds."""
        copies = Copies(self._frames, self._person_id, self._position)
        search = Search(self._rulebook, copies, self._position, choices)
        last = self._until if waiting_on is None else day_number(waiting_on) - 1
        plans: list[Plan] = []
        for found in (
            search.cheapest([day for day in self._days(choices) if day <= last], from_milli) if choices else ()
        ):
            if not plans or found.effort_milli < plans[-1].effort_milli or _gone(plans[-1], found.day):
                plans.append(self._told(search, found, from_milli))
        if waiting_on is not None:
            plans.append(self._told(search, Found(day_number(waiting_on), 0, ()), from_milli))
        return _not_outdone(plans)

    def _days(self, choices: list[Choice]) -> list[int]:
        """Days worth a search: ends of months, days of single mendings, and last days before points are lost."""
        ends = month_ends(self._today, self._until).tolist()
        single = [action.day for choice in choices if choice.apart for action in choice.actions]
        falls = sorted(self._falls(), key=lambda fall: (-fall.lost_milli, fall.on))[:MOST_FALLS]
        before = [day_number(fall.on) - 1 for fall in falls]
        return sorted({*ends, *single, *(day for day in before if day > self._today)})

    def _told(self, search: Search, found: Found, from_milli: int) -> Plan:
        """The plan on the first day it holds, verified against the person's own frames, told step by step."""
        groups = self._groups(found.plan)
        prefixes: list[Actions] = [
            tuple(action for group in groups[:size] for action in group) for size in range(len(groups) + 1)
        ]
        rescored = search.rescored(prefixes)
        standing = self._first_reached(rescored, found, from_milli)
        along, day = standing.persons.index_milli, day_number(standing.as_of)
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
        return Plan(
            on=_date(day),
            holds_until=self._lost_again(rescored, standing, from_milli),
            index_milli=index_milli,
            grade=grade,
            waiting_milli=int(along[0]),
            effort_milli=effort_of(found.plan),
            steps=tuple(told),
        )

    def _lost_again(self, rescored: Rescored, standing: Evaluation, from_milli: int) -> dt.date | None:
        while len(standing.persons) and standing.persons.index_milli[-1] >= from_milli:
            day = int(standing.persons.next_change_on[-1])
            if day > self._until:
                return None
            standing = rescored.on(day)
        return standing.as_of

    def _first_reached(self, rescored: Rescored, found: Found, from_milli: int) -> Evaluation:
        """All prefixes of a plan on the first day on which its steps are done and the grade is reached."""
        standing = rescored.on(max((action.day for action in found.plan), default=found.day))
        while standing.persons.index_milli[-1] < from_milli:
            standing = rescored.on(min(int(standing.persons.next_change_on[-1]), found.day))
        return standing

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
    @cached_property
    def _changes(self) -> tuple[tuple[dt.date, int, str], ...]:
        """Every coming day on which something may change if nothing is done, with index and grade."""
        return tuple(self._walked())

    def _walked(self) -> Iterator[tuple[dt.date, int, str]]:
        standing = self._standing
        while len(standing.persons):
            day = int(standing.persons.next_change_on[0])
            if day > self._until:
                return
            standing = evaluated(self._folded, _date(day))
            if len(standing.persons):
                yield (_date(day), *_index_of(standing))

    def _waiting_reaches(self, from_milli: int) -> dt.date | None:
        return next((on for on, index_milli, _ in self._changes if index_milli >= from_milli), None)

    def _falls(self) -> Iterator[Fall]:
        before, _ = _index_of(self._standing)
        for on, now, grade in self._changes:
            if now < before:
                yield Fall(on, now, grade, before - now)
            before = now


def _gone(plan: Plan, day: int) -> bool:
    return plan.holds_until is not None and day_number(plan.holds_until) <= day


def _not_outdone(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """Plans by their days, without those that begin no sooner, cost no less and hold no longer than another."""
    kept: list[Plan] = []
    for plan in sorted(plans, key=lambda each: (each.on, each.effort_milli)):
        if not any(other.effort_milli <= plan.effort_milli and _holds(other) >= _holds(plan) for other in kept):
            kept.append(plan)
    return tuple(kept)


def _holds(plan: Plan) -> dt.date:
    return plan.holds_until or dt.date.max


def _index_of(evaluation: Evaluation) -> tuple[int, str]:
    persons = evaluation.persons
    return int(persons.index_milli[0]), persons.grade.names[persons.grade.codes[0]]


def _date(day: int) -> dt.date:
    on = date_of(day)
    if on is None:
        raise ValueError(day)
    return on
