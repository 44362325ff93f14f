"""What the events amount to as known at a log position: revoked ones gone, repaired ones with the day they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Codes, Days, Mask
from scoring.dated import NO_DAY
from scoring.frames import Events, require_unique
from scoring.joins import find
from scoring.notes import Notes, notes_of
from scoring.rule_table import RuleTable

REVOCATION: Final = "revocation"
RESTORATION: Final = "restoration"


@dataclass(frozen=True, slots=True)
class KnownHistory:
    """The events known at a position and never revoked.

    Attributes:
        events: ordered by event id.
        rule: the rule each event falls under, -1 where none.
        ends_use_on: the first day another event (restoration, fix, fulfilment, delisting) ended each one.
    """

    events: Events
    rule: Codes
    ends_use_on: Days


def known_history(table: RuleTable, events: Events, known_position: int) -> tuple[KnownHistory, Notes]:
    """Folds revocations and endings into the events they point at.

    Raises:
        DuplicateKeyError: two events known at the position share an id.
    """
    known = events.take(events.position <= known_position)
    known = known.take(np.argsort(known.event_id, kind="stable"))
    require_unique("Events", "event_id", known.event_id)
    standing = known.take(~_revoked(known))
    rule = table.rule_of(standing.event_type, standing.level)
    rule, notes = _only_documented(table, standing, rule)
    return KnownHistory(standing, rule, _ends_use_on(table, standing, rule)), notes


def _revoked(events: Events) -> Mask:
    """Revoked events never happened, for whatever day one asks; a revocation itself cannot be revoked."""
    revocation = events.event_type.equals(REVOCATION)
    targets = find(events.event_id, events.about_event_id[revocation])
    revoked = np.zeros(len(events), np.bool_)
    revoked[targets[targets >= 0]] = True
    return revoked & ~revocation


def _only_documented(table: RuleTable, events: Events, rule: Codes) -> tuple[Codes, Notes]:
    """No effective document of an accepted class under the rule's catalogue item, no deduction."""
    accepted = table.accepts(rule, events.document_class, events.catalogue_item)
    refused = (rule >= 0) & table.deducts[rule] & ~accepted
    return np.where(refused, -1, rule).astype(np.int32), notes_of("no_document", events.event_id[refused])


def _ends_use_on(table: RuleTable, events: Events, rule: Codes) -> Days:
    ending = np.flatnonzero(events.about_event_id > 0)
    target = find(events.event_id, events.about_event_id[ending])
    ending, target = ending[target >= 0], target[target >= 0]
    allowed = _may_end(table, events)[rule[target], events.event_type.codes[ending]] & (rule[target] >= 0)
    until = np.full(len(events), NO_DAY, np.int32)
    np.minimum.at(until, target[allowed], events.base_day()[ending[allowed]])
    return until


def _may_end(table: RuleTable, events: Events) -> Mask:
    """Which kind of event ends which rule: bool [rules, kinds]. A restoration ends any deduction."""
    may = np.zeros((len(table.kind), len(events.event_type.names) + 1), np.bool_)
    for number, (_, rule) in enumerate(table.book.rules):
        for name in rule.ended_by:
            may[number, events.event_type.code_of(name)] = True
    may[:, events.event_type.code_of(RESTORATION)] |= table.deducts
    may[:, -1] = False  # where kinds that never occur were written
    return may
