"""The compiled kernels against a reading of their docstrings by loops and sorting: any spells, slices, threads."""

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from scoring import Rulebook, kernel
from scoring.arithmetic import arithmetic
from scoring.kernel import Arithmetic, Gate, Standing
from scoring.rule_table import rule_table
from scoring.standing import ledgers, rolled, standing, stored

PERSONS = 40
TODAY = 20_000


@pytest.fixture(scope="module")
def rules(rulebook: Rulebook) -> Arithmetic:
    return arithmetic(rule_table(rulebook))


def spells_of(rules: Arithmetic, seed: int, size: int) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Person and event id; and the columns of random spells, more than one of a kind per person."""
    draw = np.random.default_rng(seed)
    indicator = draw.integers(0, len(rules.combine), size).astype(np.int8)
    exclusive = rules.combine[indicator] == kernel.STRONGEST
    group = np.where(exclusive, draw.integers(-2, 3, size), 0).astype(np.int32)
    value = draw.integers(-9_000, 9_000, size).astype(np.int32)
    value = np.where(rules.combine[indicator] == kernel.CONCAVE, np.abs(value) * 10, value).astype(np.int32)
    from_on = draw.integers(TODAY - 500, TODAY + 100, size).astype(np.int32)
    until_on = np.where(draw.random(size) < 0.1, 2**31 - 1, from_on + draw.integers(1, 700, size)).astype(np.int32)
    person = np.minimum(draw.integers(0, PERSONS, size), draw.integers(0, PERSONS, size)).astype(np.int32)
    return (person, draw.permutation(size).astype(np.int64)), (indicator, group, value, from_on, until_on)


def gate_of(seed: int) -> Gate:
    draw = np.random.default_rng(seed)
    consents = draw.integers(0, 2**6, PERSONS).astype(np.uint64)
    return Gate((draw.random(PERSONS) < 0.8).astype(np.int8), consents, np.full(PERSONS, TODAY + 365, np.int32))


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(0, 1500), st.sampled_from([1, 2, 3]))
def test_storage_order_is_the_declared_one(rules: Arithmetic, seed: int, size: int, threads: int) -> None:
    (person, event_id), columns = spells_of(rules, seed, size)
    spells, rows = stored(person, columns, event_id, PERSONS, threads)
    indicator, group, _, from_on, _ = columns
    assert rows.tolist() == np.lexsort((event_id, from_on, group, indicator, person)).tolist()
    assert spells.first.tolist() == np.searchsorted(np.sort(person), np.arange(PERSONS + 1)).tolist()
    for stored_column, column in zip(spells[1:], columns, strict=True):
        assert stored_column.tolist() == column[rows].tolist()


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 1500))
def test_every_index_is_the_base_and_its_rows(rules: Arithmetic, seed: int, size: int) -> None:
    (person, event_id), columns = spells_of(rules, seed, size)
    spells, _ = stored(person, columns, event_id, PERSONS)
    gate = gate_of(seed)
    found = standing(spells, rules, gate, TODAY)
    rows = ledgers(spells, rules, gate, TODAY, found)
    for number in range(PERSONS):
        points = rows.points_milli[rows.first_row[number] : rows.first_row[number + 1]]
        if gate.has_index[number]:
            assert rules.overall[0] + points.sum() == found.index_milli[number]
        else:
            assert (found.index_milli[number], len(points)) == (kernel.NO_INDEX, 0)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(0, 1500))
def test_the_reducers_do_what_they_say(rules: Arithmetic, seed: int, size: int) -> None:
    (person, event_id), columns = spells_of(rules, seed, size)
    spells, _ = stored(person, columns, event_id, PERSONS)
    everybody = Gate(np.ones(PERSONS, np.int8), np.full(PERSONS, 2**32, np.uint64) - np.uint64(1), gate_of(0).next_on)
    rows = ledgers(spells, rules, everybody, TODAY, standing(spells, rules, everybody, TODAY))
    given_points = np.zeros(size, np.int64)
    given_points[rows.spell[rows.spell >= 0]] = rows.points_milli[rows.spell >= 0]
    assert given_points.tolist() == expected_points(rules, spells)


def expected_points(rules: Arithmetic, spells: kernel.SpellColumns) -> list[int]:
    points = [0] * len(spells.indicator)
    together: dict[tuple[int, int, int], list[int]] = {}
    for person in range(PERSONS):
        for spell in range(spells.first[person], spells.first[person + 1]):
            if spells.from_on[spell] <= TODAY < spells.until_on[spell]:
                key = (person, int(spells.indicator[spell]), int(spells.group[spell]))
                together.setdefault(key, []).append(spell)
    for (_, indicator, _), members in together.items():
        values = [int(spells.value_milli[spell]) for spell in members]
        if rules.combine[indicator] == kernel.STRONGEST:
            best = max(range(len(values)), key=lambda one: (abs(values[one]), -one))
            values = [value if one == best else 0 for one, value in enumerate(values)]
        elif rules.combine[indicator] == kernel.CONCAVE:
            worth = [band_worth(rules, indicator, sum(values[:one])) for one in range(len(values) + 1)]
            values = [after - before for before, after in pairwise(worth)]
        for spell, value in zip(members, values, strict=True):
            points[spell] = value
    return points


def band_worth(rules: Arithmetic, indicator: int, quantity: int) -> int:
    bands = range(int(rules.first_band[indicator]), int(rules.first_band[indicator + 1]))
    edges = [*(int(rules.band_from[band]) for band in bands), 10**12]
    paid = [
        max(0, min(quantity, upper) - lower) * int(rules.band_price[band])
        for band, lower, upper in zip(bands, edges, edges[1:], strict=False)
    ]
    return (sum(paid) + 500) // 1000


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 1500), st.sampled_from([2, 3]), arrays.arrays(np.bool_, PERSONS))
def test_neither_threads_nor_the_choice_of_persons_change_anything(
    rules: Arithmetic, seed: int, size: int, threads: int, chosen: np.ndarray
) -> None:
    (person, event_id), columns = spells_of(rules, seed, size)
    spells, _ = stored(person, columns, event_id, PERSONS)
    gate = gate_of(seed)
    whole = standing(spells, rules, gate, TODAY)
    part = standing(spells, rules, gate, TODAY, np.flatnonzero(chosen), threads)
    assert part.index_milli.tolist() == whole.index_milli[chosen].tolist()
    assert part.next_change_on.tolist() == whole.next_change_on[chosen].tolist()
    one, several = (ledgers(spells, rules, gate, TODAY, whole, count) for count in (1, threads))
    assert all((left == right).all() for left, right in zip(one, several, strict=True))


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 800), st.lists(st.integers(0, 40), max_size=5))
def test_a_roll_from_day_to_day_ends_where_a_whole_computation_does(
    rules: Arithmetic, seed: int, size: int, steps: list[int]
) -> None:
    (person, event_id), columns = spells_of(rules, seed, size)
    spells, _ = stored(person, columns, event_id, PERSONS)
    gate = gate_of(seed)
    day, now = TODAY, standing(spells, rules, gate, TODAY)
    for step in steps:
        day += step
        now, due = rolled(spells, rules, gate, day, now)
        assert_same(now, standing(spells, rules, gate, day))
        assert len(due) == 0 or step > 0


def assert_same(one: Standing, other: Standing) -> None:
    assert one.index_milli.tolist() == other.index_milli.tolist()
    assert one.next_change_on.tolist() == other.next_change_on.tolist()
    assert one.rows.tolist() == other.rows.tolist()


def test_the_published_bands_of_volunteering(rules: Arithmetic) -> None:
    volunteering = int(np.flatnonzero(rules.combine == kernel.CONCAVE)[0])
    hours = [20_000, 80_000, 200_000, 240_000]
    assert [band_worth(rules, volunteering, each) for each in hours] == [4_000, 10_000, 18_040, 20_040]
