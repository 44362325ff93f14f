"""What another edition would do to the same people on the same day: who moves, how far, through which rule."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from scoring.attribution import RulePart, rule_parts
from scoring.columns import Days, Mask, TextColumn, Whole
from scoring.dated import add_months, day_number, live_on
from scoring.disclosure import SMALLEST_GROUP, hidden_cells, hidden_parts
from scoring.errors import ScoringError
from scoring.evaluation import Evaluation
from scoring.frames import Persons
from scoring.joins import find
from scoring.residents import MONTHS_OF_YEAR

Count = int | None
"""Persons; None: fewer than `SMALLEST_GROUP`, or hidden so that such a number cannot be worked out."""

CHANGE_EDGES_MILLI: Final = (0, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
"""Edges of the distribution of change, the same on both sides; fixed, so that the ends tell nothing about anybody."""

QUANTILES_PER_MILLE: Final = (10, 50, 100, 250, 500, 750, 900, 950, 990)

AGE_BANDS: Final = ((18, "18–29"), (30, "30–44"), (45, "45–59"), (60, "60–74"), (75, "75+"))
UNKNOWN: Final = ""


class IncomparableError(ScoringError):
    """Two evaluations that are not about the same day as known at the same position."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Columns over persons, in any order: to which group of each breakdown somebody belongs.

    Attributes:
        person_id: unique.
        columns: breakdown -> group of each person.
    """

    person_id: Whole
    columns: Mapping[str, TextColumn]


@dataclass(frozen=True, slots=True)
class Moves:
    """How many persons there are, and how many of them gain, keep or lose points."""

    persons: Count
    up: Count
    same: Count
    down: Count


@dataclass(frozen=True, slots=True)
class Bar:
    """Persons whose change lies in `(from_milli, until_milli]` when they gain, mirrored when they lose.

    Attributes:
        from_milli, until_milli: edges by magnitude, signed; None: no further edge; both 0: no change.
    """

    from_milli: int | None
    until_milli: int | None
    persons: Count


@dataclass(frozen=True, slots=True)
class Quantile:
    """The change that so many persons in a thousand do not exceed (lower order statistic)."""

    per_mille: int
    change_milli: int


@dataclass(frozen=True, slots=True)
class GroupMoves:
    """One group of a breakdown; `points_milli` is the sum of its members' changes, None if fewer than ten moved."""

    group: str
    moves: Moves
    points_milli: int | None


@dataclass(frozen=True, slots=True)
class Transition:
    """How many persons of one grade come to have another."""

    old: str
    new: str
    persons: Count


@dataclass(frozen=True, slots=True)
class Grades:
    """The grades of both editions, highest first, with the persons of each, and every pair of them."""

    old: Mapping[str, Count]
    new: Mapping[str, Count]
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The impact of one edition in place of another on one population; the impact assessment that publishing records.

    Every count is exact or hidden (`None`, in JSON `null`). Nobody is named, and no group below `smallest_group` can be
    worked out from what stands here (`scoring.disclosure`).

    `to_json` gives UTF-8 bytes with sorted keys, equal for equal inputs:

        {"old_edition", "old_hash", "new_edition", "new_hash": text, "as_of": "YYYY-MM-DD", "known_position": int,
         "smallest_group": 10, "only_old", "only_new": count, "points_milli": int | null,
         "moves": {"persons", "up", "same", "down": count},
         "change": [{"from_milli", "until_milli": int | null, "persons": count}],
         "quantiles": [{"per_mille", "change_milli": int}],
         "grades": {"old": {grade: count}, "new": {grade: count}, "transitions": [{"old", "new": grade, "persons"}]},
         "rules": [{"kind", "dimension", "indicator", "rule": text, "persons": count, "points_milli": int | null}],
         "other_rules": the hidden rules together, in the same shape,
         "groups": {breakdown: [{"group": text, "moves": {...}, "points_milli": int | null}]}}

    Attributes:
        only_old, only_new: persons with an index under one edition alone; they stand in no other figure.
        points_milli: sum of all changes; `rules` and `other_rules` add up to it exactly.
        rules: what each rule and each kind of adjusting row contributes, largest first; hidden ones are in
            `other_rules`.
        groups: `grade` (that under the old edition) and every column passed in.
    """

    old_edition: str
    old_hash: str
    new_edition: str
    new_hash: str
    as_of: dt.date
    known_position: int
    smallest_group: int
    only_old: Count
    only_new: Count
    moves: Moves
    points_milli: int | None
    change: tuple[Bar, ...]
    quantiles: tuple[Quantile, ...]
    grades: Grades
    rules: tuple[RulePart, ...]
    other_rules: RulePart
    groups: Mapping[str, tuple[GroupMoves, ...]]

    def to_json(self) -> bytes:
        """Deterministic bytes; the shape is the class's docstring."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
        return text.encode()


def compare(old: Evaluation, new: Evaluation, groups: Groups) -> Comparison:
    """Compares two evaluations of the same people, person by person, and tells it without persons.

    Args:
        old: the evaluation under the edition in force.
        new: the evaluation under the other edition, of the same frames, day and position.
        groups: breakdowns besides `grade`; who stands in no row is of the group ''.

    Raises:
        IncomparableError: another day or position.
    """
    if (old.as_of, old.known_position) != (new.as_of, new.known_position):
        raise IncomparableError(f"{old.as_of}/{old.known_position} ≠ {new.as_of}/{new.known_position}")
    person_id = np.intersect1d(old.persons.person_id, new.persons.person_id, assume_unique=True)
    rows = [find(each.persons.person_id, person_id) for each in (old, new)]
    change = new.persons.index_milli[rows[1]] - old.persons.index_milli[rows[0]]
    grades = [each.persons.grade.take(row) for each, row in zip((old, new), rows, strict=True)]
    columns = {"grade": grades[0]} | _columns_of(groups, person_id)
    moves = _moves(change)
    parts, others = rule_parts(old, new, rows)
    return Comparison(
        old_edition=old.edition,
        old_hash=old.edition_hash,
        new_edition=new.edition,
        new_hash=new.edition_hash,
        as_of=old.as_of,
        known_position=old.known_position,
        smallest_group=SMALLEST_GROUP,
        only_old=_shown(len(old.persons) - len(person_id)),
        only_new=_shown(len(new.persons) - len(person_id)),
        moves=moves,
        points_milli=_sum_of(change),
        change=_distribution(change, moves),
        quantiles=tuple(_quantiles(change)),
        grades=_grades(grades[0], grades[1]),
        rules=parts,
        other_rules=others,
        groups={name: _by_group(change, column) for name, column in columns.items()},
    )


def population_groups(persons: Persons, as_of: dt.date) -> Groups:
    """Village and age band of everybody enrolled that day."""
    day = day_number(as_of)
    here = persons.take(live_on(day, persons.enrolled_from, persons.enrolled_until))
    person_id, first = np.unique(here.person_id, return_index=True)
    here = here.take(first)
    bands = TextColumn(_age_band(here.birth_on, day), tuple(label for _, label in AGE_BANDS))
    return Groups(person_id, {"village": here.village_code, "age_band": bands})


def _age_band(birth_on: Days, day: int) -> Any:
    reached = [add_months(birth_on, years * MONTHS_OF_YEAR) <= day for years, _ in AGE_BANDS]
    return np.maximum(np.sum(reached, axis=0) - 1, 0).astype(np.int32)


def _columns_of(groups: Groups, person_id: Whole) -> dict[str, TextColumn]:
    """Each breakdown's column in the order of the persons compared."""
    order = np.argsort(groups.person_id)
    place = find(groups.person_id[order], person_id)
    found = np.append(order, -1)[place]
    return {
        name: TextColumn(np.append(column.codes, len(column.names)).astype(np.int32)[found], (*column.names, UNKNOWN))
        for name, column in groups.columns.items()
    }


def _shown(count: int) -> Count:
    return count if count >= SMALLEST_GROUP else None


def _counts(counts: Sequence[int] | Whole, hidden: Mask) -> list[Count]:
    return [None if hide else int(count) for count, hide in zip(counts, hidden, strict=True)]


def _directions(change: Whole) -> Whole:
    """Persons who gain, keep and lose."""
    return np.array([(change > 0).sum(), (change == 0).sum(), (change < 0).sum()], np.int64)


def _moves(change: Whole) -> Moves:
    counts = _directions(change)
    return Moves(_shown(len(change)), *_counts(counts, hidden_parts(counts)))


def _sum_of(change: Whole) -> int | None:
    return int(change.sum()) if (change != 0).sum() >= SMALLEST_GROUP else None


def _distribution(change: Whole, moves: Moves) -> tuple[Bar, ...]:
    """Losses from the largest, no change, gains to the largest; a side whose total is hidden is hidden whole."""
    edges: list[int | None] = [*CHANGE_EDGES_MILLI, None]
    place = np.searchsorted(CHANGE_EDGES_MILLI, np.abs(change), "left")
    sides = []
    for sign, total in ((-1, moves.down), (1, moves.up)):
        counts = np.bincount(place[np.sign(change) == sign], minlength=len(edges))[1:]
        hidden = hidden_parts(counts) if total is not None else np.ones(len(counts), np.bool_)
        bounds = [tuple(None if edge is None else sign * edge for edge in pair) for pair in pairwise(edges)]
        sides.append([Bar(a, b, count) for (a, b), count in zip(bounds, _counts(counts, hidden), strict=True)])
    return (*reversed(sides[0]), Bar(0, 0, moves.same), *sides[1])


def _quantiles(change: Whole) -> list[Quantile]:
    """Order statistics with at least ten persons at or below and at or above."""
    ordered, size = np.sort(change), len(change)
    ranks = [(per_mille, max(-(-per_mille * size // 1000), 1)) for per_mille in QUANTILES_PER_MILLE]
    inside = [(q, rank) for q, rank in ranks if rank >= SMALLEST_GROUP and size - rank + 1 >= SMALLEST_GROUP]
    return [Quantile(q, int(ordered[rank - 1])) for q, rank in inside]


def _grades(old: TextColumn, new: TextColumn) -> Grades:
    names = tuple(dict.fromkeys((*reversed(new.names), *reversed(old.names))))
    codes = [np.array([names.index(name) for name in each.names])[each.codes] for each in (old, new)]
    size = len(names)
    table = np.bincount(codes[0] * size + codes[1], minlength=size * size).reshape(size, size)
    rows, columns = hidden_parts(table.sum(1)), _hidden_after(table.sum(1), table.sum(0))
    hidden = hidden_cells(table, rows, columns)
    cells = [
        Transition(names[i], names[j], count)
        for i in range(size)
        for j, count in enumerate(_counts(table[i], hidden[i]))
    ]
    return Grades(
        old=dict(zip(names, _counts(table.sum(1), rows), strict=True)),
        new=dict(zip(names, _counts(table.sum(0), columns), strict=True)),
        transitions=tuple(cells),
    )


def _hidden_after(before: Whole, after: Whole) -> Mask:
    """A total is hidden too where, beside the one before, it tells that a few persons came or went."""
    difference = np.abs(after - before)
    telling = (difference > 0) & (difference < SMALLEST_GROUP)
    return hidden_parts(np.where(telling, 0, after)) | hidden_parts(after)


def _by_group(change: Whole, column: TextColumn) -> tuple[GroupMoves, ...]:
    """Every group with at least one person, by name; sums of points only where ten or more moved."""
    used = np.unique(column.codes)
    names = sorted({column.names[code] for code in used})
    place = np.array([names.index(name) if name in names else 0 for name in column.names], np.int64)[column.codes]
    size = len(names)
    side = np.array([1, 0, 2])[np.sign(change)]  # gains 0, same 1, losses 2
    table = np.bincount(place * 3 + side, minlength=size * 3).reshape(size, 3)
    rows = hidden_parts(table.sum(1))
    hidden = hidden_cells(table, rows, hidden_parts(_directions(change)))
    silent = hidden_parts(table[:, 0] + table[:, 2])
    points = np.zeros(size, np.int64)
    np.add.at(points, place, change)
    return tuple(
        GroupMoves(
            names[i],
            Moves(_counts(table.sum(1), rows)[i], *_counts(table[i], hidden[i])),
            None if silent[i] else int(points[i]),
        )
        for i in range(size)
    )
