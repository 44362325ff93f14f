"""A history written row by row, each row with defaults that make a sentence-long case possible, as the five frames."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from scoring.dated import add_months, day_number
from scoring.frames import Events, HistoryFrames, Memberships, Persons, Representatives, SourceConsents
from scoring.rulebook import Rulebook

LONG_AGO: Final = dt.date(2015, 1, 1)
FAR: Final = 10**15
"""A log position after everything that is ever written here."""

Row = dict[str, Any]


def months_after(day: dt.date, months: int) -> dt.date:
    """The day so many calendar months later, clamped to the month's end."""
    moved = add_months(np.array([day_number(day)], np.int32), months)
    return day + dt.timedelta(days=int(moved[0]) - day_number(day))


@dataclass(frozen=True, slots=True)
class Writing:
    """What an edition accepts, so that a written event carries a document and a person consents unless told otherwise.

    Attributes:
        documents: document class and catalogue item by event type and level (level '' also stands for any other).
        sources: every source a consent can be asked for.
    """

    documents: Mapping[tuple[str, str], tuple[str, str]]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, rulebook: Rulebook) -> Writing:
        """Reads both from the edition."""
        documents: dict[tuple[str, str], tuple[str, str]] = {}
        for _, rule in rulebook.rules:
            for level in ("", *rule.levels) if rule.document_classes else ():
                documents.setdefault((rule.event_type, level), (rule.document_classes[0], rule.catalogue_item or ""))
        sources = {indicator.consent_source for _, indicator in rulebook.indicators if indicator.consent_source}
        return cls(documents, tuple(sorted(sources - {"enrolment"})))


@dataclass
class WrittenHistory:
    """Rows of the five frames; without a word about it, everything is about person 1."""

    writing: Writing
    persons: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    memberships: list[Row] = field(default_factory=list)
    representatives: list[Row] = field(default_factory=list)
    source_consents: list[Row] = field(default_factory=list)

    def person(self, person_id: int = 1, sources: Any = None, **columns: Any) -> WrittenHistory:
        """An enrolled adult who consented to these sources (None: to all)."""
        row = {"person_id": person_id, "birth_on": dt.date(1980, 5, 1), "village_code": "V001"}
        row |= {"enrolled_from": LONG_AGO, "enrolled_until": None, "died_on": None}
        self.persons.append(row | columns)
        for source in self.writing.sources if sources is None else sources:
            self.consent(person_id, source)
        return self

    def consent(self, person_id: int, source: str, from_on: Any = LONG_AGO, until_on: Any = None) -> WrittenHistory:
        """A consent for one source."""
        row = {"person_id": person_id, "source_code": source, "from_on": from_on, "until_on": until_on}
        self.source_consents.append(row)
        return self

    def member(
        self, household_id: int, person_id: int, from_on: Any = LONG_AGO, until_on: Any = None
    ) -> WrittenHistory:
        """A membership of a household."""
        row = {"household_id": household_id, "person_id": person_id, "from_on": from_on, "until_on": until_on}
        self.memberships.append(row)
        return self

    def represents(
        self, entity_id: int, person_id: int, from_on: Any = LONG_AGO, until_on: Any = None
    ) -> WrittenHistory:
        """A legal representative's time in office."""
        row = {"entity_id": entity_id, "person_id": person_id, "from_on": from_on, "until_on": until_on}
        self.representatives.append(row)
        return self

    def event(self, event_type: str, on: dt.date, **columns: Any) -> WrittenHistory:
        """An event of person 1 that carries a document, unless the columns say otherwise."""
        number = len(self.events) + 1
        level = columns.get("level", "")
        documents = self.writing.documents
        document, item = documents.get((event_type, level)) or documents.get((event_type, ""), ("", ""))
        row = {"event_id": number, "event_type": event_type, "level": level, "quantity_milli": 0}
        row |= {"person_id": 0 if {"entity_id", "household_id"} & columns.keys() else 1}
        row |= {"entity_id": 0, "household_id": 0, "about_event_id": 0, "source_code": ""}
        row |= {"occurred_on": on, "effective_from": None, "counts_from": columns.get("effective_from") or on}
        row |= {"ends_on": None, "document_class": document, "catalogue_item": item}
        row |= {"record_id": number + 1000, "position": number}
        self.events.append(row | columns)
        return self

    def frames(self) -> HistoryFrames:
        """The rows as frames; errors as in `Frame.from_arrow`."""
        return HistoryFrames(
            events=_table(Events, self.events),
            persons=_table(Persons, self.persons),
            memberships=_table(Memberships, self.memberships),
            representatives=_table(Representatives, self.representatives),
            source_consents=_table(SourceConsents, self.source_consents),
        )


def _table(frame: type[Any], rows: list[Row]) -> Any:
    return frame.from_arrow(pa.Table.from_pylist(rows, schema=frame.arrow_schema()))
