"""Reads agencies' files in chunks of columns, in the declared order, with row numbers as a person sees them."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook

from loan_service.district.contracts import Contract, FileFormat

CHUNK_ROWS: Final = 16_384
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_NAME = re.compile(r"^(?P<source>[a-z_]+?)_(?P<day>\d{8})_(?P<number>\d+)\.(?P<suffix>[a-z]+)$")
_Item = TypeVar("_Item")
_NEWLINES: Final = (b"\n", b"\r")


class UnreadableFileError(Exception):
    """Nothing of this file can be loaded."""

    def __init__(self, code: str, names: Sequence[str] = ()) -> None:
        super().__init__(code, *names)
        self.code = code
        self.names = tuple(names)


@dataclass(frozen=True, slots=True)
class FileDefect:
    """Something wrong with the file as a whole, or with a row as such; the rest can still be loaded.

    Attributes:
        row_number: the row, or 0 for the file.
        names: columns concerned.
    """

    code: str
    row_number: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Some rows of a file as delivered.

    Attributes:
        row_numbers: int64 [rows]; a header counts as row 1.
        columns: one sequence per declared column, in the contract's order; absent values are None or ''.
        broken: rows that have no columns at all.
    """

    row_numbers: NDArray[np.int64]
    columns: Sequence[Sequence[Any]]
    broken: tuple[FileDefect, ...] = ()


@dataclass(slots=True)
class SourceFile:
    """A file open for reading.

    Attributes:
        defects: what was found wrong with the file so far; complete when `chunks` is exhausted.
        chunks: the rows, read once, in bounded memory.
    """

    defects: list[FileDefect] = field(default_factory=list)
    chunks: Iterator[RawChunk] = field(default_factory=lambda: iter(()))


def delivered_files(folder: Path, contract: Contract) -> list[Path]:
    """The files of one source, by delivery day and number."""
    found = [(match, path) for path in folder.glob(f"{contract.source_code}_*") if (match := _NAME.match(path.name))]
    own = [(m["day"], int(m["number"]), path) for m, path in found if m["source"] == contract.source_code]
    return [path for _, _, path in sorted(own)]


def delivered_on(path: Path) -> date | None:
    """The delivery day in a file's name; None where the name tells no calendar day."""
    match = _NAME.match(path.name)
    try:
        return datetime.strptime(match["day"], "%Y%m%d").date() if match else None  # noqa: DTZ007 - a calendar day
    except ValueError:
        return None


def open_source(path: Path, contract: Contract, chunk_rows: int = CHUNK_ROWS) -> SourceFile:
    """Opens a file of a source and looks at its header.

    Raises:
        UnreadableFileError: nothing of it can be loaded (`file.unreadable`, `file.truncated`, `file.empty`,
            `file.wrong_encoding`, `file.missing_column`).
    """
    if contract.file_format is FileFormat.XLSX:
        return _open_workbook(path, contract, chunk_rows)
    if contract.file_format is FileFormat.JSON_LINES:
        return _open_json_lines(path, contract, chunk_rows)
    return _open_csv(path, contract, chunk_rows)


# --- CSV --------------------------------------------------------------------------------------------------------------
def _open_csv(path: Path, contract: Contract, chunk_rows: int) -> SourceFile:
    declared = "gb18030" if contract.file_format is FileFormat.CSV_GB18030 else "utf-8-sig"
    with path.open("rb") as file:
        first_line = file.readline()
    encoding, header = _csv_header(first_line, declared, contract)
    opened = SourceFile(_header_defects(header, contract))
    if encoding != declared:
        opened.defects.append(FileDefect("file.wrong_encoding"))
    opened.chunks = _csv_chunks(path, encoding, _Layout.of(header, contract), opened.defects, chunk_rows)
    return opened


def _csv_header(line: bytes, declared: str, contract: Contract) -> tuple[str, list[str]]:
    """Encoding and header of a file: the declared encoding, or the other one where only that makes sense."""
    if not line.strip():
        raise UnreadableFileError("file.empty")
    headers = {}
    for encoding in sorted(_ENCODINGS, key=lambda name: name != declared):
        try:
            headers[encoding] = _cells(line.decode(encoding))
        except UnicodeDecodeError:
            continue
        if _known(headers[encoding], contract):
            return encoding, headers[encoding]
    if declared not in headers:
        raise UnreadableFileError("file.wrong_encoding")
    return declared, headers[declared]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line]))]


def _known(header: Iterable[str], contract: Contract) -> bool:
    return any(name in {column.header for column in contract.columns} for name in header)


def _csv_chunks(
    path: Path, encoding: str, layout: "_Layout", defects: list[FileDefect], chunk_rows: int
) -> Iterator[RawChunk]:
    complete = _ends_with_newline(path)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        rows = enumerate(_csv_rows(file), start=1)
        next(rows)
        for chunk, last in _batched(rows, chunk_rows):
            raw = layout.chunk(chunk)
            yield _cut(raw, chunk[-1][0], defects) if last and not complete else raw


def _csv_rows(file: io.TextIOWrapper) -> Iterator[list[str] | None]:
    """The rows; None for one the parser gave up on."""
    reader = csv.reader(file)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, io.SEEK_END)
        return file.read(1) in _NEWLINES


def _cut(raw: RawChunk, last: int, defects: list[FileDefect]) -> RawChunk:
    """Calls a broken last row of a file without a final line end what it is: the place where the file breaks off."""
    if not raw.broken or raw.broken[-1].row_number != last:
        return raw
    cut = FileDefect("file.truncated", last)
    defects.append(FileDefect("file.truncated"))
    return RawChunk(raw.row_numbers, raw.columns, (*raw.broken[:-1], cut))


# --- JSON Lines -------------------------------------------------------------------------------------------------------
def _open_json_lines(path: Path, contract: Contract, chunk_rows: int) -> SourceFile:
    with path.open("rb") as file:
        first_line = file.readline()
    if not first_line.strip():
        raise UnreadableFileError("file.empty")
    encoding = _json_encoding(first_line)
    opened = SourceFile([FileDefect("file.wrong_encoding")] if encoding != "utf-8" else [])
    opened.chunks = _json_chunks(path, encoding, contract, opened.defects, chunk_rows)
    return opened


def _json_encoding(line: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "utf-8"


def _json_chunks(
    path: Path, encoding: str, contract: Contract, defects: list[FileDefect], chunk_rows: int
) -> Iterator[RawChunk]:
    names = [column.header for column in contract.columns]
    unknown: set[str] = set()
    complete = _ends_with_newline(path)
    with path.open("rb") as file:
        lines = ((number, line) for number, line in enumerate(file, start=1) if line.strip())
        for batch, last in _batched(lines, chunk_rows):
            raw = _json_chunk([(number, _json_row(line, encoding)) for number, line in batch], names, unknown)
            yield _cut(raw, batch[-1][0], defects) if last and not complete else raw
    if unknown:
        defects.append(FileDefect("file.unknown_column", names=tuple(sorted(unknown))))


def _json_chunk(numbered: Sequence[tuple[int, dict[str, Any] | str]], names: list[str], unknown: set[str]) -> RawChunk:
    """Parsed lines as columns; adds keys that are not declared to `unknown`."""
    declared = frozenset(names)
    numbers, rows, broken = [], [], []
    for number, row in numbered:
        if isinstance(row, str):
            broken.append(FileDefect(row, number))
            continue
        if not row.keys() <= declared:
            unknown |= row.keys() - declared
        numbers.append(number)
        rows.append(tuple(map(row.get, names)))
    return RawChunk(np.array(numbers, np.int64), _transposed(rows, len(names)), tuple(broken))


def _json_row(line: bytes, encoding: str) -> dict[str, Any] | str:
    """The row, or the code of what is wrong with it."""
    try:
        row = orjson.loads(line if encoding == "utf-8" else line.decode(encoding))
    except UnicodeDecodeError:
        return "row.wrong_encoding"
    except orjson.JSONDecodeError:
        return "row.malformed" if _is_utf8(line) else "row.wrong_encoding"
    return row if isinstance(row, dict) else "row.malformed"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


# --- XLSX -------------------------------------------------------------------------------------------------------------
def _open_workbook(path: Path, contract: Contract, chunk_rows: int) -> SourceFile:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            begun = file.read(4) == b"PK\x03\x04"
        raise UnreadableFileError("file.truncated" if begun else "file.unreadable")
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except CalamineError as error:
        raise UnreadableFileError("file.unreadable") from error
    rows = enumerate(sheet.iter_rows(), start=1 + (sheet.start[0] if sheet.start else 0))
    first = next(rows, None)
    if first is None:
        raise UnreadableFileError("file.empty")
    header = [_cell_text(cell).strip() for cell in first[1]]
    opened = SourceFile(_header_defects(header, contract))
    opened.chunks = _workbook_chunks(rows, _Layout.of(header, contract), chunk_rows)
    return opened


def _workbook_chunks(rows: Iterator[tuple[int, list[Any]]], layout: "_Layout", chunk_rows: int) -> Iterator[RawChunk]:
    texts = ((number, [c if isinstance(c, str) else _cell_text(c) for c in cells]) for number, cells in rows)
    filled = ((number, cells) for number, cells in texts if any(cells))
    for chunk, _ in _batched(filled, chunk_rows):
        yield layout.chunk(chunk)


def _cell_text(cell: object) -> str:
    """A cell as its writer would have typed it."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.strftime("%Y-%m-%d %H:%M")
    return str(cell)


# --- rows to columns --------------------------------------------------------------------------------------------------
def _header_defects(header: Sequence[str], contract: Contract) -> list[FileDefect]:
    """Unknown and missing columns; a missing column that every row needs makes the file unreadable."""
    declared = {column.header: column for column in contract.columns}
    unknown = tuple(name for name in header if name not in declared)
    missing = tuple(name for name, column in declared.items() if name not in header and not column.optional)
    if any(declared[name].required for name in missing):
        raise UnreadableFileError("file.missing_column", missing)
    found = (("file.unknown_column", unknown), ("file.missing_column", missing))
    return [FileDefect(code, names=names) for code, names in found if names]


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file's columns stand to the declared ones."""

    width: int
    places: tuple[int, ...]

    @classmethod
    def of(cls, header: Sequence[str], contract: Contract) -> "_Layout":
        """Places of the declared columns in the file, -1 where missing."""
        names = list(header)
        return cls(len(names), tuple(names.index(c.header) if c.header in names else -1 for c in contract.columns))

    def chunk(self, numbered: Sequence[tuple[int, list[str] | None]]) -> RawChunk:
        """Whole rows as columns, ragged ones as broken; empty lines are nothing."""
        whole = [item for item in numbered if item[1] is not None and len(item[1]) == self.width]
        broken = tuple(
            FileDefect(self._what_is_wrong(row), number)
            for number, row in numbered
            if row != [] and (row is None or len(row) != self.width)
        )
        columns = _transposed(list(map(itemgetter(1), whole)), self.width)
        nothing = (None,) * len(whole)
        placed = [columns[place] if place >= 0 else nothing for place in self.places]
        return RawChunk(np.array([number for number, _ in whole], np.int64), placed, broken)

    def _what_is_wrong(self, row: list[str] | None) -> str:
        if row is None:
            return "row.malformed"
        return "row.too_few_fields" if len(row) < self.width else "row.too_many_fields"


def _transposed(rows: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _batched(items: Iterator[_Item], size: int) -> Iterator[tuple[list[_Item], bool]]:
    """Lists of at most `size` items, each with whether it is the last."""
    chunk = list(islice(items, size))
    while chunk:
        following = list(islice(items, size))
        yield chunk, not following
        chunk = following
