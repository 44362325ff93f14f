"""Batches of rows in one statement each, whatever their size: no round trip per item."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from psycopg import sql
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Table, Text, any_, literal, text

from loan_service.bank.store.tables import log
from loan_service.foundation.database import raw
from loan_service.foundation.transparency import append_leaf


def append_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Appends rows, leaving those whose natural key is already there as they are.

    The rows travel as one JSON text. For batches of up to a few thousand; `foundation.database.append` is for more.

    Args:
        connection: an open transaction of the wing.
        table: the target.
        rows: one mapping per row, all with the same columns; JSONB columns take plain values.

    Returns:
        The number of rows that were new.
    """
    if not rows:
        return 0
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL(
        "INSERT INTO {} ({}) SELECT {} FROM json_populate_recordset(NULL::{}, %s::json) ON CONFLICT DO NOTHING"
    ).format(name_of(table), columns, columns, name_of(table))
    return raw(connection).cursor().execute(statement, (orjson.dumps(rows).decode(),)).rowcount


def replace_values(connection: Connection, table: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Overwrites the given columns of existing rows, found by `key`; for queues and `contract_balances` only."""
    if not rows:
        return 0
    changed = sql.SQL(", ").join(
        sql.SQL("{} = given.{}").format(sql.Identifier(name), sql.Identifier(name)) for name in rows[0] if name != key
    )
    statement = sql.SQL(
        "UPDATE {} AS kept SET {} FROM json_populate_recordset(NULL::{}, %s::json) AS given WHERE kept.{} = given.{}"
    ).format(name_of(table), changed, name_of(table), sql.Identifier(key), sql.Identifier(key))
    return raw(connection).cursor().execute(statement, (orjson.dumps(rows).decode(),)).rowcount


def name_of(table: Table) -> sql.Identifier:
    """The table's qualified name, quoted."""
    return sql.Identifier(*filter(None, (table.schema, table.name)))


def among(column: Column[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column is one of the texts, as one array parameter: the statement stays the same for any number."""
    return column == any_(literal(list(values), ARRAY(Text)))


def only_one(connection: Connection, task: str) -> None:
    """Waits until no other transaction of this wing is at the same task; released at the transaction's end."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:task))"), {"task": f"bank:{task}"})


def batch_leaf(connection: Connection, kind: str, bank_code: str, keys: Iterable[str], business_date: date) -> int:
    """One log leaf for a whole batch: it commits to the natural keys of the rows, in any order."""
    digest = hashlib.sha256("\n".join(sorted(keys)).encode()).digest()
    return append_leaf(connection, log, kind, f"{bank_code}/{digest.hex()}", digest, business_date)


def stable_key(kind: str, *parts: str) -> str:
    """A deterministic 32-hex identifier of a row from what makes it the one it is."""
    return hashlib.sha256("\x00".join((f"haixia-{kind}", *parts)).encode()).hexdigest()[:32]
