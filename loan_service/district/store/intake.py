"""Rows of intake: files, records, events, quarantine and refusals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, and_, exists, func, insert, select, text

from loan_service.district.store.tables import events, quarantine, refused_rows, source_files, source_records
from loan_service.foundation.database import AnyRow, append, raw

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row per thing wrong, words included."""

    row_numbers: Ints
    codes: Sequence[str]
    fields: Sequence[str]
    reasons_en: Sequence[str]
    reasons_zh: Sequence[str]
    remedies: Sequence[str]


def one_intake_at_a_time(connection: Connection) -> None:
    """Waits for any other intake to end its file: known rows stay known until we commit."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('district-intake'))"))


def loaded_file(connection: Connection, source_code: str, sha256: str) -> AnyRow | None:
    """The file as it was loaded before, if it was."""
    file = source_files.c
    return connection.execute(
        select(source_files).where(file.source_code == source_code, file.sha256 == sha256)
    ).one_or_none()


def append_file(connection: Connection, values: dict[str, object]) -> None:
    """The file's own row, last in its transaction."""
    connection.execute(insert(source_files).values(values))


def reasons_of(connection: Connection, file_id: int) -> dict[str, int]:
    """Rows of a file per error code; file errors stand with the file."""
    row = quarantine.c
    query = (
        select(row.error_code, func.count())
        .where(row.file_id == file_id, row.row_number > 0)
        .group_by(row.error_code)
        .order_by(row.error_code)
    )
    return dict(iter(connection.execute(query)))


def refusals_of(connection: Connection, sha256: str) -> dict[str, int]:
    """Refused rows of a file per rule."""
    row = refused_rows.c
    query = select(row.rule, func.count()).where(row.file_sha256 == sha256).group_by(row.rule).order_by(row.rule)
    return dict(iter(connection.execute(query)))


def known_contents(connection: Connection, table: Table, id_column: str, ids: Ints) -> tuple[Ints, Ints]:
    """Which of these ids are in a table, ascending, and the content ids they came with."""
    name = table.c[id_column]
    query = f"SELECT {name.name}, coalesce(content_id, 0) FROM {table.fullname} WHERE {name.name} = ANY(%b)"  # noqa: S608
    rows = raw(connection).cursor(binary=True).execute(query.encode(), (ids.tolist(),)).fetchall()
    pairs = np.array(rows, np.int64).reshape(len(rows), 2)
    pairs = pairs[np.argsort(pairs[:, 0])]
    return pairs[:, 0], pairs[:, 1]


def append_records(connection: Connection, records: pa.Table, happened: pa.Table, file_id: int, leaf_id: int) -> None:
    """Records and the events they became."""
    append(connection, source_records, _with(records, "file_id", file_id))
    append(connection, events, _with(happened, "leaf_id", leaf_id))


def _with(rows: pa.Table, column: str, value: int) -> pa.Table:
    return rows.append_column(column, pa.array(np.full(rows.num_rows, value, np.int64)))


def append_quarantine(connection: Connection, rows: Quarantined, file_id: int, source_code: str) -> None:
    """What was wrong with which row; nothing of the row itself."""
    count = len(rows.row_numbers)
    table = pa.table(
        {
            "file_id": pa.array([file_id] * count, pa.int64()),
            "row_number": pa.array(rows.row_numbers, pa.int32()),
            "error_code": pa.array(rows.codes, pa.string()),
            "source_code": pa.array([source_code] * count, pa.string()),
            "field": pa.array(rows.fields, pa.string()),
            "reason_en": pa.array(rows.reasons_en, pa.string()),
            "reason_zh": pa.array(rows.reasons_zh, pa.string()),
            "remedy": pa.array(rows.remedies, pa.string()),
        }
    )
    append(connection, quarantine, table)


def append_refusals(connection: Connection, sha256: str, refused: Sequence[tuple[int, str]]) -> None:
    """Where banned rows stood and which rule refused them."""
    table = pa.table(
        {
            "file_sha256": pa.array([sha256] * len(refused), pa.string()),
            "row_number": pa.array([number for number, _ in refused], pa.int32()),
            "rule": pa.array([rule for _, rule in refused], pa.string()),
        }
    )
    append(connection, refused_rows, table)


def event_types(connection: Connection, ids: Ints) -> dict[int, str]:
    """What kind of event those of these that arrived are."""
    query = f"SELECT event_id, event_type FROM {events.fullname} WHERE event_id = ANY(%b)"  # noqa: S608
    return dict(raw(connection).cursor(binary=True).execute(query.encode(), (ids.tolist(),)).fetchall())


def waiting_corrections(connection: Connection, ids: Ints, kinds: Sequence[str]) -> dict[int, str]:
    """As what kind of event those of these were corrected before they arrived themselves.

    Args:
        connection: within the file's transaction.
        ids: events about to arrive.
        kinds: event types that correct the event they name.
    """
    query = (
        f"SELECT about_event_id, event_type FROM {events.fullname} "  # noqa: S608
        "WHERE about_event_id = ANY(%b) AND event_type = ANY(%t)"
    )
    found = raw(connection).cursor(binary=True).execute(query.encode(), (ids.tolist(), list(kinds)))
    return dict(found.fetchall())


def references_waiting(connection: Connection) -> int:
    """Events about an event that has not arrived."""
    original = events.alias("original")
    arrived = exists().where(original.c.event_id == events.c.about_event_id)
    query = select(func.count()).select_from(events).where(and_(events.c.about_event_id.is_not(None), ~arrived))
    return int(connection.execute(query).scalar_one())
