"""Values of a rulebook in words: points, months, days, quantities, bands, lists and sentences in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from scoring.rulebook import MILLI, Concave, LegalBasis
from scoring.words import UNITS, quantity_unit, word


@dataclass(frozen=True, slots=True)
class Value:
    """One value with its unit, said in both languages; `unit` is a code such as `points` or `months`."""

    unit: str
    zh: str
    en: str


NOTHING: Final = Value("none", "无", "nothing")

_WITHOUT_LIMIT: Final = {
    "points": Value("points", "不封顶", "no cap"),
    "months": Value("months", "直到终止", "until it is ended"),
    "levels": Value("text", "全部", "all"),
}


def plain(milli: int) -> str:
    """Thousandths as people write them: -7500 is `-7.5`."""
    return f"{(Decimal(milli) / MILLI).normalize():f}"


def shown(value: Any, unit: str) -> Value:
    """A field's value; None is 'no cap' for points, 'until it is ended' for months, 'all' for levels."""
    if value is None or value == ():
        return _WITHOUT_LIMIT.get(unit, NOTHING)
    if unit in {"points", "share"}:
        return points_value(value) if unit == "points" else Value("share", *[f"{value / (MILLI // 100):g}%"] * 2)
    if unit in UNITS:
        return Value(unit, f"{value}{UNITS[unit].zh}", f"{value} {UNITS[unit].en}")
    return _words(value, unit)


def _words(value: Any, unit: str) -> Value:
    if unit == "sentence":
        return Value("text", f"“{value.zh}”", f"“{value.en}”")
    if unit == "flag":
        return Value("text", "是" if value else "否", "yes" if value else "no")
    if isinstance(value, LegalBasis):
        return Value("text", f"{value.cite}[{value.tag}]", f"{value.cite} [{value.tag}]")
    if unit in {"code", "codes", "levels"}:
        return _listed(value if isinstance(value, Sequence) and not isinstance(value, str) else (value,))
    return Value("text", str(value), str(value))


def _listed(codes: Sequence[str]) -> Value:
    names = [word(code) for code in codes]
    return Value("text", "、".join(name.zh for name in names), ", ".join(name.en for name in names))


def points_value(*milli: int) -> Value:
    """One or several amounts of points."""
    unit = UNITS["points"]
    return (
        Value("points", "、".join(map(plain, milli)) + unit.zh, ", ".join(map(plain, milli)) + f" {unit.en}")
        if milli
        else NOTHING
    )


def quantity_value(milli: int, event_type: str) -> Value:
    """A quantity in the unit that this kind of event counts."""
    unit = quantity_unit(event_type)
    return Value("quantity", f"{plain(milli)}{unit.zh}", f"{plain(milli)} {unit.en}")


def bands_value(combine: Concave, event_type: str) -> Value:
    """Bands from the first to the last: up to how much, and points for each unit."""
    unit = quantity_unit(event_type)
    pairs = [(band.upto_milli, plain(band.points_per_unit_milli)) for band in combine.bands]
    zh = [f"{'以后' if upto is None else f'{plain(upto)}{unit.zh}内'}每{unit.zh}{price}分" for upto, price in pairs]
    en = [f"{price} {'beyond' if upto is None else f'up to {plain(upto)} {unit.en}'}" for upto, price in pairs]
    return Value("points", "，".join(zh), "points per unit: " + ", ".join(en))
