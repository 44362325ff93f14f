"""Checks of `edition.yaml`: the scale, the grades, the periods, the dates and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from scoring.rulebook_checks.complaint import Complaint, Scene, points, warning


def scale_is_open(scene: Scene) -> Iterator[Complaint]:
    """The scale has room, and its base lies inside it."""
    edition = scene.edition
    if edition.lowest_milli >= edition.highest_milli:
        yield Complaint(("highest_points",), points(edition.highest_milli), "分值范围为空 / empty scale", "raise it")
    if not edition.lowest_milli <= edition.base_milli <= edition.highest_milli:
        yield Complaint(
            ("base_points",), points(edition.base_milli), "基础分越界 / base outside scale", "move it inside"
        )


def scale_fits_rounding(scene: Scene) -> Iterator[Complaint]:
    """Base, ends and grades are values a rounded index can take, so that each begins where it says."""
    edition = scene.edition
    places: list[tuple[tuple[str | int, ...], int]] = [
        (("base_points",), edition.base_milli),
        (("lowest_points",), edition.lowest_milli),
        (("highest_points",), edition.highest_milli),
    ]
    places += [(("grades", number, "from_points"), each.from_milli) for number, each in enumerate(edition.grades)]
    for at, value in places:
        if value % edition.rounding_milli:
            step = points(edition.rounding_milli)
            problem = f"不是 {step} 的整数倍 / no multiple of the rounding step {step}"
            yield Complaint(at, points(value), problem, "choose a multiple of rounding_points")


def grades_descend(scene: Scene) -> Iterator[Complaint]:
    """Every grade begins below the one before it, so each index has exactly one grade."""
    for number, (upper, lower) in enumerate(pairwise(scene.edition.grades)):
        if upper.from_milli <= lower.from_milli:
            at = ("grades", number + 1, "from_points")
            problem = f"{lower.grade} 不低于 {upper.grade} / does not lie below it"
            yield Complaint(at, points(lower.from_milli), problem, "list the highest grade first")


def grades_leave_no_gap(scene: Scene) -> Iterator[Complaint]:
    """The last grade begins at the bottom of the scale, the first one inside it."""
    edition = scene.edition
    last = edition.grades[-1]
    if last.from_milli != edition.lowest_milli:
        at = ("grades", len(edition.grades) - 1, "from_points")
        problem = "最低等级之下有缺口 / a gap below the lowest grade"
        yield Complaint(at, points(last.from_milli), problem, "begin at lowest_points")
    if edition.grades[0].from_milli > edition.highest_milli:
        problem = "等级高于总分上限 / above the end of the scale"
        yield Complaint(("grades", 0, "from_points"), points(edition.grades[0].from_milli), problem, "lower it")


def grades_have_names_of_their_own(scene: Scene) -> Iterator[Complaint]:
    """No two grades share a name."""
    seen: set[str] = set()
    for number, each in enumerate(scene.edition.grades):
        for field, name in (("grade", each.grade), ("name", each.name.zh), ("name", each.name.en)):
            if name in seen:
                yield Complaint(("grades", number, field), name, "等级重名 / grade named twice", "keep one")
            seen.add(name)


def severities_are_the_laws(scene: Scene) -> Iterator[Complaint]:
    """Each severity stands once, and no period is longer than the law's."""
    given = [period.severity for period in scene.edition.severities]
    for severity, longest in scene.law.longest_months.items():
        if given.count(severity) != 1:
            problem = "轻重档应各有一次 / each severity stands exactly once"
            yield Complaint(("severities",), severity, problem, "list minor, general and serious once")
        for number, period in enumerate(scene.edition.severities):
            if period.severity == severity and period.longest_months > longest:
                at = ("severities", number, "longest_months")
                problem = f"法定最长 {longest} 个月 / longer than the law's {longest} months"
                yield Complaint(at, str(period.longest_months), problem, f"at most {longest}")


def severities_lengthen(scene: Scene) -> Iterator[Complaint]:
    """What is lighter is not kept longer than what is graver."""
    months = {period.severity: period.longest_months for period in scene.edition.severities}
    order = [severity for severity in ("minor", "general", "serious") if severity in months]
    for lighter, graver in pairwise(order):
        if months[lighter] > months[graver]:
            problem = f"{lighter} 长于 {graver} / the lighter is kept longer"
            yield Complaint(("severities",), lighter, problem, "let periods lengthen with severity")


def negative_limit_is_lawful(scene: Scene) -> Iterator[Complaint]:
    """Nothing negative is used beyond the law's limit, and no severity beyond the edition's."""
    limit = scene.edition.negative_limit_months
    if limit > scene.law.negative_limit_months:
        problem = f"法定最长 {scene.law.negative_limit_months} 个月 / beyond the legal limit"
        yield Complaint(("negative_limit_months",), str(limit), problem, f"at most {scene.law.negative_limit_months}")
    for number, period in enumerate(scene.edition.severities):
        if period.longest_months > limit:
            at = ("severities", number, "longest_months")
            problem = f"超过负面上限 {limit} 个月 / beyond negative_limit_months"
            yield Complaint(at, str(period.longest_months), problem, "shorten it")


def adults_only(scene: Scene) -> Iterator[Complaint]:
    """Nobody below the age of majority has an index."""
    if scene.edition.adult_years < scene.law.adult_years:
        problem = f"未满 {scene.law.adult_years} 周岁不评分 / minors have no index"
        yield Complaint(("adult_years",), str(scene.edition.adult_years), problem, f"at least {scene.law.adult_years}")


def name_is_its_month(scene: Scene) -> Iterator[Complaint]:
    """An edition takes effect on the first day of the month it is named by, so that editions leave no gap."""
    edition = scene.edition
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", edition.edition):
        yield Complaint(("edition",), edition.edition, "版本名应为年月 / not a month", "name it YYYY-MM")
    elif edition.effective_from.isoformat() != f"{edition.edition}-01":
        problem = f"与版本名 {edition.edition} 不符 / not the first day of its month"
        yield Complaint(("effective_from",), str(edition.effective_from), problem, f"write {edition.edition}-01")


def replaces_an_earlier_one(scene: Scene) -> Iterator[Complaint]:
    """What is replaced came before, and the change is told."""
    edition = scene.edition
    if edition.replaces is not None and edition.replaces >= edition.edition:
        problem = "只能替代更早的版本 / it cannot replace what comes later"
        yield Complaint(("replaces",), edition.replaces, problem, "name the edition in force before")
    if edition.replaces is not None and not edition.summary:
        problem = "没有说明改了什么 / does not say what changes"
        yield Complaint(("edition",), edition.edition, problem, "add `summary`, one sentence per change")


def placeholders_are_declared(scene: Scene) -> Iterator[Complaint]:
    """Invented catalogue ids are declared, so that such an edition is published in demo mode only."""
    prefix = scene.law.placeholder_catalogue_prefix
    rules = [rule for dimension in scene.dimensions for each in dimension.indicators for rule in each.rules]
    invented = [rule.catalogue_item for rule in rules if (rule.catalogue_item or "").startswith(prefix)]
    if invented and not scene.edition.placeholder_catalogue:
        problem = f"目录编号是虚构的，如 {invented[0]} / invented catalogue ids"
        yield Complaint(("placeholder_catalogue",), "false", problem, "write true, or give the real ids")
    if not invented and scene.edition.placeholder_catalogue:
        problem = "目录编号都不是虚构的 / no invented catalogue id left"
        yield warning(("placeholder_catalogue",), "true", problem, "write false")


def factor_lets_something_through(scene: Scene) -> Iterator[Complaint]:
    """A look-through of nothing makes every rule that looks through unreachable."""
    looking = any(rule.look_through for each in scene.dimensions for item in each.indicators for rule in item.rules)
    if looking and scene.edition.look_through_factor_milli == 0:
        problem = "穿透后一分不剩 / nothing gets through"
        yield warning(("look_through_factor",), "0", problem, "raise it, or remove look_through")


EDITION_CHECKS = (
    scale_is_open,
    scale_fits_rounding,
    grades_descend,
    grades_leave_no_gap,
    grades_have_names_of_their_own,
    severities_are_the_laws,
    severities_lengthen,
    negative_limit_is_lawful,
    adults_only,
    name_is_its_month,
    replaces_an_earlier_one,
    placeholders_are_declared,
    factor_lets_something_through,
)
