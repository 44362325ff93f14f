"""What the events amount to as known at a log position: revoked and corrected ones gone, endings and appeals known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Codes, Days, Mask, Whole
from scoring.dated import NO_DAY
from scoring.frames import Events, require_unique
from scoring.joins import find, segment_lengths, segment_starts
from scoring.notes import Notes, notes_of
from scoring.rule_table import RuleTable
from scoring.suspensions import Suspensions, merged

REVOCATION: Final = "revocation"
RESTORATION: Final = "restoration"
APPEAL_OPENED: Final = "appeal_opened"
APPEAL_CLOSED: Final = "appeal_closed"

_NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class KnownHistory:
    """The events known at a position that were neither revoked nor corrected.

    Attributes:
        events: ordered by event id.
        rule: the rule each event falls under, -1 where none.
        ends_use_on: the first day another event (restoration, fix, fulfilment, delisting) ended each one.
        suspensions: the periods in which an appeal suspends a deduction.
    """

    events: Events
    rule: Codes
    ends_use_on: Days
    suspensions: Suspensions


def known_history(table: RuleTable, events: Events, known_position: int) -> tuple[KnownHistory, Notes]:
    """Folds revocations, corrections, endings and appeals into the events they point at.

    Raises:
        DuplicateKeyError: two events known at the position share an id.
    """
    known = events.take(events.position <= known_position)
    known = known.take(np.argsort(known.event_id, kind="stable"))
    require_unique("Events", "event_id", known.event_id)
    correction, root = _corrections(known)
    heir = _heirs(known, correction, root)
    # A correction points at what it corrects; what the corrected event pointed at, it means as well.
    about_event_id = known.about_event_id.copy()
    about_event_id[correction] = known.about_event_id[root]
    about = _follow(heir, find(known.event_id, about_event_id))
    stands = (heir == _NOBODY) & ~_revoked(known, heir)
    standing, target = known.take(stands), _renumbered(about, stands)
    rule, notes = _only_documented(table, standing, table.rule_of(standing.event_type, standing.level))
    return (
        KnownHistory(
            events=standing,
            rule=rule,
            ends_use_on=_ends_use_on(table, standing, rule, target),
            suspensions=_suspensions(table, standing, rule, target),
        ),
        notes,
    )


def _heirs(events: Events, correction: Whole, root: Whole) -> Whole:
    """What stands for each corrected event, -1 where it was never corrected.

    A correction points at an event of its own kind. Of all corrections of one event, and of its corrections, the one
    sealed last stands for all of them. Pointing in a circle corrects nothing.
    """
    heir = np.full(len(events), _NOBODY, np.int64)
    order = np.lexsort((events.event_id[correction], events.position[correction], root))
    correction, root = correction[order], root[order]
    starts = segment_starts(root)
    lengths = segment_lengths(starts, len(root))
    last = np.repeat(correction[starts + lengths - 1], lengths)
    heir[root] = last
    heir[correction] = np.where(correction == last, _NOBODY, last)
    return heir


def _corrections(events: Events) -> tuple[Whole, Whole]:
    """Every correction and the event at the root of what it corrects."""
    target = find(events.event_id, events.about_event_id)
    pointing = np.flatnonzero((target >= 0) & ~events.event_type.equals(REVOCATION))
    kinds = events.event_type.codes
    correction = pointing[kinds[pointing] == kinds[target[pointing]]]
    root = np.arange(len(events))
    root[correction] = target[correction]
    for _ in range(len(correction).bit_length()):  # each round doubles how far one has looked
        root[correction] = root[root[correction]]
    rooted = ~np.isin(root[correction], correction)
    return correction[rooted], root[correction[rooted]]


def _follow(heir: Whole, rows: Whole) -> Whole:
    """The rows themselves, or what stands for them; -1 stays -1."""
    heirs = np.append(heir, _NOBODY)[rows]
    return np.where(heirs == _NOBODY, rows, heirs)


def _revoked(events: Events, heir: Whole) -> Mask:
    """Revoked events never happened, nor did what corrected them before; a revocation itself cannot be revoked."""
    revocation = np.flatnonzero(events.event_type.equals(REVOCATION))
    target = find(events.event_id, events.about_event_id[revocation])
    revocation, target = revocation[target >= 0], target[target >= 0]
    stands = _follow(heir, target)
    meant = (stands == target) | (events.position[stands] <= events.position[revocation])
    gone = np.zeros(len(events), np.bool_)
    gone[stands[meant]] = True
    return gone & ~events.event_type.equals(REVOCATION)


def _renumbered(rows: Whole, stands: Mask) -> Whole:
    """Of the standing rows, the row they point at among the standing ones; -1 where that one does not stand."""
    number = np.append(np.where(stands, np.cumsum(stands) - 1, _NOBODY), _NOBODY)
    return np.asarray(number[rows[stands]])


def _only_documented(table: RuleTable, events: Events, rule: Codes) -> tuple[Codes, Notes]:
    """No effective document of an accepted class under the rule's catalogue item, no deduction."""
    accepted = table.accepts(rule, events.document_class, events.catalogue_item)
    refused = (rule >= 0) & table.deducts[rule] & ~accepted
    return np.where(refused, -1, rule).astype(np.int32), notes_of("no_document", events.event_id[refused])


def _ends_use_on(table: RuleTable, events: Events, rule: Codes, target: Whole) -> Days:
    ending = np.flatnonzero(target >= 0)
    ended = target[ending]
    allowed = _may_end(table, events)[rule[ended], events.event_type.codes[ending]] & (rule[ended] >= 0)
    until = np.full(len(events), NO_DAY, np.int32)
    np.minimum.at(until, ended[allowed], events.base_day()[ending[allowed]])
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


def _suspensions(table: RuleTable, events: Events, rule: Codes, target: Whole) -> Suspensions:
    """From the day an appeal takes effect until the day of its first answer the deduction it is about is suspended."""
    base = events.base_day()
    answered = np.full(len(events), NO_DAY, np.int32)
    answer = np.flatnonzero(events.event_type.equals(APPEAL_CLOSED) & (target >= 0))
    np.minimum.at(answered, target[answer], base[answer])
    appeal = np.flatnonzero(events.event_type.equals(APPEAL_OPENED) & (target >= 0))
    appeal = appeal[(rule[target[appeal]] >= 0) & table.deducts[rule[target[appeal]]]]
    return merged(target[appeal], base[appeal], answered[appeal])
