"""How an edition behaves when it is run: single deductions from the base, archetypes, the ends of the scale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scoring.archetypes import ArchetypePath, Archetypes, Standing, archetype_paths, month_of, standings_from
from scoring.bounds import Reach, reachable_index
from scoring.evaluation import evaluate
from scoring.extremes import extreme_history
from scoring.folding import fold
from scoring.rulebook import EscalatingPoints, Indicator, Rule, Rulebook
from scoring.rulebook_checks import EDITION, Complaint
from scoring.rulebook_checks.complaint import points
from scoring.written_history import FAR, Writing, WrittenHistory, months_after
from scoring.yardstick import Law

_A_DAY: Final = dt.date(2025, 3, 3)
_LONG: Final = 12 * 50
"""Months within which any deduction must have shown its end."""


@dataclass(frozen=True, slots=True)
class DeductionEffect:
    """What one event of a rule does to somebody who had nothing but the base.

    Attributes:
        lowest_milli: the lowest index it leads to; grade: at that index.
        months: the month in which it stops counting, counted from the day it takes effect (an escalation: from its
            last step); None if nothing but an ending would stop it.
    """

    indicator: Indicator
    rule: Rule
    lowest_milli: int
    grade: str
    months: int | None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Everything that was found by running an edition.

    Attributes:
        reach: the computed ends of the index; `lowest_shown_milli`, `highest_shown_milli`: what a written history
            really comes to.
    """

    rulebook: Rulebook
    base_grade: str
    deductions: tuple[DeductionEffect, ...]
    paths: tuple[ArchetypePath, ...]
    reach: Reach
    lowest_shown_milli: int
    highest_shown_milli: int


def behaviour(rulebook: Rulebook, archetypes: Archetypes) -> Behaviour:
    """Runs an edition that has no errors."""
    edition = rulebook.edition
    reach = reachable_index(edition, rulebook.dimensions)
    return Behaviour(
        rulebook=rulebook,
        base_grade=next(grade.grade for grade in edition.grades if edition.base_milli >= grade.from_milli),
        deductions=tuple(
            deduction_effect(rulebook, indicator, rule)
            for indicator, rule in rulebook.rules
            if indicator.direction == "deduction"
        ),
        paths=archetype_paths(archetypes, rulebook),
        reach=reach,
        lowest_shown_milli=_shown(rulebook, "deduction", reach.lowest_on),
        highest_shown_milli=_shown(rulebook, "award", reach.highest_on),
    )


def _shown(rulebook: Rulebook, direction: str, on: dt.date) -> int:
    history = extreme_history(rulebook, direction, on)
    return int(evaluate(rulebook, history.frames(), on, FAR).persons.index_milli[0])


def deduction_effect(rulebook: Rulebook, indicator: Indicator, rule: Rule) -> DeductionEffect:
    """One event of the rule, alone, from its day until nothing changes any more."""
    last_step = _A_DAY
    columns: dict[str, object] = {"level": rule.levels[0]} if rule.levels else {}
    if isinstance(rule.method, EscalatingPoints):
        method = rule.method
        columns["ends_on"] = _A_DAY
        last_step += dt.timedelta(days=method.grace_days + (method.steps - 1) * method.every_days)
    history = WrittenHistory(Writing.of(rulebook)).person().event(rule.event_type, _A_DAY, **columns)
    folded = fold(rulebook, history.frames(), FAR)
    standings = list(standings_from(folded, _A_DAY, months_after(_A_DAY, _LONG)))
    worst = min(standings, key=lambda standing: standing.index_milli)
    return DeductionEffect(indicator, rule, worst.index_milli, worst.grade, _months(standings, last_step))


def _months(standings: list[Standing], last_step: dt.date) -> int | None:
    if len(standings) == 1:  # worth nothing, or without end
        return None
    return month_of(last_step, standings[-1].on)


Found = Iterator[tuple[int, Complaint]]


def no_minor_event_changes_a_grade(found: Behaviour, _: Law) -> Found:
    """Somebody with the base alone keeps the grade through any single minor matter."""
    for effect in found.deductions:
        if effect.rule.severity == "minor" and effect.grade != found.base_grade:
            place, at = _place(found.rulebook, effect.rule)
            problem = f"一次轻微事项就从 {found.base_grade} 到 {effect.grade} / one minor event changes the grade"
            yield place, Complaint(at, points(effect.lowest_milli), problem, "fewer points, or a lower grade threshold")


def nobody_is_shut_out(found: Behaviour, _: Law) -> Found:
    """Every archetype reaches every promised grade in time."""
    names = [grade.grade for grade in found.rulebook.edition.grades]
    for path in found.paths:
        for reached in path.reached:
            if not reached.in_time:
                grade = reached.promise.grade
                at = ("grades", names.index(grade), "from_points") if grade in names else ("grades",)
                months = reached.promise.within_months
                problem = (
                    f"{path.archetype.name.zh} {months} 个月内到不了 {grade} / does not reach it in {months} months"
                )
                value = f"{path.archetype.archetype} {points(reached.best_milli)}"
                yield EDITION, Complaint(at, value, problem, "raise 2.4 or 5.1, or lower the grade threshold")


def nothing_outlives_its_time(found: Behaviour, law: Law) -> Found:
    """A deduction stops within its severity's months, one without months at the legal limit."""
    for effect in found.deductions:
        rule = effect.rule
        longest = law.negative_limit_months
        if rule.validity_months is not None and rule.severity is not None:
            longest = min(longest, law.longest_months[rule.severity])
        if effect.months is None and effect.lowest_milli == found.rulebook.edition.base_milli:
            continue
        if effect.months is None or effect.months > longest:
            place, at = _place(found.rulebook, rule)
            problem = f"第 {longest} 个月后仍在扣分 / still counts after {longest} months"
            yield place, Complaint((*at, "validity_months"), str(effect.months), problem, f"at most {longest} months")


def _place(rulebook: Rulebook, rule: Rule) -> tuple[int, tuple[str | int, ...]]:
    for number, dimension in enumerate(rulebook.dimensions):
        for place, indicator in enumerate(dimension.indicators):
            for rule_number, each in enumerate(indicator.rules):
                if each is rule:
                    return number, ("indicators", place, "rules", rule_number)
    raise KeyError(rule.rule)


BEHAVIOUR_CHECKS: tuple[Callable[[Behaviour, Law], Found], ...] = (
    no_minor_event_changes_a_grade,
    nobody_is_shut_out,
    nothing_outlives_its_time,
)


def behaviour_complaints(found: Behaviour, law: Law) -> Found:
    """What running an edition showed to be wrong, each with the number of its dimension, or `EDITION`."""
    for check in BEHAVIOUR_CHECKS:
        for number, complaint in check(found, law):
            yield number, complaint.placed((), check.__name__)
