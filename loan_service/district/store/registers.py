"""Rows of the registers: persons, their memberships of households, and the representatives of units."""

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Column, ColumnElement, Connection, Select, Table, any_, literal, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.district.store.tables import log, memberships, persons, representatives, source_files
from loan_service.foundation.database import AnyRow, append, read

DEATH = "death"
ENTRY_KEYS = {
    memberships.name: ("household_id", "person_id", "from_on"),
    representatives.name: ("entity_id", "person_id", "from_on"),
}
"""What a register entry is about; a later file's row with the same key replaces it."""

_NAMES = pa.schema([("person_id", pa.int64()), ("name_blind", pa.int64())])
_MEMBERS = pa.schema(
    [
        ("household_id", pa.int64()),
        ("person_id", pa.int64()),
        ("from_on", pa.date32()),
        ("until_on", pa.date32()),
        ("name_blind", pa.int64()),
    ]
)


def newest(entries: Table, known_position: int | None = None) -> Select[Any]:
    """The entries of a register as they stand, or as they were known at a sealed position."""
    keys = [entries.c[name] for name in ENTRY_KEYS[entries.name]]
    query = select(entries).join(source_files, source_files.c.file_id == entries.c.file_id)
    if known_position is not None:
        sealed = log.sealed.c
        query = query.join(log.sealed, sealed.leaf_id == source_files.c.leaf_id)
        query = query.where(sealed.position <= known_position)
    return query.ext(distinct_on(*keys)).order_by(*keys, source_files.c.leaf_id.desc())


def names(connection: Connection) -> pa.Table:
    """person_id and name_blind of everybody in the register of residents, by person."""
    person = persons.c
    return read(connection, select(person.person_id, person.name_blind).order_by(person.person_id), _NAMES)


def members(connection: Connection) -> pa.Table:
    """Memberships as they stand, with the members' blinded names."""
    now, person = newest(memberships).subquery().c, persons.c
    query = select(now.household_id, now.person_id, now.from_on, now.until_on, person.name_blind)
    return read(connection, query.join(persons, persons.c.person_id == now.person_id), _MEMBERS)


def names_of(connection: Connection, person_ids: Iterable[int]) -> dict[int, int]:
    """name_blind of those of these persons who are known."""
    person = persons.c
    query = select(person.person_id, person.name_blind).where(_one_of(person.person_id, person_ids))
    return dict(iter(connection.execute(query)))


def memberships_of(connection: Connection, person_ids: Iterable[int]) -> Sequence[AnyRow]:
    """Memberships of some persons as they stand."""
    return connection.execute(newest(memberships).where(_one_of(memberships.c.person_id, person_ids))).all()


def terms_of(connection: Connection, entity_ids: Iterable[int]) -> Sequence[AnyRow]:
    """Terms of some units' representatives as they stand."""
    return connection.execute(newest(representatives).where(_one_of(representatives.c.entity_id, entity_ids))).all()


def _one_of(column: Column[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    return column == any_(literal(sorted(set(ids)), ARRAY(BigInteger)))


def append_residents(connection: Connection, people: pa.Table, stays: pa.Table, file_id: int) -> None:
    """Persons not seen before, and entries of the register."""
    append(connection, persons, _of_file(people, file_id))
    append(connection, memberships, _of_file(stays, file_id))


def append_terms(connection: Connection, terms: pa.Table, file_id: int) -> None:
    """Terms of representatives."""
    append(connection, representatives, _of_file(terms, file_id))


def _of_file(rows: pa.Table, file_id: int) -> pa.Table:
    return rows.append_column("file_id", pa.array([file_id] * rows.num_rows, pa.int64()))
