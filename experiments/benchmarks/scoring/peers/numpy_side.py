"""NumPy in its best form here: `reduceat` over runs of persons that fit the cache, two threads taking turns."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.asking import THREADS
from experiments.benchmarks.scoring.contest import Indices, Row, Task, contend
from experiments.benchmarks.scoring.rules import IndicatorRules, Rules
from experiments.benchmarks.scoring.setting import AS_OF
from experiments.benchmarks.scoring.spell_columns import NEEDED, Column, Columns, read_columns

RUN_OF_PERSONS = 5_000

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spells:
    """Some persons' spells: composite key, magnitude (every indicator has one sign) and the period."""

    key: Ints
    magnitude: Column
    from_on: Column
    until_on: Column

    def take(self, rows: slice) -> Spells:
        """A run of rows, without copying."""
        return Spells(self.key[rows], self.magnitude[rows], self.from_on[rows], self.until_on[rows])


def prepare(task: Task) -> Mapping[str, Row]:
    """Sorted columns and the runs of persons they are worked through in."""
    spells = spells_of(read_columns(task.spells, NEEDED))
    firsts = np.arange(0, task.persons, RUN_OF_PERSONS)
    edges = np.searchsorted(spells.key, np.append(firsts, task.persons) << 15).tolist()
    runs = [(int(first), spells.take(slice(*edges[turn : turn + 2]))) for turn, first in enumerate(firsts)]
    return {"index": Row(lambda: everybody(runs, task), lambda result: cast("Indices", result))}


def spells_of(columns: Columns) -> Spells:
    """The columns as this side likes them."""
    key = (columns["person"].astype(np.int64) * 32 + columns["indicator"]) * 1024 + columns["group"]
    return Spells(key, np.abs(columns["value_milli"]), columns["from_on"], columns["until_on"])


def everybody(runs: list[tuple[int, Spells]], task: Task) -> Indices:
    """The index of every person, run by run."""
    with ThreadPoolExecutor(THREADS) as pool:
        return np.concatenate(list(pool.map(lambda run: indices(run[0], run[1], task), runs)))


def indices(first: int, spells: Spells, task: Task) -> Indices:
    """The index of the persons of one run."""
    rules = task.rules
    places, sums = per_indicator(spells, rules)
    points = capped(places & 31, sums, rules)
    persons = min(RUN_OF_PERSONS, task.persons - first)
    dimensions = len(rules.dimension_bounds_milli)
    dimension = np.array([each.dimension for each in rules.indicators])[places & 31]
    cell = ((places >> 5) - first) * dimensions + dimension
    table = np.bincount(cell, points, persons * dimensions).astype(np.int64).reshape(persons, dimensions)
    lowest, highest = np.array(rules.dimension_bounds_milli).T
    total = rules.base_milli + np.clip(table, lowest, highest).sum(axis=1)
    clipped = np.clip(total, rules.lowest_milli, rules.highest_milli)
    step = rules.rounding_milli
    return np.asarray((2 * clipped + step) // (2 * step) * step, np.int32)


def per_indicator(spells: Spells, rules: Rules) -> tuple[Ints, Ints]:
    """Sums of magnitudes per person and indicator."""
    live = np.flatnonzero((spells.from_on <= AS_OF) & (spells.until_on > AS_OF))
    key, magnitude = spells.key[live], spells.magnitude[live].astype(np.int64)
    starts = first_of_runs(key)
    place = key[starts] >> 10
    grouped = np.zeros(32, np.bool_)
    grouped[rules.numbers("strongest")] = True
    best, total = np.maximum.reduceat(magnitude, starts), np.add.reduceat(magnitude, starts)
    value = np.where(grouped[place & 31], best, total)
    starts = first_of_runs(place)
    return place[starts], np.add.reduceat(value, starts)


def first_of_runs(values: Ints) -> Ints:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))


def capped(indicator: Ints, sums: Ints, rules: Rules) -> Ints:
    """Signed points after bands and cap."""
    for number in rules.numbers("concave"):
        rows = indicator == number
        sums[rows] = banded(sums[rows], rules.indicators[number])
    signs = np.array([each.sign for each in rules.indicators])
    caps = np.array([abs(each.cap_milli or 2**30) for each in rules.indicators])
    return np.asarray(np.minimum(sums, caps[indicator]) * signs[indicator])


def banded(quantity: Ints, indicator: IndicatorRules) -> Ints:
    """The summed quantity through its bands."""
    edges, prices, paid = (
        np.array(numbers) for numbers in (indicator.edges_milli, indicator.prices_milli, indicator.paid_below())
    )
    band = np.searchsorted(edges, quantity, "right") - 1
    return np.asarray((paid[band] + (quantity - edges[band]) * prices[band] + 500) // 1000)


if __name__ == "__main__":
    contend(prepare)
