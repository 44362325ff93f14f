"""The shape in which deeds and breaches happen before any agency writes them into its own format."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from experiments.simulation.arrays import NONE, Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Occurrences:
    """One row per occurrence; `NONE` where a column does not apply.

    Days count from 1970-01-01. `known` is the day the agency could first deliver the row; `about` is the position of an
    earlier row of the same table that this one fixes, fulfils, revokes or restores; `amount` are points, stars, hours.
    """

    kind: Ints
    person: Ints
    entity: Ints
    household: Ints
    occurred: Ints
    known: Ints
    effective: Ints
    notice: Ints
    deadline: Ints
    level: Ints
    about: Ints
    amount: Floats

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.kind)

    def of_kind(self, *kinds: int) -> Flags:
        """Rows of some kinds."""
        return np.isin(self.kind, kinds)

    def replaced(self, **columns: Ints) -> Self:
        """The same rows with some columns replaced."""
        return type(self)(**({field.name: getattr(self, field.name) for field in fields(self)} | columns))

    def kept(self, rows: Flags) -> Self:
        """Only these rows; a row about a dropped row is dropped too."""
        keep = rows & ((self.about == NONE) | rows[self.about])
        position = np.where(keep, np.cumsum(keep) - 1, NONE)
        columns = {field.name: getattr(self, field.name)[keep] for field in fields(self)}
        columns["about"] = np.where(columns["about"] == NONE, NONE, position[columns["about"]])
        return type(self)(**columns)

    def known_before(self, day: int) -> Self:
        """Only what could be delivered before a day."""
        return self.kept(self.known < day)

    def in_known_order(self) -> Self:
        """The same rows ordered by the day they became known."""
        order = np.argsort(self.known, kind="stable")
        position = np.empty_like(order)
        position[order] = np.arange(len(order))
        columns = {field.name: getattr(self, field.name)[order] for field in fields(self)}
        columns["about"] = np.where(columns["about"] == NONE, NONE, position[columns["about"]])
        return type(self)(**columns)


def occurrences(count: int, *, kind: int | Ints, occurred: Ints, **columns: Ints | Floats | int) -> Occurrences:
    """Rows of one kind; columns not given are `NONE`, `known` is the day it occurred unless given."""
    values: dict[str, np.ndarray] = {field.name: np.full(count, NONE, dtype=np.int64) for field in fields(Occurrences)}
    values["amount"] = np.zeros(count)
    values["kind"] = np.broadcast_to(np.asarray(kind, dtype=np.int64), count)
    values["occurred"] = occurred
    values["known"] = occurred
    for name, column in columns.items():
        values[name] = np.broadcast_to(np.asarray(column), count)
    return Occurrences(**values)


def concatenated(parts: Sequence[Occurrences]) -> Occurrences:
    """All rows; positions in `about` move along with their tables."""
    starts = np.cumsum([0, *(part.count for part in parts)])
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Occurrences)
    }
    columns["about"] = np.concatenate(
        [np.where(part.about == NONE, NONE, part.about + start) for part, start in zip(parts, starts, strict=False)]
    )
    return Occurrences(**columns)


def followed_by(first: Occurrences, later: Occurrences) -> Occurrences:
    """`later` rows already point into `first`; keep those positions while appending."""
    columns = {
        field.name: np.concatenate([getattr(first, field.name), getattr(later, field.name)])
        for field in fields(Occurrences)
    }
    return Occurrences(**columns)
