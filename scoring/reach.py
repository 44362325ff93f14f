"""Whom each event reaches: the person it names, the entity's representative, or the members of a household."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.columns import AnyInts, Mask, Whole
from scoring.dated import NO_DAY
from scoring.frames import HistoryFrames, Representatives
from scoring.history import KnownHistory
from scoring.households import sharing_members
from scoring.joins import find
from scoring.look_through import in_office
from scoring.notes import Notes, all_notes, notes_of
from scoring.residents import Residents
from scoring.rule_table import RuleTable
from scoring.rulebook import MILLI


@dataclass(frozen=True, slots=True)
class Reached:
    """Pairs of an event and a person it reaches.

    Attributes:
        event: row in the known history.
        person: row in the residents.
        through_entity_id: the entity looked through, 0 where the person is meant directly.
        factor_milli: the share of the event's points that arrives.
    """

    event: Whole
    person: Whole
    through_entity_id: Whole
    factor_milli: Whole

    def take(self, rows: AnyInts | Mask) -> Reached:
        """The chosen pairs."""
        return Reached(self.event[rows], self.person[rows], self.through_entity_id[rows], self.factor_milli[rows])


def reached(
    table: RuleTable, history: KnownHistory, frames: HistoryFrames, residents: Residents
) -> tuple[Reached, Notes]:
    """All pairs that may ever carry points: residents who were of age at the deed."""
    through, notes = _through_entities(table, history, frames.representatives, residents)
    everybody = _joined([_named(history, residents), through, _shared(table, history, frames, residents)])
    adult = history.events.occurred_on[everybody.event] >= residents.adult_on[everybody.person]
    return everybody.take(adult), notes


def _joined(parts: list[Reached]) -> Reached:
    return Reached(
        np.concatenate([part.event for part in parts]),
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.through_entity_id for part in parts]),
        np.concatenate([part.factor_milli for part in parts]),
    )


def _directly(event: Whole, person: Whole) -> Reached:
    return Reached(event, person, np.zeros(len(event), np.int64), np.full(len(event), MILLI, np.int64))


def _named(history: KnownHistory, residents: Residents) -> Reached:
    event = np.flatnonzero((history.rule >= 0) & (history.events.person_id > 0))
    person = find(residents.person_id, history.events.person_id[event])
    return _directly(event[person >= 0], person[person >= 0])


def _shared(table: RuleTable, history: KnownHistory, frames: HistoryFrames, residents: Residents) -> Reached:
    event = np.flatnonzero((history.rule >= 0) & table.shared[history.rule])
    pair, person = sharing_members(history.events.take(event), frames.memberships, residents)
    return _directly(event[pair], person)


def _through_entities(
    table: RuleTable, history: KnownHistory, representatives: Representatives, residents: Residents
) -> tuple[Reached, Notes]:
    """Entity events that name no person; where a person is named too, that person alone is meant."""
    events, rule = history.events, history.rule
    event = np.flatnonzero((rule >= 0) & table.looks_through[rule] & (events.person_id == 0) & (events.entity_id > 0))
    on = np.where(table.on_deadline[rule[event]], events.ends_on[event], events.occurred_on[event])
    event, on = event[on != NO_DAY], on[on != NO_DAY]
    person_id, several = in_office(events.entity_id[event], on, representatives)
    person = find(residents.person_id, person_id)
    here = person >= 0
    factor = table.book.edition.look_through_factor_milli
    pairs = Reached(
        event[here], person[here], events.entity_id[event[here]], np.full(int(here.sum()), factor, np.int64)
    )
    notes = all_notes(
        [
            notes_of("no_representative", events.event_id[event[person_id == 0]]),
            notes_of("overlapping_representatives", events.event_id[event[several]]),
        ]
    )
    return pairs, notes
