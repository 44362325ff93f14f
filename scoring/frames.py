"""The frames that cross this package's border: frozen dataclasses of NumPy columns, built from and turned into Arrow.

Every frame declares its columns once, in `COLUMNS`. Whole numbers are int64, days are int32 days since 1970-01-01
(Arrow: date32) with `NO_DAY` for null, text is dictionary-coded. An id of 0 means 'none'.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, Final, Self, cast

import numpy as np
import pyarrow as pa

from scoring.columns import AnyInts, Days, Mask, TextColumn, Whole
from scoring.dated import NO_DAY
from scoring.errors import ColumnMissingError, ColumnNullError, ColumnTypeError, DuplicateKeyError


class Column(Enum):
    """What a column holds; the value names the Arrow type."""

    WHOLE = "int64"
    DAY = "date32"
    OPTIONAL_DAY = "date32 or null"
    TEXT = "string"

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type a table carries this column in."""
        return {Column.WHOLE: pa.int64(), Column.TEXT: pa.string()}.get(self, pa.date32())


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """Equally long columns; subclasses declare them in `COLUMNS` in the order of their fields."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {}

    @classmethod
    def arrow_schema(cls) -> pa.Schema:
        """The schema `from_arrow` expects; further columns are ignored, dictionary-coded text is welcome."""
        return pa.schema([pa.field(name, kind.arrow_type) for name, kind in cls.COLUMNS.items()])

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Self:
        """Reads the declared columns.

        Raises:
            ColumnMissingError: a declared column is not there.
            ColumnTypeError: a column has another type than declared.
            ColumnNullError: nulls in a column of whole numbers or of days that must be known.
        """
        return cls._of({name: _read(cls.__name__, table, name, kind) for name, kind in cls.COLUMNS.items()})

    @classmethod
    def empty(cls) -> Self:
        """The frame without rows."""
        return cls.from_arrow(cls.arrow_schema().empty_table())

    @classmethod
    def _of(cls, columns: Mapping[str, Any]) -> Self:
        return cast("Self", cast("Any", cls)(**columns))

    def to_arrow(self) -> pa.Table:
        """The same columns as an Arrow table; text stays dictionary-coded."""
        kinds = self.COLUMNS.items()
        return pa.table({name: _write(getattr(self, name), kind) for name, kind in kinds})

    def take(self, rows: AnyInts | Mask) -> Self:
        """The chosen rows, by position or by mask."""
        return self._of({name: _taken(getattr(self, name), rows) for name in self.COLUMNS})

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.COLUMNS))))


def _taken(column: Any, rows: AnyInts | Mask) -> Any:
    return column.take(rows) if isinstance(column, TextColumn) else column[rows]


def _write(column: Any, kind: Column) -> pa.Array:
    if isinstance(column, TextColumn):
        return column.to_arrow()
    if kind is Column.WHOLE:
        return pa.array(column, pa.int64())
    return pa.array(column, pa.int32(), mask=column == NO_DAY).cast(pa.date32())


def _read(frame: str, table: pa.Table, name: str, kind: Column) -> Any:
    if name not in table.column_names:
        raise ColumnMissingError(frame, name)
    column = table.column(name)
    if not _fits(column.type, kind):
        raise ColumnTypeError(frame, name, str(column.type), kind.value)
    if kind is Column.TEXT:
        return TextColumn.from_arrow(column)
    if kind is not Column.OPTIONAL_DAY and column.null_count:
        raise ColumnNullError(frame, name, column.null_count)
    if kind is Column.WHOLE:
        return np.asarray(column.to_numpy(), dtype=np.int64)
    return np.asarray(column.cast(pa.int32()).fill_null(NO_DAY).to_numpy(), dtype=np.int32)


def _fits(found: pa.DataType, kind: Column) -> bool:
    if kind is Column.TEXT:
        inner = found.value_type if pa.types.is_dictionary(found) else found
        return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))
    return bool(found == kind.arrow_type)


EVENT_TYPES: Final = frozenset(
    {
        "ebike_violation",
        "safety_course_completed",
        "administrative_penalty",
        "maritime_violation",
        "uncivil_conduct",
        "civil_honour",
        "bravery",
        "hazard_overdue",
        "hazard_fixed",
        "commitment_broken",
        "commitment_fulfilled",
        "malicious_ring",
        "debtor_listed",
        "debtor_delisted",
        "false_litigation",
        "clean_quarter",
        "breached_quarter",
        "volunteering",
        "hygiene_inspection",
        "compact_review",
        "mutual_aid",
        "neighborhood_points",
        "neighborhood_conversion",
        "deliberation",
        "patrol",
        "grid_help",
        "revocation",
        "restoration",
        "appeal_opened",
        "appeal_closed",
    }
)
"""Every kind of event intake may hand over; what is not listed here cannot be given points by any edition."""


@dataclasses.dataclass(frozen=True, slots=True)
class Events(Frame):
    """One row per event; see `scoring.__doc__` for what the dates mean."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "event_id": Column.WHOLE,
        "event_type": Column.TEXT,
        "person_id": Column.WHOLE,
        "entity_id": Column.WHOLE,
        "household_id": Column.WHOLE,
        "level": Column.TEXT,
        "quantity_milli": Column.WHOLE,
        "occurred_on": Column.DAY,
        "effective_from": Column.OPTIONAL_DAY,
        "counts_from": Column.DAY,
        "ends_on": Column.OPTIONAL_DAY,
        "document_class": Column.TEXT,
        "catalogue_item": Column.TEXT,
        "about_event_id": Column.WHOLE,
        "record_id": Column.WHOLE,
        "source_code": Column.TEXT,
        "position": Column.WHOLE,
    }

    event_id: Whole
    event_type: TextColumn
    person_id: Whole
    entity_id: Whole
    household_id: Whole
    level: TextColumn
    quantity_milli: Whole
    occurred_on: Days
    effective_from: Days
    counts_from: Days
    ends_on: Days
    document_class: TextColumn
    catalogue_item: TextColumn
    about_event_id: Whole
    record_id: Whole
    source_code: TextColumn
    position: Whole

    def base_day(self) -> Days:
        """The day validity is counted from: when a decision took effect, else when the deed was done."""
        return np.where(self.effective_from == NO_DAY, self.occurred_on, self.effective_from).astype(np.int32)


@dataclasses.dataclass(frozen=True, slots=True)
class Persons(Frame):
    """Enrolment periods of registered persons; a person may have several that do not overlap."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "person_id": Column.WHOLE,
        "birth_on": Column.DAY,
        "village_code": Column.TEXT,
        "enrolled_from": Column.DAY,
        "enrolled_until": Column.OPTIONAL_DAY,
        "died_on": Column.OPTIONAL_DAY,
    }

    person_id: Whole
    birth_on: Days
    village_code: TextColumn
    enrolled_from: Days
    enrolled_until: Days
    died_on: Days


@dataclasses.dataclass(frozen=True, slots=True)
class Memberships(Frame):
    """Who belonged to which household, and when."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "household_id": Column.WHOLE,
        "person_id": Column.WHOLE,
        "from_on": Column.DAY,
        "until_on": Column.OPTIONAL_DAY,
    }

    household_id: Whole
    person_id: Whole
    from_on: Days
    until_on: Days


@dataclasses.dataclass(frozen=True, slots=True)
class Representatives(Frame):
    """Who was an entity's legal representative, and when."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "entity_id": Column.WHOLE,
        "person_id": Column.WHOLE,
        "from_on": Column.DAY,
        "until_on": Column.OPTIONAL_DAY,
    }

    entity_id: Whole
    person_id: Whole
    from_on: Days
    until_on: Days


@dataclasses.dataclass(frozen=True, slots=True)
class SourceConsents(Frame):
    """For which consent-based source a person's records may be used, and when."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "person_id": Column.WHOLE,
        "source_code": Column.TEXT,
        "from_on": Column.DAY,
        "until_on": Column.OPTIONAL_DAY,
    }

    person_id: Whole
    source_code: TextColumn
    from_on: Days
    until_on: Days


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryFrames:
    """Everything an evaluation reads besides the rulebook.

    Only events carry a position: the caller hands over the other four frames as they were known at the position asked
    for.
    """

    events: Events
    persons: Persons
    memberships: Memberships
    representatives: Representatives
    source_consents: SourceConsents


def require_unique(frame: str, column: str, keys: Whole) -> None:
    """Raises DuplicateKeyError if a key occurs twice."""
    ordered = np.sort(keys)
    repeated = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(repeated):
        raise DuplicateKeyError(frame, column, int(ordered[repeated[0]]))
