"""Any tabular credit file as numbers: what is a category, what is missing, which values are codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
import yaml

from experiments.benchmarks.models.exchange import Feature, Floats, Part

MOST_LEVELS: Final = 63
"""Rarer levels of a category beyond this many share one level; counted without looking at labels."""

OTHERS: Final = "(other levels)"
DECLARATIONS: Final = Path(__file__).with_name("declarations.yaml")


@dataclass(frozen=True, eq=False, slots=True)
class CreditTable:
    """A credit file as the learners see it.

    Attributes:
        name: of the file, without its ending.
        part: values and labels.
        left_out: columns that say nothing (one value) or name the row (text, different in every row).
    """

    name: str
    part: Part
    left_out: tuple[str, ...]

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of everything a learner sees."""
        digest = sha256(repr(self.part.features).encode())
        digest.update(np.ascontiguousarray(self.part.values).tobytes())
        digest.update(np.ascontiguousarray(self.part.labels).tobytes())
        return digest.hexdigest()

    @property
    def key(self) -> str:
        """Name of its folder."""
        return f"{self.name}-{self.content_hash[:12]}"


def read_table(path: Path, target: str) -> CreditTable:
    """Reads a Parquet or CSV file.

    Args:
        path: the file.
        target: its column with 1 = bad, 0 = good; rows without it are left out.

    Raises:
        SystemExit: there is no such column, or it is not binary, or nothing else is in the file.
    """
    table = pv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)
    if target not in table.column_names:
        raise SystemExit(f"{path}: no column '{target}'; name it with --target, there are {table.column_names}")
    table = table.filter(pc.is_valid(table.column(target)))
    labels = as_labels(table.column(target), path)
    declared = declaration(path.stem)
    columns = [(name, table.column(name)) for name in table.column_names if name != target]
    read = {name: column_of(name, column, declared) for name, column in columns}
    kept = {name: found for name, found in read.items() if found is not None}
    if not kept:
        raise SystemExit(f"{path}: no column that says anything beside '{target}'")
    part = Part(tuple(one for one, _ in kept.values()), np.column_stack([one for _, one in kept.values()]), labels)
    return CreditTable(path.stem, part, tuple(name for name in read if name not in kept))


def sampled(table: CreditTable, rows: int) -> CreditTable:
    """At most so many of its rows, drawn once and for all, in their order."""
    count = len(table.part.labels)
    kept = np.sort(np.random.default_rng(0).permutation(count)[:rows])
    return table if count <= rows else replace(table, part=table.part.take(kept))


def declaration(name: str) -> Mapping[str, Any]:
    """What is declared about a file of this name."""
    declared: Mapping[str, Mapping[str, Any]] = yaml.safe_load(DECLARATIONS.read_text(encoding="utf-8"))
    return declared.get(name, {})


def as_labels(column: pa.ChunkedArray, path: Path) -> Floats:
    """0 and 1 as numbers; SystemExit when they are anything else."""
    try:
        labels = column.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise SystemExit(f"{path}: the target must be 0 or 1: {error}") from error
    if not np.array_equal(np.unique(labels), [0.0, 1.0]):
        raise SystemExit(f"{path}: the target must be 0 or 1, and both must occur; it has {np.unique(labels)[:5]}")
    return np.asarray(labels, dtype=np.float64)


def column_of(name: str, column: pa.ChunkedArray, declared: Mapping[str, Any]) -> tuple[Feature, Floats] | None:
    """A column as a feature with its values; None when it says nothing."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if is_text(column.type):
        return category(name, column)
    values = numbers(column)
    if len(np.unique(values)) == 1:
        return None
    codes = present(values, declared.get("special_codes", ()))
    return Feature(name, (), codes, declared.get("directions", {}).get(name, 0)), values


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def category(name: str, column: pa.ChunkedArray) -> tuple[Feature, Floats] | None:
    """Codes of texts in the order of the alphabet; None when all rows have one text, or each a text of its own."""
    texts = column.cast(pa.string())
    counts = {one["values"]: one["counts"] for one in pc.value_counts(texts).to_pylist() if one["values"] is not None}
    if len(counts) == len(column) or len(counts) + (column.null_count > 0) == 1:
        return None
    common = sorted(sorted(counts, key=lambda text: (-counts[text], text))[:MOST_LEVELS])
    levels = (*common, OTHERS) if len(counts) > MOST_LEVELS else tuple(common)
    codes = {text: float(place) for place, text in enumerate(common)}
    values = [np.nan if text is None else codes.get(text, len(common)) for text in texts.to_pylist()]
    return Feature(name, levels), np.array(values)


def numbers(column: pa.ChunkedArray) -> Floats:
    """Numbers, yes and no, or days, as float64; NaN where missing or infinite."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        column = column.cast(pa.date32())
    if pa.types.is_temporal(kind):
        column = column.cast(pa.int32())
    values = np.array(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def present(values: Floats, codes: Sequence[float]) -> tuple[float, ...]:
    """Those of the codes that occur."""
    return tuple(float(code) for code in sorted(codes) if (values == code).any())


def tables_below(folder: Path) -> Iterator[Path]:
    """Every Parquet file of a folder, by name.

    Raises:
        SystemExit: there is no such folder, or nothing in it.
    """
    found = sorted(folder.glob("*.parquet"))
    if not found:
        raise SystemExit(
            f"{folder}: 没有找到 Parquet 数据文件 / no Parquet file there; give the folder with DATA=DIR (make) or "
            "--data DIR, or a single file with --file F --target T"
        )
    yield from found
