"""Suspensions: while an appeal is open the deduction stands in the ledger with nothing, and counts as no prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.columns import Days, Mask, Whole
from scoring.joins import pair_key


@dataclass(frozen=True, slots=True)
class Suspensions:
    """Periods that neither overlap nor touch, by event and first day.

    Attributes:
        event: row in the known history.
    """

    event: Whole
    from_on: Days
    until_on: Days


def merged(event: Whole, from_on: Days, until_on: Days) -> Suspensions:
    """Periods of several appeals about one event run together where they overlap."""
    lasting = from_on < until_on
    event, from_on, until_on = event[lasting], from_on[lasting], until_on[lasting]
    order = np.lexsort((from_on, event))
    event, from_on, until_on = event[order], from_on[order], until_on[order]
    ends = np.maximum.accumulate(pair_key(event, until_on))
    begins = np.ones(len(event), np.bool_)
    begins[1:] = pair_key(event, from_on)[1:] > ends[:-1]
    last = np.flatnonzero(np.append(begins, True)[1:])
    return Suspensions(
        event[begins], from_on[begins], (ends[last] - pair_key(event[last], np.zeros_like(last))).astype(np.int32)
    )


def suspended_on(suspensions: Suspensions, event: Whole, day: Days) -> Mask:
    """Whether each event was suspended on its day."""
    keys = pair_key(suspensions.event, suspensions.from_on)
    latest = np.searchsorted(keys, pair_key(event, day), "right") - 1
    same = np.append(suspensions.event, -1)[latest] == event
    return np.asarray(same & (day < np.append(suspensions.until_on, 0)[latest]))
