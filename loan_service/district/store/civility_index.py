"""Rows of the civility index: what holds now, what changed, which points it is made of."""

from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Select, and_, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on, insert

from loan_service.district.store.tables import civility_indices, index_endings, index_runs, log, point_entries
from loan_service.foundation.database import AnyRow, append, read
from loan_service.foundation.transparency import sealed_position

_LEDGERS = pa.schema([("person_id", pa.int64()), ("ledger_hash", pa.int64()), ("edition", pa.string())])


LEAF_KIND = "civility_index"
RESULTS = (LEAF_KIND, "certificate_batch", "revocation_batch")
"""Leaves of what follows from facts; a new one is no reason to evaluate again."""


def facts_position(connection: Connection) -> int:
    """The position of the newest sealed fact: what an evaluation now may know."""
    return sealed_position(connection, log, beside=RESULTS)


def current_indices(as_of: date) -> Select[Any]:
    """The newest index of each person on that day, without those who have none any more."""
    index = civility_indices.c
    newest = (
        select(civility_indices)
        .where(index.as_of <= as_of)
        .ext(distinct_on(index.person_id))
        .order_by(index.person_id, index.as_of.desc(), index.known_position.desc())
        .subquery()
    )
    ending = index_endings.c
    ended = (
        select(literal(1))
        .where(
            ending.person_id == newest.c.person_id,
            ending.as_of <= as_of,
            or_(
                ending.as_of > newest.c.as_of,
                and_(ending.as_of == newest.c.as_of, ending.known_position >= newest.c.known_position),
            ),
        )
        .exists()
    )
    return select(newest).where(~ended)


def current_ledgers(connection: Connection, as_of: date) -> pa.Table:
    """person_id, ledger_hash and edition of every index that holds on that day."""
    now = current_indices(as_of).subquery()
    return read(connection, select(now.c.person_id, now.c.ledger_hash, now.c.edition), _LEDGERS)


def append_indices(connection: Connection, indices: pa.Table, entries: pa.Table) -> int:
    """Appends the changed indices with their ledgers; returns the number of new indices."""
    append(connection, point_entries, entries)
    return append(connection, civility_indices, indices)


def append_endings(connection: Connection, person_ids: pa.Array, as_of: date, known_position: int) -> int:
    """Notes that these persons have no index from that day on."""
    size = len(person_ids)
    rows = pa.table(
        {
            "person_id": person_ids,
            "as_of": pa.array([as_of] * size, pa.date32()),
            "known_position": pa.array([known_position] * size, pa.int64()),
        }
    )
    return append(connection, index_endings, rows)


def run_marker(connection: Connection, as_of: date, known_position: int, edition: str) -> AnyRow | None:
    """The marker of this very computation: it saves work, it never decides."""
    marker = index_runs.c
    query = select(index_runs).where(
        marker.as_of == as_of, marker.known_position == known_position, marker.edition == edition
    )
    return connection.execute(query).first()


def mark_run(
    connection: Connection, as_of: date, known_position: int, edition: str, persons: int, changed: int
) -> None:
    """Leaves the marker that `run_marker` finds."""
    row = {
        "as_of": as_of,
        "known_position": known_position,
        "edition": edition,
        "persons": persons,
        "changed": changed,
    }
    connection.execute(insert(index_runs).values(row).on_conflict_do_nothing())


def grade_counts(connection: Connection, as_of: date) -> dict[str, int]:
    """How many persons hold which grade; a figure for the whole district, never for a small group."""
    now = current_indices(as_of).subquery()
    rows = connection.execute(select(now.c.grade, func.count()).group_by(now.c.grade))
    return {row[0]: row[1] for row in rows}


def top_indicators(as_of: date) -> Select[Any]:
    """Up to four indicators that add most to each person's current index: the certificate's positive reason codes."""
    now = current_indices(as_of).subquery()
    entry = point_entries.c
    sums = (
        select(entry.person_id, entry.indicator, func.sum(entry.points_milli).label("points"))
        .join(now, and_(now.c.person_id == entry.person_id, now.c.ledger_hash == entry.ledger_hash))
        .where(entry.indicator.is_not(None))
        .group_by(entry.person_id, entry.indicator)
        .having(func.sum(entry.points_milli) > 0)
        .subquery()
    )
    ranked = select(
        sums,
        func.row_number()
        .over(partition_by=sums.c.person_id, order_by=(sums.c.points.desc(), sums.c.indicator))
        .label("place"),
    ).subquery()
    codes = func.array_agg(ranked.c.indicator).label("codes")
    return select(ranked.c.person_id, codes).where(ranked.c.place <= 4, true()).group_by(ranked.c.person_id)  # noqa: PLR2004
