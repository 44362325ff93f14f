"""What a person could do and when: single units of the kinds he named, found in the calendar and in his own ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Days
from scoring.dated import add_months, day_number, month_number
from scoring.evaluation import Evaluation
from scoring.frames import Events
from scoring.recourse_frames import Action
from scoring.recourse_steps import Doing, EveryDays, Mending, Once, PeriodEnd, When
from scoring.rulebook import Indicator, Rule, Rulebook

RESTORATION: Final = "restoration"
MONTHS_OF_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of step open to the person: its units in the order of days, and the indicators they can touch.

    Attributes:
        apart: each unit is a choice of its own (mending); otherwise only their number matters.
    """

    kind: str
    actions: tuple[Action, ...]
    indicators: frozenset[str]
    apart: bool


def doing(step: Doing, rulebook: Rulebook, today: int, until: int) -> Choice:
    """The units of something that leaves a record, until the horizon; without a rule about it none."""
    touched = frozenset(
        indicator.indicator
        for indicator, rule in rulebook.rules
        if _falls_under(step, rule) or step.event_type in rule.ended_by_own
    )
    days = [day for day in _days(step.when, today, until) if today < day <= until][: step.most] if touched else []
    actions = [
        Action(step.kind, step.event_type, step.level, step.quantity_milli, day, 0, step.effort_milli) for day in days
    ]
    return Choice(step.kind, tuple(actions), touched, apart=False)


def _falls_under(step: Doing, rule: Rule) -> bool:
    return rule.event_type == step.event_type and (not rule.levels or step.level in rule.levels)


def _days(when: When, today: int, until: int) -> list[int]:
    match when:
        case EveryDays():
            return list(range(today + when.days, until + 1, when.days))
        case Once():
            return [today + when.days]
        case PeriodEnd():
            ends = month_ends(today, until)
            months = month_number(ends)
            quarterly = when.kind == "quarter_end"
            chosen = months % MONTHS_OF_QUARTER == MONTHS_OF_QUARTER - 1 if quarterly else np.ones(len(ends), np.bool_)
            return [int(day) for day in ends[chosen]]


def month_ends(today: int, until: int) -> Days:
    """The last days of all months that end after today and not after the horizon."""
    months = np.arange(month_number(np.array([today], np.int32))[0], month_number(np.array([until], np.int32))[0] + 1)
    firsts = months.astype("datetime64[M]") + np.timedelta64(1, "M")
    ends = firsts.astype("datetime64[D]").astype(np.int64) - 1
    return ends[(ends > today) & (ends <= until)].astype(np.int32)


def mending(step: Mending, rulebook: Rulebook, standing: Evaluation, events: Events, until: int) -> Choice:
    """One unit for each deduction of today's ledger that may be ended this way."""
    rules = {rule.rule: (indicator, rule) for indicator, rule in rulebook.rules}
    ledger, today = standing.ledger, day_number(standing.as_of)
    counting = np.flatnonzero((ledger.points_milli < 0) & (ledger.event_id > 0))
    about = dict.fromkeys((int(ledger.event_id[row]), ledger.rule.names[ledger.rule.codes[row]]) for row in counting)
    actions, touched = [], set()
    for event_id, name in about:
        indicator, rule = rules[name]
        day = _may_be_mended_on(step, indicator, rule, events, event_id, today)
        if day is not None and day <= until:
            actions.append(Action(step.kind, step.event_type, "", 0, day, event_id, step.effort_milli))
            touched.add(indicator.indicator)
    return Choice(
        step.kind,
        tuple(sorted(actions, key=lambda each: (each.day, each.about_event_id))),
        frozenset(touched),
        apart=True,
    )


def _may_be_mended_on(
    step: Mending, indicator: Indicator, rule: Rule, events: Events, event_id: int, today: int
) -> int | None:
    """The first day, None if the rule knows no such ending.

    What a rule names as its ending is the only way to mend it: a hazard is fixed and a listing lifted, not repaired. A
    credit repair is for records with a period of their own and no such ending.
    """
    earliest = today + step.after_days
    if step.event_type in rule.ended_by:
        return earliest
    repairable = step.event_type == RESTORATION and indicator.direction == "deduction"
    if not repairable or rule.ended_by or step.after_months is None or rule.severity is None:
        return None
    months = step.after_months.get(rule.severity)
    if months is None:
        return None
    base = events.base_day()[events.event_id == event_id]
    return max(earliest, int(add_months(base, months)[0]))
