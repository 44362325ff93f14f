"""What a learner's process is given: a numeric table, what its columns mean, and the folds, all as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

LABEL: Final = "label"
HELD_OUT: Final = -1
"""In a column of inner folds: the row belongs to the outer fold that is tested."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One column.

    Attributes:
        name: as the file calls it.
        levels: texts of a category, whose values are then positions in here; empty for a number.
        special_codes: values that are no magnitudes.
        direction: +1 risk rises with it, -1 falls, 0 nothing is declared.
    """

    name: str
    levels: tuple[str, ...] = ()
    special_codes: tuple[float, ...] = ()
    direction: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Some rows: values, shape (rows, features), NaN where missing; labels, shape (rows,), 1 = bad."""

    features: tuple[Feature, ...]
    values: Floats
    labels: Floats

    def take(self, rows: Positions) -> Part:
        """Only these rows."""
        return Part(self.features, self.values[rows], self.labels[rows])

    @property
    def categories(self) -> list[int]:
        """Positions of the columns that are categories."""
        return [place for place, feature in enumerate(self.features) if feature.levels]


@dataclass(frozen=True, slots=True)
class Fold:
    """One outer fold of one repeat."""

    repeat: int
    outer: int

    @property
    def name(self) -> str:
        """Its column in the file of folds."""
        return f"r{self.repeat}f{self.outer}"


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """Rows that are learned from and rows that are tested."""

    learned: Positions
    tested: Positions


def write_part(part: Part, folder: Path) -> None:
    """Writes `table.parquet` (columns x000, x001, .., label) and `features.json`."""
    columns = {f"x{place:03d}": part.values[:, place] for place in range(len(part.features))}
    pq.write_table(pa.table({**columns, LABEL: part.labels}), folder / "table.parquet")
    told = [asdict(feature) for feature in part.features]
    (folder / "features.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_part(folder: Path) -> Part:
    """Reads what `write_part` wrote."""
    told = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    features = tuple(
        Feature(one["name"], tuple(one["levels"]), tuple(one["special_codes"]), one["direction"]) for one in told
    )
    table = pq.read_table(folder / "table.parquet")
    columns = [column.to_numpy() for column in table.columns]
    return Part(features, np.column_stack(columns[:-1]), columns[-1])


def write_folds(folds: Sequence[tuple[Fold, NDArray[np.int8]]], folder: Path) -> None:
    """Writes `folds.parquet`: per outer fold a column with each row's inner fold, -1 where the row is tested."""
    pq.write_table(pa.table({fold.name: inner for fold, inner in folds}), folder / "folds.parquet")


def read_inner(folder: Path, fold: Fold) -> NDArray[np.int8]:
    """Each row's inner fold within one outer fold."""
    column = pq.read_table(folder / "folds.parquet", columns=[fold.name]).column(0)
    inner: NDArray[np.int8] = column.to_numpy()
    return inner


def outer_split(inner: NDArray[np.int8]) -> Split:
    """The outer fold itself."""
    return Split(np.flatnonzero(inner != HELD_OUT), np.flatnonzero(inner == HELD_OUT))


def inner_splits(inner: NDArray[np.int8]) -> list[Split]:
    """The search's splits, all within the rows that are learned from."""
    numbers = range(int(inner.max()) + 1)
    return [Split(np.flatnonzero((inner >= 0) & (inner != one)), np.flatnonzero(inner == one)) for one in numbers]
