"""The gate of a day: who has an index, which sources each person lets us read, and when either changes next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.columns import Days, Hashes, Whole
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


def gate_on(
    day: int, residents: Residents, periods: Periods, consents: ConsentPeriods, source_of_indicator: Whole
) -> Gate:
    """The gate of a day.

    Args:
        day: days since 1970-01-01.
        residents: everybody ever enrolled.
        periods: when each of them has an index.
        consents: when each lets us read which source.
        source_of_indicator: number of the source whose consent an indicator needs, -1 for none.

    Raises:
        DuplicateKeyError: a person has two enrolments live on that day.
    """
    has_index = np.zeros(len(residents), np.int8)
    has_index[living(periods, residents, day)] = 1
    return Gate(
        has_index=has_index,
        indicators=_readable(day, len(residents), consents, source_of_indicator),
        next_on=_next_on(day, len(residents), periods, consents),
    )


def _readable(day: int, size: int, consents: ConsentPeriods, source_of_indicator: Whole) -> Hashes:
    """One bit per indicator that needs no consent, or whose consent is live."""
    bits = np.uint64(1) << np.arange(len(source_of_indicator), dtype=np.uint64)
    readable = np.full(size, bits[source_of_indicator < 0].sum(), np.uint64)
    given = live_on(day, consents.from_on, consents.until_on)
    for source in range(int(source_of_indicator.max(initial=-1)) + 1):
        readable[consents.person[given & (consents.source == source)]] |= bits[source_of_indicator == source].sum()
    return readable


def _next_on(day: int, size: int, periods: Periods, consents: ConsentPeriods) -> Days:
    next_on = np.full(size, NO_DAY, np.int32)
    for each in (periods, consents):
        for boundary in (each.from_on, each.until_on):
            later = (boundary > day) & (each.from_on < each.until_on)
            np.minimum.at(next_on, each.person[later], boundary[later])
    return next_on
