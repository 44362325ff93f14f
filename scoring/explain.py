"""One person's civility index told from the top down: dimension, indicator, rule, event, source record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, cast

import numpy as np

from scoring.columns import TextColumn
from scoring.dated import date_of
from scoring.errors import PersonWithoutIndexError
from scoring.evaluation import Evaluation
from scoring.ledger import ADJUSTING_KINDS, LedgerRows
from scoring.rulebook import Name, Rulebook, Sentence

REMARKS: Final = {
    "suspended": Sentence(
        zh="申诉正在处理，答复以前不扣分。", en="An appeal is open; nothing is deducted until it is answered."
    ),
    "outdone": Sentence(
        zh="同类里只算最高的一项，这项不另加。", en="Only the highest of its kind counts; this one adds nothing."
    ),
}
"""Why a row is worth nothing today though its rule gives points, by kind of row; the same in every edition."""


@dataclass(frozen=True, slots=True)
class PointEntry:
    """One ledger row in words.

    Attributes:
        event_id, record_id, through_entity_id: 0 where there is none.
        from_on, until_on: the half-open period this row holds; None: open, or an adjusting row.
        look_through: said besides when the row came through an entity.
        remark: said besides when the row is worth nothing today though its rule gives points.
    """

    sequence: int
    kind: str
    rule: str
    points_milli: int
    event_id: int
    record_id: int
    through_entity_id: int
    from_on: dt.date | None
    until_on: dt.date | None
    sentence: Sentence
    look_through: Sentence | None
    remark: Sentence | None


@dataclass(frozen=True, slots=True)
class IndicatorPart:
    """An indicator's entries, its cap among them; `points_milli` is their sum."""

    indicator: str
    name: Name
    points_milli: int
    entries: tuple[PointEntry, ...]


@dataclass(frozen=True, slots=True)
class DimensionPart:
    """A dimension's indicators and its own cap; `points_milli` is the sum of all of it."""

    dimension: str
    name: Name
    points_milli: int
    indicators: tuple[IndicatorPart, ...]
    adjusting: tuple[PointEntry, ...]


@dataclass(frozen=True, slots=True)
class Expiry:
    """A day on which rows end or step, and how the points of those rows add up today."""

    on: dt.date
    points_milli: int
    event_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Base plus dimensions plus adjusting entries is the index, exactly.

    Attributes:
        adjusting: the entries that belong to no dimension (overall clip, rounding).
        next_change_on: the first later day on which something may change; None: no such day is known.
        expiries: the coming ends of rows, soonest first.
    """

    person_id: int
    as_of: dt.date
    edition: str
    edition_hash: str
    known_position: int
    base_milli: int
    index_milli: int
    grade: str
    grade_name: Name
    next_change_on: dt.date | None
    dimensions: tuple[DimensionPart, ...]
    adjusting: tuple[PointEntry, ...]
    expiries: tuple[Expiry, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences and names of an edition by their codes."""

    rules: Mapping[str, Sentence]
    indicators: Mapping[str, Name]
    dimensions: Mapping[str, Name]
    grades: Mapping[str, Name]
    adjusting: Mapping[str, Sentence]
    look_through: Sentence


_Place = tuple[str, str]
_Placed = tuple[_Place, PointEntry]


def explain_person(evaluation: Evaluation, person_id: int, rulebook: Rulebook) -> Explanation:
    """Tells how one person's index came about; no arithmetic is left to the reader.

    Raises:
        PersonWithoutIndexError: the person has no row in this evaluation.
    """
    persons = evaluation.persons
    row = int(np.searchsorted(persons.person_id, person_id))
    if row == len(persons) or persons.person_id[row] != person_id:
        raise PersonWithoutIndexError(person_id)
    words = _words(rulebook)
    placed = list(_entries(evaluation, row, words))
    grade = persons.grade.names[persons.grade.codes[row]]
    return Explanation(
        person_id=person_id,
        as_of=evaluation.as_of,
        edition=evaluation.edition,
        edition_hash=evaluation.edition_hash,
        known_position=evaluation.known_position,
        base_milli=evaluation.base_milli,
        index_milli=int(persons.index_milli[row]),
        grade=grade,
        grade_name=words.grades[grade],
        next_change_on=date_of(int(persons.next_change_on[row])),
        dimensions=tuple(_dimension_parts(placed, words)),
        adjusting=tuple(entry for (dimension, _), entry in placed if not dimension),
        expiries=tuple(_expiries([entry for _, entry in placed])),
    )


def _words(rulebook: Rulebook) -> _Words:
    adjusting = rulebook.edition.adjusting
    return _Words(
        rules={rule.rule: rule.sentence for _, rule in rulebook.rules},
        indicators={indicator.indicator: indicator.name for _, indicator in rulebook.indicators},
        dimensions={dimension.dimension: dimension.name for dimension in rulebook.dimensions},
        grades={grade.grade: grade.name for grade in rulebook.edition.grades},
        adjusting={kind: getattr(adjusting, kind) for kind in ADJUSTING_KINDS},
        look_through=rulebook.edition.look_through_sentence,
    )


def _entries(evaluation: Evaluation, row: int, words: _Words) -> Iterator[_Placed]:
    """The person's rows in order, each with its dimension and indicator."""
    rows = slice(*evaluation.first_row[row : row + 2].tolist())
    columns = [_listed(getattr(evaluation.ledger, name), rows) for name in LedgerRows.COLUMNS]
    for values in zip(*columns, strict=True):
        of = dict(zip(LedgerRows.COLUMNS, values, strict=True))
        yield (of["dimension"], of["indicator"]), _entry(of, words)


def _listed(column: Any, rows: slice) -> list[Any]:
    if isinstance(column, TextColumn):
        return [column.names[code] for code in column.codes[rows].tolist()]
    return cast("list[Any]", column[rows].tolist())


def _entry(of: Mapping[str, Any], words: _Words) -> PointEntry:
    return PointEntry(
        sequence=of["sequence"],
        kind=of["kind"],
        rule=of["rule"],
        points_milli=of["points_milli"],
        event_id=of["event_id"],
        record_id=of["record_id"],
        through_entity_id=of["through_entity_id"],
        from_on=date_of(of["from_on"]),
        until_on=date_of(of["until_on"]),
        sentence=words.rules[of["rule"]] if of["rule"] else words.adjusting[of["kind"]],
        look_through=words.look_through if of["through_entity_id"] else None,
        remark=REMARKS.get(of["kind"]),
    )


def _dimension_parts(placed: list[_Placed], words: _Words) -> Iterator[DimensionPart]:
    """Dimensions in catalogue order; point rows and caps of one dimension stand apart in the ledger."""
    for dimension in sorted({of for (of, _), _ in placed if of}, key=list(words.dimensions).index):
        own = [(indicator, entry) for (of, indicator), entry in placed if of == dimension]
        yield DimensionPart(
            dimension=dimension,
            name=words.dimensions[dimension],
            points_milli=_total(entry for _, entry in own),
            indicators=tuple(_indicator_parts(own, words)),
            adjusting=tuple(entry for indicator, entry in own if not indicator),
        )


def _indicator_parts(own: list[tuple[str, PointEntry]], words: _Words) -> Iterator[IndicatorPart]:
    for indicator in sorted({of for of, _ in own if of}, key=list(words.indicators).index):
        entries = tuple(entry for of, entry in own if of == indicator)
        yield IndicatorPart(indicator, words.indicators[indicator], _total(entries), entries)


def _total(entries: Iterable[PointEntry]) -> int:
    return sum(entry.points_milli for entry in entries)


def _expiries(entries: list[PointEntry]) -> Iterator[Expiry]:
    ending = sorted((entry.until_on, entry.sequence, entry) for entry in entries if entry.until_on)
    for on, together in groupby(ending, key=itemgetter(0)):
        rows = [entry for _, _, entry in together]
        yield Expiry(on, _total(rows), tuple(sorted({entry.event_id for entry in rows})))
