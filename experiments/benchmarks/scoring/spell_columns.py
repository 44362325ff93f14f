"""The seven columns of folded events, one row per spell, and their way to and from Parquet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Column = NDArray[np.integer[Any]]
Columns = dict[str, Column]

TYPES: Final[dict[str, np.dtype[Any]]] = {
    "person": np.dtype(np.int32),
    "indicator": np.dtype(np.int8),
    "group": np.dtype(np.int32),
    "value_milli": np.dtype(np.int32),
    "from_on": np.dtype(np.int32),
    "until_on": np.dtype(np.int32),
    "event_id": np.dtype(np.int64),
}
"""Persons from 0 upwards; indicators in catalogue order; `group`: number of the quarter or month within which only the
strongest counts, else 0; points (or quantity) in thousandths; days since 1970-01-01, half-open; the event's id."""

NEEDED: Final = ("person", "indicator", "group", "value_milli", "from_on", "until_on")
"""What an index needs; only a ledger row names its event."""


def empty_columns(rows: int, names: Iterable[str] = TYPES) -> Columns:
    """Room for so many rows."""
    return {name: np.empty(rows, TYPES[name]) for name in names}


def bytes_per_row(names: Iterable[str] = TYPES) -> int:
    """What one spell weighs in memory."""
    return sum(TYPES[name].itemsize for name in names)


def write_columns(columns: Columns, path: Path) -> None:
    """Writes the columns as one Parquet file (fast codec: nobody's clock runs while it is read)."""
    pq.write_table(pa.table(dict(columns)), path, compression="lz4", use_dictionary=False)


def read_columns(path: Path, names: Iterable[str] = TYPES) -> Columns:
    """Reads whole contiguous columns."""
    table = pq.read_table(path, columns=list(names))
    return {name: table.column(name).to_numpy() for name in table.column_names}
