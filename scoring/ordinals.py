"""Which occurrence a deed was on its day: earlier deeds inside the window that were live then, plus one."""

from __future__ import annotations

import numpy as np

from scoring.columns import Codes, Mask, Whole
from scoring.dated import add_months, live_on
from scoring.deeds import Deeds
from scoring.joins import expand, pair_key, segment_starts
from scoring.suspensions import Suspensions, suspended_on


def occurrences(
    deeds: Deeds, indicator: Codes, magnitude: Whole, window_months: Whole, suspensions: Suspensions
) -> Whole:
    """The ordinal number of each deed among those of the same person, same entity and same indicator.

    A prior counts if it lies in `(day - window, day]` of the deed's `occurred_on`, comes first by (day, smaller
    magnitude, event id), and was live on that day: past its pre-notice, not expired, not yet repaired, not suspended
    by an appeal. So a repair on or before the day takes the prior out, a later one does not.

    Args:
        deeds: n rows of ordinal rules.
        indicator: int32 [n].
        magnitude: int64 [n], what the deed weighs as a first occurrence.
        window_months: int64 [n].
        suspensions: by appeals.

    Returns:
        int64 [n], 1 for the first occurrence.
    """
    order = np.lexsort((deeds.event_id, magnitude, deeds.occurred_on, deeds.through_entity_id, indicator, deeds.person))
    ranked = deeds.take(order)
    owner = _owner(ranked, indicator[order])
    opens = add_months(ranked.occurred_on, -window_months[order])
    first = np.searchsorted(pair_key(owner, ranked.occurred_on), pair_key(owner, opens), "right")
    later, prior = expand(first, np.arange(len(ranked)))
    counted = _live(ranked, later, prior)
    counted &= ~suspended_on(suspensions, ranked.event[prior], ranked.occurred_on[later])
    number = np.empty(len(deeds), np.int64)
    number[order] = 1 + np.bincount(later[counted], minlength=len(deeds))
    return number


def _owner(ranked: Deeds, indicator: Codes) -> Whole:
    starts = segment_starts(ranked.person, indicator, ranked.through_entity_id)
    first = np.zeros(len(ranked), np.int64)
    first[starts] = 1
    return np.cumsum(first)


def _live(ranked: Deeds, later: Whole, prior: Whole) -> Mask:
    until = ranked.until_on()
    return live_on(ranked.occurred_on[later], ranked.from_on[prior], until[prior])
