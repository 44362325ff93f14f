"""The kinds of column a source may declare, each with the Pydantic type that checks a whole column at once."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any

import pyarrow as pa
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    NaiveDatetime,
    StringConstraints,
    TypeAdapter,
)
from pydantic_core import CoreSchema, core_schema


class Written:
    """Demands one way of writing before Pydantic reads the value, which by itself would take bare numbers for dates."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The text first, then the value."""
        return core_schema.chain_schema([core_schema.str_schema(pattern=self.pattern), handler(source)])


_DATE = r"\d{4}-\d\d-\d\d"
_CLOCK = r"\d\d:\d\d"


class Kind(StrEnum):
    """What a column holds and how it is written."""

    TEXT = "text"
    IDENTITY = "identity number or credit code"
    DAY = "YYYY-MM-DD"
    QUARTER = "YYYYQn"
    MONTH = "YYYY-MM"
    MINUTE = "YYYY-MM-DD HH:MM"
    MOMENT = "ISO 8601 with offset"
    POINTS = "number, at most 3 decimals"
    COUNT = "whole number"
    VILLAGE = "village code"


_PYDANTIC: dict[Kind, Any] = {
    Kind.TEXT: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)],
    Kind.IDENTITY: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=40)],
    Kind.DAY: Annotated[dt.date, Written(rf"^{_DATE}$")],
    Kind.QUARTER: Annotated[str, Field(pattern=r"^(19|20)\d\dQ[1-4]$")],
    Kind.MONTH: Annotated[str, Field(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")],
    Kind.MINUTE: Annotated[NaiveDatetime, Written(rf"^{_DATE}[ T]{_CLOCK}(:\d\d)?$")],
    Kind.MOMENT: Annotated[AwareDatetime, Written(rf"^{_DATE}T{_CLOCK}")],
    Kind.POINTS: Annotated[Decimal, Field(ge=0, lt=1_000_000, decimal_places=3)],
    Kind.COUNT: Annotated[int, Field(ge=0, lt=1_000_000)],
    Kind.VILLAGE: Annotated[str, Field(pattern=r"^V\d{3}$")],
}
_ARROW: dict[Kind, pa.DataType] = {
    Kind.DAY: pa.date32(),
    Kind.MINUTE: pa.timestamp("s"),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.POINTS: pa.decimal128(12, 3),
    Kind.COUNT: pa.int64(),
}


class SourceColumn(BaseModel):
    """One column of a source.

    Attributes:
        field: our name.
        header: the name in the file's header row.
        required: every row must fill it.
        personal: identity numbers and names of people: checked and blinded, never part of a payload.
        screened: searched for banned subjects before anything lands.
        past: a date that cannot lie after the delivery.
        choices: the only values allowed; none = any.
        optional: files written before it was agreed do without it.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    personal: bool = False
    screened: bool = False
    past: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()
    at_most: int | None = None

    @cached_property
    def adapter(self) -> TypeAdapter[list[Any]]:
        """Validates the whole column in one call; empty values are None."""
        return _adapter(self.kind, self.choices, self.at_most)

    @property
    def arrow_type(self) -> pa.DataType:
        """The type of the validated column."""
        return _ARROW.get(self.kind, pa.string())


@lru_cache
def _adapter(kind: Kind, choices: tuple[str, ...], at_most: int | None) -> TypeAdapter[list[Any]]:
    value = Choice(choices) if choices else None
    inner: Any = Annotated[str, value] if value else _PYDANTIC[kind]
    if at_most is not None:
        inner = Annotated[inner, Field(le=at_most)]
    return TypeAdapter(list[inner | None])


class Choice:
    """One of a declared set of texts."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """A literal."""
        return core_schema.literal_schema(list(self.choices))
