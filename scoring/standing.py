"""Where everybody stands on a day: the index alone, or with its ledger, and the daily roll."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, NamedTuple, TypeVar

import numpy as np

from scoring import kernel
from scoring.columns import Days, Whole
from scoring.kernel import (
    AdjustingRows,
    Arithmetic,
    Bytes,
    Gate,
    LooseSpells,
    Numbers,
    PointRows,
    SpellColumns,
)

_SLICE: Final = 1 << 16
"""Most persons in a slice: handing one out costs next to nothing beside its work."""

_WORTHWHILE: Final = 1 << 12
"""Fewer persons are not worth a slice of their own."""

_TURNS: Final = 8
"""Slices per thread at least: equally many and equally large for each, so that all are done at once."""

_BOX_BITS: Final = 10
"""Spells are sorted in about a thousand boxes of neighbouring persons, each small enough for a processor's cache."""

_LOOSE_BITS: Final = 10
"""Where no storage order is made, boxes hold 1024 persons: their words and sums fit a processor's own cache."""

Part = TypeVar("Part")
Result = TypeVar("Result")


class Standing(NamedTuple):
    """Everybody's index on a day and when it has to be looked at again.

    Attributes:
        index_milli: thousandths of a point, `kernel.NO_INDEX` where there is none, int32 [persons].
        next_change_on: the first later day on which anything may change, int32 [persons].
    """

    index_milli: Numbers
    next_change_on: Days


class LedgerSlice(NamedTuple):
    """The indices and ledgers of some neighbouring persons."""

    index_milli: Numbers
    points: PointRows
    adjusting: AdjustingRows


def indices(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, persons: Whole | None = None, threads: int = 1
) -> Numbers:
    """The civility index of everybody, or of the persons named, and nothing else.

    Args:
        spells: in storage order (`stored`).
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: days since 1970-01-01.
        persons: numbers of the persons asked about; everybody if not given.
        threads: how many slices are computed side by side.

    Returns:
        thousandths of a point, `kernel.NO_INDEX` where there is none, int32 [persons].
    """
    size = len(gate.has_index) if persons is None else len(persons)
    index_milli = np.empty(size, np.int32)
    side_by_side(
        lambda part: kernel.indices(spells, rules, gate, day, _those(persons, part), index_milli[part]),
        slices(size, threads),
        threads,
    )
    return index_milli


def next_changes(spells: SpellColumns, gate: Gate, day: int, persons: Whole | None = None, threads: int = 1) -> Days:
    """The first later day on which anything of a person's may change; arguments as of `indices`."""
    size = len(gate.has_index) if persons is None else len(persons)
    next_change_on = np.empty(size, np.int32)
    side_by_side(
        lambda part: kernel.next_changes(spells, gate, day, _those(persons, part), next_change_on[part]),
        slices(size, threads),
        threads,
    )
    return next_change_on


def standing(spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, threads: int = 1) -> Standing:
    """Everybody's index and next change; arguments as of `indices`."""
    return Standing(
        indices(spells, rules, gate, day, threads=threads), next_changes(spells, gate, day, threads=threads)
    )


def rolled(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, before: Standing, threads: int = 1
) -> tuple[Standing, Whole]:
    """A later day's standing of the same history: only those whose next change has come are computed.

    Args:
        spells: in storage order.
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: days since 1970-01-01, not before that of `before`.
        before: everybody's standing on an earlier day.
        threads: how many slices are computed side by side.

    Returns:
        everybody's standing, and the numbers of the persons who were computed.
    """
    due = np.flatnonzero(before.next_change_on <= day)
    now = Standing(before.index_milli.copy(), before.next_change_on.copy())
    now.index_milli[due] = indices(spells, rules, gate, day, due, threads)
    now.next_change_on[due] = next_changes(spells, gate, day, due, threads)
    return now, due


def ledgers(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, persons: Whole | None = None, threads: int = 1
) -> list[LedgerSlice]:
    """Indices with all their rows, slice by slice of persons; arguments as of `indices`."""
    parts = slices(len(gate.has_index) if persons is None else len(persons), threads)
    rooms = SimpleQueue[_Room]()
    for _ in range(threads):
        rooms.put(_room_for_rows(spells, rules, [_those(persons, part) for part in parts]))

    def made(part: slice) -> LedgerSlice:
        room = rooms.get()
        try:
            return _ledger_slice(spells, rules, gate, day, _those(persons, part), room)
        finally:
            rooms.put(room)

    return side_by_side(made, parts, threads)


_Room = tuple[PointRows, AdjustingRows]


def _room_for_rows(spells: SpellColumns, rules: Arithmetic, parts: list[Whole]) -> _Room:
    """Room for the rows of any of the parts, written in again and again: fresh memory costs more than the rows."""
    persons = max(map(len, parts))
    points = max(int((spells.first[part + 1] - spells.first[part]).sum()) for part in parts) + 1  # and a spare one
    notes = persons * (len(rules.cap) + len(rules.lowest) + 2)
    return (
        PointRows(np.empty(persons, np.int32), np.empty(points, np.int32), np.empty(points, np.int32)),
        AdjustingRows(
            np.empty(persons, np.int32), np.empty(notes, np.int8), np.empty(notes, np.int16), np.empty(notes, np.int32)
        ),
    )


def _ledger_slice(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, persons: Whole, room: _Room
) -> LedgerSlice:
    size, (points, adjusting) = len(persons), room
    index_milli = np.empty(size, np.int32)
    rows, notes = kernel.ledgers(spells, rules, gate, day, persons, index_milli, points, adjusting)
    kind, place = adjusting.kind[:notes].copy(), adjusting.place[:notes].copy()
    return LedgerSlice(
        index_milli,
        PointRows(points.rows[:size].copy(), points.spell[:rows].copy(), points.points_milli[:rows].copy()),
        AdjustingRows(adjusting.rows[:size].copy(), kind, place, adjusting.points_milli[:notes].copy()),
    )


def stored(loose: LooseSpells, persons: int, exclusive: Bytes, threads: int = 1) -> tuple[SpellColumns, Numbers]:
    """Brings spells into storage order: by person, indicator, group, first day, event id.

    Args:
        loose: the spells, in any order.
        persons: how many persons there are.
        exclusive: 1 for indicators in which only the strongest of a group counts.
        threads: how many slices of spells, then of persons, are worked on side by side.

    Returns:
        the columns in order, and the row each came from, int32 [spells].
    """
    size = len(loose.person)
    shift = max(persons.bit_length() - _BOX_BITS, 0)
    parts = [(part.start, part.stop) for part in _cut(size, -(-size // threads))]
    counts = np.zeros((len(parts), (max(persons - 1, 0) >> shift) + 1), np.int64)
    numbers = range(len(parts))
    side_by_side(lambda one: kernel.count(loose.person, parts[one], shift, counts[one]), numbers, threads)
    starts = np.append(0, np.cumsum(counts.sum(axis=0)))
    places = starts[:-1] + np.cumsum(counts, axis=0) - counts
    packed = np.empty((starts[-1], 3), np.uint64)
    side_by_side(lambda one: kernel.scatter(loose, parts[one], shift, places[one], packed), numbers, threads)
    spells, rows = _room(persons, int(starts[-1])), np.empty(starts[-1], np.int32)

    def unpack(box: int) -> None:
        members = box << shift, min((box + 1) << shift, persons)
        kernel.unpack(packed, starts[box], starts[box + 1], members, loose.event_id, exclusive, spells, rows)

    side_by_side(unpack, range(counts.shape[1] if persons else 0), threads)
    return spells, rows


def _room(persons: int, size: int) -> SpellColumns:
    return SpellColumns(
        first=np.zeros(persons + 1, np.int64),
        indicator=np.empty(size, np.int8),
        begins=np.empty(size, np.int8),
        magnitude_milli=np.empty(size, np.int32),
        from_on=np.empty(size, np.uint16),
        until_on=np.empty(size, np.uint16),
    )


def indices_of_loose(loose: LooseSpells, rules: Arithmetic, gate: Gate, day: int, threads: int = 1) -> Numbers:
    """One day's indices of spells in any order, for who asks about one day alone: no storage order is made.

    Args:
        loose: the spells, in any order.
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: days since 1970-01-01.
        threads: how many slices of spells, then boxes of persons, are worked on side by side.

    Raises:
        ValueError: groups lie further apart than months of some millennia.
    """
    size, persons = len(loose.person), len(gate.has_index)
    parts = [(part.start, part.stop) for part in _cut(size, -(-size // threads))]
    counts = np.zeros((len(parts), (max(persons - 1, 0) >> _LOOSE_BITS) + 1), np.int64)
    numbers = range(len(parts))
    spans = side_by_side(
        lambda one: kernel.count_live(loose, parts[one], day, _LOOSE_BITS, counts[one]), numbers, threads
    )
    lowest = min(span[0] for span in spans)
    bits = int(max(span[1] for span in spans) - lowest).bit_length()
    if bits > kernel.MOST_GROUP_BITS:
        raise ValueError(f"groups span {bits} bits, at most {kernel.MOST_GROUP_BITS} fit")
    room = counts + 1  # a spare word behind each part of a box: what is not live is written there
    ends = np.cumsum(room.sum(axis=0))
    first = np.append(0, ends[:-1]) + np.cumsum(room, axis=0) - room
    words, place = np.empty(int(ends[-1]), np.uint64), first.copy()
    side_by_side(
        lambda one: kernel.scatter_live(loose, parts[one], day, _LOOSE_BITS, (lowest, bits), place[one], words),
        numbers,
        threads,
    )
    index_milli = np.empty(persons, np.int32)

    def close(box: int) -> None:
        own = np.concatenate([words[first[one, box] : first[one, box] + counts[one, box]] for one in numbers])
        members = slice(box << _LOOSE_BITS, min((box + 1) << _LOOSE_BITS, persons))
        of_gate = gate.has_index[members], gate.indicators[members]
        kernel.box_indices(own, np.empty_like(own), bits, rules, *of_gate, index_milli[members])

    side_by_side(close, range(counts.shape[1] if persons else 0), threads)
    return index_milli


def warm(rules: Arithmetic) -> None:
    """Compiles what an evaluation calls, or reads it from the cache; it costs seconds, once per machine."""
    one, nobody = np.zeros(1, np.int32), np.zeros(1, np.int8)
    loose = LooseSpells(one, nobody, one, one, one, one, np.zeros(1, np.int64))
    spells, _ = stored(loose, 1, rules.exclusive)
    gate = Gate(nobody, np.zeros(1, np.uint64), one)
    next_changes(spells, gate, 0)
    ledgers(spells, rules, gate, 0)


def slices(size: int, threads: int) -> list[slice]:
    """`range(size)` cut into equal slices, as many for each thread; one empty slice of nothing."""
    turns = max(_TURNS, -(-size // (_SLICE * threads)))
    return _cut(size, max(-(-size // (turns * threads)), _WORTHWHILE))


def _cut(size: int, width: int) -> list[slice]:
    return [slice(start, min(start + width, size)) for start in range(0, max(size, 1), max(width, 1))]


def side_by_side(work: Callable[[Part], Result], parts: Iterable[Part], threads: int) -> list[Result]:
    """Works on the parts, on this thread alone or on several; the kernels let go of the interpreter's lock."""
    if threads == 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))


def _those(persons: Whole | None, part: slice) -> Whole:
    """The persons of a slice of those asked about, or of everybody."""
    return np.arange(part.start, part.stop) if persons is None else persons[part]
