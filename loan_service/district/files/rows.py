"""Rows as delivered: which cannot be read, what each says as one hash, what of it may be kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from loan_service.district.contracts import Contract
from loan_service.district.files.findings import Findings, FoundRows, Ints, Mask
from loan_service.district.files.reading import RawChunk
from loan_service.foundation.identifiers import blind_ids


@dataclass(frozen=True, slots=True)
class SiftedEntries:
    """A chunk of a register or of the consents after every check that needs no database.

    Attributes:
        entries: the good rows, typed; nothing is ever refused or withheld here.
    """

    rows: int
    found: FoundRows
    entries: pa.Table
    refused: Sequence[tuple[int, str]] = ()
    withheld: Ints = field(default_factory=lambda: np.empty(0, np.int64))


def sifted_entries(raw: RawChunk, findings: Findings, columns: dict[str, pa.Array], key: bytes) -> SiftedEntries:
    """The good rows of typed columns, with their row numbers and content ids."""
    good = ~findings.bad
    entries = pa.table(columns | {"row_number": pa.array(raw.row_numbers)}).filter(pa.array(good))
    content = pa.array(content_ids(raw.columns, good, key)[good])
    return SiftedEntries(
        rows=len(raw.row_numbers) + len(raw.broken),
        found=findings.rows(raw.row_numbers) + broken_rows(raw),
        entries=entries.append_column("content_id", content),
    )


def broken_rows(raw: RawChunk) -> FoundRows:
    """Rows without columns as findings."""
    return FoundRows(
        np.array([defect.row_number for defect in raw.broken], np.int64),
        ["" for _ in raw.broken],
        [defect.code for defect in raw.broken],
    )


def content_ids(columns: Sequence[Sequence[Any]], keep: Mask, key: bytes) -> Ints:
    """Keyed hash of each kept row as delivered; 0 elsewhere."""
    rows = zip(*(compress(column, keep) for column in columns), strict=True)
    out = np.zeros(len(keep), np.int64)
    out[keep] = blind_ids(key, "row", (orjson.dumps(row).decode() for row in rows))
    return out


def payloads(contract: Contract, columns: Sequence[Sequence[Any]], keep: Mask) -> pa.Array:
    """The kept rows as delivered, as JSON texts without identity numbers and names."""
    shown = [(c.header, column) for c, column in zip(contract.columns, columns, strict=True) if not c.personal]
    headers = [header for header, _ in shown]
    rows = zip(*(compress(column, keep) for _, column in shown), strict=True)
    texts = [
        orjson.dumps({h: v for h, v in zip(headers, row, strict=True) if v is not None and v != ""}).decode()
        for row in rows
    ]
    return pa.array(texts, pa.string())
