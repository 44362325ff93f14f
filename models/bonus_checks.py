"""Checks of what grades add: every grade in every band exactly once, never below zero, never turning ranks around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from models.check_places import values_at
from models.dated import overlap
from models.policy import GRADES, WHOLE_MILLI, Grade, GradeBonus, Policy, RiskBand
from models.terms_errors import (
    BonusBandError,
    BonusBandOrderError,
    BonusMissingError,
    BonusNeedsBudgetError,
    BonusOrderError,
    BonusTwiceError,
    NegativeBonusError,
    Place,
    PolicyError,
)

_FIELDS = ("limit_bonus_milli", "rate_discount_bp")
Rows = tuple[GradeBonus, ...]
Bands = tuple[RiskBand, ...]


def bonus_errors(policy: Policy) -> Iterator[PolicyError]:
    """Find everything wrong with the bonuses, in whatever bands hold on a common day."""
    for period, (place, rows) in zip(
        policy.grade_bonuses.periods, values_at("grade_bonuses", policy.grade_bonuses.periods), strict=True
    ):
        yield from _sign_errors(rows, place)
        if policy.bonus_budget is None and any(row.limit_bonus_milli > 0 for row in rows):
            yield BonusNeedsBudgetError(place, [row.limit_bonus_milli for row in rows])
        seen: set[tuple[str, Place]] = set()
        for bands in (other.value for other in policy.bands.periods if overlap(other, period)):
            for error in _band_errors(rows, bands, place):
                if (type(error).__name__, error.place) not in seen:
                    seen.add((type(error).__name__, error.place))
                    yield error


def _sign_errors(rows: Rows, place: Place) -> Iterator[PolicyError]:
    for position, row in enumerate(rows):
        for field in _FIELDS:
            value = getattr(row, field)
            if value < 0:
                yield NegativeBonusError((*place, position, field), value, f"grade {row.grade}")
            if value and row.grade == "none":
                yield BonusOrderError((*place, position, field), value, "no grade, no bonus")


def _band_errors(rows: Rows, bands: Bands, place: Place) -> Iterator[PolicyError]:
    lent_to = list(
        {band.code: band for band in bands if band.outcome == "offer"}.values()
    )  # a code twice is told there
    cells = (*_unknown_bands(rows, lent_to, place), *_cover_errors(rows, lent_to, place))
    yield from cells
    if not cells:
        for band in lent_to:
            yield from _rise_errors(rows, band, place)
        for safer, riskier in pairwise(lent_to):
            yield from _order_errors(rows, safer, riskier, place)


def _unknown_bands(rows: Rows, lent_to: list[RiskBand], place: Place) -> Iterator[PolicyError]:
    known = {band.code for band in lent_to}
    for position, row in enumerate(rows):
        for at, code in enumerate(row.bands or ()):
            if code not in known:
                yield BonusBandError((*place, position, "bands", at), code, f"grade {row.grade}")


def _cover_errors(rows: Rows, lent_to: list[RiskBand], place: Place) -> Iterator[PolicyError]:
    given: Counter[tuple[Grade, str]] = Counter()
    for position, row in enumerate(rows):
        held = [band.code for band in lent_to if row.holds_in(band)]
        given.update((row.grade, code) for code in held)
        twice = [code for code in held if given[row.grade, code] > 1]
        if twice:
            yield BonusTwiceError((*place, position, "grade"), row.grade, f"again in {', '.join(twice)}")
    for grade in GRADES:
        missing = [band.code for band in lent_to if not given[grade, band.code]]
        if missing:
            yield BonusMissingError(place, grade, f"nothing for {', '.join(missing)}")


def _rise_errors(rows: Rows, band: RiskBand, place: Place) -> Iterator[PolicyError]:
    cells = [_cell(rows, grade, band) for grade in GRADES]
    for (_, lower), (position, higher) in pairwise(cells):
        for field in _FIELDS:
            # Below zero is an error of its own; naming the order as well would say the same thing twice.
            if 0 <= getattr(higher, field) < getattr(lower, field):
                here = (*place, position, field)
                yield BonusOrderError(here, getattr(higher, field), f"below {lower.grade} in {band.code}")


def _order_errors(rows: Rows, safer: RiskBand, riskier: RiskBand, place: Place) -> Iterator[PolicyError]:
    """Where the bands themselves stand in order, see that a grade's bonus leaves them so."""
    for grade in GRADES[1:]:
        (_, before), (position, after) = _cell(rows, grade, safer), _cell(rows, grade, riskier)
        detail = f"{grade} in {riskier.code}, and {safer.code} is safer"
        if _multiple(safer, before) < _multiple(riskier, after) and _multiple(safer) >= _multiple(riskier):
            yield BonusBandOrderError((*place, position, "limit_bonus_milli"), after.limit_bonus_milli, detail)
        spreads = safer.spread_bp - before.rate_discount_bp, riskier.spread_bp - after.rate_discount_bp
        if spreads[0] > spreads[1] and safer.spread_bp <= riskier.spread_bp:
            yield BonusBandOrderError((*place, position, "rate_discount_bp"), after.rate_discount_bp, detail)


def _multiple(band: RiskBand, bonus: GradeBonus | None = None) -> int:
    return band.income_multiple_milli * (WHOLE_MILLI + (bonus.limit_bonus_milli if bonus else 0))


def _cell(rows: Rows, grade: Grade, band: RiskBand) -> tuple[int, GradeBonus]:
    return next((at, row) for at, row in enumerate(rows) if row.grade == grade and row.holds_in(band))
