"""Connections, one role per wing, and the two bulk doors: append Arrow rows, read Arrow rows."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import sql
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    Row,
    Table,
    create_engine,
    func,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.sql import ClauseElement

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
DISTRICT = "district"
BANK = "bank"
WINGS = (DISTRICT, BANK)

AnyRow = Row[*tuple[Any, ...]]
"""A row of a query with many columns, read by name."""

_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy types it loosely

metadata = MetaData(naming_convention=NAMING)


def recorded_at() -> Column[object]:
    """When a row was written, for people to read; never what a replay goes by."""
    return Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())


def role_of(wing: str) -> str:
    """The PostgreSQL role that serves one wing and sees nothing else."""
    return f"haixia_{wing}"


def wing_url(owner_url: str, wing: str, password: str) -> str:
    """The URL of one wing's own role on the same server and database."""
    url = make_url(owner_url).set(drivername="postgresql+psycopg", username=role_of(wing), password=password)
    return url.render_as_string(hide_password=False)


def owner_engine(owner_url: str) -> Engine:
    """An engine for migrations and tests; wings never use it."""
    return create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))


def wing_engine(owner_url: str, wing: str, password: str) -> Engine:
    """The pooled engine of one wing."""
    return create_engine(wing_url(owner_url, wing, password), pool_size=8, max_overflow=8, pool_pre_ping=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One request, one transaction: commits at the edge or leaves nothing behind."""
    with engine.begin() as connection:
        yield connection


def raw(connection: Connection) -> psycopg.Connection[Any]:
    """Psycopg's connection below SQLAlchemy's, in the same transaction: COPY has no other door."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def expect_whole_tables(connection: Connection) -> None:
    """Tells the planner, for this transaction, that the coming queries join whole tables.

    Right after a bulk load the statistics still speak of empty tables, and nested loops over 'empty' tables with
    100,000 rows take minutes; a wing's role may not ANALYZE on PostgreSQL 15.
    """
    connection.exec_driver_sql("SET LOCAL enable_nestloop = off")


def append(connection: Connection, table: Table, rows: pa.Table) -> int:
    """Appends Arrow rows by COPY, leaving rows whose natural key is already there as they are.

    Args:
        connection: an open transaction of the wing that owns the table.
        table: the target; `rows` may hold any subset of its columns, named alike.
        rows: Arrow columns; nested and binary columns are not accepted (send JSON text, hex).

    Returns:
        The number of rows that were new.
    """
    if rows.num_rows == 0:
        return 0
    target = sql.Identifier(*filter(None, (table.schema, table.name)))
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    staging = sql.Identifier(f"staging_{table.name}")
    cursor = raw(connection).cursor()
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            staging, columns, target
        )
    )
    _copy_in(cursor, sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(staging, columns), rows)
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING").format(
            target, columns, columns, staging
        )
    )
    added = cursor.rowcount
    cursor.execute(sql.SQL("DROP TABLE {}").format(staging))
    return added


def _copy_in(cursor: psycopg.Cursor[Any], statement: sql.Composed, rows: pa.Table) -> None:
    options = pacsv.WriteOptions(include_header=False, quoting_style="all_valid")
    with cursor.copy(statement) as copy:
        for batch in rows.to_batches(max_chunksize=65_536):
            buffer = io.BytesIO()
            pacsv.write_csv(batch, buffer, options)
            copy.write(buffer.getbuffer())


def read(connection: Connection, query: Executable, schema: pa.Schema) -> pa.Table:
    """Reads a whole query into Arrow by COPY; `schema` names and types its columns in order.

    SQL NULL becomes Arrow null, the empty text stays empty.
    """
    compiled = cast("ClauseElement", query).compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
    # COPY takes no parameters, so psycopg must not read the literals' percent signs as placeholders.
    statement = f"COPY ({str(compiled).replace('%%', '%')}) TO STDOUT (FORMAT csv)".encode()
    buffer = io.BytesIO()
    with raw(connection).cursor().copy(statement) as copy:
        for chunk in copy:
            buffer.write(chunk)
    if buffer.tell() == 0:
        return schema.empty_table()
    buffer.seek(0)
    return pacsv.read_csv(
        buffer,
        read_options=pacsv.ReadOptions(column_names=schema.names, use_threads=False),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def to_json(value: object) -> str:
    """Canonical JSON text: sorted keys, no spaces, Chinese readable."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def content_hashes(connection: Connection, tables: Sequence[Table]) -> dict[str, str]:
    """One digest per table over all rows in primary-key order: equal digests, equal tables."""
    cursor = raw(connection).cursor()
    out = {}
    for table in tables:
        name = sql.Identifier(*filter(None, (table.schema, table.name)))
        cursor.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint::numeric), 0)"
                " FROM {} t"
            ).format(name)
        )
        row = cursor.fetchone()
        out[table.name] = f"{row[0]}:{row[1]}" if row else ""
    return out
