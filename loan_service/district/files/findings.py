"""What was found wrong in a chunk of rows, collected by the mask and handed over as rows for quarantine."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Mask = NDArray[np.bool_]

NO_DAY = int(np.iinfo(np.int32).max)
"""Stands for 'no such day' where days are plain numbers since 1970-01-01."""


class Findings:
    """Grows while a chunk is checked; `bad` marks the rows with at least one finding."""

    def __init__(self, rows: int) -> None:
        self.bad: Mask = np.zeros(rows, np.bool_)
        self._found: list[tuple[Ints, str, str]] = []

    def add(self, rows: Mask | Ints, field: str, code: str) -> None:
        """Notes `code` about `field` for some rows, given by mask or position."""
        positions: Ints = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        if len(positions):
            self.bad[positions] = True
            self._found.append((positions, field, code))

    def rows(self, row_numbers: Ints, *, without: Mask | None = None) -> "FoundRows":
        """Every finding with its row's number, leaving out some rows altogether."""
        kept = [(p if without is None else p[~without[p]], field, code) for p, field, code in self._found]
        numbers = [row_numbers[positions] for positions, _, _ in kept]
        return FoundRows(
            np.concatenate([np.empty(0, np.int64), *numbers]),
            [field for positions, field, _ in kept for _ in positions],
            [code for positions, _, code in kept for _ in positions],
        )


@dataclass(frozen=True, slots=True)
class FoundRows:
    """One row per finding."""

    row_numbers: Ints
    fields: list[str]
    codes: list[str]

    def __add__(self, other: "FoundRows") -> "FoundRows":
        return FoundRows(
            np.concatenate([self.row_numbers, other.row_numbers]),
            self.fields + other.fields,
            self.codes + other.codes,
        )


def mask_of(flags: pa.Array | pa.ChunkedArray) -> Mask:
    """Arrow flags as a NumPy mask; null counts as false."""
    return np.asarray(flags.fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def days_of(dates: pa.Array) -> Days:
    """Arrow dates as days since 1970-01-01, `NO_DAY` where absent."""
    return np.asarray(dates.cast(pa.int32()).fill_null(NO_DAY).to_numpy(zero_copy_only=False), dtype=np.int32)


def dates_of(days: Days) -> pa.Array:
    """The reverse of `days_of`."""
    return pa.array(days, pa.int32(), mask=days == NO_DAY).cast(pa.date32())
