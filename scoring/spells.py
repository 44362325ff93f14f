"""Spells: every method compiles deeds into periods with one constant value, and only spells reach the kernel."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from scoring.columns import AnyInts, Codes, Days, Mask, Whole
from scoring.deeds import Deeds


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
        value_milli: points, or quantity where the indicator's bands turn it into points.
        from_on, until_on: the half-open period.
    """

    person: Whole
    rule: Codes
    event: Whole
    event_id: Whole
    through_entity_id: Whole
    group: Whole
    value_milli: Whole
    from_on: Days
    until_on: Days

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
        group=deeds.group,
        value_milli=value_milli,
        from_on=from_on,
        until_on=until_on,
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
