"""What a source's contract declares: its file, its columns, its record classes and the event each class becomes."""

from enum import StrEnum
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from loan_service.district.contracts.columns import Kind, SourceColumn


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileFormat(StrEnum):
    """How the agency writes its files."""

    CSV_GB18030 = "CSV, GB18030"
    CSV_UTF8 = "CSV, UTF-8"
    CSV_UTF8_BOM = "CSV, UTF-8 with BOM"
    XLSX = "XLSX"
    JSON_LINES = "JSON Lines, UTF-8"

    @property
    def suffix(self) -> str:
        """The ending of the file's name."""
        return {FileFormat.XLSX: ".xlsx", FileFormat.JSON_LINES: ".jsonl"}.get(self, ".csv")


class Subject(StrEnum):
    """Whom a record is about."""

    PERSON = "person"
    PERSON_OR_UNIT = "person or unit"
    HOUSEHOLD = "household"
    VILLAGE = "village"


class Consent(StrEnum):
    """Which consent a class C record needs before it may land."""

    NONE = "none: law or an effective document"
    SOURCE = "the person's consent to this source"
    ENROLMENT = "the person's enrolment"


class Level(_Declared):
    """The event's level: fixed, or read from a column through a table of names."""

    fixed: str = ""
    column: str = ""
    names: dict[str, str] = {}
    prefix_if: tuple[str, str, str] | None = None
    """(column, value, prefix): where the column holds the value the level gets the prefix."""


class Quantity(_Declared):
    """The event's quantity in thousandths: fixed, a column's number, or the hours between two minutes."""

    fixed_milli: int = 0
    column: str = ""
    hours_between: tuple[str, str] | None = None


NEGATIVE_COLUMNS = {
    "document_class": "negative.no_document",
    "document_no": "negative.no_document",
    "catalogue_item": "negative.no_catalogue_item",
    "effective_from": "negative.no_effective_date",
    "notice_served_on": "negative.no_notice",
}
"""What a negative record must carry, and what it is called when it does not."""


class RecordClass(_Declared):
    """One class of records.

    Attributes:
        name: as delivered; '' where the source has one class only.
        admissibility: A document and catalogue, B as A with a determination still open, C voluntary and plus-only.
        occurred: the column that says when; a quarter or month means its last day.
        negative: may deduct, so it needs document, catalogue id, effective date and pre-notice.
        refers: ends or undoes the record that `related_record_no` names.
        needs: further columns this class must fill.
        differ: two columns that may not hold the same text.
    """

    name: str = ""
    chinese: str
    english: str
    event_type: str
    admissibility: Literal["A", "B", "C"]
    legal_basis: str
    subject: Subject = Subject.PERSON
    consent: Consent = Consent.NONE
    occurred: str = "occurred_on"
    due: str = ""
    negative: bool = False
    refers: bool = False
    level: Level = Level()
    quantity: Quantity = Quantity()
    needs: tuple[str, ...] = ()
    differ: tuple[str, str] | None = None

    @model_validator(mode="after")
    def voluntary_records_only_add(self) -> Self:
        """Class C never deducts and always rests on a consent, unless it is about nobody."""
        if self.admissibility == "C" and (
            self.negative or (self.consent is Consent.NONE and self.subject is not Subject.VILLAGE)
        ):
            raise ValueError(f"class C record {self.name!r} must be plus-only and consented")
        return self


class Contract(_Declared):
    """Everything a source promised about its files; the only place where its column names stand."""

    source_code: str
    chinese: str
    english: str
    role: Literal["feed", "register", "consents"]
    file_format: FileFormat
    legal_basis: str = ""
    columns: tuple[SourceColumn, ...]
    class_column: str = ""
    record_classes: tuple[RecordClass, ...] = ()

    @model_validator(mode="after")
    def classes_speak_of_declared_columns(self) -> Self:
        """A class may only name columns the contract declares, and nothing happens in the future."""
        fields = {column.field for column in self.columns}
        for each in self.record_classes:
            if unknown := _named(each) - fields:
                raise ValueError(f"{self.source_code}, class {each.name!r}: unknown columns {sorted(unknown)}")
            if not self.column_of[each.occurred].past:
                raise ValueError(f"{self.source_code}, class {each.name!r}: {each.occurred} must lie in the past")
        return self

    @cached_property
    def column_of(self) -> dict[str, SourceColumn]:
        """Columns by our name."""
        return {column.field: column for column in self.columns}

    def kind_of(self, field: str) -> Kind:
        """What a column holds."""
        return self.column_of[field].kind

    @cached_property
    def needs_consent(self) -> bool:
        """Whether some of its classes rest on consent."""
        return any(each.consent is not Consent.NONE for each in self.record_classes)


def _named(each: RecordClass) -> set[str]:
    """Every column a class speaks of."""
    named = {each.occurred, each.due, each.level.column, each.quantity.column, *each.needs, *(each.differ or ())}
    named |= set(each.quantity.hours_between or ()) | set((each.level.prefix_if or ("",))[:1])
    if each.negative:
        named |= set(NEGATIVE_COLUMNS)
    if each.refers:
        named.add("related_record_no")
    return named - {""}
