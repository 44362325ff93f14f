"""A small history written row by row, and the shipped edition, for every test of scoring."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from scoring import (
    EVENT_TYPES,
    Evaluation,
    Events,
    HistoryFrames,
    Memberships,
    Persons,
    Representatives,
    Rulebook,
    SourceConsents,
    evaluate,
    load_rulebook,
)

SOURCES = ("volunteering", "household_hygiene", "village_compact", "self_discipline", "neighborhood_points")
LONG_AGO = dt.date(2015, 1, 1)
ALL = 10**9
Row = dict[str, Any]


# A document and catalogue item the shipped edition accepts, for every kind of event.
DOCUMENTS = dict.fromkeys(EVENT_TYPES, ("", "")) | {
    rule.event_type: (rule.document_classes[0], rule.catalogue_item)
    for _, rule in load_rulebook("2026-01").rules
    if rule.document_classes
}


def table_of(frame: type[Any], rows: Iterable[Row]) -> Any:
    return frame.from_arrow(pa.Table.from_pylist(list(rows), schema=frame.arrow_schema()))


@dataclass
class History:
    """Rows of the five frames, each with defaults that make a sentence-long test possible."""

    persons: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    memberships: list[Row] = field(default_factory=list)
    representatives: list[Row] = field(default_factory=list)
    source_consents: list[Row] = field(default_factory=list)

    def person(self, person_id: int = 1, sources: Iterable[str] = SOURCES, **columns: Any) -> "History":
        """An enrolled adult who consented to these sources."""
        self.persons.append(
            {
                "person_id": person_id,
                "birth_on": dt.date(1980, 5, 1),
                "village_code": "V001",
                "enrolled_from": LONG_AGO,
                "enrolled_until": None,
                "died_on": None,
            }
            | columns
        )
        for source in sources:
            self.consent(person_id, source)
        return self

    def consent(self, person_id: int, source: str, from_on: dt.date = LONG_AGO, until_on: Any = None) -> "History":
        row = {"person_id": person_id, "source_code": source, "from_on": from_on, "until_on": until_on}
        self.source_consents.append(row)
        return self

    def member(self, household_id: int, person_id: int, from_on: dt.date = LONG_AGO, until_on: Any = None) -> "History":
        row = {"household_id": household_id, "person_id": person_id, "from_on": from_on, "until_on": until_on}
        self.memberships.append(row)
        return self

    def represents(
        self, entity_id: int, person_id: int, from_on: dt.date = LONG_AGO, until_on: Any = None
    ) -> "History":
        row = {"entity_id": entity_id, "person_id": person_id, "from_on": from_on, "until_on": until_on}
        self.representatives.append(row)
        return self

    def event(self, event_type: str, on: dt.date, **columns: Any) -> "History":
        """An event of person 1 that carries a document, unless the columns say otherwise."""
        number = len(self.events) + 1
        self.events.append(
            {
                "event_id": number,
                "event_type": event_type,
                "person_id": 0 if {"entity_id", "household_id"} & columns.keys() else 1,
                "entity_id": 0,
                "household_id": 0,
                "level": "",
                "quantity_milli": 0,
                "occurred_on": on,
                "effective_from": None,
                "counts_from": columns.get("effective_from") or on,
                "ends_on": None,
                "document_class": DOCUMENTS[event_type][0],
                "catalogue_item": DOCUMENTS[event_type][1],
                "about_event_id": 0,
                "record_id": number + 1000,
                "source_code": "",
                "position": number,
            }
            | columns
        )
        return self

    def frames(self, order: Callable[[list[Row]], list[Row]] = list) -> HistoryFrames:
        return HistoryFrames(
            events=table_of(Events, order(self.events)),
            persons=table_of(Persons, order(self.persons)),
            memberships=table_of(Memberships, order(self.memberships)),
            representatives=table_of(Representatives, order(self.representatives)),
            source_consents=table_of(SourceConsents, order(self.source_consents)),
        )

    def on(self, as_of: dt.date, rulebook: Rulebook, known_position: int = ALL) -> Evaluation:
        return evaluate(rulebook, self.frames(), as_of, known_position)


@pytest.fixture
def history() -> History:
    """A history without anybody."""
    return History()


@pytest.fixture
def citizen() -> History:
    """A history of person 1, enrolled, adult, consenting to everything."""
    return History().person()


@pytest.fixture(scope="session")
def new_history() -> type[History]:
    """The class, for tests that write many histories."""
    return History


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The shipped edition."""
    return load_rulebook("2026-01")


@pytest.fixture(scope="session")
def points() -> Callable[..., int]:
    """Reads one person's index, or one indicator's sum, in thousandths."""

    def read(evaluation: Evaluation, person_id: int = 1, indicator: str | None = None) -> int:
        row = np.flatnonzero(evaluation.persons.person_id == person_id)[0]
        if indicator is None:
            return int(evaluation.persons.index_milli[row])
        rows = slice(evaluation.first_row[row], evaluation.first_row[row + 1])
        return int(evaluation.ledger.points_milli[rows][evaluation.ledger.indicator.take(rows).equals(indicator)].sum())

    return read
