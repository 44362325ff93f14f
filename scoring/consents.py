"""The gate of a day: who has an index, which sources each person lets us read, and when either changes next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.columns import Days, Whole
from scoring.dated import NO_DAY, live_on
from scoring.frames import SourceConsents
from scoring.joins import find
from scoring.kernel import Gate
from scoring.residents import Periods, Residents, living


@dataclass(frozen=True, slots=True)
class ConsentPeriods:
    """Half-open periods in which a resident lets us read a source the edition uses; ascending by person."""

    person: Whole
    source: Whole
    from_on: Days
    until_on: Days

    def take(self, rows: Whole) -> ConsentPeriods:
        """The chosen periods."""
        return ConsentPeriods(self.person[rows], self.source[rows], self.from_on[rows], self.until_on[rows])


def consent_periods(consents: SourceConsents, residents: Residents, sources: tuple[str, ...]) -> ConsentPeriods:
    """The consents of residents to sources the edition uses, by number."""
    person = find(residents.person_id, consents.person_id)
    numbers = np.array(
        [sources.index(name) if name in sources else -1 for name in consents.source_code.names], np.int64
    )
    source = np.append(numbers, -1)[consents.source_code.codes]
    kept = np.flatnonzero((person >= 0) & (source >= 0))
    kept = kept[np.argsort(person[kept], kind="stable")]
    return ConsentPeriods(person[kept], source[kept], consents.from_on[kept], consents.until_on[kept])


def gate_on(day: int, residents: Residents, periods: Periods, consents: ConsentPeriods) -> Gate:
    """The gate of a day.

    Raises:
        DuplicateKeyError: a person has two enrolments live on that day.
    """
    size = len(residents)
    has_index = np.zeros(size, np.int8)
    has_index[living(periods, residents, day)] = 1
    given = live_on(day, consents.from_on, consents.until_on)
    bits = np.zeros(size, np.uint64)
    np.bitwise_or.at(bits, consents.person[given], np.uint64(1) << consents.source[given].astype(np.uint64))
    next_on = np.full(size, NO_DAY, np.int32)
    for each in (periods, consents):
        for boundary in (each.from_on, each.until_on):
            later = (boundary > day) & (each.from_on < each.until_on)
            np.minimum.at(next_on, each.person[later], boundary[later])
    return Gate(has_index, bits, next_on)
