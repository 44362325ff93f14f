"""Array types, named random streams and the few exact tools every part of the simulation shares."""

import datetime as dt
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.object_]

NONE = -1
"""No person, entity, household or related row."""
NEVER = 2**31 - 1
"""A day that has not come: open ends of half-open periods."""
YEAR_DAYS = 365.25
_EPOCH = dt.date(1970, 1, 1)


def as_ints(values: Any) -> Ints:
    """Values as whole numbers."""
    return np.asarray(values).astype(np.int64, copy=False)


def as_floats(values: Any) -> Floats:
    """Values as double precision numbers."""
    return np.asarray(values).astype(np.float64, copy=False)


def as_flags(values: Any) -> Flags:
    """Values as yes or no."""
    return np.asarray(values).astype(np.bool_, copy=False)


def stream(seed: int, label: str) -> np.random.Generator:
    """An independent random stream per purpose: adding draws in one part never moves another."""
    return np.random.default_rng([seed, zlib.crc32(label.encode())])


def day(value: dt.date) -> int:
    """Days since 1970-01-01."""
    return (value - _EPOCH).days


def choose(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """`size` positions drawn in proportion to `weights`."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    picks = np.searchsorted(bounds, rng.random(size) * bounds[-1], side="right")
    return as_ints(np.minimum(picks, len(bounds) - 1))


def count_for(expected: float, scale: float) -> int:
    """A configured number at this scale, at least one so that small districts show every case."""
    return max(1, round(expected * scale))


def owners(counts: Ints) -> Ints:
    """Position of the owner of every item when owner `i` has `counts[i]` items."""
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def rank_within(groups: Ints) -> Ints:
    """0, 1, 2... within each group, in the order of the rows."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    ranks = np.empty(len(groups), dtype=np.int64)
    ranks[order] = np.arange(len(ordered)) - np.repeat(starts, sizes)
    return ranks


def top_share(values: Floats, share: float) -> Flags:
    """The `share` of rows with the highest values."""
    flags = np.zeros(len(values), dtype=np.bool_)
    flags[np.argsort(-values, kind="stable")[: round(len(values) * share)]] = True
    return flags


def dates(days: Ints) -> pa.Array:
    """Days as Arrow dates; `NONE` and `NEVER` become null."""
    return pa.array(days.astype(np.int32), mask=(days == NONE) | (days == NEVER)).cast(pa.date32())


def known_dates(days: Ints) -> pa.Array:
    """Days as Arrow dates where none is absent: the last day of 1969 has the number of `NONE`."""
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def date_texts(days: Ints) -> pa.Array:
    """Days as `YYYY-MM-DD`; `NONE` and `NEVER` become null."""
    return dates(days).cast(pa.string())


def month_of(days: Ints) -> Ints:
    """Months since 1970-01."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_start(months: Ints) -> Ints:
    """First day of months counted since 1970-01."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def last_day_of_quarter(quarters: Ints) -> Ints:
    """Last day of quarters counted since 1970 Q1."""
    return month_start(3 * quarters + 3) - 1


def quarter_texts(quarters: Ints) -> pa.Array:
    """Quarters counted since 1970 Q1 as `2026Q1`."""
    return joined(1970 + quarters // 4, "Q", quarters % 4 + 1)


def month_texts(months: Ints) -> pa.Array:
    """Months counted since 1970-01 as `2026-03`."""
    return joined(1970 + months // 12, "-", padded(months % 12 + 1, 2))


def padded(numbers: Ints, width: int) -> pa.Array:
    """Whole numbers as texts with leading zeros."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")


def joined(*parts: Any) -> pa.Array:
    """Row-wise concatenation of arrays and constant texts; null as soon as one part is null."""
    columns = [part if isinstance(part, str) else _texts(part) for part in parts]
    return pc.binary_join_element_wise(*columns, "")


def _texts(part: Any) -> pa.Array:
    array = part if isinstance(part, pa.Array | pa.ChunkedArray) else pa.array(part)
    return array if pa.types.is_string(array.type) else array.cast(pa.string())


def looked_up(vocabulary: Sequence[str], positions: Ints) -> pa.Array:
    """Texts by position; `NONE` becomes null."""
    return taken(pa.array(vocabulary, pa.string()), positions)


def taken(column: pa.Array, positions: Ints) -> pa.Array:
    """Rows of a column by position; `NONE` becomes null."""
    return column.take(pa.array(positions, mask=positions == NONE))


def hex_tokens(rng: np.random.Generator, count: int) -> pa.Array:
    """Random keys of 32 hex digits."""
    text = rng.bytes(16 * count).hex()
    return fixed_texts(np.frombuffer(text.encode(), dtype=np.uint8).reshape(count, 32))


def fixed_texts(letters: NDArray[np.uint8]) -> pa.Array:
    """ASCII codes, one row per text, as Arrow strings."""
    count, width = letters.shape
    offsets = pa.py_buffer((np.arange(count + 1, dtype=np.int32) * width).tobytes())
    return pa.StringArray.from_buffers(count, offsets, pa.py_buffer(np.ascontiguousarray(letters).tobytes()))
