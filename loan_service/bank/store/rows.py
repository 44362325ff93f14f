"""Appends a batch of rows in one statement, whatever its size: the rows travel as one JSON text."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg import sql
from sqlalchemy import Connection, Table, text

from loan_service.foundation.database import raw


def append_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Appends rows, leaving those whose natural key is already there as they are.

    For batches of up to a few thousand rows; `foundation.database.append` (COPY) is for more.

    Args:
        connection: an open transaction of the wing.
        table: the target.
        rows: one mapping per row, all with the same columns; JSONB columns take plain values.

    Returns:
        The number of rows that were new.
    """
    if not rows:
        return 0
    target = sql.Identifier(*filter(None, (table.schema, table.name)))
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM json_populate_recordset(NULL::{}, %s::json) ON CONFLICT DO NOTHING"
    ).format(target, columns, columns, target)
    return raw(connection).cursor().execute(statement, (orjson.dumps(rows).decode(),)).rowcount


def only_one(connection: Connection, task: str) -> None:
    """Waits until no other transaction of this wing is at the same task; released at the transaction's end."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:task))"), {"task": f"bank:{task}"})
