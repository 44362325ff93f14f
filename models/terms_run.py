"""Runs the terms' kernel over chunks of households, side by side where wanted, and puts its answers together."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.household_facts import HouseholdFacts
from models.household_year_kernel import read_means, read_months
from models.policy import GRADES, SECTORS
from models.spans import parts_of, per_thread, side_by_side
from models.terms import CAP_RULES, LIMIT_RULES, RATE_RULES, Ledger
from models.terms_kernel import LIMIT_ROWS, RATE_ROWS, decide
from models.terms_layout import ASSUMPTIONS, MONTHS, NUMBERS
from models.terms_rules import RulesOfTheDay, no_rules
from models.terms_shapes import Decided, Given, Rows, Work

Int = NDArray[np.int64]

_GRADE_TABLES: Final = ("grade_limit_fen", "grade_rate_bp", "grade_all_in_bp")
_ROWS_AT_ONCE: Final = 1 << 13
"""Households that a thread takes at a time: their columns fit a processor's own cache."""


class Asked(NamedTuple):
    """What is asked for n households beside their own figures; see `terms_kernel.Given`."""

    grade: NDArray[np.int8]
    purpose: Int
    term_months: Int
    probability: NDArray[np.float64]
    uncertain: NDArray[np.uint8]


class Answered(NamedTuple):
    """What the kernel says of n households.

    Attributes:
        decided: decisions, terms and findings.
        limit_ledger, rate_ledger: their rows.
        impossible: the first household whose wanted term is not possible, -1 for none; then nothing else holds.
    """

    decided: Decided
    limit_ledger: Ledger
    rate_ledger: Ledger
    impossible: int


def run(today: RulesOfTheDay, facts: HouseholdFacts, asked: Asked, threads: int) -> Answered:
    """Decide every household by the rules of the day.

    Args:
        today: the policy of the business date.
        facts: the bank's own data (n).
        asked: grades, wishes and probabilities (n).
        threads: how many chunks are computed side by side.
    """
    decided = _room(facts.count, len(today.codes))
    spans = per_thread(facts.count, threads, _ROWS_AT_ONCE)

    def decide_span(span: slice) -> tuple[Rows, int]:
        return _decide(today, facts, asked, decided, span)

    done = side_by_side(decide_span, spans, threads)
    told = _joined([rows for rows, _ in done])
    return Answered(
        decided=decided,
        limit_ledger=Ledger(LIMIT_RULES, "amount_fen", decided.limit_rows, told.limit_rule, told.limit_fen),
        rate_ledger=Ledger(RATE_RULES, "amount_bp", decided.rate_rows, told.rate_rule, told.rate_bp),
        impossible=next((row for _, row in done if row >= 0), -1),
    )


def warm_kernel() -> None:
    """Compiles the kernel, which takes seconds once per machine, or reads it from the cache."""
    codes, flags, whole = np.zeros(0, np.int8), np.zeros(0, np.uint8), np.zeros(0, np.int64)
    given = Given(np.zeros((len(NUMBERS), 0)), codes, codes, flags, np.zeros(0), flags, codes, whole, whole)
    decide(no_rules(), given, _room(0, 0), _work(0), _room_for_rows(0))


def stressed_year(today: RulesOfTheDay, facts: HouseholdFacts) -> Work:
    """Return the work of the kernel's first steps for all households at once, for showing.

    Of it `month_income_fen`, `fixed_fen`, `debt_fen` and `assumed_fen` are filled, and `months`.
    """
    decided, work = _room(facts.count, 0), _work(facts.count)
    decided.sector[:] = np.where(facts.sector >= 0, facts.sector, SECTORS.index("other"))
    nothing = np.zeros(facts.count, np.int64)
    everybody = slice(0, facts.count)
    asked = Asked(nothing.astype(np.int8), nothing, nothing, np.zeros(facts.count), nothing.astype(np.uint8))
    given = _given(facts, asked, everybody, np.empty((len(NUMBERS), facts.count)))
    read_means(today.rules, given, work)
    read_months(today.rules, given, decided, work)
    return work


def _decide(
    today: RulesOfTheDay, facts: HouseholdFacts, asked: Asked, decided: Decided, span: slice
) -> tuple[Rows, int]:
    """Decide one thread's households; returns their ledger rows and the first of an impossible term, or -1.

    Its chunks are worked on in the same memory: asking for more each time would cost as much as the work.
    """
    most = min(_ROWS_AT_ONCE, span.stop - span.start)
    numbers, work, room = np.empty(len(NUMBERS) * most), _work(most), _room_for_rows(span.stop - span.start)
    limit_rows, rate_rows = 0, 0
    for part in parts_of(span, _ROWS_AT_ONCE):
        count = part.stop - part.start
        given = _given(facts, asked, part, numbers[: len(NUMBERS) * count].reshape(len(NUMBERS), count))
        own = Decided._make(one[part] for one in decided)
        free = _left(room, limit_rows, rate_rows)
        more_limits, more_rates, impossible = decide(today.rules, given, own, _first(work, count), free)
        if impossible >= 0:
            return _used(room, 0, 0), part.start + int(impossible)
        limit_rows, rate_rows = limit_rows + more_limits, rate_rows + more_rates
    return _used(room, limit_rows, rate_rows), -1


def _first(work: Work, count: int) -> Work:
    return Work._make(one[:count] for one in work)


def _left(room: Rows, limit_rows: int, rate_rows: int) -> Rows:
    """The room behind what is used of it."""
    return Rows(
        room.limit_rule[limit_rows:], room.limit_fen[limit_rows:], room.rate_rule[rate_rows:], room.rate_bp[rate_rows:]
    )


def _used(room: Rows, limit_rows: int, rate_rows: int) -> Rows:
    return Rows(
        room.limit_rule[:limit_rows], room.limit_fen[:limit_rows], room.rate_rule[:rate_rows], room.rate_bp[:rate_rows]
    )


def _given(facts: HouseholdFacts, asked: Asked, part: slice, numbers: NDArray[np.float64]) -> Given:
    return Given(
        numbers=facts.read(part, numbers),
        sector=facts.sector[part],
        standing=facts.standing[part],
        alone=facts.alone[part],
        probability=asked.probability[part],
        uncertain=asked.uncertain[part],
        grade=asked.grade[part],
        purpose=asked.purpose[part],
        term_months=asked.term_months[part],
    )


def _room(count: int, findings: int) -> Decided:
    """Room for the answers about so many households: one block, which the system gives in large pages."""
    marks = ("met", "assumed")
    shapes = {name: (count, len(GRADES)) if name in _GRADE_TABLES else (count,) for name in Decided._fields}
    sizes = {name: math.prod(shape) for name, shape in shapes.items() if name not in marks}
    block = iter(np.split(np.empty(sum(sizes.values()), np.int64), np.cumsum(list(sizes.values()))[:-1]))
    whole: dict[str, Any] = {name: next(block).reshape(shapes[name]) for name in sizes}
    assumed = np.empty((count, len(ASSUMPTIONS)), np.uint8)
    return Decided(met=np.zeros((count, findings), np.uint8), assumed=assumed, **whole)


def _work(count: int) -> Work:
    shapes = {"month_income_fen": (count, MONTHS), "caps_fen": (count, len(CAP_RULES))}
    return Work._make(np.empty(shapes.get(name, (count,)), np.int64) for name in Work._fields)


def _room_for_rows(count: int) -> Rows:
    """Room for all the rows that so many households can have, and for one more that turns out to be nothing."""
    limits, rates = count * LIMIT_ROWS + 1, count * RATE_ROWS + 1
    codes = np.empty(limits, np.int8), np.empty(rates, np.int8)
    return Rows(codes[0], np.empty(limits, np.int64), codes[1], np.empty(rates, np.int64))


def _joined(parts: list[Rows]) -> Rows:
    """Put the rows of chunks one after the other, also of none."""
    nothing = _used(_room_for_rows(0), 0, 0)
    return Rows._make(np.concatenate(columns) for columns in zip(nothing, *parts, strict=True))
