"""How numbers, money, dates and points are written for people, in each language."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from loan_service.web.language import Language

FORMATS: Final = (
    "number", "yuan", "total", "rate", "yearly", "points", "signed_points", "signed_yuan", "signed_rate", "share",
    "share_fine", "change", "day",
)  # fmt: skip
"""What templates may call, as a filter or a function."""


@dataclass(frozen=True)
class Formats:
    """The writing habits of one language."""

    language: Language

    def number(self, value: int) -> str:
        """A count, grouped in threes."""
        return str(format_decimal(value, locale=self.language.locale))

    def yuan(self, fen: int) -> str:
        """An amount of one household; fen appear only where there are any."""
        amount = self._decimal(Decimal(fen) / 100, "#,##0.00" if fen % 100 else "#,##0")
        return f"{amount} 元" if self.language is Language.ZH else f"RMB {amount}"

    def total(self, fen: int) -> str:
        """A sum over many households, in the unit of the programme's reports."""
        if self.language is Language.ZH:
            return f"{self._decimal(Decimal(fen) / 1_000_000, '#,##0')} 万元"
        return f"RMB {self._decimal(Decimal(fen) / 100_000_000, '#,##0.00')}m"

    def rate(self, basis_points: int) -> str:
        """A yearly rate: 485 basis points as 4.85%."""
        return f"{self._decimal(Decimal(basis_points) / 100, '0.00')}%"

    def yearly(self, basis_points: int) -> str:
        """The same rate as what ten thousand yuan cost in a year."""
        cost = self._decimal(basis_points, "#,##0")
        return f"每万元每年 {cost} 元" if self.language is Language.ZH else f"RMB {cost} per 10,000 a year"

    def points(self, milli: int) -> str:
        """Points of the index, to a thousandth where there is one."""
        return self._decimal(Decimal(milli) / 1000, "#,##0.###")

    def signed_points(self, milli: int) -> str:
        """Points of a ledger row, always with their sign."""
        return self._signed(milli, self.points(abs(milli)))

    def signed_yuan(self, fen: int) -> str:
        """A ledger row of a limit, always with its sign."""
        return self._signed(fen, self.yuan(abs(fen)))

    def signed_rate(self, basis_points: int) -> str:
        """A ledger row of a rate, always with its sign."""
        return self._signed(basis_points, self.rate(abs(basis_points)))

    def share(self, value: float) -> str:
        """A share of 1 in percent, to a tenth."""
        return str(format_percent(value, "0.0%", locale=self.language.locale))

    def share_fine(self, value: float) -> str:
        """A small share in percent, to a thousandth."""
        return str(format_percent(value, "0.000%", locale=self.language.locale))

    def change(self, value: float) -> str:
        """A relative difference in percent, always with its sign."""
        return self._signed(value, self.share(abs(value)))

    def day(self, value: date) -> Markup:
        """A calendar day, written out and never broken over two lines."""
        pattern = "y年M月d日" if self.language is Language.ZH else "d MMM y"
        written = format_date(value, pattern, self.language.locale)
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), written)

    def _decimal(self, value: Decimal | int, pattern: str) -> str:
        return str(format_decimal(value, pattern, locale=self.language.locale))

    def _signed(self, value: float, written: str) -> str:
        if value == 0:
            return written
        return f"{'+' if value > 0 else '−'}{written}"
