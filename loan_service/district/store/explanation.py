"""Rows behind one person's index: the index itself, its ledger, and the source record of each row."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, and_, literal, select

from loan_service.district.store.civility_index import current_indices
from loan_service.district.store.tables import (
    consent_acts,
    events,
    persons,
    point_entries,
    source_files,
    source_records,
)
from loan_service.foundation.database import AnyRow


def index_of(connection: Connection, person_id: int, as_of: date) -> AnyRow | None:
    """The index that holds on that day, with the person's masked name; None for everybody without one."""
    now = current_indices(as_of).subquery()
    return connection.execute(
        select(now, persons.c.name_masked)
        .join(persons, persons.c.person_id == now.c.person_id)
        .where(now.c.person_id == person_id)
    ).one_or_none()


def ledger_of(connection: Connection, person_id: int, ledger_hash: int) -> Sequence[AnyRow]:
    """The ledger's rows in their order, each with the event and source record it rests on."""
    entry, event, record, file = point_entries.c, events.c, source_records.c, source_files.c
    return connection.execute(
        select(
            point_entries,
            event.event_type,
            event.occurred_on,
            event.document_class,
            event.document_no,
            record.record_no,
            record.source_code,
            record.row_number,
            file.file_name,
        )
        .outerjoin(events, event.event_id == entry.event_id)
        .outerjoin(source_records, record.record_id == entry.record_id)
        .outerjoin(source_files, file.file_id == record.file_id)
        .where(and_(entry.person_id == person_id, entry.ledger_hash == ledger_hash))
        .order_by(entry.sequence)
    ).all()


def records_of(connection: Connection, event_ids: Sequence[int]) -> Mapping[int, AnyRow]:
    """The source record each of these events came from, with the file it stood in."""
    event, record, file = events.c, source_records.c, source_files.c
    rows = connection.execute(
        select(
            event.event_id,
            event.occurred_on,
            event.document_class,
            event.document_no,
            record.record_no,
            record.source_code,
            record.row_number,
            file.file_name,
        )
        .join(source_records, record.record_id == event.record_id)
        .join(source_files, file.file_id == record.file_id)
        .where(event.event_id.in_(event_ids))
    )
    return {row.event_id: row for row in rows}


def masked_name(connection: Connection, person_id: int) -> str:
    """The name as it may be shown; empty for somebody the register does not know."""
    query = select(persons.c.name_masked).where(persons.c.person_id == person_id)
    return connection.execute(query).scalar_one_or_none() or ""


def is_enrolled(connection: Connection, person_id: int, as_of: date) -> bool:
    """Whether the person's newest enrolment act on that day says 'given'."""
    act = consent_acts.c
    newest = connection.execute(
        select(act.act)
        .where(act.person_id == person_id, act.purpose == "enrolment", act.acted_on <= as_of)
        .order_by(act.acted_at.desc(), act.act_id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return newest == "given"


def some_persons(connection: Connection, as_of: date, rows: int, limit: int) -> list[int]:
    """A few persons whose ledger has so many rows, in the order of blind identifiers, which says nothing about them."""
    now, entry = current_indices(as_of).subquery(), point_entries.c
    has_rows = select(literal(1)).where(
        entry.person_id == now.c.person_id, entry.ledger_hash == now.c.ledger_hash, entry.sequence == rows
    )
    query = select(now.c.person_id).where(has_rows.exists()).order_by(now.c.person_id).limit(limit)
    return list(connection.execute(query).scalars())
