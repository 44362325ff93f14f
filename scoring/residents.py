"""Who may have a civility index: everybody ever enrolled, and on which days each of them has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Days, TextColumn, Whole
from scoring.dated import add_months, live_on
from scoring.frames import Persons, require_unique
from scoring.joins import find, segment_lengths, segment_starts

MONTHS_OF_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Residents:
    """Columns over everybody ever enrolled, ascending by person; their row number is 'the person' elsewhere.

    Attributes:
        adult_on: the day each came of age; nothing done before it is ever read.
        village_code: as the newest enrolment tells it.
    """

    person_id: Whole
    adult_on: Days
    village_code: TextColumn

    def take(self, rows: Whole) -> Residents:
        """The chosen residents."""
        return Residents(self.person_id[rows], self.adult_on[rows], self.village_code.take(rows))

    def __len__(self) -> int:
        return len(self.person_id)


@dataclass(frozen=True, slots=True)
class Periods:
    """Half-open periods in which persons have an index: enrolled, of age and alive; ascending by person."""

    person: Whole
    from_on: Days
    until_on: Days

    def take(self, rows: Whole) -> Periods:
        """The chosen periods."""
        return Periods(self.person[rows], self.from_on[rows], self.until_on[rows])


def residents_of(persons: Persons, adult_years: int) -> tuple[Residents, Periods]:
    """Everybody ever enrolled, and when each of them has an index."""
    order = np.lexsort((persons.enrolled_from, persons.person_id))
    rows = persons.take(order)
    adult_on = add_months(rows.birth_on, adult_years * MONTHS_OF_YEAR)
    first = segment_starts(rows.person_id)
    newest = first + segment_lengths(first, len(rows)) - 1
    residents = Residents(rows.person_id[newest], adult_on[newest], rows.village_code.take(newest))
    periods = Periods(
        person=find(residents.person_id, rows.person_id),
        from_on=np.maximum(rows.enrolled_from, adult_on),
        until_on=np.minimum(rows.enrolled_until, rows.died_on),
    )
    return residents, periods


def living(periods: Periods, residents: Residents, day: int) -> Whole:
    """The persons who have an index that day.

    Raises:
        DuplicateKeyError: a person has two enrolments live on that day.
    """
    persons = periods.person[live_on(day, periods.from_on, periods.until_on)]
    require_unique("Persons", "person_id", residents.person_id[persons])
    return np.sort(persons)
