"""Rows about the files a bank delivered: what was read, what was set aside and why; each file once."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pyarrow as pa
from sqlalchemy import Connection, func, select

from loan_service.bank.files import BankFileError, Fault
from loan_service.bank.store.rows import append_rows, only_one
from loan_service.bank.store.tables import bank_files, bank_quarantine, log
from loan_service.foundation.database import append, transaction
from loan_service.foundation.transparency import append_leaf
from loan_service.foundation.wing import Wing


@dataclass(frozen=True)
class Arrival:
    """A file as it came; its digest is its name."""

    bank_code: str
    kind: str
    file_name: str
    content: bytes
    business_date: date

    @cached_property
    def sha256(self) -> str:
        """The digest of its bytes, hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Landed:
    """What reading a file gave: rows read, rows that are new in our tables, faults of the others."""

    rows_read: int
    rows_landed: int
    faults: Sequence[Fault]


@dataclass(frozen=True)
class Imported:
    """What became of one file.

    Attributes:
        rows_landed: rows that are now in the table because of this file.
        rows_quarantined: rows set aside, each counted once.
        faults: how often each fault was found; a row may have several.
        error: why the file as a whole could not be read, empty otherwise.
        known_before: whether the same bytes were brought in earlier; nothing was done then.
    """

    file_name: str
    rows_read: int = 0
    rows_landed: int = 0
    rows_quarantined: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    error: str = ""
    known_before: bool = False


def bring_in(wing: Wing, arrival: Arrival, land: Callable[[Connection, Arrival, int], Landed]) -> Imported:
    """Lands a file's rows, its faults and the note about it in one transaction, once per digest.

    Args:
        wing: the bank wing.
        arrival: the file.
        land: reads it and appends its rows under the given log leaf; may raise BankFileError.
    """
    with transaction(wing.engine) as connection:
        only_one(connection, f"files:{arrival.bank_code}")
        known = _known(connection, arrival)
        if known is not None:
            return known
        subject, digest = f"{arrival.bank_code}/{arrival.sha256}", bytes.fromhex(arrival.sha256)
        leaf_id = append_leaf(connection, log, "bank_file", subject, digest, arrival.business_date)
        try:
            # What a refused file had appended before its error showed must not stay.
            with connection.begin_nested():
                landed = land(connection, arrival, leaf_id)
        except BankFileError as error:
            _note(connection, arrival, leaf_id, Imported(arrival.file_name, error=error.code))
            return Imported(arrival.file_name, error=str(error))
        imported = _imported(arrival, landed)
        _append_quarantine(connection, arrival, landed.faults)
        _note(connection, arrival, leaf_id, imported)
        return imported


def _imported(arrival: Arrival, landed: Landed) -> Imported:
    rows = len({fault.row_number for fault in landed.faults})
    counts = Counter(fault.code for fault in landed.faults)
    return Imported(arrival.file_name, landed.rows_read, landed.rows_landed, rows, dict(counts.most_common()))


def _known(connection: Connection, arrival: Arrival) -> Imported | None:
    column, fault = bank_files.c, bank_quarantine.c
    row = connection.execute(
        select(column.rows_read, column.rows_landed, column.rows_quarantined, column.file_error).where(
            column.bank_code == arrival.bank_code, column.sha256 == arrival.sha256
        )
    ).first()
    if row is None:
        return None
    faults = connection.execute(
        select(fault.error_code, func.count())
        .where(fault.bank_code == arrival.bank_code, fault.sha256 == arrival.sha256)
        .group_by(fault.error_code)
        .order_by(func.count().desc(), fault.error_code)
    ).all()
    return Imported(
        arrival.file_name,
        row.rows_read,
        row.rows_landed,
        row.rows_quarantined,
        {code: int(count) for code, count in faults},
        row.file_error or "",
        known_before=True,
    )


def _note(connection: Connection, arrival: Arrival, leaf_id: int, imported: Imported) -> None:
    note = {
        "bank_code": arrival.bank_code,
        "sha256": arrival.sha256,
        "kind": arrival.kind,
        "file_name": arrival.file_name,
        "rows_read": imported.rows_read,
        "rows_landed": imported.rows_landed,
        "rows_quarantined": imported.rows_quarantined,
        "file_error": imported.error or None,
        "leaf_id": leaf_id,
    }
    append_rows(connection, bank_files, [note])


def _append_quarantine(connection: Connection, arrival: Arrival, faults: Sequence[Fault]) -> None:
    """Keeps where each set-aside row stood and why; nothing of its content."""
    once = {(fault.row_number, fault.code): fault for fault in faults}.values()
    if not once:
        return
    words = [fault.words for fault in once]
    rows = {
        "bank_code": [arrival.bank_code] * len(once),
        "sha256": [arrival.sha256] * len(once),
        "row_number": [fault.row_number for fault in once],
        "error_code": [fault.code for fault in once],
        "field": [fault.field for fault in once],
        "reason_en": [one.en for one in words],
        "reason_zh": [one.zh for one in words],
        "remedy": [one.remedy for one in words],
    }
    append(connection, bank_quarantine, pa.table(rows))
