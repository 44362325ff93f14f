"""Nobody is shut out: people who cannot attend, donate or be well reach the promised grades in time, by `evaluated`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scoring.cases import WHOM, WrittenCase
from scoring.dated import date_of
from scoring.evaluation import evaluated
from scoring.folding import Folded, fold
from scoring.rulebook import Months, Name, Rulebook, Sentence, Strict, Text
from scoring.written_history import FAR, Writing, months_after


class Promise(Strict):
    """A grade everybody can reach within so many months of enrolling."""

    grade: Text
    within_months: Months


class Archetype(WrittenCase):
    """One of the people the promise is about, as a written history of person 1."""

    archetype: Text
    name: Name
    why: Sentence

    @property
    def enrolled_from(self) -> dt.date:
        """The day the months are counted from."""
        return next(person.enrolled_from for person in self.persons if person.person_id == WHOM)


class Archetypes(Strict):
    """What `archetypes.yaml` holds."""

    promises: tuple[Promise, ...] = Field(min_length=1)
    only_by: tuple[Text, ...]
    archetypes: tuple[Archetype, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _only_what_everybody_can_do(self) -> Self:
        for each in self.archetypes:
            for event in each.events:
                if event.type not in self.only_by:
                    raise PydanticCustomError(
                        "only_by",
                        "{archetype}: {event_type} 不是人人能做 / is not for everybody",
                        {"archetype": each.archetype, "event_type": event.type, "remedy": "use a kind of only_by"},
                    )
        return self


@dataclass(frozen=True, slots=True)
class Standing:
    """Person 1's index from a day on."""

    on: dt.date
    index_milli: int
    grade: str


@dataclass(frozen=True, slots=True)
class Reached:
    """When somebody reaches a promised grade.

    Attributes:
        month: the month after enrolment in which it is reached, 1 for the first; None if it is not.
        best_milli: the highest index within the promised time.
    """

    promise: Promise
    on: dt.date | None
    month: int | None
    best_milli: int

    @property
    def in_time(self) -> bool:
        """Whether the promise is kept."""
        return self.month is not None and self.month <= self.promise.within_months


@dataclass(frozen=True, slots=True)
class ArchetypePath:
    """One archetype's way up under an edition."""

    archetype: Archetype
    standings: tuple[Standing, ...]
    reached: tuple[Reached, ...]


def archetype_paths(archetypes: Archetypes, rulebook: Rulebook) -> tuple[ArchetypePath, ...]:
    """When each archetype reaches each promised grade."""
    return tuple(_path(each, archetypes.promises, rulebook) for each in archetypes.archetypes)


def _path(archetype: Archetype, promises: tuple[Promise, ...], rulebook: Rulebook) -> ArchetypePath:
    begins = archetype.enrolled_from
    folded = fold(rulebook, archetype.history(Writing.of(rulebook)).frames(), FAR)
    until = months_after(begins, max(promise.within_months for promise in promises))
    standings = tuple(standings_from(folded, begins, until))
    return ArchetypePath(archetype, standings, tuple(_reached(each, begins, standings, rulebook) for each in promises))


def _reached(promise: Promise, begins: dt.date, standings: tuple[Standing, ...], rulebook: Rulebook) -> Reached:
    enough = [grade.from_milli for grade in rulebook.edition.grades if grade.grade == promise.grade]
    on = next((each.on for each in standings if enough and each.index_milli >= enough[0]), None)
    until = months_after(begins, promise.within_months)
    best = max(each.index_milli for each in standings if each.on <= until)
    return Reached(promise, on, None if on is None else month_of(begins, on), best)


def month_of(begins: dt.date, day: dt.date) -> int:
    """The month after `begins` the day lies in; the anniversary itself still belongs to the month it ends."""
    months = 1
    while months_after(begins, months) < day:
        months += 1
    return months


def standings_from(folded: Folded, begins: dt.date, until: dt.date) -> Iterator[Standing]:
    """Person 1's index on the first day and after every change, up to and including the last day."""
    day: dt.date | None = begins
    while day is not None and day <= until:
        evaluation = evaluated(folded, day)
        row = np.flatnonzero(evaluation.persons.person_id == WHOM)
        if not len(row):
            return
        grade = evaluation.persons.grade
        yield Standing(day, int(evaluation.persons.index_milli[row[0]]), grade.names[grade.codes[row[0]]])
        day = date_of(int(evaluation.persons.next_change_on[row[0]]))
