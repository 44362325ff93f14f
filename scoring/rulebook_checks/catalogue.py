"""Checks that only the whole catalogue shows: names, claims on events, and grades the scale really reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scoring.bounds import reachable_index
from scoring.rulebook import Dimension, Rule
from scoring.rulebook_checks.complaint import Complaint, Scene, claims, points, warning
from scoring.yaml_source import Location

EDITION: int = -1
"""Number of the file a complaint is about: a dimension's, or this for `edition.yaml`."""

Found = Iterator[tuple[int, Complaint]]


def names_are_used_once(scene: Scene) -> Found:
    """Dimensions, indicators, codes and rules each have a name of their own."""
    seen: Counter[tuple[str, str]] = Counter()
    for number, dimension in enumerate(scene.dimensions):
        for at, kind, name in _names(dimension):
            seen[kind, name] += 1
            if seen[kind, name] > 1:
                yield number, Complaint(at, name, f"重名 / {kind} used twice", "keep one")


def _names(dimension: Dimension) -> Iterator[tuple[Location, str, str]]:
    yield ("dimension",), "dimension", dimension.dimension
    yield ("code",), "code", dimension.code
    for number, indicator in enumerate(dimension.indicators):
        at: Location = ("indicators", number)
        yield (*at, "indicator"), "indicator", indicator.indicator
        yield (*at, "code"), "indicator code", indicator.code
        for rule_number, rule in enumerate(indicator.rules):
            yield (*at, "rules", rule_number, "rule"), "rule", rule.rule


def indicators_are_numbered_by_dimension(scene: Scene) -> Found:
    """Indicator 2.3 stands in dimension 2."""
    for number, dimension in enumerate(scene.dimensions):
        for place, indicator in enumerate(dimension.indicators):
            if not indicator.indicator.startswith(f"{dimension.dimension}."):
                at = ("indicators", place, "indicator")
                problem = f"不在第 {dimension.dimension} 方面 / not of dimension {dimension.dimension}"
                yield number, warning(at, indicator.indicator, problem, f"number it {dimension.dimension}.n")


def events_are_claimed_once(scene: Scene) -> Found:
    """An event of a level falls under one rule: a second claim would shadow the first."""
    seen: dict[tuple[str, str], str] = {}
    for number, dimension in enumerate(scene.dimensions):
        for place, indicator in enumerate(dimension.indicators):
            for rule_number, rule in enumerate(indicator.rules):
                for event_type, level in claims(scene, rule):
                    if (event_type, level) in seen:
                        at = ("indicators", place, "rules", rule_number, "event_type")
                        value = f"{event_type} {level}".strip()
                        problem = (
                            f"规则 {seen[event_type, level]} 已占用 / claimed by {seen[event_type, level]} already"
                        )
                        yield number, Complaint(at, value, problem, "keep one, or divide the levels")
                    seen.setdefault((event_type, level), rule.rule)


def no_level_is_forgotten(scene: Scene) -> Found:
    """If a kind of event is scored, every level of it falls under a rule, if only to say it costs nothing."""
    claimed = {claim for _, _, rule in _rules(scene) for claim in claims(scene, rule)}
    first = {rule.event_type: (number, place) for number, place, rule in reversed(list(_rules(scene)))}
    for event_type, (number, place) in first.items():
        kind = scene.yardstick.kinds.get(event_type)
        for level in kind.levels if kind else ():
            if (event_type, level) not in claimed:
                problem = f"等级 {level} 没有规则 / level {level} falls under no rule"
                remedy = "add a rule for it, of 0 points if it is to cost nothing"
                yield number, warning(("indicators", place, "rules"), f"{event_type} {level}", problem, remedy)


def _rules(scene: Scene) -> Iterator[tuple[int, int, Rule]]:
    """Every rule with the numbers of its dimension and indicator."""
    for number, dimension in enumerate(scene.dimensions):
        for place, indicator in enumerate(dimension.indicators):
            for rule in indicator.rules:
                yield number, place, rule


def no_event_is_forgotten(scene: Scene) -> Found:
    """A kind of event that is collected and scored by no rule should not be collected."""
    scored = {rule.event_type for _, _, rule in _rules(scene)}
    for kind in scene.yardstick.event_kinds:
        if kind.use == "scored" and kind.event_type not in scored:
            problem = "收集了却不计分 / collected, scored by no rule"
            remedy = "add a rule, or stop collecting it"
            yield EDITION, warning(("edition",), kind.event_type, problem, remedy)


def grades_can_be_reached(scene: Scene) -> Found:
    """No grade lies beyond what anybody can reach, and no end of the scale either."""
    reach = reachable_index(scene.edition, scene.dimensions)
    for number, grade in enumerate(scene.edition.grades):
        at = ("grades", number, "from_points")
        if grade.from_milli > reach.highest_milli:
            problem = f"最高只能到 {points(reach.highest_milli)} / nobody can get beyond it"
            yield EDITION, Complaint(at, points(grade.from_milli), problem, "lower it, or raise a bound")
        above = scene.edition.grades[number - 1].from_milli if number else None
        if above is not None and above <= reach.lowest_milli:
            problem = f"最低也有 {points(reach.lowest_milli)} / nobody can fall so low"
            yield EDITION, warning(at, points(grade.from_milli), problem, "remove the grade")
    lowest = ("lowest_points", scene.edition.lowest_milli, reach.lowest_milli)
    highest = ("highest_points", scene.edition.highest_milli, reach.highest_milli)
    for field, bound, end in (lowest, highest):
        if bound != end:
            problem = f"最远只能到 {points(end)} / the index reaches {points(end)} at most"
            yield EDITION, warning((field,), points(bound), problem, f"write {points(end)}, or raise a bound")


CATALOGUE_CHECKS = (
    names_are_used_once,
    indicators_are_numbered_by_dimension,
    events_are_claimed_once,
    no_level_is_forgotten,
    no_event_is_forgotten,
    grades_can_be_reached,
)
