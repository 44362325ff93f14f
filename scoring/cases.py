"""Cases in the rule owners' language: a short history of person 1, and tables of what its index is on which day.

A file holds a list of cases. `events` may repeat (`repeat: {times: 8, months: 3}`); a plain word stands for a column:
day, person, entity, household, due, about, id, document, quantity. Expected per day: `index`, `grade`, `rows` (points
of an indicator, a rule or a kind of row) and `row_counts`. Where editions differ, a table is given for each edition by
name. `editions` limits a case to some editions; without it, it holds for all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

import numpy as np
from pydantic import Field, StrictInt, StrictStr

from scoring.evaluation import Evaluation, evaluated
from scoring.folding import fold
from scoring.ledger import ROW_KINDS
from scoring.rulebook import Count, Milli, Rulebook, Strict, Text
from scoring.written_history import FAR, LONG_AGO, Writing, WrittenHistory, months_after

Value = TypeVar("Value")
Table = dict[dt.date, Value] | dict[StrictStr, dict[dt.date, Value]]

WHOM: Final = 1
"""Every case is about this person; others stand around."""


class Repeat(Strict):
    """The same event again and again, so many months apart (0: on the same day)."""

    times: Count
    months: Annotated[StrictInt, Field(ge=0)]


class CaseEvent(Strict):
    """An event; what is not said is as in any sound record: a document of the rule's own class, no notice."""

    type: Text
    day: dt.date
    level: StrictStr | None = None
    quantity_milli: Milli | None = Field(default=None, alias="quantity")
    person_id: StrictInt | None = Field(default=None, alias="person")
    entity_id: StrictInt | None = Field(default=None, alias="entity")
    household_id: StrictInt | None = Field(default=None, alias="household")
    ends_on: dt.date | None = Field(default=None, alias="due")
    about_event_id: StrictInt | None = Field(default=None, alias="about")
    event_id: StrictInt | None = Field(default=None, alias="id")
    document_class: StrictStr | None = Field(default=None, alias="document")
    catalogue_item: StrictStr | None = None
    effective_from: dt.date | None = None
    counts_from: dt.date | None = None
    position: StrictInt | None = None
    repeat: Repeat = Repeat(times=1, months=0)

    def occasions(self) -> Iterator[dt.date]:
        """The day of each repetition."""
        for number in range(self.repeat.times):
            yield months_after(self.day, number * self.repeat.months)

    def columns(self) -> dict[str, Any]:
        """What the event says beyond its kind and day."""
        return self.model_dump(exclude={"type", "day", "repeat"}, exclude_none=True)


class CasePerson(Strict):
    """An enrolled adult who consented to everything, unless told otherwise."""

    person_id: StrictInt = WHOM
    sources: tuple[Text, ...] | None = None
    birth_on: dt.date = dt.date(1980, 5, 1)
    village_code: Text = "V001"
    enrolled_from: dt.date = LONG_AGO
    enrolled_until: dt.date | None = None
    died_on: dt.date | None = None


class CaseConsent(Strict):
    """A consent for one source."""

    person_id: StrictInt = WHOM
    source: Text
    from_on: dt.date = LONG_AGO
    until_on: dt.date | None = None


class CaseMember(Strict):
    """A membership of a household."""

    household_id: StrictInt
    person_id: StrictInt
    from_on: dt.date = LONG_AGO
    until_on: dt.date | None = None


class CaseOffice(Strict):
    """A time in office as legal representative."""

    entity_id: StrictInt
    person_id: StrictInt
    from_on: dt.date = LONG_AGO
    until_on: dt.date | None = None


class WrittenCase(Strict):
    """The history part of a case."""

    persons: tuple[CasePerson, ...] = (CasePerson(),)
    consents: tuple[CaseConsent, ...] = ()
    members: tuple[CaseMember, ...] = ()
    represents: tuple[CaseOffice, ...] = ()
    events: tuple[CaseEvent, ...] = ()

    def history(self, writing: Writing) -> WrittenHistory:
        """The rows, with documents and consents an edition accepts."""
        history = WrittenHistory(writing)
        for person in self.persons:
            history.person(**dict(person))
        for consent in self.consents:
            history.consent(**dict(consent))
        for member in self.members:
            history.member(**dict(member))
        for office in self.represents:
            history.represents(**dict(office))
        for event in self.events:
            for day in event.occasions():
                history.event(event.type, day, **event.columns())
        return history


class Case(WrittenCase):
    """A history and what is expected of it."""

    case: Text
    editions: tuple[Text, ...] = ()
    known_position: StrictInt = FAR
    index: Table[Milli | None] = Field(default={})
    grade: Table[StrictStr | None] = Field(default={})
    rows: Table[dict[StrictStr, Milli]] = Field(default={})
    row_counts: Table[dict[StrictStr, StrictInt]] = Field(default={})

    def holds_for(self, edition: str) -> bool:
        """Whether the case says anything about the edition."""
        return not self.editions or edition in self.editions


@dataclass(frozen=True, slots=True)
class FiledCase:
    """A case and where it stands."""

    file: str
    line: int
    case: Case


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A day on which an edition does not answer as its owners wrote."""

    filed: FiledCase
    edition: str
    day: dt.date
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        place = f"{self.filed.file}:{self.filed.line} 「{self.filed.case.case}」"
        told = f"{self.day} {self.what}: 应为 / expected {self.expected}, 实为 / found {self.found}"
        return f"{place} {self.edition} {told}"


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case under one edition: what was found on every day it asks about, and what differs."""

    filed: FiledCase
    rulebook: Rulebook
    history: WrittenHistory
    asked: Mapping[dt.date, Evaluation]
    mismatches: tuple[Mismatch, ...]


def run_cases(cases: Iterable[FiledCase], rulebook: Rulebook) -> Iterator[CaseRun]:
    """Every case that holds for the edition."""
    for filed in cases:
        if filed.case.holds_for(rulebook.edition.edition):
            yield run_case(filed, rulebook)


def run_case(filed: FiledCase, rulebook: Rulebook) -> CaseRun:
    """One case under one edition; a case that expects nothing of it is a mismatch."""
    case, edition = filed.case, rulebook.edition.edition
    history = case.history(Writing.of(rulebook))
    folded = fold(rulebook, history.frames(), case.known_position)
    expected = list(_expected(case, edition))
    asked = {day: evaluated(folded, day) for day in sorted({day for day, _, _ in expected})}
    mismatches = [
        Mismatch(filed, edition, day, what, wanted, found)
        for day, what, wanted in expected
        if (found := _found(asked[day], what)) != wanted
    ]
    if not expected:
        mismatches.append(Mismatch(filed, edition, rulebook.edition.effective_from, "case", "something", "nothing"))
    return CaseRun(filed, rulebook, history, asked, tuple(mismatches))


def table_of(table: Mapping[Any, Any], edition: str) -> Mapping[dt.date, Any]:
    """The days of an edition: its own table where each edition has one."""
    by_edition = any(isinstance(key, str) for key in table)
    return table.get(edition, {}) if by_edition else table


def _expected(case: Case, edition: str) -> Iterator[tuple[dt.date, str, object]]:
    """Day, what is asked, and the answer its owners wrote."""
    for day, milli in table_of(case.index, edition).items():
        yield day, "index", None if milli is None else milli / 1000
    for day, grade in table_of(case.grade, edition).items():
        yield day, "grade", grade
    for day, sums in table_of(case.rows, edition).items():
        for name, milli in sums.items():
            yield day, f"rows {name}", milli / 1000
    for day, counts in table_of(case.row_counts, edition).items():
        for name, count in counts.items():
            yield day, f"row_counts {name}", count


def _found(evaluation: Evaluation, what: str) -> object:
    kind, _, name = what.partition(" ")
    if kind in ("rows", "row_counts"):
        rows = _rows(evaluation, name)
        return int(rows.sum()) if kind == "row_counts" else int(evaluation.ledger.points_milli[rows].sum()) / 1000
    place = np.flatnonzero(evaluation.persons.person_id == WHOM)
    if not len(place):
        return None
    grade = evaluation.persons.grade
    if kind == "grade":
        return grade.names[grade.codes[place[0]]]
    return int(evaluation.persons.index_milli[place[0]]) / 1000


def _rows(evaluation: Evaluation, name: str) -> Any:
    """Person 1's rows of a kind, or all rows of an indicator, or of a rule."""
    ledger = evaluation.ledger
    columns = (ledger.kind,) if name in ROW_KINDS else (ledger.indicator, ledger.rule)
    chosen = np.logical_or.reduce([column.equals(name) for column in columns])
    return chosen & (ledger.person_id == WHOM)
