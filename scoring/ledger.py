"""The points ledger: one row per live spell, then adjusting rows, so that base plus all rows is the index exactly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from scoring import kernel
from scoring.columns import Codes, Days, TextColumn, Whole
from scoring.dated import NO_DAY
from scoring.frames import Column, Frame
from scoring.joins import segment_starts
from scoring.residents import Residents
from scoring.rule_table import RuleTable
from scoring.rulebook import Concave
from scoring.spells import Spells, rounded

ROW_KINDS: Final = ("point", "indicator_cap", "dimension_cap", "overall_clip", "rounding")
"""In the order in which a person's rows stand."""

NOWHERE: Final = -1
"""Code of a dimension, indicator or rule an adjusting row does not have."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Ledger rows before they get their names and sequence; text is still numbers (`NOWHERE`: none)."""

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


def adjusting(kind: str, person: Whole, places: tuple[Codes, Codes], points_milli: Whole) -> Rows:
    """Adjusting rows where they change something; `places` are dimension and indicator per row."""
    keep = np.flatnonzero(points_milli)
    nothing = np.full(len(keep), NOWHERE, np.int32)
    never = np.full(len(keep), NO_DAY, np.int32)
    return Rows(
        person=person[keep],
        kind=np.full(len(keep), ROW_KINDS.index(kind), np.int32),
        dimension=places[0][keep],
        indicator=places[1][keep],
        rule=nothing,
        points_milli=points_milli[keep],
        event=np.full(len(keep), NOWHERE, np.int64),
        through_entity_id=np.zeros(len(keep), np.int64),
        from_on=never,
        until_on=never,
    )


def joined_rows(parts: list[Rows]) -> Rows:
    """All rows, each person's together, the parts in their order."""
    names = [field.name for field in dataclasses.fields(Rows)]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    order = np.argsort(columns["person"], kind="stable")
    return Rows(**{name: column[order] for name, column in columns.items()})


def point_rows(table: RuleTable, live: Spells) -> Rows:
    """One row per live spell, of zero points where another row already says it all.

    Args:
        table: the edition.
        live: the spells live on the day, in any order.

    Returns:
        rows ordered by person, indicator, first day, event.
    """
    indicator = table.indicator[live.rule]
    order = np.lexsort((live.event_id, live.from_on, indicator, live.person))
    spells, indicator = live.take(order), indicator[order]
    return Rows(
        person=spells.person,
        kind=np.full(len(spells), ROW_KINDS.index("point"), np.int32),
        dimension=table.dimension[indicator],
        indicator=indicator,
        rule=spells.rule,
        points_milli=_combined(table, spells, indicator),
        event=spells.event,
        through_entity_id=spells.through_entity_id,
        from_on=spells.from_on,
        until_on=spells.until_on,
    )


def _combined(table: RuleTable, spells: Spells, indicator: Codes) -> Whole:
    """The points of each spell after its indicator's way of combining."""
    points = spells.value_milli.copy()
    exclusive = np.flatnonzero(~np.isin(table.within, ("sum", "concave"))[indicator])
    points[exclusive] *= _only_strongest(spells.take(exclusive), indicator[exclusive])
    for number, (_, each) in enumerate(table.book.indicators):
        if isinstance(each.combine, Concave):
            rows = np.flatnonzero(indicator == number)
            edges = np.array([0, *(band.upto_milli for band in each.combine.bands[:-1])], np.int64)
            prices = np.array([band.points_per_unit_milli for band in each.combine.bands], np.int64)
            starts = segment_starts(spells.person[rows])
            points[rows] = kernel.concave(points[rows], starts, edges, prices)
    return points


def _only_strongest(spells: Spells, indicator: Codes) -> Whole:
    order = np.lexsort((spells.group, indicator, spells.person))  # stable: first day, then event id decide ties
    starts = segment_starts(spells.person[order], indicator[order], spells.group[order])
    factor = np.empty(len(order), np.int64)
    factor[order] = kernel.strongest(spells.value_milli[order], starts)
    return factor


def full_ledger(table: RuleTable, residents: Residents, live: Spells) -> tuple[Rows, Whole]:
    """Point rows and all adjusting rows, with the civility index of every resident.

    Returns:
        rows ordered by person, and the index in thousandths, int64 [residents].
    """
    points = point_rows(table, live)
    capped, sums = _capped_indicators(table, points)
    bounded, sums = _bounded_dimensions(table, sums)
    clipped, rounding, index_milli = _clipped_and_rounded(table, residents, sums)
    return joined_rows([points, capped, bounded, clipped, rounding]), index_milli


@dataclass(frozen=True, slots=True)
class _Sums:
    """One sum per person and place, ordered by both."""

    person: Whole
    place: Codes
    points_milli: Whole


def _summed(person: Whole, place: Codes, points_milli: Whole) -> _Sums:
    starts = segment_starts(person, place)
    return _Sums(person[starts], place[starts], kernel.total(points_milli, starts))


def _capped_indicators(table: RuleTable, points: Rows) -> tuple[Rows, _Sums]:
    sums = _summed(points.person, points.indicator, points.points_milli)
    capped = np.clip(sums.points_milli, table.lowest_milli[sums.place], table.highest_milli[sums.place])
    places = (table.dimension[sums.place], sums.place)
    rows = adjusting("indicator_cap", sums.person, places, capped - sums.points_milli)
    return rows, _Sums(sums.person, sums.place, capped)


def _bounded_dimensions(table: RuleTable, indicators: _Sums) -> tuple[Rows, _Sums]:
    sums = _summed(indicators.person, table.dimension[indicators.place], indicators.points_milli)
    lowest, highest = table.dimension_lowest_milli[sums.place], table.dimension_highest_milli[sums.place]
    bounded = np.clip(sums.points_milli, lowest, highest)
    places = (sums.place, np.full(len(sums.place), NOWHERE, np.int32))
    rows = adjusting("dimension_cap", sums.person, places, bounded - sums.points_milli)
    return rows, _Sums(sums.person, sums.place, bounded)


def _clipped_and_rounded(table: RuleTable, residents: Residents, dimensions: _Sums) -> tuple[Rows, Rows, Whole]:
    edition = table.book.edition
    everyone = np.arange(len(residents))
    nowhere = np.full(len(residents), NOWHERE, np.int32)
    raw = np.full(len(residents), edition.base_milli, np.int64)
    starts = segment_starts(dimensions.person)
    raw[dimensions.person[starts]] += kernel.total(dimensions.points_milli, starts)
    clipped = np.clip(raw, edition.lowest_milli, edition.highest_milli)
    index_milli = rounded(clipped, edition.rounding_milli) * edition.rounding_milli
    clips = adjusting("overall_clip", everyone, (nowhere, nowhere), clipped - raw)
    roundings = adjusting("rounding", everyone, (nowhere, nowhere), index_milli - clipped)
    return clips, roundings, index_milli


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
    table: RuleTable, rows: Rows, residents: Residents, ids: tuple[Whole, Whole], first_row: Whole
) -> LedgerRows:
    """The rows with names, ids and sequence numbers.

    Args:
        table: the edition.
        rows: ordered by person.
        residents: the persons with an index.
        ids: event id and record id of every row.
        first_row: first row of every resident, int64 [residents + 1].
    """
    book = table.book
    event_id, record_id = ids
    return LedgerRows(
        person_id=residents.person_id[rows.person],
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
