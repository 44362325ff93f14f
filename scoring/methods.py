"""The seven methods of a rule: each turns its deeds into spells, none knows the day that is asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Days, TextColumn, Whole
from scoring.dated import NO_DAY, add_months, quarter_number
from scoring.deeds import Deeds, own_events
from scoring.history import KnownHistory
from scoring.joins import expand, lowest_from, pair_key, segment_lengths, segment_starts
from scoring.ordinals import occurrences
from scoring.residents import Residents
from scoring.rule_table import RuleTable
from scoring.rulebook import MILLI
from scoring.spells import Spells, joined, rounded, spells_of, with_suspensions


@dataclass(frozen=True, slots=True)
class Setting:
    """What a method may look at besides its deeds."""

    table: RuleTable
    history: KnownHistory
    residents: Residents


def compile_spells(setting: Setting, deeds: Deeds) -> Spells:
    """Every deed as spells, cut where appeals suspend them, in no particular order."""
    kind = setting.table.kind
    spells = joined([method(setting, deeds.take((kind == name)[deeds.rule])) for name, method in METHODS.items()])
    return with_suspensions(spells, setting.history.suspensions)


def _fixed(setting: Setting, deeds: Deeds) -> Spells:
    table = setting.table
    points = table.numbers(lambda method: method.points_milli, "fixed")[deeds.rule] * deeds.factor_milli
    fade = table.numbers(lambda method: method.fade_months, "fixed")[deeds.rule]
    plain = fade == 0
    steady = deeds.take(plain)
    parts = [spells_of(steady, rounded(points[plain], MILLI), steady.from_on, steady.until_on())]
    parts.append(_fading(table, deeds.take(~plain), points[~plain], fade[~plain]))
    return joined(parts)


def _fading(table: RuleTable, deeds: Deeds, scaled_points: Whole, fade_months: Whole) -> Spells:
    """Step k of the last F months holds (F - k) / F of the points; step 0 also holds the time before them."""
    row, step = expand(np.zeros(len(deeds), np.int64), fade_months)
    steps, months = deeds.take(row), fade_months[row]
    fades_after = table.validity_months[steps.rule] - months + step
    begins = np.where(step == 0, steps.from_on, add_months(steps.base_day, fades_after)).astype(np.int32)
    return spells_of(
        steps,
        rounded(scaled_points[row] * (months - step), MILLI * months),
        np.maximum(begins, steps.from_on),
        np.minimum(add_months(steps.base_day, fades_after + 1), steps.ended_on),
    )


def _per_unit(setting: Setting, deeds: Deeds) -> Spells:
    table = setting.table
    price = table.numbers(lambda method: method.points_milli, "per_unit")[deeds.rule]
    most = table.numbers(lambda method: method.quantity_max_milli, "per_unit")[deeds.rule]
    quantity = np.clip(deeds.quantity_milli, 0, most)
    value = rounded(price * quantity * deeds.factor_milli, MILLI * MILLI)
    return spells_of(deeds, value, deeds.from_on, deeds.until_on())


def _ordinal(setting: Setting, deeds: Deeds) -> Spells:
    table = setting.table
    ladders = _ladders(table)
    window = table.numbers(lambda method: method.window_months, "ordinal")[deeds.rule]
    indicator, magnitude = table.indicator[deeds.rule], np.abs(ladders[deeds.rule, 0])
    number = occurrences(deeds, indicator, magnitude, window, setting.history.suspensions)
    points = ladders[deeds.rule, np.minimum(number, ladders.shape[1]) - 1]
    return spells_of(deeds, rounded(points * deeds.factor_milli, MILLI), deeds.from_on, deeds.until_on())


def _ladders(table: RuleTable) -> Whole:
    """Ladder of every rule, the last step repeated to equal width: int64 [rules, steps]."""
    steps = [method.ladder_milli if method.kind == "ordinal" else (0,) for _, method in table.book.methods()]
    width = max(map(len, steps))
    return np.array([(*ladder, *[ladder[-1]] * (width - len(ladder))) for ladder in steps], np.int64)


def _escalation(setting: Setting, deeds: Deeds) -> Spells:
    """One spell per step; all end together: mended, or the validity after the last step."""
    table = setting.table
    due = deeds.take(deeds.due_on != NO_DAY)
    steps = table.numbers(lambda method: method.steps, "escalation")[due.rule]
    row, step = expand(np.zeros(len(due), np.int64), steps)
    taken = due.take(row)
    grace, every, first, then = (
        table.numbers(pick, "escalation")[taken.rule]
        for pick in (
            lambda method: method.grace_days,
            lambda method: method.every_days,
            lambda method: method.first_milli,
            lambda method: method.then_milli,
        )
    )
    begins = (taken.due_on + grace + step * every).astype(np.int32)
    last = (taken.due_on + grace + (steps[row] - 1) * every).astype(np.int32)
    expires = add_months(last, table.validity_months[taken.rule])
    points = np.where(step == 0, first, then) * taken.factor_milli
    until = np.minimum(expires, taken.ended_on)
    return spells_of(taken, rounded(points, MILLI), np.maximum(begins, taken.from_on), until)


def _streak(setting: Setting, deeds: Deeds) -> Spells:
    """A good quarter counts until the first breach of the same or a later quarter takes effect."""
    table = setting.table
    points = table.numbers(lambda method: method.points_milli, "streak")[deeds.rule]
    quarter = quarter_number(deeds.occurred_on)
    restart = np.full(len(deeds), NO_DAY, np.int32)
    for number, method in table.book.methods():
        if method.kind == "streak":
            rows = np.flatnonzero(deeds.rule == number)
            breaches = _breaches(setting, method.broken_by)
            restart[rows] = lowest_from(breaches, deeds.person[rows], quarter[rows])
    value = rounded(points * deeds.factor_milli, MILLI)
    return spells_of(deeds, value, deeds.from_on, np.minimum(deeds.until_on(), restart))


def _breaches(setting: Setting, event_type: str) -> tuple[Whole, Days, Days]:
    """Person, quarter, and the day the breach takes effect (after its notice)."""
    person, breaches = own_events(setting.history.events, setting.residents, event_type)
    takes_effect = np.maximum(breaches.occurred_on, breaches.counts_from)
    return person, quarter_number(breaches.occurred_on), takes_effect


def _converted(setting: Setting, deeds: Deeds) -> Spells:
    table = setting.table
    value = np.zeros(len(deeds), np.int64)
    for number, method in table.book.methods():
        if method.kind == "converted":
            rows = np.flatnonzero(deeds.rule == number)
            tables = _conversion_tables(setting.history, method.table_event)
            village = setting.residents.village_code.take(deeds.person[rows])
            needed = _needed(tables, village, deeds.occurred_on[rows], method.needed_without_table_milli)
            quantity = np.maximum(deeds.quantity_milli[rows], 0)
            value[rows] = rounded(quantity * deeds.factor_milli[rows], needed)
    return spells_of(deeds, value, deeds.from_on, deeds.until_on())


ConversionTables = tuple[TextColumn, Days, Whole]


def _conversion_tables(history: KnownHistory, event_type: str) -> ConversionTables:
    """Village, closing day and needed quantity; of several for one village and day the first sealed stands."""
    events = history.events
    rows = np.flatnonzero(events.event_type.equals(event_type) & (events.quantity_milli > 0))
    order = np.lexsort(
        (events.event_id[rows], events.position[rows], events.occurred_on[rows], events.level.codes[rows])
    )
    tables = events.take(rows[order])
    first = segment_starts(tables.level.codes, tables.occurred_on)
    return tables.level.take(first), tables.occurred_on[first], tables.quantity_milli[first]


def _needed(tables: ConversionTables, village: TextColumn, on: Days, without_table: int) -> Whole:
    """What the village's latest table closed before the day asks for one point."""
    names, closed_on, needed = tables
    codes = np.array([names.code_of(name) for name in village.names], np.int64)[village.codes]
    keys = pair_key(names.codes, closed_on)
    latest = np.searchsorted(keys, pair_key(np.maximum(codes, 0), on), "left") - 1
    known = np.append(names.codes, -2)[latest] == codes
    return np.where(known, np.append(needed, 0)[latest], without_table)


def _quantity(setting: Setting, deeds: Deeds) -> Spells:
    """Of each day's quantity at most the daily limit passes, in order of event id."""
    limit = setting.table.numbers(lambda method: method.daily_limit_milli, "quantity")
    order = np.lexsort((deeds.event_id, deeds.base_day, deeds.rule, deeds.person))
    ranked = deeds.take(order)
    starts = segment_starts(ranked.person, ranked.rule, ranked.base_day)
    summed = np.cumsum(np.maximum(ranked.quantity_milli, 0))
    own = np.maximum(ranked.quantity_milli, 0)
    before = np.repeat(summed[starts] - own[starts], segment_lengths(starts, len(ranked)))
    most = limit[ranked.rule]
    passed = np.minimum(summed - before, most) - np.minimum(summed - own - before, most)
    return spells_of(ranked, passed, ranked.from_on, ranked.until_on())


METHODS: Final[Mapping[str, Callable[[Setting, Deeds], Spells]]] = {
    "fixed": _fixed,
    "per_unit": _per_unit,
    "ordinal": _ordinal,
    "escalation": _escalation,
    "streak": _streak,
    "converted": _converted,
    "quantity": _quantity,
}
