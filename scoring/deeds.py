"""Reached events side by side with what every method needs: rule, share, days, validity and endings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from scoring.columns import AnyInts, Codes, Days, Mask, Whole
from scoring.dated import NO_DAY, add_months, month_number, quarter_number
from scoring.frames import Events
from scoring.history import KnownHistory
from scoring.joins import find, lowest_from
from scoring.reach import Reached
from scoring.residents import Residents
from scoring.rule_table import RuleTable


@dataclass(frozen=True, slots=True)
class Deeds:
    """One row per event and person reached.

    Attributes:
        event: row in the known history.
        person: row in the residents.
        base_day: where validity begins (`effective_from`, else `occurred_on`).
        from_on: first day it may count (base day, or the end of the pre-notice if later).
        expires_on: base day plus validity; `NO_DAY` where the rule has none.
        ended_on: repaired, mended, delisted or past the legal limit, whichever comes first; else `NO_DAY`.
        group: number of the quarter or month of the deed where the indicator combines within it, else 0.
    """

    event: Whole
    person: Whole
    rule: Codes
    event_id: Whole
    through_entity_id: Whole
    factor_milli: Whole
    quantity_milli: Whole
    occurred_on: Days
    due_on: Days
    base_day: Days
    from_on: Days
    expires_on: Days
    ended_on: Days
    group: Whole

    def take(self, rows: AnyInts | Mask) -> Deeds:
        """The chosen rows."""
        return Deeds(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))

    def until_on(self) -> Days:
        """Where the plain period ends: by expiry or earlier by an ending."""
        return np.minimum(self.expires_on, self.ended_on)

    def __len__(self) -> int:
        return len(self.event)


def deeds_of(table: RuleTable, history: KnownHistory, pairs: Reached, residents: Residents) -> Deeds:
    """Gathers the columns of every reached pair."""
    events, event = history.events, pairs.event
    rule = history.rule[event]
    base = events.base_day()[event]
    occurred = events.occurred_on[event]
    return Deeds(
        event=event,
        person=pairs.person,
        rule=rule,
        event_id=events.event_id[event],
        through_entity_id=pairs.through_entity_id,
        factor_milli=pairs.factor_milli,
        quantity_milli=events.quantity_milli[event],
        occurred_on=occurred,
        due_on=events.ends_on[event],
        base_day=base,
        from_on=np.maximum(base, events.counts_from[event]),
        expires_on=_expiry(table, rule, base),
        ended_on=np.minimum(
            np.minimum(history.ends_use_on[event], _legal_limit(table, rule, base)),
            _own_endings(table, events, residents, (rule, pairs.person, occurred)),
        ),
        group=_group(table, rule, occurred),
    )


def _expiry(table: RuleTable, rule: Codes, base: Days) -> Days:
    expiry = add_months(base, table.validity_months[rule])
    expiry[table.unlimited[rule]] = NO_DAY
    return expiry


def _legal_limit(table: RuleTable, rule: Codes, base: Days) -> Days:
    """Nothing negative is used for longer than the edition's limit, whatever its rule says."""
    limit = np.full(len(base), NO_DAY, np.int32)
    deducting = table.deducts[rule]
    limit[deducting] = add_months(base[deducting], table.book.edition.negative_limit_months)
    return limit


def _own_endings(table: RuleTable, events: Events, residents: Residents, deeds: tuple[Codes, Whole, Days]) -> Days:
    """The first day on or after the deed on which the person did something that ends it (a safety course)."""
    rule, person, occurred = deeds
    ended = np.full(len(rule), NO_DAY, np.int32)
    for number, (_, each) in enumerate(table.book.rules):
        rows = np.flatnonzero(rule == number) if each.ended_by_own else ()
        for name in each.ended_by_own if len(rows) else ():
            who, endings = own_events(events, residents, name)
            looked_up = (who, endings.occurred_on, endings.base_day())
            ended[rows] = np.minimum(ended[rows], lowest_from(looked_up, person[rows], occurred[rows]))
    return ended


def own_events(events: Events, residents: Residents, event_type: str) -> tuple[Whole, Events]:
    """The residents' own events of a kind, with the row of the resident."""
    chosen = events.take(events.event_type.equals(event_type))
    person = find(residents.person_id, chosen.person_id)
    return person[person >= 0], chosen.take(person >= 0)


def _group(table: RuleTable, rule: Codes, occurred: Days) -> Whole:
    group = np.zeros(len(rule), np.int64)
    for name, number in (("quarter", quarter_number), ("month", month_number)):
        rows = (table.within == name)[table.indicator[rule]]
        group[rows] = number(occurred[rows])
    return group
