"""The points ledger: one row per live spell, then adjusting rows, so that base plus all rows is the index exactly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from scoring import kernel
from scoring.columns import Codes, Days, TextColumn, Whole
from scoring.dated import NO_DAY
from scoring.frames import Column, Frame
from scoring.kernel import AdjustingRows, Numbers, PointRows
from scoring.rule_table import RuleTable
from scoring.spells import Spells
from scoring.standing import LedgerSlice

ROW_KINDS: Final = ("point", "indicator_cap", "dimension_cap", "overall_clip", "rounding", "suspended", "outdone")
"""By the kernel's number, then two kinds of point rows worth nothing: `suspended` while an appeal is open, `outdone`
where only the strongest of its group counts and another one is."""

ADJUSTING_KINDS: Final = ROW_KINDS[1:5]
"""In the order in which they stand behind a person's point rows."""

_SUSPENDED: Final = ROW_KINDS.index("suspended")
_OUTDONE: Final = ROW_KINDS.index("outdone")

NOWHERE: Final = -1
"""Code of a dimension, indicator or rule an adjusting row does not have."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Ledger rows before they get their names; text is still numbers (`NOWHERE`: none).

    Attributes:
        person: row among the persons with an index.
        event: row in the known history, `NOWHERE` for adjusting rows.
    """

    person: Whole
    kind: Codes
    dimension: Codes
    indicator: Codes
    rule: Codes
    points_milli: Whole
    event: Whole
    through_entity_id: Whole
    from_on: Days
    until_on: Days


def rows_of_ledger(table: RuleTable, spells: Spells, parts: Sequence[LedgerSlice]) -> Rows:
    """The kernel's rows with what their spells tell besides; each person's point rows before the adjusting rows."""
    points = [part.points for part in parts]
    adjusting = [part.adjusting for part in parts]
    rows = [
        _point_rows(table, spells, PointRows(*map(_joined, zip(*points, strict=True)))),
        _adjusting_rows(table, AdjustingRows(*map(_joined, zip(*adjusting, strict=True)))),
    ]
    names = [field.name for field in dataclasses.fields(Rows)]
    columns = {name: np.concatenate([getattr(part, name) for part in rows]) for name in names}
    order = np.argsort(columns["person"], kind="stable")
    return Rows(**{name: column[order] for name, column in columns.items()})


def _joined(columns: tuple[Any, ...]) -> Any:
    return np.concatenate(columns)


def _point_rows(table: RuleTable, spells: Spells, points: PointRows) -> Rows:
    taken = spells.take(points.spell)
    indicator = table.indicator[taken.rule]
    exclusive = (~np.isin(table.within, ("sum", "concave")))[indicator]
    outdone = exclusive & (taken.value_milli != 0) & (points.points_milli == 0)
    return Rows(
        person=_person(points.rows),
        kind=np.select([taken.suspended, outdone], [_SUSPENDED, _OUTDONE], kernel.POINT).astype(np.int32),
        dimension=table.dimension[indicator],
        indicator=indicator,
        rule=taken.rule,
        points_milli=points.points_milli.astype(np.int64),
        event=taken.event,
        through_entity_id=taken.through_entity_id,
        from_on=taken.from_on,
        until_on=taken.until_on,
    )


def _adjusting_rows(table: RuleTable, adjusting: AdjustingRows) -> Rows:
    place, kind = adjusting.place.astype(np.int32), adjusting.kind.astype(np.int32)
    indicator = np.where(kind == kernel.INDICATOR_CAP, place, NOWHERE).astype(np.int32)
    dimension = np.where(kind == kernel.DIMENSION_CAP, place, np.append(table.dimension, NOWHERE)[indicator])
    nowhere = np.full(len(kind), NOWHERE, np.int32)
    never = np.full(len(kind), NO_DAY, np.int32)
    return Rows(
        person=_person(adjusting.rows),
        kind=kind,
        dimension=dimension.astype(np.int32),
        indicator=indicator,
        rule=nowhere,
        points_milli=adjusting.points_milli.astype(np.int64),
        event=nowhere.astype(np.int64),
        through_entity_id=np.zeros(len(kind), np.int64),
        from_on=never,
        until_on=never,
    )


def _person(count: Numbers) -> Whole:
    return np.repeat(np.arange(len(count)), count)


@dataclasses.dataclass(frozen=True, slots=True)
class LedgerRows(Frame):
    """The ledger as it leaves the package, ordered by person and sequence."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "person_id": Column.WHOLE,
        "sequence": Column.WHOLE,
        "dimension": Column.TEXT,
        "indicator": Column.TEXT,
        "rule": Column.TEXT,
        "kind": Column.TEXT,
        "points_milli": Column.WHOLE,
        "event_id": Column.WHOLE,
        "record_id": Column.WHOLE,
        "through_entity_id": Column.WHOLE,
        "from_on": Column.OPTIONAL_DAY,
        "until_on": Column.OPTIONAL_DAY,
    }

    person_id: Whole
    sequence: Whole
    dimension: TextColumn
    indicator: TextColumn
    rule: TextColumn
    kind: TextColumn
    points_milli: Whole
    event_id: Whole
    record_id: Whole
    through_entity_id: Whole
    from_on: Days
    until_on: Days


def named_rows(
    table: RuleTable, rows: Rows, person_id: Whole, ids: tuple[Whole, Whole], first_row: Whole
) -> LedgerRows:
    """The rows with names, ids and sequence numbers.

    Args:
        table: the edition.
        rows: ordered by person.
        person_id: of every person with an index.
        ids: event id and record id of every row.
        first_row: first row of every person, int64 [persons + 1].
    """
    book = table.book
    event_id, record_id = ids
    return LedgerRows(
        person_id=person_id[rows.person],
        sequence=np.arange(len(rows.person)) - first_row[rows.person] + 1,
        dimension=_named(rows.dimension, [each.dimension for each in book.dimensions]),
        indicator=_named(rows.indicator, [each.indicator for _, each in book.indicators]),
        rule=_named(rows.rule, [each.rule for _, each in book.rules]),
        kind=TextColumn(rows.kind, ROW_KINDS),
        points_milli=rows.points_milli,
        event_id=event_id,
        record_id=record_id,
        through_entity_id=rows.through_entity_id,
        from_on=rows.from_on,
        until_on=rows.until_on,
    )


def _named(numbers: Codes, names: list[str]) -> TextColumn:
    """Numbers as text; `NOWHERE` is the empty text at code 0."""
    return TextColumn((numbers + 1).astype(np.int32), ("", *names))
