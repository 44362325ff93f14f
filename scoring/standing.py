"""Where everybody stands on a day: index and next change for all, ledgers for those asked about, and the daily roll."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np

from scoring import kernel
from scoring.columns import AnyInts, Days, Whole
from scoring.kernel import Arithmetic, Bytes, CompactLedger, Gate, Numbers, SpellColumns, Standing

_SLICE: Final = 1 << 14
"""Persons per slice: a slice's spells fit a processor's cache, and every thread gets several."""


_BOX_BITS: Final = 10
"""Spells are sorted in about a thousand boxes of neighbouring persons, each small enough for a processor's cache."""

Part = TypeVar("Part")


def standing(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, persons: Whole | None = None, threads: int = 1
) -> Standing:
    """Index and next change of everybody, or of the persons named.

    Args:
        spells: in storage order (`stored`).
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: days since 1970-01-01.
        persons: numbers of the persons asked about; everybody if not given.
        threads: how many slices are computed side by side.
    """
    chosen = np.arange(len(gate.has_index)) if persons is None else persons
    size = len(chosen)
    found = Standing(chosen, np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32))

    def fill(part: slice) -> None:
        kernel.indices(spells, rules, gate, day, found, part.start, part.stop)

    side_by_side(fill, slices(size), threads)
    return found


def ledgers(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, found: Standing, threads: int = 1
) -> CompactLedger:
    """All rows of the persons of a standing, which their indices are the sums of."""
    first_row = np.append(0, np.cumsum(found.rows, dtype=np.int64))
    size = int(first_row[-1])
    spell, kind = np.empty(size, np.int64), np.empty(size, np.int8)
    rows = CompactLedger(first_row, spell, kind, np.empty(size, np.int16), np.empty(size, np.int32))

    def fill(part: slice) -> None:
        kernel.ledgers(spells, rules, gate, day, found, rows, part.start, part.stop)

    side_by_side(fill, slices(len(found.persons)), threads)
    return rows


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
    now = standing(spells, rules, gate, day, due, threads)
    return _with(before, due, now), due


def _with(before: Standing, due: AnyInts, now: Standing) -> Standing:
    merged = [before.index_milli.copy(), before.next_change_on.copy(), before.rows.copy()]
    for column, new in zip(merged, (now.index_milli, now.next_change_on, now.rows), strict=True):
        column[due] = new
    return Standing(before.persons, *merged)


def stored(
    person: Numbers,
    columns: tuple[Bytes, Numbers, Numbers, Days, Days],
    event_id: Whole,
    persons: int,
    threads: int = 1,
) -> tuple[SpellColumns, Numbers]:
    """Brings spells into storage order: by person, indicator, group, first day, event id.

    Args:
        person: number of each spell's person, int32 [spells].
        columns: indicator, group, value, first day, end, each [spells].
        event_id: the last tie-breaker, int64 [spells].
        persons: how many persons there are.
        threads: how many slices of persons are sorted side by side.

    Returns:
        the columns in order, and the row each came from, int32 [spells].
    """
    size = len(person)
    shift = max(persons.bit_length() - _BOX_BITS, 0)
    parts = slices(size, -(-size // threads))
    counts = np.zeros((len(parts), (max(persons - 1, 0) >> shift) + 1), np.int64)
    places, starts = _places(counts, person, parts, shift, threads)
    packed = np.empty((size, 3), np.uint64)

    def scatter(number: int) -> None:
        part = parts[number]
        chosen = columns[0][part], columns[1][part], columns[2][part], columns[3][part], columns[4][part]
        kernel.scatter(person[part], chosen, part.start, shift, places[number], packed)

    side_by_side(scatter, range(len(parts)), threads)
    spells = SpellColumns(np.zeros(persons + 1, np.int64), *(np.empty(size, column.dtype) for column in columns))
    rows = np.empty(size, np.int32)

    def unpack(box: int) -> None:
        members = box << shift, min((box + 1) << shift, persons)
        kernel.unpack(packed, starts[box], starts[box + 1], members, event_id, spells, rows)

    side_by_side(unpack, range(counts.shape[1]), threads)
    return spells, rows


def _places(counts: Whole, person: Numbers, parts: list[slice], shift: int, threads: int) -> tuple[Whole, Whole]:
    """Where each part of the spells puts those of each box, and where each box begins."""
    side_by_side(lambda number: kernel.count(person[parts[number]], shift, counts[number]), range(len(parts)), threads)
    starts = np.append(0, np.cumsum(counts.sum(axis=0)))
    return starts[:-1] + np.cumsum(counts, axis=0) - counts, starts


def warm(rules: Arithmetic) -> None:
    """Has every kernel compiled, or read from the cache, before somebody waits for it: seconds, once per machine."""
    one, nobody = np.zeros(1, np.int32), np.zeros(1, np.int8)
    spells, _ = stored(one, (nobody, one, one, one, one), np.zeros(1, np.int64), 1)
    gate = Gate(nobody, np.zeros(1, np.uint64), one)
    ledgers(spells, rules, gate, 0, standing(spells, rules, gate, 0))


def slices(size: int, width: int = _SLICE) -> list[slice]:
    """`range(size)` cut into slices of at most `width`."""
    return [slice(start, min(start + width, size)) for start in range(0, size, max(width, 1))]


def side_by_side(work: Callable[[Part], None], parts: Iterable[Part], threads: int) -> None:
    """Works on the parts, on this thread alone or on several; the kernels let go of the interpreter's lock."""
    if threads == 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, parts))
