"""Whom facts reach, and which facts reach somebody: one relation read from either end, as queries.

Both ends err on the side of more: a person too many is evaluated in vain, an event too many carries nothing, but one
too few would be a wrong index. So memberships and terms count whether they are known, replaced or over, and events
that hang together (revocation, correction, appeal, what ends what) come together, whichever of them arrived first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Select,
    any_,
    cast,
    func,
    lateral,
    literal,
    select,
    true,
    union,
    union_all,
)

from loan_service.district.store.tables import (
    consent_acts,
    events,
    log,
    memberships,
    persons,
    representatives,
    source_files,
)

if TYPE_CHECKING:
    from scoring import Rulebook

Ints = NDArray[np.int64]
Query = Select[Any]

ENROLMENT: Final = "enrolment"


@dataclass(frozen=True, slots=True)
class Reach:
    """What an edition says about whom events reach beyond the person, entity or household they name.

    Attributes:
        shared: kinds of events the members of the named person's household share.
        tables: kinds of events that convert for a whole village; their level is its code.
        converted: kinds of events converted so; None if such an event may reach others than the person it names.
    """

    shared: frozenset[str]
    tables: frozenset[str]
    converted: frozenset[str] | None

    @classmethod
    def of(cls, rulebook: Rulebook) -> Self:
        """Reads it off an edition's rules."""
        rules = [rule for _, rule in rulebook.rules]
        converting = [rule for rule in rules if rule.method.kind == "converted"]
        alone = not any(rule.shared_with_household or rule.look_through for rule in converting)
        return cls(
            shared=frozenset(rule.event_type for rule in rules if rule.shared_with_household),
            tables=frozenset(rule.method.table_event for rule in converting if rule.method.kind == "converted"),
            converted=frozenset(rule.event_type for rule in converting) if alone else None,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Some persons, and the reach under which their history is looked for."""

    person_ids: Ints
    reach: Reach


def one_of(column: Column[Any] | ColumnElement[Any], ids: Ints) -> ColumnElement[bool]:
    """Whether a column holds one of these numbers; they travel as one literal."""
    text = "{" + ",".join(map(str, ids.tolist())) + "}"
    return column == any_(cast(literal(text), ARRAY(BigInteger)))


def found_in(column: Column[Any] | ColumnElement[Any], query: Query | Select[Any]) -> ColumnElement[bool]:
    """Whether a column holds one of a query's values; as an array, so that every value is looked up in an index.

    A join would do the same, were the planner not free to read the whole table: it cannot know how few rows these are.
    """
    return column == any_(func.array(query.scalar_subquery()))


# --- from persons to facts --------------------------------------------------------------------------------------------
def homes_of(part: Part) -> Query:
    """Households these persons ever belonged to."""
    stay = memberships.c
    return select(stay.household_id).where(one_of(stay.person_id, part.person_ids)).distinct()


def units_of(part: Part) -> Query:
    """Entities these persons ever represented."""
    term = representatives.c
    return select(term.entity_id).where(one_of(term.person_id, part.person_ids)).distinct()


def facts_about(part: Part) -> Query:
    """Ids of all events that may reach these persons, with all events that hang together with one of them."""
    event, stay = events.c, memberships.c
    kin = select(stay.person_id).where(found_in(stay.household_id, homes_of(part))).distinct()
    villages = select(stay.village_code).where(one_of(stay.person_id, part.person_ids)).distinct()
    linked = _linked(
        [
            one_of(event.person_id, part.person_ids),
            found_in(event.entity_id, units_of(part)),
            found_in(event.household_id, homes_of(part)),
            event.event_type.in_(sorted(part.reach.shared)) & found_in(event.person_id, kin),
            event.event_type.in_(sorted(part.reach.tables)) & found_in(event.level, villages),
        ]
    )
    return select(linked.c.event_id)


def _linked(beginnings: list[ColumnElement[bool]]) -> CTE:
    """The events of any of these conditions and, to the fixed point, all that are about them or that they are about."""
    event = events.c
    started = union_all(*(select(event.event_id, event.about_event_id).where(each) for each in beginnings))
    linked = select(started.subquery()).cte("linked", recursive=True)
    other = events.alias("other").c
    pair = select(other.event_id, other.about_event_id)
    beside = lateral(
        union_all(
            pair.where(other.about_event_id == linked.c.event_id), pair.where(other.event_id == linked.c.about_event_id)
        )
    )
    return linked.union(select(beside).select_from(linked.join(beside, true())))


# --- from facts to persons --------------------------------------------------------------------------------------------
def reached_by_facts(reach: Reach, after: int, until: int) -> Query:
    """Persons who ever enrolled and may be reached by a fact sealed in positions (after, until]."""
    leaves = select(log.sealed.c.leaf_id).where(log.sealed.c.position > after, log.sealed.c.position <= until)
    files = select(source_files.c.file_id).where(found_in(source_files.c.leaf_id, leaves))
    linked = _linked([found_in(events.c.leaf_id, leaves)])
    facts = select(events).where(found_in(events.c.event_id, select(linked.c.event_id))).cte("facts")
    units = union(
        select(facts.c.entity_id).where(facts.c.entity_id.is_not(None)),
        select(representatives.c.entity_id).where(found_in(representatives.c.file_id, files)),
    ).subquery()
    stay, term = memberships.c, representatives.c
    reached = union(
        select(facts.c.person_id).where(facts.c.person_id.is_not(None)),
        select(stay.person_id).where(found_in(stay.household_id, _homes(reach, facts, files))),
        select(term.person_id).where(found_in(term.entity_id, select(units.c.entity_id))),
        select(consent_acts.c.person_id).where(found_in(consent_acts.c.file_id, files)),
        select(persons.c.person_id).where(found_in(persons.c.file_id, files)),
        _villagers(reach, facts),
    ).subquery()
    return select(reached.c.person_id).where(ever_enrolled(reached.c.person_id))


def _homes(reach: Reach, facts: CTE, files: Query) -> Query:
    stay = memberships.c
    sharing = select(facts.c.person_id).where(facts.c.event_type.in_(sorted(reach.shared)))
    homes = union(
        select(facts.c.household_id).where(facts.c.household_id.is_not(None)),
        select(stay.household_id).where(found_in(stay.person_id, sharing)),
        select(stay.household_id).where(found_in(stay.file_id, files)),
    ).subquery()
    return select(homes.c.household_id)


def _villagers(reach: Reach, facts: CTE) -> Query:
    """Whoever ever lived in the village of a conversion table and has something after its day that it converts."""
    table = (
        select(facts.c.level, func.min(facts.c.occurred_on).label("closed_on"))
        .where(facts.c.event_type.in_(sorted(reach.tables)))
        .group_by(facts.c.level)
        .subquery()
        .c
    )
    stay, point = memberships.c, events.alias("point").c
    villagers = select(stay.person_id).where(stay.village_code == table.level)
    if reach.converted is None:
        return villagers
    later = select(literal(1)).where(
        point.person_id == stay.person_id,
        point.event_type.in_(sorted(reach.converted)),
        point.occurred_on > table.closed_on,
    )
    return villagers.where(later.exists())


def ever_enrolled(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether somebody ever consented to enrolment; nobody else ever has an index."""
    act = consent_acts.c
    return select(literal(1)).where(act.person_id == person_id, act.purpose == ENROLMENT).exists()
