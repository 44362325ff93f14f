"""Household sharing: an award of the household reaches the members of that day, a deduction never does."""

from __future__ import annotations

import numpy as np

from scoring.columns import Days, Whole
from scoring.dated import live_on
from scoring.frames import Events, Memberships
from scoring.joins import find, pair_key, rows_of
from scoring.residents import Residents


def sharing_members(events: Events, memberships: Memberships, residents: Residents) -> tuple[Whole, Whole]:
    """Who shares each event besides the person it names.

    The household is the one the event names, else that of the named person on the day.

    Args:
        events: household-shared events only.
        memberships: dated memberships of everybody, in any order.
        residents: the persons with an index.

    Returns:
        pairs (row of event, row of resident), each pair once.
    """
    event, household = _households(events, memberships)
    person = find(residents.person_id, memberships.person_id)
    members = memberships.take(person >= 0)
    person = person[person >= 0]
    order = np.argsort(members.household_id, kind="stable")
    pair, member = rows_of(members.household_id[order], household)
    event, member = event[pair], order[member]
    held = live_on(events.occurred_on[event], members.from_on[member], members.until_on[member])
    event, who = event[held], person[member[held]]
    others = residents.person_id[who] != events.person_id[event]
    return _each_once(event[others], who[others])


def _households(events: Events, memberships: Memberships) -> tuple[Whole, Whole]:
    named = np.flatnonzero(events.household_id > 0)
    implied = np.flatnonzero((events.household_id == 0) & (events.person_id > 0))
    event, household = _households_of(events.person_id[implied], events.occurred_on[implied], memberships)
    return np.append(named, implied[event]), np.append(events.household_id[named], household)


def _households_of(person_id: Whole, on: Days, memberships: Memberships) -> tuple[Whole, Whole]:
    """Pairs (row of query, household id) of the memberships live on the queries' days."""
    order = np.argsort(memberships.person_id, kind="stable")
    query, member = rows_of(memberships.person_id[order], person_id)
    member = order[member]
    held = live_on(on[query], memberships.from_on[member], memberships.until_on[member])
    return query[held], memberships.household_id[member[held]]


def _each_once(event: Whole, person: Whole) -> tuple[Whole, Whole]:
    _, first = np.unique(pair_key(event, person), return_index=True)
    return event[first], person[first]
