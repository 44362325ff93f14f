"""What an edition says over its rules, and whether a case shows it: repairs, bands, caps, bounds, grades, histories."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from scoring.bounds import magnitude, unbounded_reach
from scoring.case_evidence import ONE_DAY, Evidence, Facets, base_day
from scoring.cases import WHOM
from scoring.rulebook import Band, Concave, Indicator, Quantity, Rulebook, Strongest
from scoring.written_history import months_after


def _repairs(seen: Evidence, indicator: Indicator) -> Facets:
    """What puts a deduction right: repaired, appealed."""
    if indicator.direction != "deduction":
        return
    sights = [s for s in seen.of_indicator.get(indicator.indicator, []) if s.event_id]
    ended = [
        s for s in sights if s.until_on and s.until_on - ONE_DAY == s.day and seen.absent(s.run, s.until_on, s.event_id)
    ]
    repaired = [row for s in ended for row in seen.about(s.run, s.event_id) if base_day(row) == s.until_on]
    yield "信用修复当天恢复 / restored the same day", any(row["event_type"] == "restoration" for row in repaired)
    suspended = {(s.run, s.event_id, s.day) for s in sights if s.kind == "suspended"}
    standing = {(s.run, s.event_id, s.day) for s in sights if s.kind == "point" and s.points_milli}
    before = {(run, event, day + ONE_DAY) for run, event, day in standing}
    after = {(run, event, day - ONE_DAY) for run, event, day in standing}
    yield "申诉当天暂停 / suspended the day of the appeal", bool(suspended & before)
    yield "答复当天恢复扣分 / in force again the day of the answer", bool(suspended & after)


def _bands(seen: Evidence, indicator: Indicator) -> Facets:
    if not isinstance(indicator.combine, Concave):
        return
    sums = _live_quantities(seen, indicator)
    begins = 0
    for number, band in enumerate(indicator.combine.bands, 1):
        yield f"第 {number} 段 / band {number}", any(_inside(each, begins, band) for each in sums)
        if band.upto_milli is not None:
            yield f"第 {number} 段末 / end of band {number}", band.upto_milli in sums
            begins = band.upto_milli


def _inside(quantity: int, begins: int, band: Band) -> bool:
    return begins < quantity and (band.upto_milli is None or quantity < band.upto_milli)


def _live_quantities(seen: Evidence, indicator: Indicator) -> set[int]:
    """The summed quantity of every day asked about, after the daily limit."""
    limits = {rule.rule: rule.method.daily_limit_milli for rule in indicator.rules if isinstance(rule.method, Quantity)}
    by_day: dict[tuple[int, dt.date], dict[tuple[str, dt.date], int]] = {}
    for sight in seen.of_indicator.get(indicator.indicator, []):
        if sight.rule in limits:
            event = seen.event(sight.run, sight.event_id)
            days = by_day.setdefault((sight.run, sight.day), {})
            key = (sight.rule, event["occurred_on"])
            days[key] = min(days.get(key, 0) + event["quantity_milli"], limits[sight.rule])
    return {sum(days.values()) for days in by_day.values()}


def _strongest(seen: Evidence, indicator: Indicator) -> Facets:
    if not isinstance(indicator.combine, Strongest):
        return
    rows = seen.of_indicator.get(indicator.indicator, [])
    yield "只计最强 / only the strongest counts", any(s.kind == "outdone" for s in rows)


def _caps(seen: Evidence, indicator: Indicator) -> Facets:
    if indicator.cap_milli is None:
        return
    rows = seen.of_indicator.get(indicator.indicator, [])
    if int(magnitude(indicator).max()) > abs(indicator.cap_milli):
        yield "超过封顶 / beyond the cap", any(s.kind == "indicator_cap" for s in rows)
    sums: Counter[tuple[int, dt.date]] = Counter()
    for sight in rows:
        sums[sight.run, sight.day] += sight.points_milli
    yield "封顶 / exactly the cap", indicator.cap_milli in sums.values()


def _bounds(seen: Evidence, rulebook: Rulebook) -> Facets:
    for dimension in rulebook.dimensions:
        rows = [s for s in seen.sights if s.dimension == dimension.dimension]
        capped = {s.points_milli > 0 for s in rows if s.kind == "dimension_cap"}
        sums: Counter[tuple[int, dt.date]] = Counter()
        for sight in rows:
            sums[sight.run, sight.day] += sight.points_milli
        unbound = unbounded_reach(dimension)
        for words, low, bound, end in (
            ("下限 / lowest", True, dimension.lowest_milli, int(unbound[0].min())),
            ("上限 / highest", False, dimension.highest_milli, int(unbound[1].max())),
        ):
            if bound:
                yield f"第 {dimension.dimension} 方面{words}", bound in sums.values()
            if bound and abs(end) > abs(bound):
                yield f"超过第 {dimension.dimension} 方面{words} exceeded", low in capped
    clips = [s.points_milli for s in seen.sights if s.kind == "overall_clip"]
    yield "总分下限 / bottom of the scale", any(points > 0 for points in clips)
    yield "总分上限 / top of the scale", any(points < 0 for points in clips)
    roundings = [s.points_milli for s in seen.sights if s.kind == "rounding"]
    yield "进位 / rounded up", any(points > 0 for points in roundings)
    yield "舍去 / rounded down", any(points < 0 for points in roundings)


def _grades(seen: Evidence, rulebook: Rulebook) -> Facets:
    """Each grade exactly where it begins, and what lies at most one point below it."""
    asked = {seen.indexed(run, day) for run, day, _ in seen.asked()}
    for grade in rulebook.edition.grades[:-1]:
        yield f"恰好 {grade.grade} / exactly at {grade.grade}", grade.from_milli in asked
        below = any(each is not None and grade.from_milli - 1000 <= each < grade.from_milli for each in asked)
        yield f"差一点 {grade.grade} / just below {grade.grade}", below


def _histories(seen: Evidence, rulebook: Rulebook) -> Facets:
    """What holds for all rules alike is shown once."""
    birthdays = [
        (number, months_after(person.birth_on, 12 * rulebook.edition.adult_years))
        for number, run in enumerate(seen.runs)
        for person in run.filed.case.persons
        if person.person_id == WHOM
    ]
    came = any(seen.indexed(n, day) is not None and _nobody(seen, n, day - ONE_DAY) for n, day in birthdays)
    yield "成年当天 / the day of coming of age", came
    kinds = {row["event_type"] for run in seen.runs for row in run.history.events if row["about_event_id"]}
    yield "撤销 / a revocation", "revocation" in kinds
    corrected = any(
        each["event_type"] == row["event_type"]
        for number, run in enumerate(seen.runs)
        for row in run.history.events
        for each in seen.about(number, row["event_id"])
    )
    yield "更正 / a correction", corrected
    yield (
        "上限年限 / the legal limit",
        any(
            s.until_on == months_after(base_day(seen.event(s.run, s.event_id)), rulebook.edition.negative_limit_months)
            for s in seen.sights
            if s.event_id and s.until_on
        ),
    )
    yield (
        "告知期 / the pre-notice",
        any(
            s.from_on == seen.event(s.run, s.event_id)["counts_from"] != base_day(seen.event(s.run, s.event_id))
            for s in seen.sights
            if s.event_id
        ),
    )


def _nobody(seen: Evidence, run: int, day: dt.date) -> bool:
    return day in seen.runs[run].asked and seen.indexed(run, day) is None


OF_INDICATORS: tuple[Callable[[Evidence, Indicator], Facets], ...] = (_repairs, _bands, _strongest, _caps)
OF_EDITION: tuple[Callable[[Evidence, Rulebook], Facets], ...] = (_bounds, _grades, _histories)
