"""Reads caller's columns, Arrow or NumPy, without guessing: what is unknown stays null."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.terms_errors import UnequalLengthError

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """Whole numbers of one column and which of them are known; an unknown entry holds 0 and must not be read."""

    values: Int
    known: Flag


def same_length(name: str, column: Sized, count: int) -> None:
    """Insist on a length.

    Raises:
        UnequalLengthError: it differs.
    """
    if len(column) != count:
        raise UnequalLengthError(name, count, len(column))


def _in_one_piece(raw: Any) -> Any:
    """A chunked Arrow column as one array, copied only where it is in several pieces; others as they are."""
    if not isinstance(raw, pa.ChunkedArray):
        return raw
    return raw.chunk(0) if raw.num_chunks == 1 else raw.combine_chunks()


def texts_of(raw: Any) -> pa.Array:
    """Return a column as Arrow texts, null where absent; other things become their text, to be refused by name."""
    raw = _in_one_piece(raw)
    if isinstance(raw, pa.Array):
        return raw if pa.types.is_string(raw.type) else raw.cast(pa.string())
    masked = np.ma.asarray(raw)
    plain, absent = masked.data.astype(object), np.ma.getmaskarray(masked)
    try:
        return pa.array(plain, pa.string(), mask=absent, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        told = [None if value is None else str(value) for value in plain]
        return pa.array(told, pa.string(), mask=absent)


def numbers_of(raw: Any) -> Column:
    """Return a numeric column rounded to whole numbers; null, NaN and masked entries are unknown."""
    values, known = _values_and_known(raw)
    if values.dtype.kind == "f":
        known = known & np.isfinite(values)
        values = np.rint(np.where(known, values, 0.0))
    return Column(np.where(known, values, 0).astype(np.int64), known)


def numbers_or_nan(raw: Any) -> pa.Array | NDArray[Any]:
    """Return a column of numbers, or of dates as days since 1970-01-01, as it is stored; unknown is NaN or null.

    Arrow columns stay what they are: a part of one becomes floats, NaN where null, when it is read.
    """
    whole = _in_one_piece(raw)
    if not isinstance(whole, pa.Array):
        values, known = _values_and_known(raw)
        if values.dtype.kind == "M":
            known = known & ~np.isnat(values)
            values = values.astype("datetime64[D]").astype(np.int64)
        return values if known.all() else np.where(known, values, np.nan)
    if pa.types.is_temporal(whole.type):
        return whole.cast(pa.date32()).cast(pa.int32())
    plain = pa.types.is_integer(whole.type) or pa.types.is_floating(whole.type)
    return whole if plain else whole.cast(pa.float64())


NO_CODE: Final = -2


def codes_of(texts: pa.Array, known: Sequence[str]) -> NDArray[np.int64]:
    """Return positions in `known` of texts, -1 where null, NO_CODE where something else stands."""
    found = pc.index_in(texts, pa.array(known, pa.string())).fill_null(-1).to_numpy(zero_copy_only=False)
    positions: NDArray[np.int64] = found.astype(np.int64)
    if positions.size and positions.min() < 0:
        positions[(positions < 0) & texts.is_valid().to_numpy(zero_copy_only=False)] = NO_CODE
    return positions


def days_of(raw: Any) -> Column:
    """Return a date column (date32, datetime64 or days since 1970-01-01) as days since 1970-01-01."""
    values, known = _values_and_known(raw)
    if values.dtype.kind == "M":
        known = known & ~np.isnat(values)
        values = np.where(known, values.astype("datetime64[D]"), np.datetime64(0, "D")).astype(np.int64)
    return numbers_of(np.ma.masked_array(values, ~known))


def _values_and_known(raw: Any) -> tuple[NDArray[Any], Flag]:
    raw = _in_one_piece(raw)
    if not isinstance(raw, pa.Array) and np.asarray(raw).dtype.kind == "O":
        raw = pa.array(raw, from_pandas=True)
    if not isinstance(raw, pa.Array):
        masked = np.ma.asarray(raw)
        return masked.data, ~np.ma.getmaskarray(masked)
    if pa.types.is_null(raw.type):  # a column in which nothing is known
        raw = raw.cast(pa.float64())
    whole = raw.cast(pa.int32()) if pa.types.is_date32(raw.type) else raw
    return whole.fill_null(0).to_numpy(zero_copy_only=False), raw.is_valid().to_numpy(zero_copy_only=False)
