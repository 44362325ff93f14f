"""Reads the pure frames of scoring from sealed rows only: what was known at a position, and nothing later."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import ARRAY, Connection, Select, Text, case, func, null, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from loan_service.district.store.reach import ENROLMENT, Part, facts_about, found_in, homes_of, one_of, units_of
from loan_service.district.store.registers import DEATH, newest
from loan_service.district.store.tables import (
    consent_acts,
    events,
    log,
    memberships,
    persons,
    representatives,
    source_files,
)
from loan_service.foundation.database import read
from scoring import NO_DAY, Events, HistoryFrames, Memberships, Persons, Representatives, SourceConsents

_ACTS = pa.schema(
    [("person_id", pa.int64()), ("purpose", pa.string()), ("given", pa.bool_()), ("acted_on", pa.date32())]
)
_RESIDENTS = pa.schema(
    [
        ("person_id", pa.int64()),
        ("birth_on", pa.date32()),
        ("village_code", pa.string()),
        ("left_on", pa.date32()),
        ("died_on", pa.date32()),
    ]
)

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Mask = NDArray[np.bool_]


def read_history(connection: Connection, known_position: int, part: Part | None = None) -> HistoryFrames:
    """Everything an evaluation reads, as known at a sealed position.

    Args:
        connection: an open transaction.
        known_position: sealed log position, inclusive.
        part: the persons to evaluate; the frames then hold them and all that may reach them, and an evaluation gives
            for each the rows it gives for everybody. None: everybody.
    """
    consents = read_consents(connection, known_position, part)
    stays, terms = newest(memberships, known_position), newest(representatives, known_position)
    if part:
        stays = stays.where(found_in(memberships.c.household_id, homes_of(part)))
        terms = terms.where(found_in(representatives.c.entity_id, units_of(part)))
    return HistoryFrames(
        events=Events.from_arrow(_events(connection, known_position, part)),
        persons=Persons.from_arrow(_persons(connection, consents, known_position, part)),
        memberships=Memberships.from_arrow(_entries(connection, stays, Memberships)),
        representatives=Representatives.from_arrow(_entries(connection, terms, Representatives)),
        source_consents=SourceConsents.from_arrow(consents.of_sources()),
    )


def _events(connection: Connection, known_position: int, part: Part | None) -> pa.Table:
    event, sealed = events.c, log.sealed.c
    query = (
        select(
            event.event_id,
            event.event_type,
            func.coalesce(event.person_id, 0).label("person_id"),
            func.coalesce(event.entity_id, 0).label("entity_id"),
            func.coalesce(event.household_id, 0).label("household_id"),
            event.level,
            event.quantity_milli,
            event.occurred_on,
            event.effective_from,
            event.counts_from,
            event.due_on.label("ends_on"),
            event.document_class,
            event.catalogue_item,
            func.coalesce(event.about_event_id, 0).label("about_event_id"),
            event.record_id,
            event.source_code,
            sealed.position,
        )
        .join(log.sealed, sealed.leaf_id == event.leaf_id)
        .where(sealed.position <= known_position)
    )
    if part:
        query = query.where(found_in(event.event_id, facts_about(part)))
    return read(connection, query, Events.arrow_schema())


def _entries(
    connection: Connection, entries: Select[tuple[object, ...]], frame: type[Memberships | Representatives]
) -> pa.Table:
    now = entries.subquery().c
    return read(connection, select(*(now[name] for name in frame.COLUMNS)), frame.arrow_schema())


# --- consents ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ConsentPeriods:
    """Half-open periods in which a consent was live; `purpose` is 'enrolment' or a source.

    Attributes:
        purpose: dictionary-coded text.
        until_on: `NO_DAY` while it is live.
    """

    person_id: Ints
    purpose: pa.DictionaryArray
    from_on: Days
    until_on: Days

    def take(self, rows: Mask) -> "ConsentPeriods":
        """Some of the periods."""
        return ConsentPeriods(
            self.person_id[rows], self.purpose.filter(pa.array(rows)), self.from_on[rows], self.until_on[rows]
        )

    def by_purpose(self) -> "dict[str, ConsentPeriods]":
        """The periods apart."""
        return {name: self.of(name) for name in self.purpose.dictionary.to_pylist()}

    def of(self, purpose: str) -> "ConsentPeriods":
        """The periods of one purpose."""
        return self.take(self._is(purpose))

    def of_sources(self) -> pa.Table:
        """The periods of consents to sources, in the columns of scoring's frame."""
        chosen = self.take(~self._is(ENROLMENT))
        return pa.table(
            {
                "person_id": pa.array(chosen.person_id),
                "source_code": chosen.purpose,
                "from_on": _dates(chosen.from_on),
                "until_on": _dates(chosen.until_on),
            }
        )

    def live(self, day: int) -> Ints:
        """Ids of the persons with a live period; ascending and unique among periods of one purpose."""
        return np.asarray(self.person_id[(self.from_on <= day) & (day < self.until_on)])

    def _is(self, purpose: str) -> Mask:
        code = pc.index(self.purpose.dictionary, purpose).as_py()
        return np.asarray(self.purpose.indices.to_numpy() == code)


def read_consents(
    connection: Connection, known_position: int | None = None, part: Part | None = None
) -> ConsentPeriods:
    """Enrolments and consents to sources, as they stand or as known at a sealed position; everybody's or some."""
    act, sealed = consent_acts.c, log.sealed.c
    purpose = case((act.purpose == ENROLMENT, ENROLMENT), else_=act.source_code)
    query = select(act.person_id, purpose, act.act == "given", act.acted_on).where(act.purpose != "provide_certificate")
    if known_position is not None:
        query = query.join(source_files, source_files.c.file_id == act.file_id)
        query = query.join(log.sealed, sealed.leaf_id == source_files.c.leaf_id)
        query = query.where(sealed.position <= known_position)
    if part:
        query = query.where(one_of(act.person_id, part.person_ids))
    return _periods(read(connection, query.order_by(act.person_id, purpose, act.acted_at, act.act_id), _ACTS))


def _periods(acts: pa.Table) -> ConsentPeriods:
    """Folds acts, ordered by person, purpose and time, into periods; an act that changes nothing counts for nothing."""
    person = acts["person_id"].to_numpy()
    purpose = acts["purpose"].combine_chunks().dictionary_encode()
    codes = purpose.indices.to_numpy()
    given = np.asarray(acts["given"].to_numpy(), np.bool_)
    day = acts["acted_on"].cast(pa.int32()).to_numpy()
    begins = np.ones(len(person), np.bool_)
    begins[1:] = (person[1:] != person[:-1]) | (codes[1:] != codes[:-1])
    live_before = np.append(False, given[:-1]) & ~begins
    kept = np.flatnonzero(given != live_before)
    opens = given[kept]
    until = np.full(len(kept), NO_DAY, np.int32)
    until[:-1] = np.where(~opens[1:], day[kept][1:], NO_DAY)
    rows = kept[opens]
    periods = ConsentPeriods(person[rows], purpose.take(pa.array(rows)), day[rows].astype(np.int32), until[opens])
    return periods.take(periods.from_on < periods.until_on)


# --- persons ----------------------------------------------------------------------------------------------------------
def _persons(connection: Connection, consents: ConsentPeriods, known_position: int, part: Part | None) -> pa.Table:
    """One row per enrolment of a registered person; leaving the register ends it."""
    residents = read(connection, _residents(known_position, part), _RESIDENTS)
    enrolled = consents.of(ENROLMENT)
    ids = residents["person_id"].to_numpy()
    place = np.minimum(np.searchsorted(ids, enrolled.person_id), max(len(ids) - 1, 0))
    known = np.append(ids, 0)[place] == enrolled.person_id
    enrolled, place = enrolled.take(known), place[known]
    chosen = residents.take(pa.array(place))
    left_on = chosen["left_on"].cast(pa.int32()).fill_null(NO_DAY).to_numpy()
    until_on = np.minimum(enrolled.until_on, left_on)
    rows = enrolled.from_on < until_on
    return pa.table(
        {
            "person_id": pa.array(enrolled.person_id),
            "birth_on": chosen["birth_on"],
            "village_code": chosen["village_code"],
            "enrolled_from": _dates(enrolled.from_on),
            "enrolled_until": _dates(until_on),
            "died_on": chosen["died_on"],
        }
    ).filter(pa.array(rows))


def _residents(known_position: int, part: Part | None) -> Select[tuple[object, ...]]:
    """Per person of the register: the last village, when the last membership ended, and death."""
    stays = newest(memberships, known_position)
    if part:
        stays = stays.where(one_of(memberships.c.person_id, part.person_ids))
    stay = stays.subquery().c
    villages = func.array_agg(
        aggregate_order_by(stay.village_code, stay.from_on.desc(), stay.household_id), type_=ARRAY(Text)
    )
    left_on = case((func.bool_or(stay.until_on.is_(None)), null()), else_=func.max(stay.until_on))
    died_on = func.max(stay.until_on).filter(stay.left_reason == DEATH)
    return (
        select(stay.person_id, persons.c.birth_on, villages[1], left_on, died_on)
        .join(persons, persons.c.person_id == stay.person_id)
        .group_by(stay.person_id, persons.c.birth_on)
        .order_by(stay.person_id)
    )


def _dates(days: Days) -> pa.Array:
    return pa.array(days, pa.int32(), mask=days == NO_DAY).cast(pa.date32())
