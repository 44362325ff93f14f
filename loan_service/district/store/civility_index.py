"""Rows of the civility index: what holds now, what changed, which points it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, and_, func, literal, or_, select, true, union, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from loan_service.district.store.reach import ENROLMENT, Part, Reach, ever_enrolled, one_of, reached_by_facts
from loan_service.district.store.tables import (
    civility_indices,
    consent_acts,
    index_endings,
    index_runs,
    log,
    persons,
    point_entries,
)
from loan_service.foundation.database import AnyRow, append, read
from loan_service.foundation.transparency import sealed_position

Ints = NDArray[np.int64]

_PERSONS = pa.schema([("person_id", pa.int64())])
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


def current_ledgers(connection: Connection, as_of: date, part: Part | None = None) -> pa.Table:
    """person_id, ledger_hash and edition of every index that holds on that day; everybody's or some."""
    now = current_indices(as_of).subquery()
    query = select(now.c.person_id, now.c.ledger_hash, now.c.edition)
    if part:
        query = query.where(one_of(now.c.person_id, part.person_ids))
    return read(connection, query, _LEDGERS)


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


# --- runs -------------------------------------------------------------------------------------------------------------
def run_marker(connection: Connection, as_of: date, known_position: int, edition: str) -> AnyRow | None:
    """The marker of this very computation, if its rows still stand as it left them: it saves work, it never decides."""
    marker = index_runs.c
    query = select(index_runs).where(
        marker.as_of == as_of,
        marker.known_position == known_position,
        marker.edition == edition,
        marker.computed_by.is_not(None),
    )
    return connection.execute(query).first()


def last_run(connection: Connection) -> AnyRow | None:
    """The marker of the run that went furthest."""
    marker = index_runs.c
    query = select(index_runs).order_by(marker.as_of.desc(), marker.known_position.desc())
    return connection.execute(query.limit(1)).first()


def is_overtaken(connection: Connection, as_of: date, known_position: int, edition: str) -> bool:
    """Whether a run went further than this day or position, or as far under another edition."""
    marker = index_runs.c
    as_far = and_(marker.as_of == as_of, marker.known_position == known_position, marker.edition != edition)
    further = or_(marker.as_of > as_of, marker.known_position > known_position, as_far)
    return connection.execute(select(literal(1)).where(further).limit(1)).first() is not None


def mark_run(connection: Connection, run: Mapping[str, object], computed_by: str) -> None:
    """Leaves the marker that `run_marker` and `last_run` find.

    Args:
        connection: the run's own transaction.
        run: its day, position, edition and counts, by the table's names; others are left out.
        computed_by: digest of the edition and of the code that read and interpreted it.
    """
    row = {name: run[name] for name in ("as_of", "known_position", "edition", "persons", "changed")}
    marker = insert(index_runs).values(**row, computed_by=computed_by)
    connection.execute(
        marker.on_conflict_do_update(constraint=index_runs.primary_key, set_={"computed_by": computed_by})
    )


def distrust_runs(connection: Connection) -> None:
    """No run so far counts as done any more, nor may one go on from it.

    For after a run that was overtaken: it laid rows between and over those of later days.
    """
    connection.execute(update(index_runs).values(computed_by=None))


@dataclass(frozen=True, slots=True)
class Step:
    """From the last run to the one that is due: days after `day` until `as_of`, positions likewise."""

    day: date
    as_of: date
    position: int
    known_position: int


def touched(connection: Connection, step: Step, reach: Reach, adult_years: int) -> Ints:
    """Persons whose index the step may change, ascending: their day has come, or a new fact reaches them.

    Everybody else has the ledger he had: nothing in it begins, steps or ends before `next_change_on`, and whoever had
    no index can get one only by coming of age, by enrolling, or by a fact.
    """
    found = union(*_day_came(step, adult_years))
    if step.known_position > step.position:
        found = union(found, reached_by_facts(reach, step.position, step.known_position))
    rows = read(connection, select(found.subquery()), _PERSONS)
    return np.unique(rows["person_id"].to_numpy())


def _day_came(step: Step, adult_years: int) -> list[Select[Any]]:
    index, act, person = civility_indices.c, consent_acts.c, persons.c
    shortest, longest = timedelta(days=adult_years * 365), timedelta(days=adult_years * 366)
    return [
        select(index.person_id).where(index.next_change_on > step.day, index.next_change_on <= step.as_of),
        select(act.person_id).where(act.purpose == ENROLMENT, act.acted_on > step.day, act.acted_on <= step.as_of),
        select(person.person_id).where(
            person.birth_on > step.day - longest,
            person.birth_on <= step.as_of - shortest,
            ever_enrolled(person.person_id),
        ),
    ]


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
