"""The kernel: one pass over each person's ordered spells, three small reducers, integers in and integers out.

Everything here is compiled and runs serially over a slice of persons; threads take slices side by side, and since no
person influences another, slices and threads change nothing. All kernels stand in this one file, so that a kept
compilation is never older than a function it has taken in.

The three reducers are one loop without a branch that a processor would have to guess. A spell either begins a group
or joins the one before it; the strongest live spell of a group counts. To *sum* is to let every spell begin a group of
its own; the *strongest* within a quarter is the strongest of a longer group; the *concave* reducer runs an indicator's
sum through its bands. Within an indicator all values have one sign, so magnitudes are stored and compared. Unsigned
loop variables spare the check for negative positions, which costs a third of the time.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Days, Hashes, Whole
from scoring.compiled import compiled, inlined

Bytes = NDArray[np.int8]
Numbers = NDArray[np.int32]
Packed = NDArray[np.uint64]
ShortDays = NDArray[np.uint16]

Integer = Any
"""Python's and NumPy's integers, which compiled code does not tell apart and a type checker does."""

POINT: Final = 0
INDICATOR_CAP: Final = 1
DIMENSION_CAP: Final = 2
OVERALL_CLIP: Final = 3
ROUNDING: Final = 4

NO_INDEX: Final = int(np.iinfo(np.int32).min)
"""Stands where a person has no index that day."""

LAST_DAY: Final = (1 << 16) - 2
"""The last day of storage order, in the year 2149; half the bytes, and memory is what the kernel waits for."""

_OPEN: Final = LAST_DAY + 1
_NO_DAY: Final = int(np.iinfo(np.int32).max)
_NOWHERE: Final = -1
_ONE: Final = np.uint64(1)
_HALF: Final = np.uint64(32)
_GROUP_BIAS: Final = 1 << 25
_DAY_BIAS: Final = 1 << 31
_LOW: Final = np.uint64((1 << 32) - 1)
_INDICATOR_BITS: Final = np.uint64(6)
_INDICATOR: Final = np.uint64(63)
_MAGNITUDE_BITS: Final = np.uint64(31)
_MAGNITUDE: Final = np.uint64((1 << 31) - 1)
_DIGIT: Final = 10
_LAST_DIGIT: Final = np.uint64((1 << _DIGIT) - 1)

MOST_GROUP_BITS: Final = 64 - 31 - 6 - 10
"""What a word leaves for groups beside magnitude, indicator and a box's persons."""


class SpellColumns(NamedTuple):
    """Spells in storage order: by person, indicator, group, first day, event id.

    Attributes:
        first: first spell of each person, int64 [persons + 1].
        indicator: number in the catalogue, below 64, rising within a person, int8.
        begins: 1 where a spell begins a group: always in an indicator that sums, else where the quarter or month of
            the deed (or the indicator) is another than the spell's before, int8.
        magnitude_milli: thousandths of a point, or of a unit where bands turn it into points, int32, never negative.
        from_on, until_on: half-open period in days since 1970-01-01, as 16 bits: what ends behind `LAST_DAY` is open.
    """

    first: Whole
    indicator: Bytes
    begins: Bytes
    magnitude_milli: Numbers
    from_on: ShortDays
    until_on: ShortDays


class Gate(NamedTuple):
    """Who has an index on a day, and what may be read of each person.

    Attributes:
        has_index: 1 or 0, int8 [persons].
        indicators: one bit per indicator that needs no consent or whose consent is live, uint64 [persons].
        next_on: the first later day on which either may change, int32 [persons].
    """

    has_index: Bytes
    indicators: Hashes
    next_on: Days


class Arithmetic(NamedTuple):
    """What an edition tells the kernel; thousandths of a point.

    Attributes:
        sign: 0 for awards, -1 for deductions: `(points ^ sign) - sign` gives a magnitude its sign without multiplying,
            which processors do slowly in 64 bits; int64 [indicators].
        cap: the largest magnitude of an indicator's sum, int64 [indicators].
        exclusive: 1 where only the strongest of a group counts, int8 [indicators].
        banded: numbers of the indicators whose sum runs through bands, int64.
        first_band: bands of each of these, int64 [banded + 1].
        band_from: lower edge of each band, thousandths of a unit.
        band_price: thousandths of a point per unit.
        first_indicator: indicators of each dimension, int64 [dimensions + 1].
        lowest, highest: bounds of a dimension's sum, int64 [dimensions].
        overall: base, lowest, highest, rounding step, int64 [4].
    """

    sign: Whole
    cap: Whole
    exclusive: Bytes
    banded: Whole
    first_band: Whole
    band_from: Whole
    band_price: Whole
    first_indicator: Whole
    lowest: Whole
    highest: Whole
    overall: Whole


class Tally(NamedTuple):
    """One person's sums while they are made.

    Attributes:
        summed: magnitude of each indicator, then its worth after bands, int64 [indicators].
        capped: with sign, after its cap, int64 [indicators].
        bounded: each dimension's sum within its bounds, int64 [dimensions].
    """

    summed: Whole
    capped: Whole
    bounded: Whole


class PointRows(NamedTuple):
    """Ledger rows that come from spells: which spell, and its points.

    Attributes:
        rows: how many each person has, int32 [persons].
        spell: number in storage order.
        points_milli: thousandths of a point; both int32 [rows].
    """

    rows: Numbers
    spell: Numbers
    points_milli: Numbers


class AdjustingRows(NamedTuple):
    """Ledger rows that say what caps, bounds and rounding change.

    Attributes:
        rows: how many each person has, int32 [persons].
        kind: `INDICATOR_CAP` and the like, int8.
        place: number of the indicator or dimension, -1 where there is none, int16.
        points_milli: int32.
    """

    rows: Numbers
    kind: Bytes
    place: NDArray[np.int16]
    points_milli: Numbers


@compiled
def _new_tally(rules: Arithmetic) -> Tally:
    indicators, dimensions = len(rules.cap), len(rules.lowest)
    return Tally(np.zeros(indicators, np.int64), np.zeros(indicators, np.int64), np.zeros(dimensions, np.int64))


@inlined
def _is_live(begins: int, ends: int, day: int) -> Integer:
    """1 if the period holds the day, else 0: a number, because what is a guess to a processor costs more."""
    return np.int64((begins <= day) & (day < ends))


@inlined
def _signed(magnitude: Integer, sign: Integer) -> Integer:
    """A magnitude with its indicator's sign (see `Arithmetic`); its own inverse."""
    return (magnitude ^ sign) - sign


@inlined
def _sum_up(spells: SpellColumns, start: int, stop: int, day: int, summed: Whole) -> None:
    """Reducers 1 and 2: each indicator's sum of the strongest live magnitudes of its groups."""
    indicators, begins, magnitudes = spells.indicator, spells.begins, spells.magnitude_milli
    from_on, until_on = spells.from_on, spells.until_on
    summed[:] = 0
    strongest, total, before = np.int64(0), np.int64(0), np.int8(_NOWHERE)
    for spell in range(np.uint64(start), np.uint64(stop)):
        indicator = indicators[spell]
        magnitude = magnitudes[spell] & -_is_live(from_on[spell], until_on[spell], day)
        rival = strongest & (np.int64(begins[spell]) - 1)  # what the group has so far, 0 where it begins
        strongest = max(magnitude, rival)
        total = (total & -np.int64(indicator == before)) + strongest - rival
        summed[np.uint8(indicator)] = total
        before = indicator


@compiled
def _worth(rules: Arithmetic, number: int, quantity: int) -> Integer:
    """Reducer 3: what a quantity is worth after the bands, rounded half up (it is never negative)."""
    exact, stop = np.int64(0), np.uint64(rules.first_band[number + 1])
    for band in range(np.uint64(rules.first_band[number]), stop):
        upper = min(quantity, rules.band_from[band + _ONE]) if band + _ONE < stop else quantity
        exact += max(upper - rules.band_from[band], 0) * rules.band_price[band]
    return np.int64(np.uint64(exact + 500) // np.uint64(1000))


@compiled
def _rounded(points: int, step: int) -> Integer:
    """To the nearest step, halves away from zero; in 32 bits, where dividing is quick."""
    magnitude = np.uint32(abs(points) + step // 2) // np.uint32(step) * np.uint32(step)
    return np.int64(magnitude) if points >= 0 else -np.int64(magnitude)


@inlined
def _close(rules: Arithmetic, readable: int, tally: Tally) -> tuple[int, int, int]:
    """From the sums of the indicators to the index.

    Returns:
        the total, the total within the scale, and that rounded.
    """
    summed, capped, bounded = tally.summed, tally.capped, tally.bounded
    banded, cap, sign, overall = rules.banded, rules.cap, rules.sign, rules.overall
    first_indicator, lowest, highest = rules.first_indicator, rules.lowest, rules.highest
    for number in range(len(banded)):
        if summed[banded[number]] > 0:
            summed[banded[number]] = _worth(rules, number, summed[banded[number]])
    for indicator in range(np.uint64(len(cap))):
        magnitude = min(summed[indicator], cap[indicator]) & -np.int64((readable >> indicator) & _ONE)
        capped[indicator] = _signed(magnitude, sign[indicator])
    total = overall[0]
    for dimension in range(len(lowest)):
        points = np.int64(0)
        for indicator in range(np.uint64(first_indicator[dimension]), np.uint64(first_indicator[dimension + 1])):
            points += capped[indicator]
        bounded[dimension] = min(max(points, lowest[dimension]), highest[dimension])
        total += bounded[dimension]
    clipped = min(max(total, overall[1]), overall[2])
    return total, clipped, _rounded(clipped, overall[3])


@compiled
def indices(
    spells: SpellColumns, rules: Arithmetic, gate: Gate, day: int, persons: Whole, index_milli: Numbers
) -> None:
    """Every person's civility index and nothing else.

    Args:
        spells: in storage order.
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: the day asked about.
        persons: numbers of the persons asked about, int64 [n].
        index_milli: filled; `NO_INDEX` where there is none, int32 [n].
    """
    tally = _new_tally(rules)
    for number in range(len(persons)):
        person = persons[number]
        index_milli[number] = NO_INDEX
        if gate.has_index[person]:
            _sum_up(spells, spells.first[person], spells.first[person + 1], day, tally.summed)
            index_milli[number] = _close(rules, gate.indicators[person], tally)[2]


@compiled
def next_changes(spells: SpellColumns, gate: Gate, day: int, persons: Whole, next_change_on: Days) -> None:
    """The first later day on which a readable spell begins or ends, or the gate changes.

    Args:
        spells: in storage order.
        gate: who has an index that day.
        day: the day asked about.
        persons: numbers of the persons asked about, int64 [n].
        next_change_on: filled, int32 [n].
    """
    for number in range(len(persons)):
        person = persons[number]
        soonest = gate.next_on[person]
        if gate.has_index[person]:
            readable = gate.indicators[person]
            for spell in range(np.uint64(spells.first[person]), np.uint64(spells.first[person + 1])):
                begins, ends = np.int32(spells.from_on[spell]), np.int32(spells.until_on[spell])
                boundary = begins if begins > day else ends
                may = (boundary > day) & (((readable >> np.uint64(spells.indicator[spell])) & _ONE) != 0)
                soonest = min(soonest, boundary if may & (boundary < _OPEN) else np.int32(_NO_DAY))
        next_change_on[number] = soonest


@compiled
def ledgers(
    spells: SpellColumns,
    rules: Arithmetic,
    gate: Gate,
    day: int,
    persons: Whole,
    index_milli: Numbers,
    points: PointRows,
    adjusting: AdjustingRows,
) -> tuple[int, int]:
    """Every person's index with every row of the ledger.

    Args:
        spells: in storage order.
        rules: the edition's arithmetic.
        gate: who has an index that day.
        day: the day asked about.
        persons: numbers of the persons asked about, int64 [n].
        index_milli: filled as by `indices`, int32 [n].
        points: filled; room for one row per spell of the persons.
        adjusting: filled; room for a row per indicator, per dimension and two more for each person.

    Returns:
        how many point rows and adjusting rows there are.
    """
    tally, row, note = _new_tally(rules), 0, 0
    for number in range(len(persons)):
        person = persons[number]
        index_milli[number], points.rows[number], adjusting.rows[number] = NO_INDEX, 0, 0
        if gate.has_index[person]:
            readable = gate.indicators[person]
            start, stop = spells.first[person], spells.first[person + 1]
            behind = _write_points(spells, rules, readable, (start, stop), day, points, row, tally.summed)
            _write_worth(spells, rules, tally.summed, points, row, behind)
            total, clipped, index = _close(rules, readable, tally)
            last = note
            if _changed(rules, readable, tally):
                last = _write_adjusting(rules, readable, tally, adjusting, note)
            last = _note(adjusting, last, OVERALL_CLIP, _NOWHERE, clipped - total)
            last = _note(adjusting, last, ROUNDING, _NOWHERE, index - clipped)
            index_milli[number] = index
            points.rows[number], adjusting.rows[number] = behind - row, last - note
            row, note = behind, last
    return row, note


@inlined
def _write_points(
    spells: SpellColumns,
    rules: Arithmetic,
    readable: int,
    part: tuple[int, int],
    day: int,
    points: PointRows,
    row: int,
    summed: Whole,
) -> Integer:
    """One row per live spell, and the sums as of `_sum_up`.

    What is written for a spell that is not live is written over by the next one, or is the spare row at the end.
    """
    indicators, begins, magnitudes = spells.indicator, spells.begins, spells.magnitude_milli
    from_on, until_on, sign = spells.from_on, spells.until_on, rules.sign
    from_spell, points_milli = points.spell, points.points_milli
    summed[:] = 0
    strongest, total, before = np.int64(0), np.int64(0), np.uint64(len(summed))
    at = best = np.uint64(row)
    spare = np.uint64(len(points_milli) - 1)
    for spell in range(np.uint64(part[0]), np.uint64(part[1])):
        indicator = np.uint64(indicators[spell])
        live = _is_live(from_on[spell], until_on[spell], day) & np.int64((readable >> indicator) & _ONE)
        magnitude = magnitudes[spell] & -live
        rival = strongest & (np.int64(begins[spell]) - 1)
        stronger = magnitude > rival
        points_milli[best if stronger & (rival > 0) else spare] = 0  # a later deed of the group outdoes an earlier one
        from_spell[at] = np.int32(spell)
        points_milli[at] = _signed(magnitude & -np.int64(stronger), sign[indicator])
        best = at if stronger else best
        strongest = max(magnitude, rival)
        total = (total & -np.int64(indicator == before)) + strongest - rival
        summed[indicator] = total
        before = indicator
        at += np.uint64(live)
    return np.int64(at)


@compiled
def _write_worth(
    spells: SpellColumns, rules: Arithmetic, summed: Whole, points: PointRows, start: int, stop: int
) -> None:
    """Rows of banded indicators get round(F(before + q)) - round(F(before)), so they telescope to round(F(all))."""
    indicators, from_spell, points_milli, banded = spells.indicator, points.spell, points.points_milli, rules.banded
    for number in range(len(banded)):
        if summed[banded[number]] > 0:
            sign = rules.sign[banded[number]]
            quantity, worth, row = np.int64(0), np.int64(0), np.uint64(start)
            while indicators[from_spell[row]] < banded[number]:
                row += _ONE
            while row < np.uint64(stop) and indicators[from_spell[row]] == banded[number]:
                quantity += _signed(points_milli[row], sign)
                after = _worth(rules, number, quantity)
                points_milli[row] = _signed(after - worth, sign)
                worth = after
                row += _ONE


@inlined
def _changed(rules: Arithmetic, readable: int, tally: Tally) -> bool:
    """Whether any cap or bound changes anything: seldom, and cheaper to ask than to note."""
    summed, capped, bounded, sign = tally.summed, tally.capped, tally.bounded, rules.sign
    first_indicator, difference = rules.first_indicator, np.int64(0)
    for dimension in range(len(bounded)):
        points = np.int64(0)
        for indicator in range(np.uint64(first_indicator[dimension]), np.uint64(first_indicator[dimension + 1])):
            magnitude = summed[indicator] & -np.int64((readable >> indicator) & _ONE)
            difference |= capped[indicator] ^ _signed(magnitude, sign[indicator])
            points += capped[indicator]
        difference |= bounded[dimension] - points
    return bool(difference)


@compiled
def _write_adjusting(rules: Arithmetic, readable: int, tally: Tally, adjusting: AdjustingRows, row: int) -> int:
    """Caps of indicators, then bounds of dimensions, where they change something."""
    for indicator in range(len(rules.cap)):
        magnitude = tally.summed[indicator] & -np.int64((readable >> np.uint64(indicator)) & _ONE)
        summed = _signed(magnitude, rules.sign[indicator])
        row = _note(adjusting, row, INDICATOR_CAP, indicator, tally.capped[indicator] - summed)
    for dimension in range(len(rules.lowest)):
        change: Integer = tally.bounded[dimension]
        for indicator in range(rules.first_indicator[dimension], rules.first_indicator[dimension + 1]):
            change -= tally.capped[indicator]
        row = _note(adjusting, row, DIMENSION_CAP, dimension, change)
    return row


@compiled
def _note(adjusting: AdjustingRows, row: int, kind: int, place: int, points: int) -> int:
    if points == 0:
        return row
    adjusting.kind[row], adjusting.place[row], adjusting.points_milli[row] = kind, place, points
    return row + 1


# --- storage order ------------------------------------------------------------------------------------------------


class LooseSpells(NamedTuple):
    """Spells in any order: number of the person, then as in `SpellColumns`.

    Attributes:
        group: number of the quarter or month within which only the strongest counts, else 0.
        event_id: what decides last; spells of one event stay in their order.
    """

    person: Numbers
    indicator: Bytes
    group: Numbers
    magnitude_milli: Numbers
    from_on: Days
    until_on: Days
    event_id: Whole


@compiled
def count(person: Numbers, part: tuple[int, int], shift: int, counts: Whole) -> None:
    """Counts the spells of each box; a box holds persons whose numbers differ in the last bits only.

    Args:
        person: of each spell.
        part: first and behind the last of those to be counted.
        shift: how many last bits of a person's number do not matter.
        counts: int64 [boxes], added to.
    """
    for row in range(np.uint64(part[0]), np.uint64(part[1])):
        counts[person[row] >> shift] += 1


@compiled
def scatter(loose: LooseSpells, part: tuple[int, int], shift: int, place: Whole, packed: Packed) -> None:
    """Puts packed spells into their boxes: sorting then happens where everything is near.

    Args:
        loose: the spells.
        part: first and behind the last of those to be put.
        shift: see `count`.
        place: next free place of each box for these spells; moved on.
        packed: filled; what orders a spell, its magnitude with its end, its person with its number: [spells, 3].
    """
    person, indicator, group = loose.person, loose.indicator, loose.group
    magnitude_milli, from_on, until_on = loose.magnitude_milli, loose.from_on, loose.until_on
    for row in range(np.uint64(part[0]), np.uint64(part[1])):
        box = person[row] >> shift
        target = place[box]
        place[box] = target + 1
        key = (np.uint64(indicator[row]) << np.uint64(58)) | (np.uint64(group[row] + _GROUP_BIAS) << _HALF)
        packed[target, 0] = key | np.uint64(from_on[row] + _DAY_BIAS)
        packed[target, 1] = (np.uint64(magnitude_milli[row]) << _HALF) | np.uint64(until_on[row] + _DAY_BIAS)
        packed[target, 2] = (np.uint64(person[row]) << _HALF) | row


@compiled
def unpack(
    packed: Packed,
    start: int,
    stop: int,
    persons: tuple[int, int],
    event_id: Whole,
    exclusive: Bytes,
    spells: SpellColumns,
    rows: Numbers,
) -> None:
    """Sorts one box of persons and writes its columns.

    Args:
        packed: from `scatter`.
        start: the box's first place.
        stop: behind its last.
        persons: first and behind the last person of the box.
        event_id: of all spells; what decides last.
        exclusive: see `Arithmetic`.
        spells: filled.
        rows: filled with the number each spell had.
    """
    lowest, highest = persons
    place = np.zeros(highest - lowest + 1, np.int64)
    for one in range(start, stop):
        place[np.int64(packed[one, 2] >> _HALF) - lowest + 1] += 1
    place[0] = spells.first[lowest] = start
    for number in range(1, len(place)):
        place[number] += place[number - 1]
        spells.first[lowest + number] = place[number]
    box = np.empty((stop - start, 3), np.uint64)
    for one in range(start, stop):
        person = np.int64(packed[one, 2] >> _HALF) - lowest
        target = place[person] - start
        place[person] += 1
        box[target, 0], box[target, 1], box[target, 2] = packed[one, 0], packed[one, 1], packed[one, 2]
    for member in range(lowest, highest):
        _sort(box, event_id, spells.first[member] - start, spells.first[member + 1] - start)
    _write_box(box, start, exclusive, spells, rows)


@compiled
def _write_box(box: Packed, start: int, exclusive: Bytes, spells: SpellColumns, rows: Numbers) -> None:
    for one in range(len(box)):
        key, magnitude, row = box[one, 0], box[one, 1], start + one
        indicator = np.int64(key >> np.uint64(58))
        joins = one > 0 and exclusive[indicator] and (box[one - 1, 0] ^ key) >> _HALF == 0
        joins = joins and (box[one - 1, 2] ^ box[one, 2]) >> _HALF == 0
        spells.indicator[row] = indicator
        spells.begins[row] = 0 if joins else 1
        spells.from_on[row] = _short(np.int64(key & _LOW) - _DAY_BIAS)
        spells.magnitude_milli[row] = np.int64(magnitude >> _HALF)
        spells.until_on[row] = _short(np.int64(magnitude & _LOW) - _DAY_BIAS)
        rows[row] = np.int64(box[one, 2] & _LOW)


@compiled
def _short(day: Integer) -> Integer:
    return min(max(day, 0), _OPEN)


@compiled
def _sort(box: Packed, event_id: Whole, start: int, stop: int) -> None:
    """Shell's sort: most persons have a handful of spells, and one with thousands costs little more."""
    gap = 1
    while gap * 3 < stop - start:
        gap = gap * 3 + 1
    while gap > 0:
        for here in range(start + gap, stop):
            key, magnitude, row = box[here, 0], box[here, 1], box[here, 2]
            there = here - gap
            while there >= start and _stands_before(key, row, box[there, 0], box[there, 2], event_id):
                for part in range(3):
                    box[there + gap, part] = box[there, part]
                there -= gap
            box[there + gap, 0], box[there + gap, 1], box[there + gap, 2] = key, magnitude, row
        gap //= 3


@compiled
def _stands_before(key: np.uint64, row: np.uint64, other: np.uint64, other_row: np.uint64, event_id: Whole) -> bool:
    """By key, then event, then the order in which the event's spells were made."""
    if key != other:
        return bool(key < other)
    event, other_event = event_id[np.int64(row & _LOW)], event_id[np.int64(other_row & _LOW)]
    return bool(event < other_event) if event != other_event else bool((row & _LOW) < (other_row & _LOW))


# --- one day's indices of spells in any order ----------------------------------------------------------------------


@compiled
def count_live(
    loose: LooseSpells, part: tuple[int, int], day: int, shift: int, counts: Whole
) -> tuple[Integer, Integer]:
    """Counts the spells of each box that are live on a day; a box holds `1 << shift` neighbouring persons.

    Args:
        loose: the spells.
        part: first and behind the last of those to be counted.
        day: the day asked about.
        shift: see above.
        counts: int64 [boxes], added to.

    Returns:
        the lowest and the highest group.
    """
    person, group, from_on, until_on = loose.person, loose.group, loose.from_on, loose.until_on
    lowest, highest = np.int64(0), np.int64(0)
    for row in range(np.uint64(part[0]), np.uint64(part[1])):
        counts[np.uint64(person[row] >> shift)] += _is_live(from_on[row], until_on[row], day)
        lowest, highest = min(lowest, group[row]), max(highest, group[row])
    return lowest, highest


@compiled
def scatter_live(
    loose: LooseSpells,
    part: tuple[int, int],
    day: int,
    shift: int,
    groups: tuple[int, int],
    place: Whole,
    words: Packed,
) -> None:
    """Puts one word per live spell into its box: person within the box, indicator, group, magnitude.

    Args:
        loose: the spells.
        part: first and behind the last of those to be put.
        day: the day asked about.
        shift: see `count_live`.
        groups: the lowest group, and how many bits hold a group less it.
        place: next free place of each box for these spells, with a spare one behind the last; moved on.
        words: filled; a spell that is not live is written over by the next.
    """
    person, indicator, group, magnitude_milli = loose.person, loose.indicator, loose.group, loose.magnitude_milli
    from_on, until_on = loose.from_on, loose.until_on
    members, lowest, bits = np.uint64((1 << shift) - 1), groups[0], np.uint64(groups[1])
    for row in range(np.uint64(part[0]), np.uint64(part[1])):
        box = np.uint64(person[row] >> shift)
        key = (np.uint64(person[row]) & members) << _INDICATOR_BITS | np.uint64(indicator[row])
        key = key << bits | np.uint64(group[row] - lowest)
        target = place[box]
        words[np.uint64(target)] = key << _MAGNITUDE_BITS | np.uint64(magnitude_milli[row])
        place[box] = target + _is_live(from_on[row], until_on[row], day)


@compiled
def box_indices(
    words: Packed,
    spare: Packed,
    group_bits: int,
    rules: Arithmetic,
    has_index: Bytes,
    readable: Hashes,
    index_milli: Numbers,
) -> None:
    """The indices of one box of persons from its words.

    Args:
        words: of the box, in any order; sorted on return or left half sorted.
        spare: as many words of room.
        group_bits: how many bits of a word hold the group.
        rules: the edition's arithmetic.
        has_index: the box's part of the gate.
        readable: likewise.
        index_milli: filled; `NO_INDEX` where there is none, int32 [persons of the box].
    """
    persons = len(index_milli)
    bits = group_bits + np.int64(_INDICATOR_BITS) + _width(persons)
    sums = np.zeros((persons, len(rules.cap)), np.int64)
    _sum_up_words(_radix_sorted(words, spare, bits), group_bits, rules.exclusive, sums)
    tally = _new_tally(rules)
    for person in range(persons):
        index_milli[person] = NO_INDEX
        if has_index[person]:
            for indicator in range(np.uint64(len(rules.cap))):
                tally.summed[indicator] = sums[person, indicator]
            index_milli[person] = _close(rules, readable[person], tally)[2]


@compiled
def _sum_up_words(words: Packed, group_bits: int, exclusive: Bytes, sums: Whole) -> None:
    """Reducers 1 and 2 as of `_sum_up`, for every person of a box: `sums` is int64 [persons, indicators]."""
    strongest, total = np.int64(0), np.int64(0)
    before = place_before = ~np.uint64(0)
    for row in range(np.uint64(len(words))):
        key = words[row] >> _MAGNITUDE_BITS
        place = key >> np.uint64(group_bits)
        indicator = place & _INDICATOR
        rival = strongest & -(np.int64(key == before) & np.int64(exclusive[indicator]))
        strongest = max(np.int64(words[row] & _MAGNITUDE), rival)
        total = (total & -np.int64(place == place_before)) + strongest - rival
        sums[place >> _INDICATOR_BITS, indicator] = total
        before, place_before = key, place


@compiled
def _width(size: int) -> Integer:
    """How many bits tell `size` things apart."""
    bits = np.int64(0)
    while (1 << bits) < size:
        bits += 1
    return bits


@compiled
def _radix_sorted(words: Packed, spare: Packed, bits: int) -> Packed:
    """The words by the `bits` above their magnitudes, digit by digit from the lowest."""
    counts = np.zeros(1 << _DIGIT, np.int64)
    for low in range(0, bits, _DIGIT):
        shift = np.uint64(low) + _MAGNITUDE_BITS
        counts[:] = 0
        for row in range(np.uint64(len(words))):
            counts[(words[row] >> shift) & _LAST_DIGIT] += 1
        place = np.int64(0)
        for digit in range(len(counts)):
            place, counts[digit] = place + counts[digit], place
        for row in range(np.uint64(len(words))):
            digit = (words[row] >> shift) & _LAST_DIGIT
            spare[np.uint64(counts[digit])] = words[row]
            counts[digit] += 1
        words, spare = spare, words
    return words
