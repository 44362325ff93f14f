"""What an edition says in its rules, and whether a case shows it: days, ladders, steps, quantities, grounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from scoring.case_evidence import ONE_DAY, Evidence, Facets, Sight, base_day
from scoring.cases import WHOM
from scoring.rulebook import (
    ConvertedPoints,
    EscalatingPoints,
    FixedPoints,
    Indicator,
    OrdinalPoints,
    PointsPerUnit,
    Quantity,
    Rule,
    StreakPoints,
)
from scoring.written_history import months_after


@dataclass(frozen=True)
class RuleAsked:
    """A rule and everything the cases showed."""

    seen: Evidence
    indicator: Indicator
    rule: Rule

    @property
    def sights(self) -> list[Sight]:
        """Every ledger row of the rule."""
        return self.seen.of_rule.get(self.rule.rule, [])


def _days_of_one_deed(of: RuleAsked) -> Facets:
    sights = of.sights
    worthless = isinstance(of.rule.method, FixedPoints) and not of.rule.method.points_milli
    yield "计分 / scores", any(sight.points_milli or worthless for sight in sights)
    first = (sight for sight in sights if sight.from_on == sight.day)
    yield "首日 / first day", any(of.seen.absent(each.run, each.day - ONE_DAY, each.event_id) for each in first)
    gone = [
        s
        for s in sights
        if s.until_on and s.until_on - ONE_DAY == s.day and of.seen.absent(s.run, s.until_on, s.event_id)
    ]
    if of.rule.validity_months is not None:
        yield "到期 / expiry", any(not of.seen.about(each.run, each.event_id) for each in gone)
    for name in of.rule.ended_by:
        shown = any(
            each["event_type"] == name
            for s in gone
            for each in of.seen.about(s.run, s.event_id)
            if base_day(each) == s.until_on
        )
        yield f"{name} 当天结束 / ends it the same day", shown
    for name in of.rule.ended_by_own:
        own = {(run, base_day(row)) for run, row in of.seen.events(name)}
        yield f"{name} 当天结束 / ends it the same day", any((s.run, s.until_on) in own for s in gone)


def _whom_it_reaches(of: RuleAsked) -> Facets:
    sights = of.sights
    if of.rule.look_through:
        yield "穿透到法定代表人 / looks through", any(s.through_entity_id and s.points_milli for s in sights)
    if of.rule.shared_with_household:
        others = (s for s in sights if s.points_milli and of.seen.event(s.run, s.event_id)["person_id"] != WHOM)
        yield "惠及家人 / shared with the household", any(True for _ in others)


def _ladder(of: RuleAsked) -> Facets:
    if not isinstance(of.rule.method, OrdinalPoints):
        return
    sights, ladder = [s for s in of.sights if not s.through_entity_id], of.rule.method.ladder_milli
    for step, points in enumerate(ladder, 1):
        shown = any(s.points_milli == points and _deeds(of.seen, s) >= step for s in sights)
        yield f"第 {step} 次 / step {step}", shown
    last = [(s.run, s.day) for s in sights if s.points_milli == ladder[-1] and _deeds(of.seen, s) > len(ladder)]
    yield "末级之后 / beyond the last step", len(last) > len(set(last))
    pairs = [pair for run in range(len(of.seen.runs)) for pair in _pairs(of.seen, run, of.indicator)]
    opens = [(months_after(later, -of.rule.method.window_months), earlier) for earlier, later in pairs]
    yield "窗口首日之前 / just outside the window", any(edge == earlier for edge, earlier in opens)
    yield "窗口首日 / first day of the window", any(edge + ONE_DAY == earlier for edge, earlier in opens)


def _deeds(seen: Evidence, sight: Sight) -> int:
    """How many events of the same kind were in the ledger, or had been, by then."""
    kind = seen.event(sight.run, sight.event_id)["event_type"]
    return sum(run == sight.run and row["occurred_on"] <= sight.day for run, row in seen.events(kind))


def _pairs(seen: Evidence, run: int, indicator: Indicator) -> Iterator[tuple[dt.date, dt.date]]:
    kinds = {rule.event_type for rule in indicator.rules}
    days = [row["occurred_on"] for row in seen.runs[run].history.events if row["event_type"] in kinds]
    yield from combinations(sorted(days), 2)


def _steps_in_time(of: RuleAsked) -> Facets:
    if not isinstance(of.rule.method, EscalatingPoints):
        return
    rows: dict[tuple[int, dt.date, int], int] = {}
    for sight in of.sights:
        key = (sight.run, sight.day, sight.event_id)
        rows[key] = rows.get(key, 0) + 1
    for step in range(1, of.rule.method.steps + 1):
        days = dt.timedelta(days=of.rule.method.grace_days + (step - 1) * of.rule.method.every_days)
        due = (
            (run, of.seen.event(run, event)["ends_on"], event)
            for (run, day, event), count in rows.items()
            if count == step
        )
        shown = any(
            rows.get((run, ends + days, event)) == step
            and (rows.get((run, ends + days - ONE_DAY, event), 0) == step - 1)
            and of.seen.indexed(run, ends + days - ONE_DAY) is not None
            for run, ends, event in due
        )
        yield f"第 {step} 步首日 / first day of step {step}", shown


def _fade(of: RuleAsked) -> Facets:
    if not isinstance(of.rule.method, FixedPoints) or not of.rule.method.fade_months:
        return
    months, points, validity = of.rule.method.fade_months, of.rule.method.points_milli, of.rule.validity_months or 0
    sights = [s for s in of.sights if s.points_milli]
    ages = {(s.run, s.event_id, s.day): s.points_milli for s in sights if not s.through_entity_id}
    edges = [
        (run, event, months_after(base_day(of.seen.event(run, event)), validity - months + 1)) for run, event, _ in ages
    ]
    full = any(ages.get((run, event, edge - ONE_DAY)) == points for run, event, edge in edges)
    stepped = any(0 < ages.get((run, event, edge), 0) < points for run, event, edge in edges)
    yield "衰减首月仍满分 / full through the first fading month", full
    yield "衰减首日 / first day below full", stepped
    last = -(-points // months)
    yield "衰减末月 / last fading month", any(0 < each <= last for each in ages.values())


def _quantities(of: RuleAsked) -> Facets:
    method = of.rule.method
    sights = of.sights
    quantities = [of.seen.event(s.run, s.event_id)["quantity_milli"] for s in sights]
    if isinstance(method, PointsPerUnit):
        yield "数量上限之内 / below quantity_max", any(0 < each < method.quantity_max_milli for each in quantities)
        yield "数量上限 / exactly quantity_max", method.quantity_max_milli in quantities
        yield "超过数量上限 / beyond quantity_max", any(each > method.quantity_max_milli for each in quantities)
        yield "数量为零 / quantity 0", 0 in quantities
    if isinstance(method, Quantity):
        whole = {(s.run, s.day, of.seen.event(s.run, s.event_id)["occurred_on"]) for s in sights}
        sums = [_of_one_day(of.seen, run, day, of.rule.event_type) for run, _, day in whole]
        yield "每日上限 / exactly daily_limit", method.daily_limit_milli in sums
        yield "超过每日上限 / beyond daily_limit", any(each > method.daily_limit_milli for each in sums)


def _of_one_day(seen: Evidence, run: int, day: dt.date, event_type: str) -> int:
    rows = seen.runs[run].history.events
    return sum(row["quantity_milli"] for row in rows if (row["event_type"], row["occurred_on"]) == (event_type, day))


def _tables_and_runs(of: RuleAsked) -> Facets:
    method = of.rule.method
    runs = {sight.run for sight in of.sights if sight.points_milli}
    if isinstance(method, ConvertedPoints):
        with_table = {run for run, _ in of.seen.events(method.table_event)}
        yield "有换算表 / with a table", bool(runs & with_table)
        yield "没有换算表 / without a table", bool(runs - with_table)
    if isinstance(method, StreakPoints):
        breached = {(run, base_day(row)) for run, row in of.seen.events(method.broken_by)}
        broken = [s for s in of.sights if s.until_on and s.until_on - ONE_DAY == s.day]
        yield "违约当天清零 / a breach restarts it the same day", any((s.run, s.until_on) in breached for s in broken)


def _grounds(of: RuleAsked) -> Facets:
    """What keeps an event from scoring: no document, no consent."""
    events = [
        (run, row)
        for run, row in of.seen.events(of.rule.event_type)
        if not of.rule.levels or row["level"] in of.rule.levels
    ]
    if of.indicator.direction == "deduction" and of.indicator.rules[0] is of.rule:
        for field, words in (
            ("document_class", "文书不对 / another document"),
            ("catalogue_item", "目录不对 / another item"),
        ):
            right = of.rule.document_classes if field == "document_class" else (of.rule.catalogue_item,)
            wrong = [(run, row) for run, row in events if row[field] not in right]
            yield words, any(_never(of.seen, run, row["event_id"]) for run, row in wrong)
    if (
        of.indicator.admissibility == "C"
        and of.indicator.consent_source != "enrolment"
        and of.indicator.rules[0] is of.rule
    ):
        yield "没有同意不计 / nothing without consent", any(_unasked(of.seen, of.indicator, *each) for each in events)


def _never(seen: Evidence, run: int, event_id: int) -> bool:
    return all(seen.absent(run, day, event_id) for day in seen.runs[run].asked)


def _unasked(seen: Evidence, indicator: Indicator, run: int, event: dict[str, Any]) -> bool:
    """On some day after the deed person 1 had not consented, and the deed was not in the ledger."""
    rows = [
        row
        for row in seen.runs[run].history.source_consents
        if (row["person_id"], row["source_code"]) == (WHOM, indicator.consent_source)
    ]
    return any(
        seen.absent(run, day, event["event_id"])
        for day in seen.runs[run].asked
        if day >= event["occurred_on"]
        and not any(row["from_on"] <= day and (row["until_on"] is None or day < row["until_on"]) for row in rows)
    )


OF_RULES: tuple[Callable[[RuleAsked], Facets], ...] = (
    _days_of_one_deed,
    _whom_it_reaches,
    _ladder,
    _steps_in_time,
    _fade,
    _quantities,
    _tables_and_runs,
    _grounds,
)
