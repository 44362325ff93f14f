"""One person's part of the frames, alone or as many copies of him, each with hypothetical events of his own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.columns import AnyInts, Mask, TextColumn, Whole
from scoring.dated import NO_DAY
from scoring.frames import Events, HistoryFrames, Memberships, Persons, Representatives, SourceConsents
from scoring.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Action:
    """A hypothetical event of the person: one unit of something he may do.

    Attributes:
        kind: which kind of step it is a unit of.
        day: day number on which it would be done and count.
        about_event_id: the event it ends, else 0.
        effort_milli: thousandths of an hour.
    """

    kind: str
    event_type: str
    level: str
    quantity_milli: int
    day: int
    about_event_id: int
    effort_milli: int


def own_frames(rulebook: Rulebook, frames: HistoryFrames, person_id: int, known_position: int) -> HistoryFrames:
    """Every row that may touch a person's index and few others: evaluating it gives his row as evaluating all does."""
    persons = frames.persons.take(frames.persons.person_id == person_id)
    households = frames.memberships.household_id[frames.memberships.person_id == person_id]
    memberships = frames.memberships.take(np.isin(frames.memberships.household_id, households))
    entities = frames.representatives.entity_id[frames.representatives.person_id == person_id]
    representatives = frames.representatives.take(np.isin(frames.representatives.entity_id, entities))
    known = frames.events.take(frames.events.position <= known_position)
    shares = [rule.event_type for _, rule in rulebook.rules if rule.shared_with_household]
    tables = [rule.method.table_event for _, rule in rulebook.rules if rule.method.kind == "converted"]
    relatives = np.isin(known.person_id, memberships.person_id) & _of_types(known.event_type, shares)
    own = (
        (known.person_id == person_id)
        | (np.isin(known.entity_id, entities) & (known.entity_id > 0))
        | (np.isin(known.household_id, households) & (known.household_id > 0))
        | relatives
    )
    villages = {persons.village_code.names[code] for code in persons.village_code.codes.tolist()}
    conversions = _of_types(known.event_type, tables) & _of_types(known.level, villages)
    return HistoryFrames(
        events=known.take(_connected(known, own) | conversions),
        persons=persons,
        memberships=memberships,
        representatives=representatives,
        source_consents=frames.source_consents.take(frames.source_consents.person_id == person_id),
    )


def _of_types(column: TextColumn, names: Iterable[str]) -> Mask:
    return np.asarray(np.isin(column.codes, [column.code_of(name) for name in names if name in column.names]))


def _connected(events: Events, own: Mask) -> Mask:
    """With every event one of these points at, and every event that points at one of these, however far."""
    size = -1
    while size != (size := int(own.sum())):
        about = events.about_event_id[own]
        targets = np.isin(events.event_id, about[about > 0])
        pointing = (events.about_event_id > 0) & np.isin(events.about_event_id, events.event_id[own])
        own = own | targets | pointing
    return own


def with_actions(
    frames: HistoryFrames, person_id: int, actions: Sequence[Action], known_position: int
) -> HistoryFrames:
    """The same frames with the actions as further events, sealed last."""
    free = np.setdiff1d(np.arange(1, len(frames.events) + len(actions) + 1), frames.events.event_id)
    hypothetical = _events(actions, free[: len(actions)], np.full(len(actions), person_id, np.int64), known_position)
    return dataclasses.replace(frames, events=_joined([frames.events, hypothetical]))


def _events(actions: Sequence[Action], event_id: Whole, person_id: Whole, position: int) -> Events:
    """Actions as events of these ids and persons; an action is done and counts on its day, and needs no document."""
    size = len(actions)
    day = np.array([action.day for action in actions], np.int32)
    none = np.zeros(size, np.int64)
    never = np.full(size, NO_DAY, np.int32)
    return Events(
        event_id=event_id,
        event_type=_text([action.event_type for action in actions]),
        person_id=person_id,
        entity_id=none,
        household_id=none,
        level=_text([action.level for action in actions]),
        quantity_milli=np.array([action.quantity_milli for action in actions], np.int64),
        occurred_on=day,
        effective_from=never,
        counts_from=day,
        ends_on=never,
        document_class=_text([""] * size),
        catalogue_item=_text([""] * size),
        about_event_id=np.array([action.about_event_id for action in actions], np.int64),
        record_id=none,
        source_code=_text([""] * size),
        position=np.full(size, position, np.int64),
    )


def _text(texts: Sequence[str]) -> TextColumn:
    names = tuple(dict.fromkeys(texts))
    return TextColumn(np.array([names.index(text) for text in texts], np.int32), names)


def _joined(parts: Sequence[Events]) -> Events:
    columns = {name: _concatenated([getattr(part, name) for part in parts]) for name in Events.COLUMNS}
    return Events(**columns)


def _concatenated(columns: Sequence[Any]) -> Any:
    if not isinstance(columns[0], TextColumn):
        return np.concatenate(columns)
    names = tuple(dict.fromkeys(name for column in columns for name in column.names))
    place = {name: number for number, name in enumerate(names)}
    codes = [np.array([place[name] for name in column.names] or [0], np.int32)[column.codes] for column in columns]
    return TextColumn(np.concatenate(codes), names)


class Copies:
    """A person's frames in a form that is copied cheaply: each copy lives in a world of its own.

    Ids are renumbered in their order, so that every tie is decided as in the original; conversion tables are common to
    all copies, as they are to all people.
    """

    def __init__(self, frames: HistoryFrames, person_id: int, known_position: int) -> None:
        self._frames = frames
        self._position = known_position
        events = frames.events
        common = (events.person_id == 0) & (events.entity_id == 0) & (events.household_id == 0)
        common &= ~np.isin(events.about_event_id, events.event_id)
        self._common = events.take(common)
        self._own = events.take(~common)
        self._events = np.sort(self._own.event_id)
        folks = [events.person_id, frames.memberships.person_id, frames.representatives.person_id]
        self._persons = np.setdiff1d(np.concatenate([[person_id], *folks]), [0])
        self._himself = int(_ranks(self._persons, np.array([person_id]))[0])
        self._households = np.setdiff1d(np.append(events.household_id, frames.memberships.household_id), [0])
        self._entities = np.setdiff1d(np.append(events.entity_id, frames.representatives.entity_id), [0])

    def with_actions(self, plans: Sequence[Sequence[Action]]) -> HistoryFrames:
        """One copy per plan, ascending in their order, with the plan's actions as further events."""
        size = len(plans)
        return HistoryFrames(
            events=_joined([*self._own_events(plans), self._common_events(size, max(map(len, plans), default=0))]),
            persons=self._persons_of(size),
            memberships=self._memberships(size),
            representatives=self._representatives(size),
            source_consents=self._consents(size),
        )

    def _own_events(self, plans: Sequence[Sequence[Action]]) -> list[Events]:
        size, own = len(plans), self._own
        stride = self._stride(max(map(len, plans), default=0))
        copy, row = _tiled(size, len(own))
        taken = own.take(row)
        copied = dataclasses.replace(
            taken,
            event_id=self._event_ids(own.event_id, stride)[row] + copy * stride,
            about_event_id=_each(self._event_ids(own.about_event_id, stride)[row], copy, stride),
            person_id=self._copied_persons(own.person_id[row], copy),
            entity_id=_each(_ranks(self._entities, own.entity_id)[row], copy, len(self._entities)),
            household_id=_each(_ranks(self._households, own.household_id)[row], copy, len(self._households)),
        )
        actions = [action for plan in plans for action in plan]
        owner = np.repeat(np.arange(size), [len(plan) for plan in plans])
        # Further events come before all others, as the lowest ids, and keep clear of them.
        number = np.concatenate([np.arange(1, len(plan) + 1) for plan in plans]) if actions else np.empty(0, np.int64)
        about = self._event_ids(np.array([action.about_event_id for action in actions], np.int64), stride)
        further = _events(actions, number + owner * stride, self._himself_in(owner), self._position)
        return [copied, dataclasses.replace(further, about_event_id=_each(about, owner, stride))]

    def _stride(self, actions: int) -> int:
        return len(self._events) + actions + 1

    def _event_ids(self, ids: Whole, stride: int) -> Whole:
        """Numbers within one copy, behind those of further events; 0 for none and for events that are not there."""
        place = _ranks(self._events, ids)
        return np.where(place > 0, place + stride - len(self._events) - 1, 0)

    def _common_events(self, size: int, actions: int) -> Events:
        first = size * self._stride(actions)
        order = np.argsort(np.argsort(self._common.event_id)) + 1
        return dataclasses.replace(self._common, event_id=order + first)

    def _copied_persons(self, person_id: Whole, copy: Whole) -> Whole:
        return _each(_ranks(self._persons, person_id), copy, len(self._persons))

    def _himself_in(self, copy: Whole) -> Whole:
        return np.asarray(self._himself + copy * len(self._persons))

    def _persons_of(self, size: int) -> Persons:
        copy, row = _tiled(size, len(self._frames.persons))
        return dataclasses.replace(self._frames.persons.take(row), person_id=self._himself_in(copy))

    def _consents(self, size: int) -> SourceConsents:
        copy, row = _tiled(size, len(self._frames.source_consents))
        return dataclasses.replace(self._frames.source_consents.take(row), person_id=self._himself_in(copy))

    def _memberships(self, size: int) -> Memberships:
        frame = self._frames.memberships
        copy, row = _tiled(size, len(frame))
        return dataclasses.replace(
            frame.take(row),
            household_id=_each(_ranks(self._households, frame.household_id)[row], copy, len(self._households)),
            person_id=self._copied_persons(frame.person_id[row], copy),
        )

    def _representatives(self, size: int) -> Representatives:
        frame = self._frames.representatives
        copy, row = _tiled(size, len(frame))
        return dataclasses.replace(
            frame.take(row),
            entity_id=_each(_ranks(self._entities, frame.entity_id)[row], copy, len(self._entities)),
            person_id=self._copied_persons(frame.person_id[row], copy),
        )


def _tiled(copies: int, rows: int) -> tuple[Whole, Whole]:
    """Number of the copy and row, for every row of every copy."""
    return np.repeat(np.arange(copies), rows), np.tile(np.arange(rows), copies)


def _ranks(ascending: Whole, ids: AnyInts) -> Whole:
    """1 for the first of the ids, and so on; 0 for an id that is not among them."""
    if not len(ascending):
        return np.zeros(len(ids), np.int64)
    place = np.minimum(np.searchsorted(ascending, ids), len(ascending) - 1)
    return np.where(ascending[place] == ids, place + 1, 0)


def _each(numbers: Whole, copy: Whole, stride: int) -> Whole:
    """A number of its own for each copy; none stays none."""
    return np.where(numbers > 0, numbers + copy * stride, 0)
