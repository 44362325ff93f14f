"""Spells: every method compiles deeds into periods with one constant value, and only spells reach the kernel."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import AnyInts, Codes, Days, Mask, Whole
from scoring.deeds import Deeds
from scoring.joins import expand
from scoring.suspensions import Suspensions

LARGEST: Final = 2_000_000_000
"""No single value is larger, in thousandths: two million points or units are beyond every cap and fit 32 bits."""


@dataclass(frozen=True, slots=True)
class Spells:
    """A value that holds for one person over one half-open period.

    Attributes:
        person: row in the residents.
        rule: rule number.
        event: row in the known history.
        event_id: its id, the last tie-breaker everywhere.
        through_entity_id: the entity looked through, 0 if none.
        group: within which 'strongest' compares (see `Deeds.group`).
        value_milli: points, or quantity where the indicator's bands turn it into points; at most `LARGEST`.
        from_on, until_on: the half-open period.
        suspended: an appeal is open; the value is 0.
    """

    person: Whole
    rule: Codes
    event: Whole
    event_id: Whole
    through_entity_id: Whole
    group: Codes
    value_milli: Codes
    from_on: Days
    until_on: Days
    suspended: Mask

    def take(self, rows: AnyInts | Mask) -> Spells:
        """The chosen spells."""
        return Spells(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))

    def __len__(self) -> int:
        return len(self.person)


def spells_of(deeds: Deeds, value_milli: Whole, from_on: Days, until_on: Days) -> Spells:
    """One spell per deed; those whose period is empty vanish."""
    spells = Spells(
        person=deeds.person,
        rule=deeds.rule,
        event=deeds.event,
        event_id=deeds.event_id,
        through_entity_id=deeds.through_entity_id,
        group=deeds.group.astype(np.int32),
        value_milli=np.clip(value_milli, -LARGEST, LARGEST).astype(np.int32),
        from_on=from_on,
        until_on=until_on,
        suspended=np.zeros(len(deeds), np.bool_),
    )
    return spells.take(from_on < until_on)


def joined(parts: list[Spells]) -> Spells:
    """All spells one after the other."""
    names = [field.name for field in dataclasses.fields(Spells)]
    return Spells(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def rounded(numerator: Whole, denominator: int | Whole) -> Whole:
    """Exact division to whole thousandths, halves away from zero."""
    magnitude = (2 * np.abs(numerator) + denominator) // (2 * np.asarray(denominator))
    return np.asarray(np.sign(numerator) * magnitude)


def with_suspensions(spells: Spells, suspensions: Suspensions) -> Spells:
    """Cuts the spells of appealed events where an appeal opens and closes; what lies between is worth nothing."""
    first = np.searchsorted(suspensions.event, spells.event, "left")
    behind = np.searchsorted(suspensions.event, spells.event, "right")
    touched = first < behind
    if not touched.any():
        return spells
    cut, first, behind = spells.take(touched), first[touched], behind[touched]
    row, period = expand(first, behind)
    # Before each suspension the spell stands; after the last one too.
    stands_from = np.where(period == first[row], cut.from_on[row], suspensions.until_on[period - 1])
    before = _part(cut, row, stands_from, suspensions.from_on[period])
    within = _part(cut, row, suspensions.from_on[period], suspensions.until_on[period])
    all_rows = np.arange(len(cut))
    after = _part(cut, all_rows, suspensions.until_on[behind - 1], cut.until_on)
    nothing = dataclasses.replace(
        within, value_milli=np.zeros(len(within), np.int32), suspended=np.ones(len(within), np.bool_)
    )
    return joined([spells.take(~touched), before, nothing, after])


def _part(spells: Spells, row: Whole, from_on: Days, until_on: Days) -> Spells:
    """The part of the chosen spells that lies in the given periods; empty ones vanish."""
    parts = spells.take(row)
    from_on = np.maximum(parts.from_on, from_on).astype(np.int32)
    until_on = np.minimum(parts.until_on, until_on).astype(np.int32)
    return dataclasses.replace(parts, from_on=from_on, until_on=until_on).take(from_on < until_on)
