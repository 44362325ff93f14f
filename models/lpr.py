"""The loan prime rate as a dated table: what the rate of a tenor was on a day, or an error, never a guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from models.dated import Frozen, Origin, holds, period_errors
from models.terms_errors import LprDayMissingError, LprTableEndsError, PolicyError

LprTenor = Literal["one_year", "five_year"]


class LprQuote(Frozen):
    """One published pair of rates and the days on which it prices loans (half-open)."""

    since: date = Field(alias="from")
    until: date
    one_year_bp: Annotated[int, Field(ge=0)]
    five_year_bp: Annotated[int, Field(ge=0)]
    origin: Origin

    def rate_bp(self, tenor: LprTenor) -> int:
        """Return the yearly rate of a tenor in basis points."""
        return self.one_year_bp if tenor == "one_year" else self.five_year_bp


class LprTable(Frozen):
    """Quotes in order of time without gap; the last one ends on a stated day, so silence cannot price a loan."""

    edition: str
    unit: Literal["bp"]
    quotes: tuple[LprQuote, ...] = Field(min_length=1)

    def quote_on(self, day: date) -> LprQuote:
        """Return the quote that prices loans on a day.

        Raises:
            LprTableEndsError: the table ends on or before the day.
            LprDayMissingError: the table begins after the day, or has a hole there.
        """
        for quote in self.quotes:
            if holds(quote, day):
                return quote
        last = self.quotes[-1].until
        if day >= last:
            raise LprTableEndsError(("quotes", len(self.quotes) - 1, "until"), last, f"pricing day {day}")
        raise LprDayMissingError(("quotes",), day)

    def rate_bp(self, tenor: LprTenor, day: date) -> int:
        """Return the rate of a tenor on a day in basis points; errors as in `quote_on`."""
        return self.quote_on(day).rate_bp(tenor)


def lpr_errors(table: LprTable, pricing_day: date) -> Iterator[PolicyError]:
    """Find gaps and overlaps, and a table that cannot price the given day."""
    yield from period_errors(table.quotes, ("quotes",))
    try:
        table.quote_on(pricing_day)
    except LprDayMissingError as missing:
        yield missing
