"""Rows about the files a bank delivered: what was read, what was set aside and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from sqlalchemy import Connection, func, select

from loan_service.bank.store.rows import append_rows
from loan_service.bank.store.tables import bank_files, bank_quarantine
from loan_service.foundation.database import append

_QUARANTINE_COLUMNS = ("row_number", "error_code", "field", "reason_en", "reason_zh", "remedy")


@dataclass(frozen=True)
class Arrival:
    """A file as it came; its digest is its name."""

    bank_code: str
    sha256: str
    kind: str
    file_name: str
    business_date: date

    @property
    def key(self) -> str:
        """The file's natural key as one text."""
        return f"{self.bank_code}/{self.sha256}"


def known_file(connection: Connection, arrival: Arrival) -> tuple[int, int, int, dict[str, int], str] | None:
    """Rows read, landed, quarantined, faults by code and the file's error, when the same bytes came before."""
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
    counted = {code: int(count) for code, count in faults}
    return row.rows_read, row.rows_landed, row.rows_quarantined, counted, row.file_error or ""


def append_file(
    connection: Connection, arrival: Arrival, leaf_id: int, rows: tuple[int, int, int], error: str | None = None
) -> None:
    """Notes the file with its rows read, landed and quarantined."""
    read, landed, quarantined = rows
    note = {
        "bank_code": arrival.bank_code,
        "sha256": arrival.sha256,
        "kind": arrival.kind,
        "file_name": arrival.file_name,
        "rows_read": read,
        "rows_landed": landed,
        "rows_quarantined": quarantined,
        "file_error": error,
        "leaf_id": leaf_id,
    }
    append_rows(connection, bank_files, [note])


def append_quarantine(
    connection: Connection, arrival: Arrival, faults: Sequence[tuple[int, str, str, str, str, str]]
) -> None:
    """Keeps where each set-aside row stood and why; nothing of its content.

    Args:
        connection: the import's transaction.
        arrival: the file.
        faults: row number, error code, field, reason in English, reason in Chinese, remedy.
    """
    if not faults:
        return
    once = {(number, code): (number, code, *rest) for number, code, *rest in faults}
    columns = dict(zip(_QUARANTINE_COLUMNS, zip(*once.values(), strict=True), strict=True))
    keys = {"bank_code": [arrival.bank_code] * len(once), "sha256": [arrival.sha256] * len(once)}
    append(connection, bank_quarantine, pa.table({**keys, **{name: list(column) for name, column in columns.items()}}))
