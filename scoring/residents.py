"""Who has a civility index on a day: enrolled, alive, adult persons and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Days, TextColumn, Whole
from scoring.dated import add_months, live_on
from scoring.frames import Persons, require_unique

MONTHS_OF_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Residents:
    """Columns over the persons with an index, ascending by person; their row number is 'the person' elsewhere.

    Attributes:
        adult_on: the day each came of age; nothing done before it is ever read.
        enrolled_until: when the live enrolment ends (`NO_DAY`: open), or death if that comes first.
    """

    person_id: Whole
    adult_on: Days
    village_code: TextColumn
    enrolled_until: Days

    def __len__(self) -> int:
        return len(self.person_id)


def residents_on(persons: Persons, day: int, adult_years: int) -> Residents:
    """The persons who have an index that day.

    Raises:
        DuplicateKeyError: a person has two enrolments live on that day.
    """
    adult_on = add_months(persons.birth_on, adult_years * MONTHS_OF_YEAR)
    ends_on = np.minimum(persons.enrolled_until, persons.died_on)
    rows = np.flatnonzero(live_on(day, np.maximum(persons.enrolled_from, adult_on), ends_on))
    rows = rows[np.argsort(persons.person_id[rows], kind="stable")]
    require_unique("Persons", "person_id", persons.person_id[rows])
    return Residents(persons.person_id[rows], adult_on[rows], persons.village_code.take(rows), ends_on[rows])
