"""Dated values: each with its unit, its origin and the half-open periods in which it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from models.terms_errors import (
    PeriodEmptyError,
    PeriodGapError,
    PeriodOverlapError,
    Place,
    PolicyError,
    PolicyNotInForceError,
)

T = TypeVar("T")

Origin = Annotated[str, Field(pattern=r"\[(SEED|V|S|M|P)\]")]
"""Where a value comes from or its legal basis, with the tag that says how far to trust it."""


class Frozen(BaseModel):
    """A value read from a file: no unknown fields, no coercion, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Dated(Protocol):
    """Anything that holds from a day until another (None: until further notice)."""

    @property
    def since(self) -> date:
        """First day on which it holds."""

    @property
    def until(self) -> date | None:
        """First day on which it no longer holds."""


class Period(Frozen, Generic[T]):
    """One value and the days it holds: `from` included, `until` excluded."""

    since: date = Field(alias="from")
    until: date | None = None
    value: T


class Parameter(Frozen, Generic[T]):
    """A value with its origin and periods; concrete parameters fix the unit."""

    origin: Origin
    periods: tuple[Period[T], ...] = Field(min_length=1)

    def on(self, day: date) -> T:
        """Return the value in force on a day.

        Raises:
            PolicyNotInForceError: no period covers the day.
        """
        for period in self.periods:
            if holds(period, day):
                return period.value
        raise PolicyNotInForceError((), day, self.origin)


class Yuan(Parameter[Annotated[int, Field(ge=0)]]):
    """An amount of money written in whole yuan (the file is for people; the code reads fen)."""

    unit: Literal["yuan"]

    def fen_on(self, day: date) -> int:
        """Return the amount in force on a day, in fen."""
        return self.on(day) * 100


class BasisPoints(Parameter[Annotated[int, Field(ge=0)]]):
    """A yearly rate in basis points."""

    unit: Literal["bp"]


class Milli(Parameter[Annotated[int, Field(ge=0, le=1000)]]):
    """A share in thousandths."""

    unit: Literal["milli"]


class Days(Parameter[Annotated[int, Field(gt=0)]]):
    """A number of calendar days."""

    unit: Literal["days"]


class Months(Parameter[Annotated[int, Field(gt=0, le=12)]]):
    """A number of calendar months within a year."""

    unit: Literal["months"]


class Table(Parameter[T], Generic[T]):
    """Rows whose columns carry their units in their names."""

    unit: Literal["table"]


def holds(dated: Dated, day: date) -> bool:
    """Say whether a dated thing holds on a day (half-open)."""
    return dated.since <= day and (dated.until is None or day < dated.until)


def overlap(one: Dated, other: Dated) -> bool:
    """Say whether two dated things hold on a common day."""
    return (other.until is None or one.since < other.until) and (one.until is None or other.since < one.until)


def period_errors(periods: Sequence[Dated], place: Place) -> Iterator[PolicyError]:
    """Find empty, overlapping and disjoint periods, which must stand in order of time."""
    for position, period in enumerate(periods):
        if period.until is not None and period.until <= period.since:
            yield PeriodEmptyError((*place, position, "until"), period.until, f"from {period.since}")
        if position:
            yield from _joint_errors(periods[position - 1], period, (*place, position, "from"))


def _joint_errors(before: Dated, after: Dated, place: Place) -> Iterator[PolicyError]:
    detail = f"the period before ends {before.until or 'never'}"
    if before.until is None or after.since < before.until:
        yield PeriodOverlapError(place, after.since, detail)
    elif after.since > before.until:
        yield PeriodGapError(place, after.since, detail)
