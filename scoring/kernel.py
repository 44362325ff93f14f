"""The kernel: one pass over each person's ordered spells, three small reducers, integers in and integers out.

Everything here is compiled and runs serially over a slice of persons; threads take slices side by side, and since no
person influences another, slices and threads change nothing. All kernels stand in this one file, so that a kept
compilation is never older than a function it has taken in.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Days, Hashes, Whole
from scoring.compiled import compiled

Bytes = NDArray[np.int8]
Numbers = NDArray[np.int32]

SUM: Final = 0
STRONGEST: Final = 1
CONCAVE: Final = 2

POINT: Final = 0
INDICATOR_CAP: Final = 1
DIMENSION_CAP: Final = 2
OVERALL_CLIP: Final = 3
ROUNDING: Final = 4

NO_INDEX: Final = int(np.iinfo(np.int32).min)
"""Stands where a person has no index that day."""

_NO_DAY: Final = int(np.iinfo(np.int32).max)
_NOWHERE: Final = -1
_GROUP_BIAS: Final = 1 << 25
_DAY_BIAS: Final = 1 << 31
_LOW_26_BITS: Final = np.uint64((1 << 26) - 1)
_LOW_32_BITS: Final = np.uint64((1 << 32) - 1)
_LAST_ROWS: Final = 2
"""Overall clip and rounding."""


class SpellColumns(NamedTuple):
    """Spells in storage order: by person, indicator, group, first day, event id.

    Attributes:
        first: first spell of each person, int64 [persons + 1].
        indicator: number in the catalogue, rising within a person.
        group: within which the strongest is looked for (quarter or month of the deed, else 0), rising in an indicator.
        value_milli: thousandths of a point, or of a unit where bands turn it into points.
        from_on, until_on: half-open period.
    """

    first: Whole
    indicator: Bytes
    group: Numbers
    value_milli: Numbers
    from_on: Days
    until_on: Days


class Gate(NamedTuple):
    """Who has an index on a day, and which sources each person lets us read.

    Attributes:
        has_index: 1 or 0, int8 [persons].
        consents: one bit per source, uint64 [persons].
        next_on: the first later day on which either may change, int32 [persons].
    """

    has_index: Bytes
    consents: Hashes
    next_on: Days


class Arithmetic(NamedTuple):
    """What an edition tells the kernel; thousandths of a point.

    Attributes:
        combine: `SUM`, `STRONGEST` or `CONCAVE`, int8 [indicators].
        source: number of the source whose consent is needed, -1 for none, int8 [indicators].
        dimension: int16 [indicators], rising.
        lowest, highest: bounds of an indicator's sum, int64 [indicators].
        first_band: bands of an indicator, int64 [indicators + 1].
        band_from: lower edge of each band, thousandths of a unit.
        band_price: thousandths of a point per unit.
        dimension_lowest, dimension_highest: int64 [dimensions].
        overall: base, lowest, highest, rounding step, int64 [4].
    """

    combine: Bytes
    source: Bytes
    dimension: NDArray[np.int16]
    lowest: Whole
    highest: Whole
    first_band: Whole
    band_from: Whole
    band_price: Whole
    dimension_lowest: Whole
    dimension_highest: Whole
    overall: Whole


class Standing(NamedTuple):
    """The persons asked about on one day.

    Attributes:
        persons: their numbers, int64 [n], ascending.
        index_milli: the civility index in thousandths, `NO_INDEX` where there is none, int32 [n].
        next_change_on: the first later day on which anything of theirs may change, int32 [n].
        rows: how many ledger rows each has, int32 [n].
    """

    persons: Whole
    index_milli: Numbers
    next_change_on: Days
    rows: Numbers


class CompactLedger(NamedTuple):
    """Ledger rows as numbers, each person's together: point rows in storage order, then adjusting rows.

    Attributes:
        first_row: int64 [persons + 1].
        spell: the spell a row comes from, -1 for an adjusting row, int64.
        kind: `POINT` and the like, int8.
        place: number of the indicator or dimension, -1 where there is none, int16.
        points_milli: thousandths of a point, int32.
    """

    first_row: Whole
    spell: Whole
    kind: Bytes
    place: NDArray[np.int16]
    points_milli: Numbers


class Scratch(NamedTuple):
    """One person's ledger while it is being made: point rows first, adjusting rows kept apart."""

    spell: Whole
    points: Numbers
    kind: Bytes
    place: NDArray[np.int16]
    adjusting: Numbers


@compiled
def _run_of(spells: SpellColumns, start: int, stop: int) -> int:
    """Where the indicator that begins at `start` ends."""
    indicator = spells.indicator[start]
    end = start + 1
    while end < stop and spells.indicator[end] == indicator:
        end += 1
    return end


@compiled
def _change(spells: SpellColumns, spell: int, day: int, soonest: int) -> int:
    """The sooner of `soonest` and the day on which a spell that is not live begins, if it still will."""
    return min(soonest, spells.from_on[spell]) if spells.from_on[spell] > day else soonest


@compiled
def _sum(spells: SpellColumns, start: int, end: int, day: int, scratch: Scratch, row: int) -> tuple[int, int, int]:
    """Reducer 1: every live spell keeps its value.

    Returns:
        the sum, the row behind the last one written, and the next day on which one of the spells begins or ends.
    """
    total, change = 0, _NO_DAY
    for spell in range(start, end):
        if spells.from_on[spell] <= day < spells.until_on[spell]:
            scratch.spell[row] = spell
            scratch.points[row] = spells.value_milli[spell]
            total += spells.value_milli[spell]
            change = min(change, spells.until_on[spell])
            row += 1
        else:
            change = _change(spells, spell, day, change)
    return total, row, change


@compiled
def _strongest(
    spells: SpellColumns, start: int, end: int, day: int, scratch: Scratch, row: int
) -> tuple[int, int, int]:
    """Reducer 2: within each group the first live spell of the largest magnitude keeps its value, the others get 0."""
    total, change = 0, _NO_DAY
    best, group = _NOWHERE, 0
    for spell in range(start, end):
        if not spells.from_on[spell] <= day < spells.until_on[spell]:
            change = _change(spells, spell, day, change)
            continue
        value = spells.value_milli[spell]
        change = min(change, spells.until_on[spell])
        if best == _NOWHERE or spells.group[spell] != group:
            best, group = row, spells.group[spell]
            scratch.points[row] = value
            total += value
        elif abs(value) > abs(scratch.points[best]):
            total += value - scratch.points[best]
            scratch.points[best], scratch.points[row] = 0, value
            best = row
        else:
            scratch.points[row] = 0
        scratch.spell[row] = spell
        row += 1
    return total, row, change


@compiled
def _worth(rules: Arithmetic, indicator: int, quantity: int) -> int:
    """Reducer 3's F: what a quantity is worth after the bands, rounded half up (it is never negative)."""
    exact = 0
    stop = rules.first_band[indicator + 1]
    for band in range(rules.first_band[indicator], stop):
        upper = quantity
        if band + 1 < stop:
            upper = min(quantity, rules.band_from[band + 1])
        if upper > rules.band_from[band]:
            exact += (upper - rules.band_from[band]) * rules.band_price[band]
    return (exact + 500) // 1000


@compiled
def _concave(
    spells: SpellColumns, start: int, end: int, day: int, scratch: Scratch, row: int, rules: Arithmetic
) -> tuple[int, int, int]:
    """Reducer 3: each live row adds round(F(before + q)) - round(F(before)), so rows telescope to round(F(all))."""
    quantity, total, change = 0, 0, _NO_DAY
    for spell in range(start, end):
        if spells.from_on[spell] <= day < spells.until_on[spell]:
            quantity += spells.value_milli[spell]
            after = _worth(rules, spells.indicator[spell], quantity)
            scratch.spell[row] = spell
            scratch.points[row] = after - total
            total = after
            change = min(change, spells.until_on[spell])
            row += 1
        else:
            change = _change(spells, spell, day, change)
    return total, row, change


@compiled
def _adjust(scratch: Scratch, caps: int, kind: int, place: int, points: int) -> int:
    """Notes an adjusting row where it changes something."""
    if points == 0:
        return caps
    scratch.kind[caps], scratch.place[caps], scratch.adjusting[caps] = kind, place, points
    return caps + 1


@compiled
def _rounded(points: int, step: int) -> int:
    """To the nearest step, halves away from zero."""
    magnitude = (2 * abs(points) + step) // (2 * step) * step
    return magnitude if points >= 0 else -magnitude


@compiled
def _ledger_of(
    spells: SpellColumns, rules: Arithmetic, consents: int, start: int, stop: int, day: int, scratch: Scratch
) -> tuple[int, int, int, int]:
    """One person's whole arithmetic.

    Returns:
        the index, the next change, the number of point rows and of adjusting rows in `scratch`.
    """
    rows, caps, change = 0, 0, _NO_DAY
    # Dimension caps stand behind all indicator caps: they wait in the second half of the scratch.
    behind = len(rules.combine)
    dimension, dimension_sum, later = _NOWHERE, 0, behind
    total = rules.overall[0]
    spell = start
    while spell < stop:
        indicator = spells.indicator[spell]
        end = _run_of(spells, spell, stop)
        if rules.dimension[indicator] != dimension:
            if dimension != _NOWHERE:
                bounded = min(max(dimension_sum, rules.dimension_lowest[dimension]), rules.dimension_highest[dimension])
                later = _adjust(scratch, later, DIMENSION_CAP, dimension, bounded - dimension_sum)
                total += bounded
            dimension, dimension_sum = rules.dimension[indicator], 0
        source = rules.source[indicator]
        if source == _NOWHERE or (consents >> np.uint64(source)) & np.uint64(1):
            if rules.combine[indicator] == SUM:
                points, rows, soonest = _sum(spells, spell, end, day, scratch, rows)
            elif rules.combine[indicator] == STRONGEST:
                points, rows, soonest = _strongest(spells, spell, end, day, scratch, rows)
            else:
                points, rows, soonest = _concave(spells, spell, end, day, scratch, rows, rules)
            change = min(change, soonest)
            capped = min(max(points, rules.lowest[indicator]), rules.highest[indicator])
            caps = _adjust(scratch, caps, INDICATOR_CAP, indicator, capped - points)
            dimension_sum += capped
        spell = end
    if dimension != _NOWHERE:
        bounded = min(max(dimension_sum, rules.dimension_lowest[dimension]), rules.dimension_highest[dimension])
        later = _adjust(scratch, later, DIMENSION_CAP, dimension, bounded - dimension_sum)
        total += bounded
    for row in range(behind, later):
        caps = _adjust(scratch, caps, scratch.kind[row], scratch.place[row], scratch.adjusting[row])
    clipped = min(max(total, rules.overall[1]), rules.overall[2])
    caps = _adjust(scratch, caps, OVERALL_CLIP, _NOWHERE, clipped - total)
    index = _rounded(clipped, rules.overall[3])
    caps = _adjust(scratch, caps, ROUNDING, _NOWHERE, index - clipped)
    return index, change, rows, caps


@compiled
def _scratch_for(spells: SpellColumns, rules: Arithmetic, persons: Whole) -> Scratch:
    longest = 0
    for person in persons:
        longest = max(longest, spells.first[person + 1] - spells.first[person])
    caps = len(rules.combine) + len(rules.dimension_lowest) + _LAST_ROWS
    return Scratch(
        np.empty(longest, np.int64),
        np.empty(longest, np.int32),
        np.empty(caps, np.int8),
        np.empty(caps, np.int16),
        np.empty(caps, np.int32),
    )


@compiled
def indices(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, found: Standing, start: int, stop: int
) -> None:
    """Fills a standing: index, next change and number of ledger rows of the persons from `start` to before `stop`.

    Args:
        spells: in storage order.
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: the day asked about.
        found: its `persons` are given, the rest is filled.
        start: first of `found` to be filled.
        stop: behind the last one.
    """
    scratch = _scratch_for(spells, rules, found.persons[start:stop])
    for number in range(start, stop):
        person = found.persons[number]
        found.index_milli[number], found.next_change_on[number], found.rows[number] = NO_INDEX, gate.next_on[person], 0
        if gate.has_index[person]:
            first, behind = spells.first[person], spells.first[person + 1]
            index, change, points, caps = _ledger_of(spells, rules, gate.consents[person], first, behind, day, scratch)
            found.index_milli[number], found.rows[number] = index, points + caps
            found.next_change_on[number] = min(change, gate.next_on[person])


@compiled
def ledgers(
    spells: SpellColumns,
    rules: Arithmetic,
    gate: Gate,
    day: int,
    found: Standing,
    rows: CompactLedger,
    start: int,
    stop: int,
) -> None:
    """Fills the ledger rows of the persons from `start` to before `stop`, point rows before adjusting rows.

    Args:
        spells: in storage order.
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: the day asked about.
        found: from `indices`.
        rows: its `first_row` is given, the rest is filled.
        start: first person of `found` whose rows are filled.
        stop: behind the last one.
    """
    scratch = _scratch_for(spells, rules, found.persons[start:stop])
    for number in range(start, stop):
        person = found.persons[number]
        if not gate.has_index[person]:
            continue
        first, behind = spells.first[person], spells.first[person + 1]
        _, _, points, caps = _ledger_of(spells, rules, gate.consents[person], first, behind, day, scratch)
        row = rows.first_row[number]
        for one in range(points):
            rows.spell[row], rows.kind[row] = scratch.spell[one], POINT
            rows.place[row], rows.points_milli[row] = spells.indicator[scratch.spell[one]], scratch.points[one]
            row += 1
        for one in range(caps):
            rows.spell[row], rows.kind[row] = _NOWHERE, scratch.kind[one]
            rows.place[row], rows.points_milli[row] = scratch.place[one], scratch.adjusting[one]
            row += 1


@compiled
def count(person: Numbers, shift: int, counts: Whole) -> None:
    """Counts the spells of each box; a person's box is its number without the last `shift` bits."""
    for one in person:
        counts[one >> shift] += 1


@compiled
def scatter(
    person: Numbers,
    columns: tuple[Bytes, Numbers, Numbers, Days, Days],
    first_number: int,
    shift: int,
    place: Whole,
    packed: NDArray[np.uint64],
) -> None:
    """Puts packed spells into their boxes: sorting then happens where everything is near.

    Args:
        person: of some of the spells, int32 [n].
        columns: their indicator, group, value, first day and end.
        first_number: number of the first of them among all spells.
        shift: see `count`.
        place: next free place of each box for these spells; moved on.
        packed: filled; what orders a spell, its value with its end, its person with its number: uint64 [spells, 3].
    """
    indicator, group, value_milli, from_on, until_on = columns
    for row in range(len(person)):
        box = person[row] >> shift
        target = place[box]
        place[box] = target + 1
        key = np.uint64(indicator[row]) << np.uint64(58) | np.uint64(group[row] + _GROUP_BIAS) << np.uint64(32)
        packed[target, 0] = key | np.uint64(from_on[row] + _DAY_BIAS)
        packed[target, 1] = np.uint64(value_milli[row] + _DAY_BIAS) << np.uint64(32) | np.uint64(
            until_on[row] + _DAY_BIAS
        )
        packed[target, 2] = np.uint64(person[row]) << np.uint64(32) | np.uint64(first_number + row)


@compiled
def unpack(
    packed: NDArray[np.uint64],
    start: int,
    stop: int,
    persons: tuple[int, int],
    event_id: Whole,
    spells: SpellColumns,
    rows: Numbers,
) -> None:
    """Sorts one box of persons and writes its columns.

    Args:
        packed: from `scatter`.
        start: the box's first place.
        stop: behind its last.
        persons: first and behind the last person of the box.
        event_id: of all spells; the last tie-breaker.
        spells: `first` is filled for the box's persons (where each one's spells end goes to the next), columns for
            its places.
        rows: filled with the number each spell had.
    """
    lowest, highest = persons
    place = np.zeros(highest - lowest + 1, np.int64)
    for one in range(start, stop):
        place[np.int64(packed[one, 2] >> np.uint64(32)) - lowest + 1] += 1
    place[0] = spells.first[lowest] = start
    for number in range(1, len(place)):
        place[number] += place[number - 1]
        spells.first[lowest + number] = place[number]
    box = np.empty((stop - start, 3), np.uint64)
    for one in range(start, stop):
        person = np.int64(packed[one, 2] >> np.uint64(32)) - lowest
        target = place[person] - start
        place[person] += 1
        box[target, 0], box[target, 1], box[target, 2] = packed[one, 0], packed[one, 1], packed[one, 2]
    for member in range(lowest, highest):
        _sort(box, event_id, spells.first[member] - start, spells.first[member + 1] - start)
    for one in range(stop - start):
        key, value = box[one, 0], box[one, 1]
        row = start + one
        spells.indicator[row] = np.int8(key >> np.uint64(58))
        spells.group[row] = np.int64((key >> np.uint64(32)) & _LOW_26_BITS) - _GROUP_BIAS
        spells.from_on[row] = np.int64(key & _LOW_32_BITS) - _DAY_BIAS
        spells.value_milli[row] = np.int64(value >> np.uint64(32)) - _DAY_BIAS
        spells.until_on[row] = np.int64(value & _LOW_32_BITS) - _DAY_BIAS
        rows[row] = np.int64(box[one, 2] & _LOW_32_BITS)


@compiled
def _sort(box: NDArray[np.uint64], event_id: Whole, start: int, stop: int) -> None:
    """Shell's sort: most persons have a handful of spells, and one with thousands costs little more."""
    gap = 1
    while gap * 3 < stop - start:
        gap = gap * 3 + 1
    while gap > 0:
        for here in range(start + gap, stop):
            key, value, row = box[here, 0], box[here, 1], box[here, 2]
            there = here - gap
            while there >= start and _stands_before(key, row, box[there, 0], box[there, 2], event_id):
                for part in range(3):
                    box[there + gap, part] = box[there, part]
                there -= gap
            box[there + gap, 0], box[there + gap, 1], box[there + gap, 2] = key, value, row
        gap //= 3


@compiled
def _stands_before(key: np.uint64, row: np.uint64, other: np.uint64, other_row: np.uint64, event_id: Whole) -> bool:
    if key != other:
        return bool(key < other)
    return bool(event_id[np.int64(row & _LOW_32_BITS)] < event_id[np.int64(other_row & _LOW_32_BITS)])
