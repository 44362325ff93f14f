"""The compiled scorecard's kernel: rows become cells, cells become points, in integers and chunk by chunk.

A chunk is small enough to stay in a processor's own cache. Within it every loop runs over rows and does one simple
thing without a branch, so that no processor has to guess what a household looks like: a mistaken guess costs more than
a whole comparison. That is why `_place` shifts a truth value instead of choosing between two numbers, which a compiler
turns into a branch. Unsigned positions spare the check for negative ones.

What a float is compared with is found in two steps: its bits, after adding a number that brings the thresholds above
zero, tell one of a thousand buckets (the bits of positive floats ascend as the floats do), and the few thresholds that
share the bucket are searched by halves. This takes three fifths of the time of searching all thresholds by halves. The
comparisons are with the thresholds themselves, so it is exact whatever the buckets are.
"""

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import logistic, scorecard
from models.arrays import Floats, Integers
from models.logistic import EXPONENTIAL_SERIES, FURTHEST, LN2_HIGH, LN2_LOW, LOG2_E, LOGARITHM_SERIES
from models.scorecard import UNITS_PER_LOG_ODDS
from scoring.compiled import compiler

Records = NDArray[np.void]
Cells = NDArray[np.uint16]
Integer = Any
"""Python's and NumPy's integers, which compiled code does not tell apart and a type checker does."""

CHUNK: Final = 512
"""Rows at once: with 25 features their cells and working columns fit the 48 KB next to the processor."""

MOST_CELLS: Final = int(np.iinfo(np.uint16).max)
"""Most cells of a feature, which are counted in 16 bits."""

_PAIR: Final = 2

FEATURE: Final = np.dtype(
    [
        ("shift", np.float64),  # brings the thresholds above zero
        ("origin", np.int64),  # bits of the lowest shifted threshold
        ("drop", np.int64),  # bits that tell too much
        ("last_bucket", np.int64),
        ("first_bucket", np.int64),  # in `buckets`
        ("steps", np.int64),  # halvings that find a place within a bucket
        ("lowest", np.float64),  # what lies outside of these, and what is no number, counts as missing
        ("highest", np.float64),
        ("missing", np.int64),  # the cell for it; those of special codes follow
        ("first_threshold", np.int64),  # in `numbers`
        ("first_code", np.int64),  # in `numbers`
        ("codes", np.int64),
        ("first_point", np.int64),  # in `points`
        ("numerator", np.int64),  # given features that a ratio is made of; -1 where the feature itself is given
        ("denominator", np.int64),
    ]
)
"""One feature of a packed card."""

TABLE: Final = np.dtype([("first_axis", np.int64), ("axes", np.int64), ("first_point", np.int64)])
"""One interaction table of a packed card."""

AXIS: Final = np.dtype([("feature", np.int64), ("first_group", np.int64)])
"""One axis of an interaction table: whose cells it asks for, and where the places of its groups begin."""

compiled = compiler(*(Path(source) for source in (__file__, logistic.__file__, scorecard.__file__)))


class PackedCard(NamedTuple):
    """A scorecard in flat arrays.

    Attributes:
        features: `FEATURE` records: given features in matrix order, then ratios of them.
        buckets: Per bucket, the first threshold that is not below it, as a position in `numbers`; int64.
        numbers: Thresholds, padded with infinity as far as a search may look, and special codes; float64.
        tables: `TABLE` records.
        axes: `AXIS` records, those of a table side by side.
        groups: Per axis and cell, how far to step in the table's points; int64.
        points: Of features, then of tables; int64, 1e-12 log-odds.
        intercept: Int64, shape (1,).
        calibration: Low slope, high slope, offset; float64.
    """

    features: Records
    buckets: Integers
    numbers: Floats
    tables: Records
    axes: Records
    groups: Integers
    points: Integers
    intercept: Integers
    calibration: Floats


class Assessed(NamedTuple):
    """What the kernel fills, row by row.

    Attributes:
        log_odds_units: Raw log-odds, int64, 1e-12.
        default_probability: After calibration, float64.
        missing_count: How many given features stand in the cell of missing, int64.
        contributions: Int64, shape (rows, given features), or (0, given features) where no reasons are wanted.
    """

    log_odds_units: Integers
    default_probability: Floats
    missing_count: Integers
    contributions: Integers


@compiled
def assess(card: PackedCard, values: Floats, assessed: Assessed) -> None:
    """Assesses rows one chunk after the other.

    Args:
        card: What they are assessed with.
        values: float64, shape (rows, given features), in C order.
        assessed: Filled.
    """
    rows, given = values.shape
    features, size, reasons = len(card.features), min(rows, CHUNK), len(assessed.contributions) > 0
    cells = np.empty((features, size), np.uint16)
    columns, places = np.empty(size, np.float64), np.empty(size, np.int64)
    shares = np.empty((size if reasons else 0, features), np.int64)
    for start in range(0, rows, CHUNK):
        stop = min(start + CHUNK, rows)
        column, place = columns[: stop - start], places[: stop - start]
        units, missing_count = assessed.log_odds_units[start:stop], assessed.missing_count[start:stop]
        units[:] = card.intercept[0]
        missing_count[:] = 0
        for feature in range(features):
            record, cell = card.features[feature], cells[feature, : stop - start]
            if feature < given:
                _copy(values[start:stop, feature], column)
            else:
                _divide(card.features, record, values[start:stop], cells, column)
            _place(record, card.buckets, card.numbers, column, place)
            _settle(record, card.numbers, column, place, cell)
            _add(record["first_point"], card.points, cell, units)
            if feature < given:
                _count(record["missing"], cell, missing_count)
        for table in range(len(card.tables)):
            _locate(card, card.tables[table], cells, place)
            _add_located(card.points, place, units)
        _calibrate(card.calibration, units, assessed.default_probability[start:stop])
        if reasons:
            _share(card, cells, place, shares)
            _hand_over(card.features, shares, assessed.contributions[start:stop])


@compiled
def _copy(strided: Floats, column: Floats) -> None:
    """A feature's values side by side: read with a stride once, not in every loop."""
    for row in range(np.uint64(len(column))):
        column[row] = strided[row]


@compiled
def _divide(features: Records, ratio: np.void, values: Floats, cells: Cells, column: Floats) -> None:
    """A ratio's values; not known where a part is missing or a special code, or the denominator not positive."""
    above, below = ratio["numerator"], ratio["denominator"]
    numbers_above, numbers_below = features[above]["missing"], features[below]["missing"]
    for row in range(np.uint64(len(column))):
        known = (cells[above, row] < numbers_above) & (cells[below, row] < numbers_below) & (values[row, below] > 0.0)
        column[row] = values[row, above] / values[row, below] if known else np.nan


@compiled
def _place(feature: np.void, buckets: Integers, numbers: Floats, column: Floats, place: Integers) -> None:
    """Position in `numbers` of each value's first threshold that is not below it."""
    shift, origin, drop = feature["shift"], feature["origin"], feature["drop"]
    first, last = feature["first_bucket"], feature["last_bucket"]
    for row in range(np.uint64(len(column))):
        bits = np.float64(column[row] + shift).view(np.int64)
        place[row] = buckets[np.uint64(first + min((max(bits, origin) - origin) >> drop, last))]
    for step in range(feature["steps"] - 1, -1, -1):
        half = (1 << step) - 1
        for row in range(np.uint64(len(column))):
            place[row] += np.int64(numbers[np.uint64(place[row] + half)] < column[row]) << step


@compiled
def _settle(feature: np.void, numbers: Floats, column: Floats, place: Integers, cell: Cells) -> None:
    """From places to cells, among them those of missing values and special codes."""
    first, lowest, highest = feature["first_threshold"], feature["lowest"], feature["highest"]
    missing = feature["missing"]
    for row in range(np.uint64(len(cell))):
        known = (lowest <= column[row]) & (column[row] <= highest)
        cell[row] = place[row] - first if known else missing
    for number in range(feature["codes"]):
        code, special = numbers[feature["first_code"] + number], missing + 1 + number
        for row in range(np.uint64(len(cell))):
            cell[row] = special if column[row] == code else cell[row]


@compiled
def _add(first: int, points: Integers, cell: Cells, units: Integers) -> None:
    for row in range(np.uint64(len(units))):
        units[row] += points[np.uint64(first + np.int64(cell[row]))]


@compiled
def _count(missing: int, cell: Cells, missing_count: Integers) -> None:
    for row in range(np.uint64(len(missing_count))):
        missing_count[row] += np.int64(cell[row] == missing)


@compiled
def _locate(card: PackedCard, table: np.void, cells: Cells, place: Integers) -> None:
    """Position in `points` of each row's point in a table of any number of axes."""
    place[:] = table["first_point"]
    for number in range(table["axes"]):
        axis = card.axes[table["first_axis"] + number]
        cell, groups, first = cells[axis["feature"]], card.groups, axis["first_group"]
        for row in range(np.uint64(len(place))):
            place[row] += groups[np.uint64(first + np.int64(cell[row]))]


@compiled
def _add_located(points: Integers, place: Integers, units: Integers) -> None:
    for row in range(np.uint64(len(units))):
        units[row] += points[np.uint64(place[row])]


@compiled
def _share(card: PackedCard, cells: Cells, place: Integers, shares: Integers) -> None:
    """Every feature's own points, then its share of each table; what does not divide goes to a table's last feature."""
    for feature in range(len(card.features)):
        first, cell = card.features[feature]["first_point"], cells[feature]
        for row in range(np.uint64(len(place))):
            shares[row, feature] = card.points[np.uint64(first + np.int64(cell[row]))]
    for number in range(len(card.tables)):
        table = card.tables[number]
        axes, first = table["axes"], table["first_axis"]
        _locate(card, table, cells, place)
        for row in range(np.uint64(len(place))):
            points = card.points[np.uint64(place[row])]
            share = points >> 1 if axes == _PAIR else points // axes  # dividing costs more than all the rest
            for axis in range(first, first + axes - 1):
                shares[row, card.axes[axis]["feature"]] += share
            shares[row, card.axes[first + axes - 1]["feature"]] += points - (axes - 1) * share


@compiled
def _hand_over(features: Records, shares: Integers, contributions: Integers) -> None:
    """What ratios have goes to the given features that they are made of: half, rounded down, and the rest."""
    rows, given = contributions.shape
    for row in range(rows):
        for ratio in range(given, len(features)):
            half = shares[row, ratio] >> 1
            shares[row, features[ratio]["numerator"]] += half
            shares[row, features[ratio]["denominator"]] += shares[row, ratio] - half
        for feature in range(np.uint64(given)):
            contributions[row, feature] = shares[row, feature]


@compiled
def _calibrate(calibration: Floats, units: Integers, probability: Floats) -> None:
    low, high, offset = calibration
    for row in range(np.uint64(len(units))):
        raw = units[row] / UNITS_PER_LOG_ODDS
        probability[row] = _probability_of(raw * low + offset if low == high else _curved(raw, low, high) + offset)


# --- models.calibrated and models.logistic, number by number and in the same order of operations ---------------------


@compiled
def _curved(raw: float, low: float, high: float) -> float:
    small = _exponential(max(-abs(raw), -FURTHEST))
    ratio = small / (2.0 + small)
    tail = 2.0 * ratio * _polynomial(LOGARITHM_SERIES, ratio * ratio)
    return high * (max(raw, 0.0) + tail) - low * (max(-raw, 0.0) + tail)


@compiled
def _probability_of(log_odds: float) -> float:
    smaller = _exponential(max(-abs(log_odds), -FURTHEST))
    return (smaller if log_odds < 0.0 else 1.0) / (1.0 + smaller)


@compiled
def _exponential(exponent: float) -> float:
    """Two to the power of whole halvings is put together from its bits: it is never too small for that."""
    halvings = np.rint(exponent * LOG2_E)
    rest = exponent - halvings * LN2_HIGH
    rest -= halvings * LN2_LOW
    power = np.int64((np.int64(halvings) + 1023) << 52).view(np.float64)
    return _polynomial(EXPONENTIAL_SERIES, rest) * power


@compiled
def _polynomial(coefficients: tuple[float, ...], variable: float) -> float:
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * variable + coefficient
    return total
