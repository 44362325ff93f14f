"""Checks of one rule: what it reads exists, its points have their direction's sign, its method fits its indicator."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from scoring.rulebook import (
    ConvertedPoints,
    EscalatingPoints,
    FixedPoints,
    OrdinalPoints,
    PointsPerUnit,
    Quantity,
    Rule,
    StreakPoints,
    Strongest,
)
from scoring.rulebook_checks.complaint import Complaint, OfRule, deducts, points, warning
from scoring.yaml_source import Location

Signed = list[tuple[Location, int]]


def signed_points(rule: Rule) -> Signed:
    """Every value of the rule's method whose sign must be the indicator's direction, with its place."""
    method = rule.method
    match method:
        case FixedPoints() | StreakPoints():
            return [(("method", "points"), method.points_milli)]
        case PointsPerUnit():
            return [(("method", "points_per_unit"), method.points_milli)]
        case OrdinalPoints():
            return [(("method", "ladder", number), step) for number, step in enumerate(method.ladder_milli)]
        case EscalatingPoints():
            return [(("method", "first_points"), method.first_milli), (("method", "then_points"), method.then_milli)]
        case ConvertedPoints() | Quantity():
            return []


def events_are_scored_ones(of: OfRule) -> Iterator[Complaint]:
    """A rule scores a kind of event that exists and is there to be scored."""
    kind = of.scene.yardstick.kinds.get(of.rule.event_type)
    if kind is None or kind.use != "scored":
        problem = "没有这种可计分的事件 / no such kind of event to score"
        yield Complaint(("event_type",), of.rule.event_type, problem, "use a scored kind of rulebooks/event_kinds.yaml")


def levels_exist(of: OfRule) -> Iterator[Complaint]:
    """A level no event has makes a rule unreachable."""
    kind = of.scene.yardstick.kinds.get(of.rule.event_type)
    for number, level in enumerate(of.rule.levels if kind else ()):
        if kind and level not in kind.levels:
            problem = f"{of.rule.event_type} 没有这个等级 / no event has this level: the rule is unreachable"
            yield Complaint(("levels", number), level, problem, f"one of {', '.join(kind.levels) or 'none'}")


def endings_are_endings(of: OfRule) -> Iterator[Complaint]:
    """What ends a rule is a kind of event that ends things, of the sort that is asked for."""
    named: list[tuple[Location, str, str]] = []
    named += [(("ended_by", number), name, "ending") for number, name in enumerate(of.rule.ended_by)]
    named += [(("ended_by_own", number), name, "own_ending") for number, name in enumerate(of.rule.ended_by_own)]
    if isinstance(of.rule.method, StreakPoints):
        named.append((("method", "broken_by"), of.rule.method.broken_by, "breach"))
    if isinstance(of.rule.method, ConvertedPoints):
        named.append((("method", "table_event"), of.rule.method.table_event, "table"))
    for at, name, use in named:
        kind = of.scene.yardstick.kinds.get(name)
        if kind is None or kind.use != use:
            problem = f"不是 {use} 类事件 / not an event of use {use}"
            yield Complaint(at, name, problem, f"use a kind of use {use} of rulebooks/event_kinds.yaml")


def points_have_their_sign(of: OfRule) -> Iterator[Complaint]:
    """Awards add, deductions take."""
    for at, value in signed_points(of.rule):
        if value and (value < 0) != deducts(of.indicator):
            problem = f"分值方向与 {of.indicator.direction} 不符 / wrong sign"
            yield Complaint(at, points(value), problem, "turn the sign or the direction")
    if isinstance(of.rule.method, ConvertedPoints | Quantity) and deducts(of.indicator):
        problem = f"{of.rule.method.kind} 只能加分 / can only add"
        yield Complaint(("method", "kind"), of.rule.method.kind, problem, "turn the sign or the direction")


def an_award_is_worth_something(of: OfRule) -> Iterator[Complaint]:
    """An award of 0 is an unreachable rule; a deduction of 0 says on purpose that something costs nothing."""
    worth = [value for _, value in signed_points(of.rule)]
    if isinstance(of.rule.method, PointsPerUnit):
        worth = [min(of.rule.method.points_milli, of.rule.method.quantity_max_milli)]
    if not deducts(of.indicator) and worth and not any(value > 0 for value in worth):
        yield Complaint(("method",), of.rule.rule, "加分为零 / an award of nothing", "give points, or remove the rule")


def ladder_never_falls(of: OfRule) -> Iterator[Complaint]:
    """A repeat weighs at least what the occurrence before weighed, or repairing an old one could lower an index."""
    steps = of.rule.method.ladder_milli if isinstance(of.rule.method, OrdinalPoints) else ()
    for number, (first, later) in enumerate(pairwise(steps)):
        if abs(later) < abs(first):
            at = ("method", "ladder", number + 1)
            yield Complaint(
                at, points(later), "阶梯回落 / the ladder falls", "let each step weigh at least the one before"
            )


def quantities_have_bands(of: OfRule) -> Iterator[Complaint]:
    """A quantity becomes points only in bands, and bands need quantities."""
    if isinstance(of.rule.method, Quantity) != (of.indicator.combine.kind == "concave"):
        problem = "数量与分段须同用 / quantities and bands belong together"
        yield Complaint(("method", "kind"), of.rule.method.kind, problem, "use kind quantity with combine kind concave")


def events_carry_the_quantity(of: OfRule) -> Iterator[Complaint]:
    """A method that reads a quantity scores events that carry one."""
    kind = of.scene.yardstick.kinds.get(of.rule.event_type)
    reads = isinstance(of.rule.method, PointsPerUnit | ConvertedPoints | Quantity)
    if reads and kind and kind.quantity is None:
        problem = f"{of.rule.event_type} 不带数量，永远是零分 / carries no quantity: always 0"
        yield Complaint(("method", "kind"), of.rule.method.kind, problem, "use kind fixed, or another event")


def quantity_limit_is_positive(of: OfRule) -> Iterator[Complaint]:
    """A limit of nothing, or less, would read no quantity at all."""
    if isinstance(of.rule.method, PointsPerUnit) and of.rule.method.quantity_max_milli <= 0:
        value = points(of.rule.method.quantity_max_milli)
        yield Complaint(("method", "quantity_max"), value, "数量上限须为正 / no quantity is read", "above 0")


def streak_counts_by_quarter(of: OfRule) -> Iterator[Complaint]:
    """Several statements of one quarter are one clean quarter."""
    combine = of.indicator.combine
    if isinstance(of.rule.method, StreakPoints) and not (
        isinstance(combine, Strongest) and combine.within == "quarter"
    ):
        problem = "连续计分每季一次 / a streak counts once a quarter"
        yield Complaint(("method", "kind"), "streak", problem, "combine: {kind: strongest, within: quarter}")


def fade_fits_validity(of: OfRule) -> Iterator[Complaint]:
    """Points cannot fade for longer than they count."""
    method = of.rule.method
    if isinstance(method, FixedPoints) and method.fade_months > (of.rule.validity_months or 0):
        problem = f"衰减长于有效期 {of.rule.validity_months} / the fade outlasts the validity"
        yield Complaint(("method", "fade_months"), str(method.fade_months), problem, "shorten the fade")


def escalation_has_deadline_and_validity(of: OfRule) -> Iterator[Complaint]:
    """Steps begin after a deadline, and end some months after the last of them."""
    if not isinstance(of.rule.method, EscalatingPoints):
        return
    kind = of.scene.yardstick.kinds.get(of.rule.event_type)
    if kind and not kind.deadline:
        problem = f"{of.rule.event_type} 没有期限 / has no deadline: the rule is unreachable"
        yield Complaint(("method", "kind"), "escalation", problem, "use another kind of method")
    if of.rule.validity_months is None:
        problem = "没有最后一步之后的期限 / no end after the last step"
        yield Complaint(("validity_months",), "null", problem, "give months")


def deadline_is_looked_up_where_there_is_one(of: OfRule) -> Iterator[Complaint]:
    """Who was in office 'when the deadline passed' needs a deadline."""
    kind = of.scene.yardstick.kinds.get(of.rule.event_type)
    if of.rule.look_through == "ends_on" and kind and not kind.deadline:
        problem = f"{of.rule.event_type} 没有期限 / has no deadline: nobody is found"
        yield Complaint(("look_through",), "ends_on", problem, "write occurred_on")


def an_award_ends(of: OfRule) -> Iterator[Complaint]:
    """An award without end would outweigh everything done later."""
    endless = of.rule.validity_months is None and not isinstance(of.rule.method, StreakPoints)
    if not deducts(of.indicator) and endless and not of.rule.ended_by and not of.rule.ended_by_own:
        yield warning(("validity_months",), "null", "加分永不到期 / the award never ends", "give months")


RULE_CHECKS = (
    events_are_scored_ones,
    levels_exist,
    endings_are_endings,
    points_have_their_sign,
    an_award_is_worth_something,
    ladder_never_falls,
    quantities_have_bands,
    events_carry_the_quantity,
    quantity_limit_is_positive,
    streak_counts_by_quarter,
    fade_fits_validity,
    escalation_has_deadline_and_validity,
    deadline_is_looked_up_where_there_is_one,
    an_award_ends,
)
