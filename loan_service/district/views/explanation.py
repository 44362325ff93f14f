"""Why an index is what it is: every point of its ledger in words, down to the source record; sums exactly."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from loan_service.district.store import explanation as store
from loan_service.district.store.civility_index import facts_position
from loan_service.district.store.history import read_history
from loan_service.district.store.reach import Part, Reach
from loan_service.district.views.rulebooks import NoRulebookError, is_in_force, rulebook_in_force, rulebook_of
from loan_service.district.views.texts import Text
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import AnyRow
from scoring import (
    CivilityIndices,
    DimensionPart,
    Evaluation,
    Expiry,
    Explanation,
    LedgerRows,
    Notes,
    PersonWithoutIndexError,
    PointEntry,
    Rulebook,
    Sentence,
    evaluate,
    explain_person,
)

_TELLING_ROWS = 4


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class SourceRecord(_Read):
    """Where a point comes from: the agency's own record, as delivered."""

    source_code: str
    record_no: str = Field(description="the agency's own number")
    file_name: str
    row_number: int
    occurred_on: date
    document_class: str | None
    document_no: str | None


class Entry(_Read):
    """One row of the ledger; adjusting rows have no source and no rule."""

    sequence: int
    kind: str = Field(examples=["point"])
    rule: str
    points_milli: int = Field(description="thousandths of a point")
    sentence: Text
    look_through: Text | None = Field(description="said besides when the row came through an entity")
    remark: Text | None = Field(description="why the row is worth nothing today though its rule gives points")
    disputed: bool = Field(description="an appeal is open; the row counts nothing until it is answered")
    from_on: date | None
    until_on: date | None = Field(description="the day from which it counts no more")
    source: SourceRecord | None


class Indicator(_Read):
    """A second-level indicator; its entries, cap included, add up to `points_milli`."""

    indicator: str = Field(examples=["4.1"])
    name: Text
    points_milli: int
    entries: list[Entry]


class Dimension(_Read):
    """A first-level indicator; indicators and adjusting entries add up to `points_milli`."""

    dimension: str = Field(examples=["4"])
    name: Text
    points_milli: int
    indicators: list[Indicator]
    adjusting: list[Entry]


class ComingChange(_Read):
    """A day on which rows end or step, and what they are worth today."""

    on: date
    points_milli: int


class IndexExplanation(_Read):
    """One person's civility index: `base_milli` + dimensions + adjusting entries = `index_milli`, exactly."""

    person_id: str = Field(examples=["4611686018427387904"])
    name_masked: str = Field(examples=["陈*"])
    as_of: date
    edition: str = Field(examples=["2026-01"])
    known_position: int
    base_milli: int
    index_milli: int
    grade: str = Field(examples=["AA"])
    grade_name: Text
    next_change_on: date | None
    dimensions: list[Dimension]
    adjusting: list[Entry]
    expiries: list[ComingChange]


def explanation(connection: Connection, person_id: int, as_of: date) -> IndexExplanation:
    """One person's index on any day, told from the top down.

    The ledger in the tables holds until its next change is due or another edition is in force; a day before the first
    evaluation or after such a change is evaluated here and now, from the facts known today.

    Raises:
        NotFoundError: there is no index; not enrolled, withdrawn and unknown look the same (`index.none`).
    """
    index = store.index_of(connection, person_id, as_of)
    if index is None or not _holds(connection, index, as_of):
        return _evaluated(connection, person_id, as_of)
    rows = store.ledger_of(connection, person_id, index.ledger_hash)
    rulebook = rulebook_of(connection, index.edition)
    told = explain_person(_evaluation(index, rows, rulebook, as_of), person_id, rulebook)
    return _shown(told, index.name_masked, {row.sequence: _source(row) for row in rows if row.record_no})


def _holds(connection: Connection, index: AnyRow, as_of: date) -> bool:
    is_due = index.next_change_on is not None and index.next_change_on <= as_of
    return not is_due and is_in_force(connection, index.edition, as_of)


def _evaluated(connection: Connection, person_id: int, as_of: date) -> IndexExplanation:
    # Reading and evaluating for a number nobody has would be a cheap way to keep this process busy.
    if not store.is_enrolled(connection, person_id, as_of):
        raise _no_index()
    known_position = facts_position(connection)
    try:
        rulebook = rulebook_in_force(connection, as_of, known_position)
        alone = read_history(connection, known_position, Part(np.array([person_id], np.int64), Reach.of(rulebook)))
        told = explain_person(evaluate(rulebook, alone, as_of, known_position), person_id, rulebook)
    except (PersonWithoutIndexError, NoRulebookError) as error:
        raise _no_index() from error
    entries = [entry for part in told.dimensions for each in part.indicators for entry in each.entries]
    records = store.records_of(connection, [entry.event_id for entry in entries if entry.event_id])
    sources = {entry.sequence: _source(records[entry.event_id]) for entry in entries if entry.event_id in records}
    return _shown(told, store.masked_name(connection, person_id), sources)


def _no_index() -> NotFoundError:
    return NotFoundError("index.none", "there is no index under this number", "这个编号没有诚信文明分")


def examples(connection: Connection, as_of: date, limit: int) -> list[str]:
    """A few numbers a visitor of the demonstration may look up; their ledgers have something to tell."""
    return [str(person_id) for person_id in store.some_persons(connection, as_of, _TELLING_ROWS, limit)]


def _evaluation(index: AnyRow, rows: Sequence[AnyRow], rulebook: Rulebook, as_of: date) -> Evaluation:
    """The stored rows in the frames they were written from."""
    return Evaluation(
        edition=index.edition,
        edition_hash=rulebook.content_hash,
        as_of=as_of,
        known_position=index.known_position,
        base_milli=rulebook.edition.base_milli,
        persons=CivilityIndices.from_arrow(_arrow(CivilityIndices.arrow_schema(), [index._asdict()])),
        ledger=LedgerRows.from_arrow(_arrow(LedgerRows.arrow_schema(), [row._asdict() for row in rows])),
        first_row=np.array([0, len(rows)], np.int64),
        notes=Notes.empty(),
    )


def _arrow(schema: pa.Schema, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """The schema's columns of the rows; 'none' is SQL's NULL there and 0 or '' here."""
    absent = {pa.int64(): 0, pa.string(): ""}
    columns = {
        field.name: [absent.get(field.type) if row[field.name] is None else row[field.name] for row in rows]
        for field in schema
    }
    return pa.table(columns, schema=schema)


def _source(row: AnyRow) -> SourceRecord:
    return SourceRecord.model_validate(row)


def _shown(told: Explanation, name_masked: str, sources: Mapping[int, SourceRecord]) -> IndexExplanation:
    return IndexExplanation(
        person_id=str(told.person_id),
        name_masked=name_masked,
        as_of=told.as_of,
        edition=told.edition,
        known_position=told.known_position,
        base_milli=told.base_milli,
        index_milli=told.index_milli,
        grade=told.grade,
        grade_name=Text.model_validate(told.grade_name),
        next_change_on=told.next_change_on,
        dimensions=[_dimension(part, sources) for part in told.dimensions],
        adjusting=_entries(told.adjusting, sources),
        expiries=[_coming(expiry) for expiry in told.expiries],
    )


def _dimension(part: DimensionPart, sources: Mapping[int, SourceRecord]) -> Dimension:
    return Dimension(
        dimension=part.dimension,
        name=Text.model_validate(part.name),
        points_milli=part.points_milli,
        indicators=[
            Indicator(
                indicator=each.indicator,
                name=Text.model_validate(each.name),
                points_milli=each.points_milli,
                entries=_entries(each.entries, sources),
            )
            for each in part.indicators
        ],
        adjusting=_entries(part.adjusting, sources),
    )


def _entries(entries: Iterable[PointEntry], sources: Mapping[int, SourceRecord]) -> list[Entry]:
    return [
        Entry(
            sequence=entry.sequence,
            kind=entry.kind,
            rule=entry.rule,
            points_milli=entry.points_milli,
            sentence=Text.model_validate(entry.sentence),
            look_through=_text(entry.look_through),
            remark=_text(entry.remark),
            disputed=entry.kind == "suspended",
            from_on=entry.from_on,
            until_on=entry.until_on,
            source=sources.get(entry.sequence),
        )
        for entry in entries
    ]


def _text(sentence: Sentence | None) -> Text | None:
    return Text.model_validate(sentence) if sentence else None


def _coming(expiry: Expiry) -> ComingChange:
    return ComingChange(on=expiry.on, points_milli=expiry.points_milli)
