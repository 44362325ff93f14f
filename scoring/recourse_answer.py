"""What a person is told about reaching a grade: plans, what waiting does, what cannot help, what is lost next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from scoring.rulebook import Name, Sentence


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
        on: the first day on which the steps are done and the target is reached.
        holds_until: the first later day within the horizon on which it is lost again if nothing further is done.
        index_milli, grade: evaluated on that day with the steps as events.
        waiting_milli: the index on that day if the person does nothing.
        effort_milli: thousandths of an hour; 0 if waiting is enough.
    """

    on: dt.date
    holds_until: dt.date | None
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
        plans: soonest first; each later one takes less effort than the one before, or begins when that no longer holds.
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
