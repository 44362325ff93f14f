"""Our side: everything the benchmark knows of `scoring`'s kernel stands here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from experiments.benchmarks.scoring.contest import Indices, Row, Task, contend
from experiments.benchmarks.scoring.read_pass import read_pass
from experiments.benchmarks.scoring.setting import AS_OF, EDITION, EVENTS_PER_PERSON, THREADS
from experiments.benchmarks.scoring.spell_columns import NEEDED, Columns, empty_columns, read_columns
from scoring import load_rulebook
from scoring.arithmetic import arithmetic
from scoring.kernel import Arithmetic, CompactLedger, Gate, SpellColumns, Standing
from scoring.rule_table import rule_table
from scoring.standing import ledgers, rolled, standing, stored

ROLLED_SHARE = 0.01
NEVER = np.iinfo(np.int32).max


def prepare(task: Task) -> Mapping[str, Row]:
    """The rows of our side: on sorted storage, or from unordered events with our ordering inside the clock."""
    columns = read_columns(task.spells)
    return _from_sorted(columns, task.persons) if task.ordered else _from_unordered(columns, task.persons)


def _from_sorted(columns: Columns, persons: int) -> Mapping[str, Row]:
    district = District(spell_columns(columns, persons))
    before = due(district.index(), ROLLED_SHARE)
    return {
        "index": Row(district.index, _indices),
        "roll": Row(lambda: district.roll(before), _indices),
        "ledger": Row(district.ledger, lambda made: _summed(district, made)),
        "read_pass": Row(lambda: read_pass(district.read_by_index(), THREADS), None),
    }


def _from_unordered(columns: Columns, persons: int) -> Mapping[str, Row]:
    own = {name: np.array(column) for name, column in columns.items()}
    return {"index": Row(lambda: ordered(own, persons).index(), _indices)}


class District:
    """A population's stored spells, with everybody enrolled and consenting to everything.

    Attributes:
        spells: in storage order.
        gate: lets everybody through.
        rules: the edition's arithmetic.
    """

    def __init__(self, spells: SpellColumns) -> None:
        self.spells = spells
        self.gate = open_gate(len(spells.first) - 1)
        self.rules = edition_arithmetic()

    def index(self) -> Standing:
        """Everybody's index."""
        return standing(self.spells, self.rules, self.gate, AS_OF, threads=THREADS)

    def ledger(self) -> tuple[Standing, CompactLedger]:
        """Everybody's index, with all ledger and adjusting rows."""
        found = self.index()
        return found, ledgers(self.spells, self.rules, self.gate, AS_OF, found, THREADS)

    def roll(self, before: Standing) -> Standing:
        """The standing of those whose change is due, the others kept."""
        return rolled(self.spells, self.rules, self.gate, AS_OF, before, THREADS)[0]

    def read_by_index(self) -> list[np.ndarray[tuple[int], np.dtype[np.generic]]]:
        """The arrays an index-only run reads."""
        return list(self.spells)


def edition_arithmetic() -> Arithmetic:
    """The shipped edition as the kernel reads it."""
    return arithmetic(rule_table(load_rulebook(EDITION)))


def spell_columns(columns: Columns, persons: int) -> SpellColumns:
    """Sorted columns as the kernel reads them: the column of persons becomes the first spell of each."""
    first = np.searchsorted(columns["person"], np.arange(persons + 1, dtype=np.int32))
    rest = [np.require(columns[name], requirements=["C", "W"]) for name in NEEDED if name != "person"]
    return SpellColumns(first, *rest)  # type: ignore[arg-type]  # the list follows NEEDED


def ordered(columns: Columns, persons: int) -> District:
    """Our ordering of unordered spells."""
    kept = tuple(columns[name] for name in NEEDED if name != "person")
    spells, _ = stored(columns["person"], kept, columns["event_id"], persons, THREADS)  # type: ignore[arg-type]
    return District(spells)


def open_gate(persons: int) -> Gate:
    """Everybody has an index and consents to every source, for ever."""
    everything = np.full(persons, np.iinfo(np.uint64).max, np.uint64)
    return Gate(np.ones(persons, np.int8), everything, np.full(persons, NEVER, np.int32))


def warm_up() -> None:
    """Compiles, or reads from the cache, all kernels on a few spells."""
    columns = empty_columns(EVENTS_PER_PERSON)
    for column in columns.values():
        column[:] = 0
    district = ordered(columns, 1)
    district.ledger()
    district.roll(district.index())


def due(before: Standing, share: float) -> Standing:
    """The same standing, with a change due today for an evenly spread share of the persons, and for nobody else."""
    next_change_on = np.full(len(before.persons), NEVER, np.int32)
    next_change_on[:: round(1 / share)] = AS_OF
    return before._replace(next_change_on=next_change_on)


def _indices(found: object) -> Indices:
    return cast("Standing", found).index_milli


def _summed(district: District, made: object) -> Indices:
    """Every index once more, as the base plus the sum of its ledger rows."""
    _, rows = cast("tuple[Standing, CompactLedger]", made)
    sums = np.add.reduceat(np.append(rows.points_milli, 0).astype(np.int64), rows.first_row[:-1])
    sums[np.diff(rows.first_row) == 0] = 0
    return np.asarray(district.rules.overall[0] + sums, np.int32)


if __name__ == "__main__":
    contend(prepare)
