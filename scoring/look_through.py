"""Look-through: an entity's event reaches the legal representative in office on the event's day."""

from __future__ import annotations

import numpy as np

from scoring.columns import Days, Mask, Whole
from scoring.dated import live_on
from scoring.frames import Representatives
from scoring.joins import rows_of, segment_lengths, segment_starts


def in_office(entity_id: Whole, on: Days, representatives: Representatives) -> tuple[Whole, Mask]:
    """Who represented each entity on its day.

    Overlapping terms are settled the same way every time: the one appointed last, among equals the lower person id.

    Args:
        entity_id: int64 [n].
        on: the day asked for, per row.
        representatives: dated terms of office, in any order.

    Returns:
        person id per row (0: nobody in office) and whether several were in office.
    """
    terms = representatives.take(
        np.lexsort((representatives.person_id, -representatives.from_on, representatives.entity_id))
    )
    row, term = rows_of(terms.entity_id, entity_id)
    held = live_on(on[row], terms.from_on[term], terms.until_on[term])
    row, term = row[held], term[held]
    first = segment_starts(row)
    person = np.zeros(len(entity_id), np.int64)
    person[row[first]] = terms.person_id[term[first]]
    several = np.zeros(len(entity_id), np.bool_)
    several[row[first]] = segment_lengths(first, len(row)) > 1
    return person, several
