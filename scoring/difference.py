"""What two editions of the rulebook differ in: in their meaning, not in their text, and for whose good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from scoring.difference_fields import FIELDS, IDENTITY, PARTS, Field, Lean
from scoring.difference_values import NOTHING, Value, bands_value, points_value, quantity_value, shown
from scoring.rulebook import (
    MILLI,
    Concave,
    Dimension,
    Edition,
    EscalatingPoints,
    FixedPoints,
    Indicator,
    Name,
    OrdinalPoints,
    PointsPerUnit,
    Rule,
    Rulebook,
    StreakPoints,
)
from scoring.words import rule_name, word
from scoring.worth import Order, order_of, order_of_bands, order_of_fixed, order_throughout

Direction = Literal["kinder", "stricter", "mixed", "neutral"]
Act = Literal["added", "removed", "changed"]

JUDGED: Final[Mapping[Direction, Name]] = {
    "kinder": Name(zh="对居民更宽", en="kinder to citizens"),
    "stricter": Name(zh="对居民更严", en="stricter to citizens"),
    "mixed": Name(zh="有宽有严", en="kinder for some, stricter for others"),
    "neutral": Name(zh="本身不改分", en="moves no points by itself"),
}

_FIXED_FIELDS: Final = frozenset({"validity_months", "points_milli", "fade_months"})
"""Fields of a rule of fixed points that only make sense together."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    Attributes:
        act: whether it came, went, or has another value.
        path: where it stands, in words: dimension, indicator, rule, field.
        code: the same place by its codes, such as `social_contribution/volunteering/volunteering/daily_limit_milli`.
        old, new: the values with their units; `NOTHING` where there is none.
        direction: what it means for the citizens it touches; `mixed`: kinder for some histories and stricter for others
            (bands that cross, another method). Points, validity and fading of one rule are judged together.
        sentence: all of it in one sentence.
    """

    act: Act
    path: tuple[Name, ...]
    code: str
    old: Value
    new: Value
    direction: Direction
    sentence: Name


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: words and codes so far, and whether points given here are awards."""

    path: tuple[Name, ...] = ()
    code: tuple[str, ...] = ()
    award: bool = True

    def at(self, name: Name, code: str, *, award: bool | None = None) -> _Place:
        """One step further in."""
        return _Place((*self.path, name), (*self.code, code), self.award if award is None else award)


def difference(old: Rulebook, new: Rulebook) -> tuple[Change, ...]:
    """Everything in which the new edition differs from the old one, in catalogue order.

    Dimensions and indicators are recognised by their `code`, wherever they stand, rules by `rule` within their
    indicator: a renumbered indicator is changed, not removed and added. Comments, layout and the order of files
    are no difference, nor are an edition's name and its own summary.

    Returns:
        the changes; empty if both editions mean the same.
    """
    return (*_edition(old.edition, new.edition), *_catalogue(old, new))


def _paired(old: Iterable[Any], new: Iterable[Any], key: str) -> Iterator[tuple[Any, Any, str]]:
    """Old and new things of the same key, None where there is none; in the new order, what went last."""
    before = {getattr(each, key): each for each in old}
    after = {getattr(each, key): each for each in new}
    for name in (*after, *(name for name in before if name not in after)):
        yield before.get(name), after.get(name), name


# --- the edition ------------------------------------------------------------------------------------------------------
def _edition(old: Edition, new: Edition) -> Iterator[Change]:
    place = _Place().at(Name(zh="总则", en="general part"), "edition")
    yield from _fields(old, new, place)
    for before, after, code in _paired(old.severities, new.severities, "severity"):
        name = Name(zh=f"{word(code).zh}失信", en=f"{word(code).en} severity")
        yield from _keyed(before, after, place.at(name, code), "longest_months")
    for before, after, code in _paired(old.grades, new.grades, "grade"):
        yield from _keyed(before, after, place.at(Name(zh=f"等级 {code}", en=f"grade {code}"), code), "from_milli")
    yield from _fields(old.adjusting, new.adjusting, place)


def _keyed(old: Any, new: Any, place: _Place, field: str) -> Iterator[Change]:
    """A grade or a severity that came, went or changed."""
    if old and new:
        yield from _fields(old, new, place)
        return
    unit = FIELDS[type(old or new).__name__, field].unit
    values = [shown(getattr(each, field), unit) if each else NOTHING for each in (old, new)]
    yield _change(place, values, "mixed", _act(old, new))


# --- the catalogue ----------------------------------------------------------------------------------------------------
def _catalogue(old: Rulebook, new: Rulebook) -> Iterator[Change]:
    """Every dimension with the indicators that stand in it now, then those that stood in it and are gone."""
    before = {each.code: (dimension, each) for dimension, each in old.indicators}
    kept = {each.code for _, each in new.indicators}
    for one, other, code in _paired(old.dimensions, new.dimensions, "code"):
        place = _Place().at(_numbered((other or one).dimension, (other or one).name), code)
        yield from _dimension(one, other, place)
        for each in other.indicators if other else ():
            home, was = before.get(each.code, (None, None))
            yield from _indicator(was, each, place)
            if home is not None and home.code != code:
                values = [Value("text", at.name.zh, at.name.en) for at in (home, other)]
                inside = place.at(_numbered(each.indicator, each.name), each.code)
                yield _change(inside.at(Name(zh="所属方面", en="dimension"), "dimension"), values, "mixed")
        for each in one.indicators if one else ():
            if each.code not in kept:
                yield from _indicator(each, None, place)


def _numbered(number: str, name: Name) -> Name:
    return Name(zh=f"{number} {name.zh}", en=f"{number} {name.en}")


def _dimension(old: Dimension | None, new: Dimension | None, place: _Place) -> Iterator[Change]:
    if old and new:
        yield from _fields(old, new, place)
        return
    # Its bounds say nothing about anybody; the indicators it brings or takes along stand on lines of their own.
    yield _change(place, [_bounds(old), _bounds(new)], "neutral", _act(old, new))


def _bounds(dimension: Dimension | None) -> Value:
    if dimension is None:
        return NOTHING
    lowest, highest = points_value(dimension.lowest_milli), points_value(dimension.highest_milli)
    return Value("points", f"{lowest.zh}至{highest.zh}", f"{lowest.en} to {highest.en}")


def _indicator(old: Indicator | None, new: Indicator | None, above: _Place) -> Iterator[Change]:
    standing = new or old
    if standing is None:
        return
    name = _numbered(standing.indicator, standing.name)
    place = above.at(name, standing.code, award=standing.direction == "award")
    if old and new:
        yield from _fields(old, new, place)
        yield from _combining(old, new, place)
    else:
        caps = [shown(each.cap_milli, "points") if each else NOTHING for each in (old, new)]
        points = [points for rule in standing.rules for points in _weights(rule, standing)]
        yield _change(place, caps, _coming_or_going(points, new), _act(old, new))
    for one, other, _ in _paired(old.rules if old else (), new.rules if new else (), "rule"):
        yield from _rule(one, other, _rule_place(place, other or one, standing), standing)


def _weights(rule: Rule, indicator: Indicator) -> tuple[int, ...]:
    """The points the rule can give: its own, or those of the bands its quantity goes through."""
    if isinstance(indicator.combine, Concave):
        return tuple(band.points_per_unit_milli for band in indicator.combine.bands)
    match rule.method:
        case FixedPoints() | PointsPerUnit() | StreakPoints():
            return (rule.method.points_milli,)
        case OrdinalPoints():
            return rule.method.ladder_milli
        case EscalatingPoints():
            return (rule.method.first_milli, rule.method.then_milli)
        case _:  # a conversion table gives one point for as much as it asks for
            return (MILLI,)


def _coming_or_going(points: Iterable[int], comes: object | None) -> Direction:
    """What gives points is welcome when it comes and missed when it goes; what takes them the other way round."""
    signs = {each > 0 for each in points if each}
    if not signs:
        return "neutral"
    if len(signs) > 1:
        return "mixed"
    return "kinder" if (True in signs) == (comes is not None) else "stricter"


# --- rules ------------------------------------------------------------------------------------------------------------
def _rule_place(place: _Place, rule: Rule, indicator: Indicator) -> _Place:
    """An indicator's only rule needs no name of its own."""
    name = rule_name(rule, indicator)
    return place.at(name, rule.rule) if name else _Place(place.path, (*place.code, rule.rule), place.award)


def _rule(old: Rule | None, new: Rule | None, place: _Place, indicator: Indicator) -> Iterator[Change]:
    if old and new:
        together = order_of_fixed(old, new)
        orders = {} if together == "other" else dict.fromkeys(_FIXED_FIELDS, together)
        yield from _fields(old, new, place, together=orders)
        yield from _method(old, new, place, orders)
        return
    values = [points_value(*_weights(each, indicator)) if each else NOTHING for each in (old, new)]
    weights = [points for each in (old, new) if each for points in _weights(each, indicator)]
    yield _change(place, values, _coming_or_going(weights, new), _act(old, new))


def _method(old: Rule, new: Rule, place: _Place, together: Mapping[str, Order]) -> Iterator[Change]:
    before, after = old.method, new.method
    if before.kind != after.kind:
        yield _change(
            place.at(Name(zh="计分方法", en="method"), "method"), [_said(before.kind), _said(after.kind)], "mixed"
        )
        return
    yield from _fields(before, after, place, together=together, quantity_of=new.event_type)
    if isinstance(before, OrdinalPoints) and isinstance(after, OrdinalPoints):
        yield from _ladder(before.ladder_milli, after.ladder_milli, place)


def _said(code: str) -> Value:
    return Value("text", word(code).zh, word(code).en)


def _ladder(old: tuple[int, ...], new: tuple[int, ...], place: _Place) -> Iterator[Change]:
    """Step by step; the last step of a ladder holds for all later ones."""
    for step in range(max(len(old), len(new))):
        before, after = old[min(step, len(old) - 1)], new[min(step, len(new) - 1)]
        if before != after:
            name = Name(zh=f"第{step + 1}次", en=f"occurrence {step + 1}")
            values = [points_value(before), points_value(after)]
            yield _change(
                place.at(name, f"ladder_milli/{step + 1}"), values, "kinder" if after > before else "stricter"
            )


def _combining(old: Indicator, new: Indicator, place: _Place) -> Iterator[Change]:
    before, after = old.combine, new.combine
    if before == after:
        return
    inside = place.at(Name(zh="合并方式", en="how rows combine"), "combine")
    if isinstance(before, Concave) and isinstance(after, Concave):
        values = [bands_value(each, new.rules[0].event_type) for each in (before, after)]
        yield _change(inside, values, _judged(order_of_bands(before, after), "more", inside))
        return
    codes = [getattr(each, "within", each.kind) for each in (before, after)]
    direction = _judged(order_of(codes[0], codes[1]), "more_of_it", inside)
    yield _change(inside, [_said(code) for code in codes], direction)


# --- fields -----------------------------------------------------------------------------------------------------------
def _fields(
    old: Any, new: Any, place: _Place, *, together: Mapping[str, Order] | None = None, quantity_of: str = ""
) -> Iterator[Change]:
    """Every field whose value differs; one that nobody described stands under its own name.

    Args:
        old: a model.
        new: another of the same kind.
        place: where they stand.
        together: orders found by looking at several fields at once; they overrule a field's own.
        quantity_of: the kind of event whose unit quantities are in.
    """
    model = type(new).__name__
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after or (model, name) in IDENTITY | PARTS:
            continue
        field = FIELDS.get((model, name)) or Field(Name(zh=name, en=name), "text", "none")
        values = [_value(each, field, quantity_of) for each in (before, after)]
        yield _change(place.at(field.name, name), values, _direction(name, before, after, field, place, together or {}))


def _value(value: Any, field: Field, quantity_of: str) -> Value:
    return quantity_value(value, quantity_of) if field.unit == "quantity" else shown(value, field.unit)


def _direction(
    name: str, before: Any, after: Any, field: Field, place: _Place, together: Mapping[str, Order]
) -> Direction:
    if name in together:
        return _judged(together[name], "more", place)
    if name == "cap_milli" and not place.award:  # no cap is the largest award and the heaviest deduction
        before, after = (-float("inf") if each is None else each for each in (before, after))
        return _judged(order_throughout([(before, after)]), "more", place)
    if name == "levels":  # no levels named means all of them
        return _judged(_order_of_levels(before, after), field.lean, place)
    if field.lean in {"none", "either"}:
        return "neutral" if field.lean == "none" else "mixed"
    return _judged(order_of(before, after), field.lean, place)


def _order_of_levels(before: tuple[str, ...], after: tuple[str, ...]) -> Order:
    return order_throughout([(not before, not after)]) if not (before and after) else order_of(before, after)


def _judged(order: Order, lean: Lean, place: _Place) -> Direction:
    """What a larger or smaller value means for the citizen."""
    if order is None:
        return "mixed"
    heavier = 1 if place.award else -1
    kinder = order * {"more": 1, "less": -1, "more_of_it": heavier, "less_of_it": -heavier}.get(lean, 0)
    return "kinder" if kinder > 0 else "stricter" if kinder < 0 else "neutral"


def _act(old: object | None, new: object | None) -> Act:
    return "added" if old is None else "removed" if new is None else "changed"


def _change(place: _Place, values: list[Value], direction: Direction, act: Act = "changed") -> Change:
    old, new = values
    zh, en = "·".join(each.zh for each in place.path[-3:]), ", ".join(each.en for each in place.path[-3:])
    judged = JUDGED[direction]
    if act == "changed":
        told = Name(zh=f"由{old.zh}改为{new.zh}", en=f"{old.en} becomes {new.en}")
    elif act == "added":
        told = Name(zh=f"新增（{new.zh}）", en=f"added ({new.en})")
    else:
        told = Name(zh=f"取消（{old.zh}）", en=f"removed ({old.en})")
    sentence = Name(zh=f"{zh}：{told.zh}，{judged.zh}。", en=f"{en}: {told.en}; {judged.en}.")
    return Change(act, place.path, "/".join(place.code), old, new, direction, sentence)
