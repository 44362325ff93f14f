"""Counts over the whole district: what was delivered, who takes part, how many hold which grade."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, distinct, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.district.store.registers import newest
from loan_service.district.store.tables import consent_acts, events, memberships, quarantine, refused_rows, source_files
from loan_service.foundation.database import AnyRow

_COUNTED = ("rows_read", "rows_landed", "rows_repeated", "rows_quarantined", "rows_refused", "rows_without_consent")


def _sums() -> list[ColumnElement[int]]:
    return [func.coalesce(func.sum(source_files.c[name]), 0).label(name) for name in _COUNTED]


def file_counts(connection: Connection) -> AnyRow:
    """files, broken_files and the row counts of all files together."""
    return connection.execute(_file_counts()).one()


def _file_counts() -> Select[*tuple[Any, ...]]:
    file = source_files.c
    return select(
        func.count().label("files"),
        func.count(file.file_error).label("broken_files"),
        *_sums(),
    )


def source_counts(connection: Connection) -> Sequence[AnyRow]:
    """The same per source, with the day of the last delivery, by source code."""
    file = source_files.c
    return connection.execute(
        _file_counts()
        .add_columns(file.source_code, func.max(file.delivered_on).label("delivered_on"))
        .group_by(file.source_code)
        .order_by(file.source_code)
    ).all()


def event_count(connection: Connection) -> int:
    """Events of the whole history."""
    return int(connection.execute(select(func.count()).select_from(events)).scalar_one())


def registered_count(connection: Connection, as_of: date) -> int:
    """Persons whom the register of residents, as it stands, counts to a household on that day."""
    entry = newest(memberships).subquery().c
    here = and_(entry.from_on <= as_of, func.coalesce(entry.until_on > as_of, True))
    return int(connection.execute(select(func.count(distinct(entry.person_id))).where(here)).scalar_one())


def enrolled_count(connection: Connection, as_of: date) -> int:
    """Persons whose newest enrolment act on that day says 'given'."""
    act = consent_acts.c
    standing = (
        select(act.act)
        .where(act.purpose == "enrolment", act.acted_on <= as_of)
        .ext(distinct_on(act.person_id))
        .order_by(act.person_id, act.acted_at.desc(), act.act_id)
        .subquery()
    )
    query = select(func.count()).select_from(standing).where(standing.c.act == "given")
    return int(connection.execute(query).scalar_one())


def quarantined(
    connection: Connection, source_code: str | None, after: tuple[int, int, str] | None, limit: int
) -> Sequence[AnyRow]:
    """Quarantined rows with their file's name, ordered by file, row and error, from after a key on."""
    row = quarantine.c
    query = (
        select(quarantine, source_files.c.file_name)
        .join(source_files, source_files.c.file_id == row.file_id)
        .order_by(row.file_id, row.row_number, row.error_code)
        .limit(limit)
    )
    if source_code is not None:
        query = query.where(row.source_code == source_code)
    if after is not None:
        query = query.where(tuple_(row.file_id, row.row_number, row.error_code) > after)
    return connection.execute(query).all()


def quarantine_reasons(connection: Connection) -> Sequence[AnyRow]:
    """How many rows wait for each reason, and from which sources; the commonest first."""
    row = quarantine.c
    reasons = (
        select(
            row.error_code,
            func.min(row.reason_zh).label("reason_zh"),
            func.min(row.reason_en).label("reason_en"),
            func.min(row.remedy).label("remedy"),
            func.count().label("rows"),
            func.array_agg(distinct(row.source_code)).label("source_codes"),
        )
        .group_by(row.error_code)
        .order_by(func.count().desc(), row.error_code)
    )
    return connection.execute(reasons).all()


def refusal_counts(connection: Connection) -> dict[str, int]:
    """How many rows each ban refused before landing; nothing else of them is known."""
    rows = connection.execute(select(refused_rows.c.rule, func.count()).group_by(refused_rows.c.rule))
    return {row[0]: row[1] for row in rows}
