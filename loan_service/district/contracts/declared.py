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


APPEAL_OPENED = "appeal_opened"
_SUBJECT_COLUMNS = ("id_number", "name", "uscc", "entity_name")

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
        refers: is about the record that `related_record_no` names; a row of another class that names one corrects it.
        about: event types of the records it may refer to; none = any of its source.
        needs: further columns this class must fill.
        bare: a row fills nothing but its number, its class, its subject and what the class demands.
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
    about: tuple[str, ...] = ()
    bare: bool = False
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

    @model_validator(mode="after")
    def appeals_are_about_deductions(self) -> Self:
        """A class may only be about declared ones, and an appeal never touches an award."""
        deductions = {each.event_type for each in self.record_classes if each.negative}
        declared = {each.event_type for each in self.record_classes}
        for each in self.record_classes:
            allowed = deductions if each.event_type == APPEAL_OPENED else declared
            if wrong := set(each.about) - allowed:
                raise ValueError(f"{self.source_code}, class {each.name!r}: cannot be about {sorted(wrong)}")
        return self

    @cached_property
    def column_of(self) -> dict[str, SourceColumn]:
        """Columns by our name."""
        return {column.field: column for column in self.columns}

    def kind_of(self, field: str) -> Kind:
        """What a column holds."""
        return self.column_of[field].kind

    @cached_property
    def may_name(self) -> dict[str, frozenset[str]]:
        """Event types of the records each event type may name; those without an entry may name any.

        What refers to nothing by itself corrects the record it names, which must then be of its own kind.
        """
        declared = {each.event_type: frozenset(each.about) for each in self.record_classes if each.about}
        return declared | {kind: frozenset({kind}) for kind in self.correctable}

    @cached_property
    def correctable(self) -> frozenset[str]:
        """Event types of which a later row can be the corrected version of an earlier one."""
        if "related_record_no" not in self.column_of:
            return frozenset()
        return frozenset(each.event_type for each in self.record_classes if not each.refers)

    def unexpected(self, each: RecordClass) -> list[str]:
        """Columns a row of this class leaves empty."""
        if not each.bare:
            return []
        filled = {"record_no", self.class_column, *_SUBJECT_COLUMNS} | _named(each)
        return [column.field for column in self.columns if column.field not in filled]

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
