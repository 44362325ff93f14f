"""Through which rule an index changed: differences of ledger sums, exact to the thousandth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.columns import Mask, Whole
from scoring.disclosure import SMALLEST_GROUP
from scoring.evaluation import Evaluation
from scoring.joins import segment_starts

OTHERS: Final = "others"

Source = tuple[str, str, str, str]
"""Kind, dimension, indicator and rule of ledger rows; empty where there is none."""


@dataclass(frozen=True, slots=True)
class RulePart:
    """What one source of points contributes to the change.

    Attributes:
        kind: `rule`, an adjusting kind of the ledger, `base`, or `others` (several sources together).
        persons: for how many persons its sum differs; None: hidden.
        points_milli: by how much, over all of them; None: hidden.
    """

    kind: str
    dimension: str
    indicator: str
    rule: str
    persons: int | None
    points_milli: int | None


def rule_parts(old: Evaluation, new: Evaluation, rows: list[Whole]) -> tuple[tuple[RulePart, ...], RulePart]:
    """Every source whose sum differs for ten persons or more, largest first, and all others together.

    Args:
        old: an evaluation.
        new: another of the same day and position.
        rows: the rows of the persons compared in either, in the same order.
    """
    sources: dict[Source, int] = {}
    ledgers = [_coded(each, row, sources) for each, row in zip((old, new), rows, strict=True)]
    person, source, points = (np.concatenate(column) for column in zip(*ledgers, strict=True))
    points[: len(ledgers[0][2])] *= -1
    person, source, points = _summed(person, source, points, len(rows[0]))
    if new.base_milli != old.base_milli:
        everyone = np.arange(len(rows[0]))
        person = np.append(person, everyone)
        source = np.append(source, np.full(len(everyone), sources.setdefault(("base", "", "", ""), len(sources))))
        points = np.append(points, np.full(len(everyone), new.base_milli - old.base_milli))
    return _told(list(sources), person, source, points)


def _coded(evaluation: Evaluation, rows: Whole, sources: dict[Source, int]) -> tuple[Whole, Whole, Whole]:
    """Person compared, number of the source and points of every ledger row of theirs."""
    ledger = evaluation.ledger
    place = np.full(len(evaluation.persons), -1, np.int64)
    place[rows] = np.arange(len(rows))
    person = np.repeat(place, np.diff(evaluation.first_row))
    columns = [ledger.kind, ledger.dimension, ledger.indicator, ledger.rule]
    shape = tuple(max(len(column.names), 1) for column in columns)
    code = np.ravel_multi_index([column.codes for column in columns], shape)
    distinct, inverse = np.unique(code, return_inverse=True)
    numbers = np.empty(len(distinct), np.int64)
    for at, each in enumerate(distinct.tolist()):
        kind, dimension, indicator, rule = (
            column.names[int(part)] for column, part in zip(columns, np.unravel_index(each, shape), strict=True)
        )
        key = ("rule" if rule else kind, dimension, indicator, rule)  # whatever kinds of row a rule has
        numbers[at] = sources.setdefault(key, len(sources))
    here = person >= 0
    return person[here], numbers[inverse][here], ledger.points_milli[here].copy()


def _summed(person: Whole, source: Whole, points: Whole, size: int) -> tuple[Whole, Whole, Whole]:
    """One row per person and source whose sum is not zero."""
    order = np.argsort(source * size + person, kind="stable")
    person, source, points = person[order], source[order], points[order]
    starts = segment_starts(source, person)
    if not len(starts):
        return person, source, points
    sums = np.add.reduceat(points, starts)
    kept = starts[sums != 0]
    return person[kept], source[kept], sums[sums != 0]


def _told(sources: list[Source], person: Whole, source: Whole, points: Whole) -> tuple[tuple[RulePart, ...], RulePart]:
    persons = np.bincount(source, minlength=len(sources))
    sums = np.zeros(len(sources), np.int64)
    np.add.at(sums, source, points)
    hidden = _hidden(persons, person, source)
    shown = sorted(np.flatnonzero(~hidden).tolist(), key=lambda at: (-abs(int(sums[at])), sources[at]))
    together = hidden[source]
    union = len(np.unique(person[together]))
    secret = union < SMALLEST_GROUP
    others = RulePart(OTHERS, "", "", "", None if secret else union, None if secret else int(points[together].sum()))
    return tuple(RulePart(*sources[at], int(persons[at]), int(sums[at])) for at in shown), others


def _hidden(persons: Whole, person: Whole, source: Whole) -> Mask:
    """Sources of few persons, and the next smallest while the hidden ones together still reach only a few."""
    hidden: Mask = persons < SMALLEST_GROUP
    while 0 < len(np.unique(person[hidden[source]])) < SMALLEST_GROUP and not hidden.all():
        places = np.flatnonzero(~hidden)
        hidden[places[np.argmin(persons[places])]] = True
    return hidden
