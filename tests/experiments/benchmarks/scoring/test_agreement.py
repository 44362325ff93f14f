"""The NumPy side runs in our environment too: it, our kernel and a plain reading of the rules must agree."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from experiments.benchmarks.scoring import ours
from experiments.benchmarks.scoring.contest import Indices, Task
from experiments.benchmarks.scoring.edition_rules import edition_rules
from experiments.benchmarks.scoring.peers import numpy_side
from experiments.benchmarks.scoring.population import BLOCK, population, shuffled
from experiments.benchmarks.scoring.rules import IndicatorRules, Rules
from experiments.benchmarks.scoring.setting import AS_OF, EDITION
from experiments.benchmarks.scoring.spell_columns import Columns, write_columns
from scoring import load_rulebook

READ = 400


@pytest.fixture(scope="module")
def rules() -> Rules:
    return edition_rules(load_rulebook(EDITION))


@pytest.fixture(scope="module")
def spells() -> Columns:
    return population(BLOCK)


@pytest.fixture(scope="module")
def numpy_indices(rules: Rules, spells: Columns, tmp_path_factory: pytest.TempPathFactory) -> Indices:
    path = tmp_path_factory.mktemp("spells") / "sorted.parquet"
    write_columns(spells, path)
    row = numpy_side.prepare(Task(path, rules, ordered=True, persons=BLOCK))["index"]
    return row.indices(row.run())


def test_numpy_agrees_with_a_plain_reading_of_the_rules(rules: Rules, spells: Columns, numpy_indices: Indices) -> None:
    assert numpy_indices[:READ].tolist() == [_read(rules, spells, person) for person in range(READ)]


def test_indices_differ_between_persons_and_reach_beyond_the_base(rules: Rules, numpy_indices: Indices) -> None:
    assert len(np.unique(numpy_indices)) > 100
    assert numpy_indices.min() < rules.base_milli < numpy_indices.max()


def test_our_index_from_sorted_storage_agrees_with_numpy(
    rules: Rules, spells: Columns, numpy_indices: Indices, tmp_path: Path
) -> None:
    write_columns(spells, tmp_path / "sorted.parquet")
    for row in ours.prepare(Task(tmp_path / "sorted.parquet", rules, ordered=True, persons=BLOCK)).values():
        if row.indices:
            assert np.array_equal(row.indices(row.run()), numpy_indices)


def test_our_index_from_unordered_events_agrees_with_numpy(
    rules: Rules, spells: Columns, numpy_indices: Indices, tmp_path: Path
) -> None:
    write_columns(shuffled(spells), tmp_path / "shuffled.parquet")
    row = ours.prepare(Task(tmp_path / "shuffled.parquet", rules, ordered=False, persons=BLOCK))["index"]
    assert np.array_equal(row.indices(row.run()), numpy_indices)


def _read(rules: Rules, spells: Columns, person: int) -> int:
    values = defaultdict(list)
    for row in np.flatnonzero(spells["person"] == person):
        if spells["from_on"][row] <= AS_OF < spells["until_on"][row]:
            place = (int(spells["indicator"][row]), int(spells["group"][row]))
            values[place].append(int(spells["value_milli"][row]))
    dimensions = [0] * len(rules.dimension_bounds_milli)
    for number, indicator in enumerate(rules.indicators):
        groups = [found for (where, _), found in values.items() if where == number]
        dimensions[indicator.dimension] += _points(indicator, groups)
    bounded = [min(max(d, low), high) for d, (low, high) in zip(dimensions, rules.dimension_bounds_milli, strict=True)]
    total = min(max(rules.base_milli + sum(bounded), rules.lowest_milli), rules.highest_milli)
    step = rules.rounding_milli
    return (total + step // 2) // step * step


def _points(indicator: IndicatorRules, groups: list[list[int]]) -> int:
    if indicator.reducer == "strongest":
        points = sum(max(group, key=abs) for group in groups)
    else:
        points = sum(sum(group) for group in groups)
    if indicator.reducer == "concave":
        edges = [*indicator.edges_milli, 10**12]
        parts = [max(0, min(points, edges[n + 1]) - edges[n]) * p for n, p in enumerate(indicator.prices_milli)]
        points = (sum(parts) + 500) // 1000
    if indicator.cap_milli is None:
        return points
    return min(points, indicator.cap_milli) if indicator.sign > 0 else max(points, indicator.cap_milli)
