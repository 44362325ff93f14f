"""Checks that compare an edition's values with each other; each is a small named function that yields what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scoring.frames import EVENT_TYPES
from scoring.rulebook import (
    ConvertedPoints,
    Dimension,
    Edition,
    EscalatingPoints,
    FixedPoints,
    Indicator,
    Method,
    OrdinalPoints,
    PointsPerUnit,
    Quantity,
    Rule,
    StreakPoints,
    Strongest,
)

BANNED_SUBJECTS: Final = (
    "治安",
    "信访",
    "上访",
    "言论",
    "宗教",
    "民族",
    "婚姻",
    "生育",
    "健康",
    "疾病",
    "献血",
    "跳槽",
    "职业",
    "资产",
    "亲属",
    "petition",
    "speech",
    "religio",
    "ethnic",
    "marital",
    "birth",
    "health",
    "occupation",
    "asset",
    "relative",
    "public_security",
)
"""Words of the 'never indicators' list (domain.md section 5); none may stand in an indicator's or rule's own words."""

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something wrong at a place inside one file."""

    at: Location
    value: str
    problem: str
    remedy: str


def signed_points(method: Method) -> tuple[int, ...]:
    """Every value of a method whose sign must be the indicator's direction."""
    match method:
        case FixedPoints() | PointsPerUnit() | StreakPoints():
            return (method.points_milli,)
        case OrdinalPoints():
            return method.ladder_milli
        case EscalatingPoints():
            return (method.first_milli, method.then_milli)
        case ConvertedPoints() | Quantity():
            return (1,)


def edition_complaints(edition: Edition) -> Iterator[Complaint]:
    """Everything wrong inside `edition.yaml`."""
    yield from _grades_descend(edition)
    if not edition.lowest_milli <= edition.base_milli <= edition.highest_milli:
        yield Complaint(("base_points",), str(edition.base_milli), "基础分越界 / base outside range", "move it inside")


def _grades_descend(edition: Edition) -> Iterator[Complaint]:
    for number, (upper, lower) in enumerate(pairwise(edition.grades)):
        if upper.from_milli <= lower.from_milli:
            at = ("grades", number + 1, "from_points")
            yield Complaint(at, lower.grade, "等级未递降 / grades do not descend", "list the highest grade first")
    if edition.grades[-1].from_milli != edition.lowest_milli:
        at = ("grades", len(edition.grades) - 1, "from_points")
        yield Complaint(at, edition.grades[-1].grade, "最低等级有缺口 / gap below it", "begin at lowest_points")


def dimension_complaints(dimension: Dimension, edition: Edition) -> Iterator[Complaint]:
    """Everything wrong inside one dimension's file."""
    if not dimension.lowest_milli <= 0 <= dimension.highest_milli:
        yield Complaint(("lowest",), dimension.dimension, "上下限未含零 / bounds exclude 0", "let them hold 0")
    for number, indicator in enumerate(dimension.indicators):
        at: Location = ("indicators", number)
        yield from _indicator_complaints(indicator, at)
        for rule_number, rule in enumerate(indicator.rules):
            yield from _rule_complaints(indicator, rule, (*at, "rules", rule_number), edition)


def _indicator_complaints(indicator: Indicator, at: Location) -> Iterator[Complaint]:
    yield from _admissible(indicator, at)
    yield from _cap_signed(indicator, at)
    yield from _bands_fall(indicator, at)
    for words in (indicator.code, indicator.name.zh, indicator.name.en):
        yield from _not_banned(words, (*at, "name"))


def _admissible(indicator: Indicator, at: Location) -> Iterator[Complaint]:
    if indicator.admissibility == "C":
        if indicator.direction == "deduction":
            problem = "自治类只能加分 / self-governance is plus-only"
            yield Complaint((*at, "direction"), indicator.indicator, problem, "make it an award")
        if indicator.consent_source is None:
            problem = "缺少同意来源 / no consent source"
            yield Complaint((*at, "indicator"), indicator.indicator, problem, "add consent_source")
    elif indicator.legal_basis is None or indicator.consent_source is not None:
        problem = "A、B 类须有法律依据且不靠同意 / classes A and B rest on law, not consent"
        yield Complaint((*at, "indicator"), indicator.indicator, problem, "give legal_basis, drop consent_source")


def _cap_signed(indicator: Indicator, at: Location) -> Iterator[Complaint]:
    cap = indicator.cap_milli
    if cap is not None and (cap == 0 or (cap < 0) != (indicator.direction == "deduction")):
        yield Complaint((*at, "cap"), str(cap), "封顶方向相反 / cap points the other way", "turn its sign")


def _bands_fall(indicator: Indicator, at: Location) -> Iterator[Complaint]:
    if indicator.combine.kind != "concave":
        return
    bands = indicator.combine.bands
    place = (*at, "combine", "bands")
    if any(band.upto_milli is None for band in bands[:-1]) or bands[-1].upto_milli is not None:
        yield Complaint(
            place, indicator.indicator, "分段未覆盖全部 / bands leave a gap", "leave only the last one open"
        )
        return
    edges = [0, *(band.upto_milli for band in bands if band.upto_milli is not None)]
    if any(lower >= upper for lower, upper in pairwise(edges)):
        yield Complaint(place, indicator.indicator, "分段重叠 / bands overlap", "let `upto` rise")
    if any(first.points_per_unit_milli < later.points_per_unit_milli for first, later in pairwise(bands)):
        yield Complaint(place, indicator.indicator, "分段单价上升 / a later band pays more", "let prices fall")


def _rule_complaints(indicator: Indicator, rule: Rule, at: Location, edition: Edition) -> Iterator[Complaint]:
    yield from _known_events(rule, at)
    yield from _points_signed(indicator, rule, at)
    yield from _fits_combination(indicator, rule, at)
    yield from _not_banned(rule.rule, (*at, "rule"))
    if indicator.direction == "deduction":
        yield from _deduction_grounded(rule, at)
        yield from _validity_lawful(rule, at, edition)
    elif rule.severity is not None:
        yield Complaint((*at, "severity"), rule.rule, "加分没有轻重 / an award has no severity", "remove it")
    if rule.shared_with_household and indicator.direction == "deduction":
        problem = "减分不得波及家人 / a deduction never reaches the family"
        yield Complaint((*at, "shared_with_household"), rule.rule, problem, "remove it")


def _known_events(rule: Rule, at: Location) -> Iterator[Complaint]:
    named: list[tuple[Location, str]] = [(("event_type",), rule.event_type)]
    named += [(("ended_by", number), name) for number, name in enumerate(rule.ended_by)]
    named += [(("ended_by_own", number), name) for number, name in enumerate(rule.ended_by_own)]
    if isinstance(rule.method, StreakPoints):
        named.append((("method", "broken_by"), rule.method.broken_by))
    if isinstance(rule.method, ConvertedPoints):
        named.append((("method", "table_event"), rule.method.table_event))
    for place, name in named:
        if name not in EVENT_TYPES:
            problem = "没有这种事件 / no such kind of event"
            yield Complaint((*at, *place), name, problem, "use a kind of scoring.frames.EVENT_TYPES")


def _points_signed(indicator: Indicator, rule: Rule, at: Location) -> Iterator[Complaint]:
    points = signed_points(rule.method)
    wrong = min(points) < 0 if indicator.direction == "award" else max(points) > 0
    if wrong:
        problem = f"分值方向与 {indicator.direction} 不符 / wrong sign"
        yield Complaint((*at, "method"), rule.rule, problem, "turn the sign or the direction")
    if isinstance(rule.method, OrdinalPoints) and any(
        abs(upper) > abs(lower) for upper, lower in pairwise(rule.method.ladder_milli)
    ):
        problem = "阶梯回落 / the ladder falls in magnitude"
        yield Complaint((*at, "method", "ladder"), rule.rule, problem, "let each step weigh at least the one before")


def _fits_combination(indicator: Indicator, rule: Rule, at: Location) -> Iterator[Complaint]:
    if isinstance(rule.method, Quantity) != (indicator.combine.kind == "concave"):
        problem = "数量与分段须同用 / quantities and bands belong together"
        yield Complaint((*at, "method"), rule.rule, problem, "use kind quantity with combine kind concave")
    if isinstance(rule.method, StreakPoints) and not (
        isinstance(indicator.combine, Strongest) and indicator.combine.within == "quarter"
    ):
        problem = "连续计分每季一次 / a streak counts once a quarter"
        yield Complaint((*at, "method"), rule.rule, problem, "combine: {kind: strongest, within: quarter}")
    if isinstance(rule.method, FixedPoints) and rule.method.fade_months > (rule.validity_months or 0):
        problem = "衰减长于有效期 / the fade outlasts the validity"
        yield Complaint((*at, "method", "fade_months"), rule.rule, problem, "shorten the fade")


def _deduction_grounded(rule: Rule, at: Location) -> Iterator[Complaint]:
    if not rule.document_classes:
        problem = "减分无生效文书 / deduction without an effective document"
        yield Complaint((*at, "rule"), rule.rule, problem, "list document_classes")
    if rule.catalogue_item is None:
        problem = "减分未入目录 / deduction outside the catalogue"
        yield Complaint((*at, "rule"), rule.rule, problem, "give catalogue_item")


def _validity_lawful(rule: Rule, at: Location, edition: Edition) -> Iterator[Complaint]:
    longest = {period.severity: period.longest_months for period in edition.severities}
    if rule.severity is None or rule.severity not in longest:
        yield Complaint((*at, "rule"), rule.rule, "减分未分轻重 / no severity", "give minor, general or serious")
    elif (rule.validity_months or 0) > longest[rule.severity]:
        problem = f"超过该类最长 {longest[rule.severity]} 个月 / longer than lawful"
        yield Complaint((*at, "validity_months"), str(rule.validity_months), problem, "shorten it")
    elif rule.validity_months is None and not rule.ended_by:
        problem = "减分永不到期 / the deduction never ends"
        yield Complaint((*at, "validity_months"), rule.rule, problem, "give months, or ended_by")


def _not_banned(words: str, at: Location) -> Iterator[Complaint]:
    for subject in BANNED_SUBJECTS:
        if subject in words.lower():
            yield Complaint(at, words, f"禁止评价的事项 / banned subject: {subject}", "remove the indicator")


def catalogue_complaints(dimensions: tuple[Dimension, ...]) -> Iterator[tuple[int, Complaint]]:
    """What only the whole catalogue shows: names used twice, events claimed twice; with the dimension's number."""
    seen: Counter[tuple[str, str]] = Counter()
    for number, dimension in enumerate(dimensions):
        for at, kind, name in _names(dimension):
            seen[kind, name] += 1
            if seen[kind, name] > 1:
                yield number, Complaint(at, name, f"重复 / {kind} used twice", "keep one")


def _names(dimension: Dimension) -> Iterator[tuple[Location, str, str]]:
    yield ("dimension",), "dimension", dimension.dimension
    for number, indicator in enumerate(dimension.indicators):
        at: Location = ("indicators", number)
        yield (*at, "indicator"), "indicator", indicator.indicator
        yield (*at, "code"), "code", indicator.code
        for rule_number, rule in enumerate(indicator.rules):
            place = (*at, "rules", rule_number)
            yield (*place, "rule"), "rule", rule.rule
            for level in rule.levels or ("",):
                yield (*place, "event_type"), "event and level", f"{rule.event_type} {level}"
