"""Loads one delivered file in one transaction: its rows, what was wrong with them, its own row, a leaf of the log."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from sqlalchemy import Connection

from loan_service.district.contracts import Contract
from loan_service.district.contracts.defects import defects
from loan_service.district.files.findings import FoundRows, Ints
from loan_service.district.files.reading import (
    FileDefect,
    RawChunk,
    UnreadableFileError,
    delivered_files,
    delivered_on,
    open_source,
)
from loan_service.district.files.summary import FileSummary, IntakeSummary, Progress
from loan_service.district.store import intake as store
from loan_service.district.store.tables import log
from loan_service.foundation.database import AnyRow, transaction
from loan_service.foundation.identifiers import stable_id
from loan_service.foundation.transparency import append_leaf
from loan_service.foundation.wing import Wing

LEAF_KIND = "intake"
_HASH_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file on its way in.

    Attributes:
        last_day: the day after which nothing in it can have happened: its delivery or the business date.
    """

    path: Path
    contract: Contract
    sha256: str
    file_id: int
    delivered_on: date
    last_day: date
    leaf_id: int = 0


class Sieved(Protocol):
    """What every source's sifting tells about a chunk."""

    @property
    def rows(self) -> int:
        """Rows delivered."""

    @property
    def found(self) -> FoundRows:
        """What was wrong."""

    @property
    def refused(self) -> Sequence[tuple[int, str]]:
        """Row number and rule of banned subjects."""

    @property
    def withheld(self) -> Ints:
        """Content ids of rows left out for want of consent."""


Sifted = TypeVar("Sifted", bound=Sieved)


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a chunk's good rows."""

    landed: int
    repeated: int
    found: FoundRows


@dataclass(frozen=True, slots=True)
class Loader(Generic[Sifted]):
    """How one source is loaded: `sift` needs no database, `land` writes within the file's transaction."""

    sift: Callable[[RawChunk], Sifted]
    land: Callable[[Connection, DeliveredFile, Sifted], Landed]


@dataclass(frozen=True, slots=True)
class Piece(Generic[Sifted]):
    """A chunk of a file, or, as the last piece of each file, what is wrong with the file itself."""

    file: DeliveredFile
    loader: Loader[Sifted]
    sifted: Sifted | None = None
    errors: Sequence[FileDefect] = ()


@dataclass(slots=True)
class _Tally:
    """Counts while a file is loaded."""

    read: int = 0
    landed: int = 0
    repeated: int = 0
    quarantined: int = 0
    refused: int = 0
    withheld: int = 0


def deliveries(folder: Path, contracts: Iterable[Contract]) -> tuple[list[tuple[Contract, Path]], tuple[str, ...]]:
    """All files of these sources in the order of delivery, and the sources that sent none."""
    found = [(contract, path) for contract in contracts for path in delivered_files(folder, contract)]
    sent = {contract.source_code for contract, _ in found}
    missing = tuple(contract.source_code for contract in contracts if contract.source_code not in sent)
    return sorted(found, key=lambda item: delivered_on(item[1]) or date.max), missing


def undeclared_files(folder: Path, contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Names of files that belong to no source."""
    declared = {path for contract in contracts for path in delivered_files(folder, contract)}
    return tuple(sorted(path.name for path in folder.glob("*") if path.is_file() and path not in declared))


def load_all(
    wing: Wing,
    folder: Path,
    contracts: Sequence[Contract],
    business_date: date,
    progress: Progress,
    loader_of: Callable[[DeliveredFile], Loader[Sifted]],
) -> IntakeSummary:
    """Loads every file not loaded before; `loader_of` makes the loader of a file.

    The next chunk is read and checked while the database takes the last one in; files still land one after the other.
    """
    found, missing = deliveries(folder, contracts)
    files = [arrived(path, contract, business_date) for contract, path in found]
    with transaction(wing.engine) as connection:
        done = {file.path: _loaded(connection, file, business_date) for file in files}
    waiting = [file for file in files if done[file.path] is None]
    for file, parts in groupby(one_ahead(pieces(waiting, loader_of)), key=lambda piece: piece.file):
        done[file.path] = _load(wing, file, parts, business_date, progress)
    return IntakeSummary(tuple(summary for file in files if (summary := done[file.path])), missing)


_Item = TypeVar("_Item")


def one_ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items; each is made in another thread while its predecessor is being used."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        following = worker.submit(next, items, None)
        while (item := following.result()) is not None:
            following = worker.submit(next, items, None)
            yield item


def arrived(path: Path, contract: Contract, business_date: date) -> DeliveredFile:
    """Names a file by its content; a name without a day counts as delivered today."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    sha256 = digest.hexdigest()
    day = delivered_on(path) or business_date
    file_id = stable_id("file", contract.source_code, sha256)
    return DeliveredFile(path, contract, sha256, file_id, day, min(day, business_date))


def _loaded(connection: Connection, file: DeliveredFile, business_date: date) -> FileSummary | None:
    """What is known of a file that was loaded before; one delivered after the business date is left for that day."""
    if file.delivered_on > business_date:
        early = ("file.from_the_future",)
        return FileSummary(file.contract.source_code, file.path.name, file.delivered_on, file_errors=early)
    before = store.loaded_file(connection, file.contract.source_code, file.sha256)
    return _summary(connection, before, unchanged=True) if before else None


def pieces(
    files: Iterable[DeliveredFile], loader_of: Callable[[DeliveredFile], Loader[Sifted]]
) -> Iterator[Piece[Sifted]]:
    """All files' chunks after every check that needs no database, file by file."""
    for file in files:
        loader = loader_of(file)
        try:
            source = open_source(file.path, file.contract)
        except UnreadableFileError as error:
            yield Piece(file, loader, errors=[FileDefect(error.code, names=error.names)])
            continue
        for raw in source.chunks:
            yield Piece(file, loader, loader.sift(raw))
        yield Piece(file, loader, errors=source.defects)


def _load(
    wing: Wing, file: DeliveredFile, pieces: Iterable[Piece[Sifted]], business_date: date, progress: Progress
) -> FileSummary:
    """Loads one file in one transaction; either all of it stands afterwards or nothing."""
    with transaction(wing.engine) as connection:
        store.one_intake_at_a_time(connection)
        if before := _loaded(connection, file, business_date):  # by another process, meanwhile
            return before
        subject = f"{file.contract.source_code}/{file.sha256}"
        leaf_id = append_leaf(connection, log, LEAF_KIND, subject, bytes.fromhex(file.sha256), business_date)
        file = replace(file, leaf_id=leaf_id)
        tally, errors, withheld = _Tally(), list[FileDefect](), hashlib.sha256()
        for piece in pieces:
            errors.extend(piece.errors)
            if piece.sifted is not None:
                _land(connection, file, piece.loader, piece.sifted, tally)
                withheld.update(piece.sifted.withheld.tobytes())
                progress(file.path.name, tally.read)
        _append_defects(connection, file, _whole_file(errors))
        store.append_file(connection, _row(file, tally, errors, withheld.hexdigest() if tally.withheld else None))
        loaded = _loaded(connection, file, business_date)
        assert loaded is not None  # noqa: S101 - written one line above
        return replace(loaded, unchanged=False)


def _land(connection: Connection, file: DeliveredFile, loader: Loader[Sifted], sifted: Sifted, tally: _Tally) -> None:
    landed = loader.land(connection, file, sifted)
    found = sifted.found + landed.found
    _append_defects(connection, file, found)
    store.append_refusals(connection, file.sha256, sifted.refused)
    tally.read += sifted.rows
    tally.landed += landed.landed
    tally.repeated += landed.repeated
    tally.quarantined += len(set(found.row_numbers.tolist()))
    tally.refused += len(sifted.refused)
    tally.withheld += len(sifted.withheld)


def _whole_file(errors: Sequence[FileDefect]) -> FoundRows:
    """File errors as findings about row 0; the columns concerned stand as the field."""
    return FoundRows(
        np.array([error.row_number for error in errors], np.int64),
        [", ".join(error.names) for error in errors],
        [error.code for error in errors],
    )


def _append_defects(connection: Connection, file: DeliveredFile, found: FoundRows) -> None:
    """One row per row number and code, in the words of the catalogue; never a word of the row itself."""
    fields: dict[tuple[int, str], list[str]] = {}
    for number, name, code in zip(found.row_numbers.tolist(), found.fields, found.codes, strict=True):
        names = fields.setdefault((number, code), [])
        if (header := _header(file.contract, name)) not in names:
            names.append(header)
    words = [defects()[code] for _, code in fields]
    rows = store.Quarantined(
        row_numbers=np.array([number for number, _ in fields], np.int64),
        codes=[word.code for word in words],
        fields=[", ".join(names) for names in fields.values()],
        reasons_en=[word.en for word in words],
        reasons_zh=[word.zh for word in words],
        remedies=[word.remedy for word in words],
    )
    store.append_quarantine(connection, rows, file.file_id, file.contract.source_code)


def _header(contract: Contract, name: str) -> str:
    """A column as its agency calls it."""
    column = contract.column_of.get(name)
    return column.header if column else name


def _row(file: DeliveredFile, tally: _Tally, errors: Sequence[FileDefect], withheld: str | None) -> dict[str, object]:
    return {
        "file_id": file.file_id,
        "source_code": file.contract.source_code,
        "file_name": file.path.name,
        "sha256": file.sha256,
        "byte_count": file.path.stat().st_size,
        "delivered_on": file.delivered_on,
        "rows_read": tally.read,
        "rows_landed": tally.landed,
        "rows_repeated": tally.repeated,
        "rows_quarantined": tally.quarantined,
        "rows_refused": tally.refused,
        "rows_without_consent": tally.withheld,
        "withheld_digest": withheld,
        "file_error": " ".join(error.code for error in errors) or None,
        "leaf_id": file.leaf_id,
    }


def _summary(connection: Connection, row: AnyRow, *, unchanged: bool) -> FileSummary:
    return FileSummary(
        source_code=row.source_code,
        file_name=row.file_name,
        delivered_on=row.delivered_on,
        rows_read=row.rows_read,
        rows_landed=row.rows_landed,
        rows_repeated=row.rows_repeated,
        rows_quarantined=row.rows_quarantined,
        rows_refused=row.rows_refused,
        rows_without_consent=row.rows_without_consent,
        file_errors=tuple((row.file_error or "").split()),
        reasons=store.reasons_of(connection, row.file_id),
        refusals=store.refusals_of(connection, row.sha256) if row.rows_refused else {},
        unchanged=unchanged,
    )
