"""Enrolled persons with their grade and what the register says of them: for comparing groups, never for a person."""

from datetime import date
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, Select, and_, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.district.store.civility_index import current_indices
from loan_service.district.store.registers import newest
from loan_service.district.store.tables import consent_acts, memberships, persons
from loan_service.foundation.database import read

GRADED: Final = pa.schema(
    {
        "grade": pa.string(),
        "borrower_sex": pa.string(),
        "borrower_birth_on": pa.date32(),
        "village_code": pa.string(),
        "registered_on": pa.date32(),
        "enrolled_since": pa.date32(),
        "adults": pa.int64(),
        "as_of": pa.date32(),
    }
)
"""One row per enrolled person with an index: columns as in `models.household_groups`, no identity."""


def graded_persons(connection: Connection, as_of: date, adults_born_by: date) -> pa.Table:
    """Everybody with an index on a day, since when they have been enrolled, and how many adults their home has.

    Args:
        connection: an open transaction.
        as_of: the day.
        adults_born_by: birthday of the youngest adult of that day.
    """
    index, since = current_indices(as_of).subquery().c, _enrolled_since(as_of).subquery()
    home, adults = _homes(as_of).subquery(), _adults(as_of, adults_born_by).subquery()
    person = persons.c
    query = (
        select(
            index.grade,
            person.sex,
            person.birth_on,
            home.c.village_code,
            person.registered_from,
            since.c.enrolled_since,
            adults.c.adults,
            literal(as_of),
        )
        .join(persons, person.person_id == index.person_id)
        .join(since, since.c.person_id == index.person_id)
        .join(home, home.c.person_id == index.person_id)
        .join(adults, adults.c.household_id == home.c.household_id)
        .order_by(index.person_id)
    )
    return read(connection, query, GRADED)


def _enrolled_since(as_of: date) -> Select[tuple[int, date]]:
    """The first consent to enrolment after the newest withdrawal, of whoever has one."""
    act = consent_acts.c
    of_enrolment = and_(act.purpose == "enrolment", act.acted_on <= as_of)
    withdrawn = (
        select(act.person_id, func.max(act.acted_at).label("acted_at"))
        .where(of_enrolment, act.act == "withdrawn")
        .group_by(act.person_id)
        .subquery()
    )
    return (
        select(act.person_id, func.min(act.acted_on).label("enrolled_since"))
        .outerjoin(withdrawn, withdrawn.c.person_id == act.person_id)
        .where(
            of_enrolment, act.act == "given", func.coalesce(act.acted_at > withdrawn.c.acted_at, literal(value=True))
        )
        .group_by(act.person_id)
    )


def _homes(as_of: date) -> Select[tuple[int, int, str]]:
    """The household each person counts to on the day; of several the one joined last."""
    entry = newest(memberships).subquery().c
    here = and_(entry.from_on <= as_of, func.coalesce(entry.until_on > as_of, literal(value=True)))
    return (
        select(entry.person_id, entry.household_id, entry.village_code)
        .where(here)
        .ext(distinct_on(entry.person_id))
        .order_by(entry.person_id, entry.from_on.desc(), entry.household_id)
    )


def _adults(as_of: date, adults_born_by: date) -> Select[tuple[int, int]]:
    home = _homes(as_of).subquery().c
    return (
        select(home.household_id, func.count().label("adults"))
        .join(persons, persons.c.person_id == home.person_id)
        .where(persons.c.birth_on <= adults_born_by)
        .group_by(home.household_id)
    )
