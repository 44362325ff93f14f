"""The points ledger: one row per live spell, then adjusting rows, so that base plus all rows is the index exactly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from scoring import kernel
from scoring.columns import Codes, Days, TextColumn, Whole
from scoring.dated import NO_DAY
from scoring.frames import Column, Frame
from scoring.kernel import CompactLedger
from scoring.rule_table import RuleTable
from scoring.spells import Spells

ROW_KINDS: Final = ("point", "indicator_cap", "dimension_cap", "overall_clip", "rounding", "suspended", "outdone")
"""By the kernel's number, then two kinds of point rows worth nothing: `suspended` while an appeal is open, `outdone`
where only the strongest of its group counts and another one is."""

ADJUSTING_KINDS: Final = ROW_KINDS[1:5]
"""In the order in which they stand behind a person's point rows."""

Ints = TypeVar("Ints", bound=NDArray[np.integer[Any]])

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


def rows_of_ledger(table: RuleTable, spells: Spells, compact: CompactLedger) -> Rows:
    """The kernel's rows with what their spells tell besides."""
    spell = compact.spell
    indicator, dimension = _places(table, compact)
    return Rows(
        person=np.repeat(np.arange(len(compact.first_row) - 1), np.diff(compact.first_row)),
        kind=_kinds(table, spells, compact),
        dimension=dimension,
        indicator=indicator,
        rule=_of_spells(spells.rule, spell, NOWHERE),
        points_milli=compact.points_milli.astype(np.int64),
        event=_of_spells(spells.event, spell, NOWHERE),
        through_entity_id=_of_spells(spells.through_entity_id, spell, 0),
        from_on=_of_spells(spells.from_on, spell, NO_DAY),
        until_on=_of_spells(spells.until_on, spell, NO_DAY),
    )


def _kinds(table: RuleTable, spells: Spells, compact: CompactLedger) -> Codes:
    spell, kinds = compact.spell, compact.kind.astype(np.int32)
    kinds[(spell != NOWHERE) & np.append(spells.suspended, False)[spell]] = _SUSPENDED
    exclusive = (~np.isin(table.within, ("sum", "concave")))[compact.place]
    valuable = np.append(spells.value_milli, 0)[spell] != 0
    kinds[(kinds == kernel.POINT) & exclusive & valuable & (compact.points_milli == 0)] = _OUTDONE
    return kinds


def _of_spells(column: Ints, spell: Whole, nothing: int) -> Ints:
    return cast("Ints", np.append(column, column.dtype.type(nothing))[spell])


def _places(table: RuleTable, compact: CompactLedger) -> tuple[Codes, Codes]:
    """Indicator and dimension of each row."""
    place = compact.place.astype(np.int32)
    of_indicator = (compact.kind == kernel.POINT) | (compact.kind == kernel.INDICATOR_CAP)
    of_dimension = compact.kind == kernel.DIMENSION_CAP
    indicator = np.where(of_indicator, place, NOWHERE).astype(np.int32)
    dimension = np.append(table.dimension, NOWHERE)[indicator]
    return indicator, np.where(of_dimension, place, dimension).astype(np.int32)


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
