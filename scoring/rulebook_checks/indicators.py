"""Checks of a dimension's bounds and of one indicator: its ground, its cap, its bands, its words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from scoring.rulebook import Concave
from scoring.rulebook_checks.complaint import Complaint, OfDimension, OfIndicator, deducts, points, warning
from scoring.yaml_source import Location


def bounds_hold_zero(of: OfDimension) -> Iterator[Complaint]:
    """Somebody without any event has 0 in every dimension."""
    for field, value in (("lowest", of.dimension.lowest_milli), ("highest", -of.dimension.highest_milli)):
        if value > 0:
            yield Complaint((field,), points(abs(value)), "上下限未含零 / bounds exclude 0", "let them hold 0")


def bounds_have_a_taker(of: OfDimension) -> Iterator[Complaint]:
    """A dimension that may rise or fall has an indicator that makes it so."""
    directions = {indicator.direction for indicator in of.dimension.indicators}
    if of.dimension.highest_milli > 0 and "award" not in directions:
        problem = "没有加分指标 / no award can reach it"
        yield warning(("highest",), points(of.dimension.highest_milli), problem, "write 0, or add an award")
    if of.dimension.lowest_milli < 0 and "deduction" not in directions:
        problem = "没有减分指标 / no deduction can reach it"
        yield warning(("lowest",), points(of.dimension.lowest_milli), problem, "write 0, or add a deduction")


def class_c_is_plus_only(of: OfIndicator) -> Iterator[Complaint]:
    """What the village judges by itself, or people tell of themselves, never takes points."""
    if of.indicator.admissibility == "C" and deducts(of.indicator):
        problem = "自治类只能加分 / self-governance is plus-only"
        yield Complaint(("direction",), of.indicator.indicator, problem, "make it an award")


def class_c_rests_on_consent(of: OfIndicator) -> Iterator[Complaint]:
    """A class C indicator names the consent it needs, and it is a consent its records can rest on."""
    if of.indicator.admissibility != "C":
        return
    if of.indicator.consent_source is None:
        yield Complaint(("admissibility",), of.indicator.indicator, "缺少同意来源 / no consent", "add consent_source")
        return
    named = of.indicator.consent_source
    for source in of.indicator.source_agencies:
        given = of.scene.law.consents.get(source, ())
        if not (named == "enrolment" and named in given) and not (named == source and "own" in given):
            problem = f"{source} 的记录不凭此同意 / its records do not rest on this consent"
            yield Complaint(("consent_source",), named, problem, "name the source, or enrolment")


def classes_a_and_b_rest_on_law(of: OfIndicator) -> Iterator[Complaint]:
    """Records kept by law need no consent, and a citation."""
    if of.indicator.admissibility == "C":
        return
    if of.indicator.legal_basis is None:
        yield Complaint(("admissibility",), of.indicator.indicator, "缺少法律依据 / no legal basis", "give legal_basis")
    if of.indicator.consent_source is not None:
        problem = "A、B 类不凭同意 / classes A and B rest on law, not consent"
        yield Complaint(("consent_source",), of.indicator.consent_source, problem, "drop consent_source")


def sources_are_known(of: OfIndicator) -> Iterator[Complaint]:
    """Records come from the listed platforms only."""
    for number, source in enumerate(of.indicator.source_agencies):
        if source not in of.scene.law.consents:
            at = ("source_agencies", number)
            yield Complaint(at, source, "没有这个来源 / no such source", "use a source of rulebooks/law.yaml")


def cap_points_its_way(of: OfIndicator) -> Iterator[Complaint]:
    """A cap bounds the side the indicator moves to; a cap of nothing would switch it off."""
    cap = of.indicator.cap_milli
    if cap is not None and (cap == 0 or (cap < 0) != deducts(of.indicator)):
        yield Complaint(("cap",), points(cap), "封顶方向相反 / cap points the other way", "turn its sign")


def cap_lies_within_the_dimension(of: OfIndicator) -> Iterator[Complaint]:
    """Beyond its dimension's bound a cap caps nothing."""
    cap = of.indicator.cap_milli or 0
    bound = of.dimension.lowest_milli if cap < 0 else of.dimension.highest_milli
    if abs(cap) > abs(bound):
        problem = f"超出本方面的 {points(bound)} 分 / beyond its dimension's bound {points(bound)}"
        yield warning(("cap",), points(cap), problem, "lower the cap, or widen the dimension")


def bands_are_exhaustive(of: OfIndicator) -> Iterator[Complaint]:
    """Every quantity falls into a band: the last band is open and no other is."""
    if not isinstance(of.indicator.combine, Concave):
        return
    bands = of.indicator.combine.bands
    for number, band in enumerate(bands):
        if (band.upto_milli is None) != (number == len(bands) - 1):
            at: Location = ("combine", "bands", number, "upto")
            value = "null" if band.upto_milli is None else points(band.upto_milli)
            yield Complaint(at, value, "分段有缺口 / bands leave a gap", "leave the last one open, and only it")


def bands_do_not_overlap(of: OfIndicator) -> Iterator[Complaint]:
    """No quantity falls into two bands: each ends above the one before."""
    if not isinstance(of.indicator.combine, Concave):
        return
    ends = [0, *(band.upto_milli for band in of.indicator.combine.bands if band.upto_milli is not None)]
    for number, (lower, upper) in enumerate(pairwise(ends)):
        if upper <= lower:
            at = ("combine", "bands", number, "upto")
            yield Complaint(at, points(upper), "分段重叠 / bands overlap", "let `upto` rise")


def bands_pay_ever_less(of: OfIndicator) -> Iterator[Complaint]:
    """More of the same is worth less and never takes anything, or the combination would not be concave."""
    if not isinstance(of.indicator.combine, Concave):
        return
    prices = [band.points_per_unit_milli for band in of.indicator.combine.bands]
    for number, (first, later) in enumerate(pairwise(prices)):
        if later > first:
            at = ("combine", "bands", number + 1, "points_per_unit")
            yield Complaint(at, points(later), "分段单价上升 / a later band pays more", "let prices fall")
    for number, price in enumerate(prices):
        if price < 0:
            at = ("combine", "bands", number, "points_per_unit")
            yield Complaint(at, points(price), "单价为负 / a band takes points", "at least 0")


def no_banned_subject(of: OfIndicator) -> Iterator[Complaint]:
    """No indicator, rule or sentence is about something that may never be scored."""
    said: list[tuple[Location, str]] = [
        (("code",), of.indicator.code),
        (("name", "zh"), of.indicator.name.zh),
        (("name", "en"), of.indicator.name.en),
        (("unit",), of.indicator.unit),
    ]
    for number, rule in enumerate(of.indicator.rules):
        said += [(("rules", number, "rule"), rule.rule), (("rules", number, "event_type"), rule.event_type)]
        said += [(("rules", number, "sentence", "zh"), rule.sentence.zh)]
        said += [(("rules", number, "sentence", "en"), rule.sentence.en)]
    for at, words in said:
        for subject in of.scene.law.banned_subjects:
            word = subject.word_in(words)
            if word:
                problem = f"禁止评价的事项 / banned subject: {word} ({subject.why})"
                yield Complaint(at, words, problem, "remove the indicator")


DIMENSION_CHECKS = (bounds_hold_zero, bounds_have_a_taker)

INDICATOR_CHECKS = (
    class_c_is_plus_only,
    class_c_rests_on_consent,
    classes_a_and_b_rest_on_law,
    sources_are_known,
    cap_points_its_way,
    cap_lies_within_the_dimension,
    bands_are_exhaustive,
    bands_do_not_overlap,
    bands_pay_ever_less,
    no_banned_subject,
)
