"""Our side: everything the benchmark knows of `scoring`'s kernel stands here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.asking import THREADS
from experiments.benchmarks.scoring.contest import Indices, Row, Task, contend
from experiments.benchmarks.scoring.population import BLOCK, block
from experiments.benchmarks.scoring.read_pass import read_pass
from experiments.benchmarks.scoring.setting import AS_OF, EDITION, EVENTS_PER_PERSON
from experiments.benchmarks.scoring.spell_columns import Columns, read_columns
from scoring import load_rulebook, warm_kernels
from scoring.arithmetic import arithmetic
from scoring.kernel import Arithmetic, Gate, LooseSpells, SpellColumns
from scoring.rule_table import rule_table
from scoring.standing import LedgerSlice, Standing, indices, indices_of_loose, ledgers, rolled, standing

ROLLED_SHARE: Final = 0.01
NEVER: Final = np.iinfo(np.int32).max


def prepare(task: Task) -> Mapping[str, Row]:
    """The rows of our side: on sorted storage, or from unordered events with our ordering inside the clock."""
    columns = read_columns(task.spells)
    return _from_sorted(columns, task.persons) if task.ordered else _from_unordered(columns, task.persons)


def _from_sorted(columns: Columns, persons: int) -> Mapping[str, Row]:
    district = District(sorted_spells(columns, persons, edition_arithmetic()))
    before = due(district.standing(), ROLLED_SHARE)
    return {
        "index": Row(district.indices, lambda found: cast("Indices", found)),
        "ledger": Row(district.ledgers, lambda made: summed(district, cast("list[LedgerSlice]", made))),
        "roll": Row(lambda: district.rolled(before), lambda found: cast("Standing", found).index_milli),
        "read_pass": Row(lambda: read_pass(list(district.spells), THREADS), None),
    }


def _from_unordered(columns: Columns, persons: int) -> Mapping[str, Row]:
    loose, rules, gate = loose_spells(columns), edition_arithmetic(), open_gate(persons)

    def run() -> Indices:
        return indices_of_loose(loose, rules, gate, AS_OF, THREADS)

    return {"index": Row(run, lambda found: cast("Indices", found))}


class District:
    """A population's stored spells, with everybody enrolled and consenting to everything.

    Attributes:
        spells: in storage order.
        gate: lets everybody through.
        rules: the edition's arithmetic.
    """

    def __init__(self, spells: SpellColumns, rules: Arithmetic | None = None) -> None:
        self.spells = spells
        self.gate = open_gate(len(spells.first) - 1)
        self.rules = rules or edition_arithmetic()

    def indices(self) -> Indices:
        """Everybody's index and nothing else."""
        return indices(self.spells, self.rules, self.gate, AS_OF, threads=THREADS)

    def ledgers(self) -> list[LedgerSlice]:
        """Everybody's index with all ledger and adjusting rows."""
        return ledgers(self.spells, self.rules, self.gate, AS_OF, threads=THREADS)

    def standing(self) -> Standing:
        """Everybody's index and next change."""
        return standing(self.spells, self.rules, self.gate, AS_OF, THREADS)

    def rolled(self, before: Standing) -> Standing:
        """The standing of those whose change is due, the others' kept."""
        return rolled(self.spells, self.rules, self.gate, AS_OF, before, THREADS)[0]


def edition_arithmetic() -> Arithmetic:
    """The shipped edition as the kernel reads it."""
    return arithmetic(rule_table(load_rulebook(EDITION)))


def sorted_spells(columns: Columns, persons: int, rules: Arithmetic) -> SpellColumns:
    """Sorted columns in the form the kernel likes best: offsets instead of persons, group beginnings, magnitudes."""
    indicator = columns["indicator"]
    begins = np.ones(len(indicator), np.bool_)
    for name in ("person", "indicator", "group"):
        begins[1:] &= columns[name][1:] == columns[name][:-1]
    begins[0] = False
    begins = ~begins | (rules.exclusive[indicator] == 0)
    return SpellColumns(
        first=np.searchsorted(columns["person"], np.arange(persons + 1, dtype=np.int32)),
        indicator=_own(indicator),
        begins=begins.astype(np.int8),
        magnitude_milli=np.abs(columns["value_milli"]),
        from_on=_own(columns["from_on"]),
        until_on=_own(columns["until_on"]),
    )


def many_spells(persons: int, rules: Arithmetic) -> SpellColumns:
    """Sorted spells of `population`, made block by block: no second copy of anything."""
    spells = _room(persons, persons * EVENTS_PER_PERSON)
    for number in range(persons // BLOCK):
        columns = block(number)
        columns["person"] -= columns["person"].dtype.type(number * BLOCK)
        part, at = sorted_spells(columns, BLOCK, rules), number * BLOCK * EVENTS_PER_PERSON
        spells.first[number * BLOCK : (number + 1) * BLOCK + 1] = part.first + at
        for name in SpellColumns._fields[1:]:
            getattr(spells, name)[at : at + len(part.begins)] = getattr(part, name)
    return spells


def _room(persons: int, rows: int) -> SpellColumns:
    return SpellColumns(
        first=np.empty(persons + 1, np.int64),
        indicator=np.empty(rows, np.int8),
        begins=np.empty(rows, np.int8),
        magnitude_milli=np.empty(rows, np.int32),
        from_on=np.empty(rows, np.int32),
        until_on=np.empty(rows, np.int32),
    )


def loose_spells(columns: Columns) -> LooseSpells:
    """Unordered columns as our ordering takes them."""
    own = {name: _own(column) for name, column in columns.items()}
    own["magnitude_milli"] = np.abs(own.pop("value_milli"))
    return LooseSpells(**own)


def _own(column: NDArray[Any]) -> NDArray[Any]:
    """A writable copy: Arrow's memory is read-only, which would ask for another compilation."""
    return np.array(column)


def open_gate(persons: int) -> Gate:
    """Everybody has an index and consents to every source, for ever."""
    everything = np.full(persons, np.iinfo(np.uint64).max, np.uint64)
    return Gate(np.ones(persons, np.int8), everything, np.full(persons, NEVER, np.int32))


def warm_up() -> None:
    """Compiles what an evaluation calls, or reads it from the cache."""
    warm_kernels(load_rulebook(EDITION))


def due(before: Standing, share: float) -> Standing:
    """The same standing, with a change due today for an evenly spread share of the persons, and for nobody else."""
    next_change_on = np.full(len(before.index_milli), NEVER, np.int32)
    next_change_on[:: round(1 / share)] = AS_OF
    return before._replace(next_change_on=next_change_on)


def summed(district: District, made: list[LedgerSlice]) -> Indices:
    """Every index once more, as the base plus the sum of its ledger's rows."""
    base = int(district.rules.overall[0])
    return np.concatenate([base + _sums(part.points) + _sums(part.adjusting) for part in made]).astype(np.int32)


def _sums(rows: Any) -> NDArray[Any]:
    """The sum of each person's rows; exact, for sums of points are far below 2**53."""
    persons = len(rows.rows)
    return np.bincount(np.repeat(np.arange(persons), rows.rows), rows.points_milli, persons)


if __name__ == "__main__":
    contend(prepare)
