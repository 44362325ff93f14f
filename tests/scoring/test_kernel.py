"""The compiled kernels against a reading of their docstrings by loops and sorting: any spells, slices, threads."""

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from scoring import Rulebook, kernel
from scoring.arithmetic import arithmetic
from scoring.kernel import Arithmetic, Gate, LooseSpells
from scoring.rule_table import rule_table
from scoring.standing import indices, indices_of_loose, ledgers, next_changes, rolled, standing, stored

PERSONS = 300  # more than one box
TODAY = 20_000


@pytest.fixture(scope="module")
def rules(rulebook: Rulebook) -> Arithmetic:
    return arithmetic(rule_table(rulebook))


def loose_spells(rules: Arithmetic, seed: int, size: int) -> LooseSpells:
    """Random spells, more than one of a kind per person."""
    draw = np.random.default_rng(seed)
    indicator = draw.integers(0, len(rules.cap), size).astype(np.int8)
    group = np.where(rules.exclusive[indicator] == 1, draw.integers(-2, 3, size), 0).astype(np.int32)
    magnitude = draw.integers(0, 9_000, size) * np.where(np.isin(indicator, rules.banded), 10, 1)
    from_on = draw.integers(TODAY - 500, TODAY + 100, size).astype(np.int32)
    until_on = np.where(draw.random(size) < 0.1, 2**31 - 1, from_on + draw.integers(1, 700, size)).astype(np.int32)
    person = np.minimum(draw.integers(0, PERSONS, size), draw.integers(0, PERSONS, size)).astype(np.int32)
    return LooseSpells(
        person,
        indicator,
        group,
        magnitude.astype(np.int32),
        from_on,
        until_on,
        draw.integers(0, max(size // 2, 1), size),
    )


def gate_of(seed: int, size: int) -> Gate:
    draw = np.random.default_rng(seed)
    readable = draw.integers(0, 2**size, PERSONS).astype(np.uint64)
    return Gate((draw.random(PERSONS) < 0.8).astype(np.int8), readable, np.full(PERSONS, TODAY + 365, np.int32))


seeds, sizes = st.integers(0, 2**32 - 1), st.integers(0, 1500)


@settings(max_examples=100, deadline=None)
@given(seeds, sizes, st.sampled_from([1, 2, 3]))
def test_storage_order_is_the_declared_one(rules: Arithmetic, seed: int, size: int, threads: int) -> None:
    loose = loose_spells(rules, seed, size)
    spells, rows = stored(loose, PERSONS, rules.exclusive, threads=threads)
    order = np.lexsort((loose.event_id, loose.from_on, loose.group, loose.indicator, loose.person))
    assert rows.tolist() == order.tolist()
    assert spells.first.tolist() == np.searchsorted(np.sort(loose.person), np.arange(PERSONS + 1)).tolist()
    for name in ("indicator", "magnitude_milli"):
        assert getattr(spells, name).tolist() == getattr(loose, name)[order].tolist()
    for name in ("from_on", "until_on"):
        assert getattr(spells, name).tolist() == np.minimum(getattr(loose, name)[order], kernel.LAST_DAY + 1).tolist()
    keys = list(zip(loose.person[order], loose.indicator[order], loose.group[order], strict=True))
    sums = rules.exclusive[loose.indicator[order]] == 0
    begins = [bool(sums[one]) or one == 0 or keys[one] != keys[one - 1] for one in range(size)]
    assert spells.begins.astype(bool).tolist() == begins


@settings(max_examples=60, deadline=None)
@given(seeds, sizes, st.sampled_from([1, 2, 3]))
def test_without_storage_order_the_indices_are_the_same(rules: Arithmetic, seed: int, size: int, threads: int) -> None:
    loose, gate = loose_spells(rules, seed, size), gate_of(seed, len(rules.cap))
    spells, _ = stored(loose, PERSONS, rules.exclusive)
    found = indices_of_loose(loose, rules, gate, TODAY, threads)
    assert found.tolist() == indices(spells, rules, gate, TODAY).tolist()


def test_groups_millennia_apart_are_refused(rules: Arithmetic) -> None:
    loose = loose_spells(rules, 1, 2)._replace(group=np.array([0, 2**30], np.int32))
    with pytest.raises(ValueError, match="groups span"):
        indices_of_loose(loose, rules, gate_of(1, len(rules.cap)), TODAY)


@settings(max_examples=60, deadline=None)
@given(seeds, sizes)
def test_every_index_is_the_base_and_its_rows(rules: Arithmetic, seed: int, size: int) -> None:
    spells, _ = stored(loose_spells(rules, seed, size), PERSONS, rules.exclusive)
    gate = gate_of(seed, len(rules.cap))
    (part,) = ledgers(spells, rules, gate, TODAY)
    assert part.index_milli.tolist() == indices(spells, rules, gate, TODAY).tolist()
    sums = sums_of(part.points.rows, part.points.points_milli) + sums_of(part.adjusting.rows, part.adjusting[3])
    has_index = gate.has_index == 1
    assert (rules.overall[0] + sums)[has_index].tolist() == part.index_milli[has_index].tolist()
    assert set(part.index_milli[~has_index].tolist()) <= {kernel.NO_INDEX}
    assert not part.points.rows[~has_index].any()


def sums_of(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.bincount(np.repeat(np.arange(PERSONS), rows), points, PERSONS).astype(np.int64)


@settings(max_examples=60, deadline=None)
@given(seeds, sizes)
def test_the_reducers_do_what_they_say(rules: Arithmetic, seed: int, size: int) -> None:
    loose, gate = loose_spells(rules, seed, size), gate_of(seed, len(rules.cap))
    spells, rows = stored(loose, PERSONS, rules.exclusive)
    (part,) = ledgers(spells, rules, gate, TODAY)
    found = dict(zip(rows[part.points.spell].tolist(), part.points.points_milli.tolist(), strict=True))
    assert found == expected_points(rules, loose, rows.tolist(), gate)


def expected_points(rules: Arithmetic, loose: LooseSpells, order: list[int], gate: Gate) -> dict[int, int]:
    together: dict[tuple[int, int, int], list[int]] = {}
    for row in order:
        person, indicator = int(loose.person[row]), int(loose.indicator[row])
        readable = gate.has_index[person] and (int(gate.indicators[person]) >> indicator) & 1
        if readable and loose.from_on[row] <= TODAY < loose.until_on[row]:
            together.setdefault((person, indicator, int(loose.group[row])), []).append(row)
    points = {}
    for (_, indicator, _), members in together.items():
        values = [int(loose.magnitude_milli[row]) for row in members]
        if rules.exclusive[indicator]:
            best = max(range(len(values)), key=lambda one: (values[one], -one))
            values = [value if one == best else 0 for one, value in enumerate(values)]
        elif indicator in rules.banded:
            worth = [band_worth(rules, indicator, sum(values[:one])) for one in range(len(values) + 1)]
            values = [after - before for before, after in pairwise(worth)]
        sign = int(rules.sign[indicator]) or 1
        points |= {row: value * sign for row, value in zip(members, values, strict=True)}
    return points


def band_worth(rules: Arithmetic, indicator: int, quantity: int) -> int:
    number = rules.banded.tolist().index(indicator)
    bands = range(int(rules.first_band[number]), int(rules.first_band[number + 1]))
    edges = [*(int(rules.band_from[band]) for band in bands), 10**12]
    paid = [
        max(0, min(quantity, upper) - lower) * int(rules.band_price[band])
        for band, (lower, upper) in zip(bands, pairwise(edges), strict=True)
    ]
    return (sum(paid) + 500) // 1000


@settings(max_examples=40, deadline=None)
@given(seeds, sizes, st.sampled_from([2, 3]), arrays.arrays(np.bool_, PERSONS))
def test_neither_threads_nor_the_choice_of_persons_change_anything(
    rules: Arithmetic, seed: int, size: int, threads: int, chosen: np.ndarray
) -> None:
    spells, _ = stored(loose_spells(rules, seed, size), PERSONS, rules.exclusive)
    gate = gate_of(seed, len(rules.cap))
    whole = standing(spells, rules, gate, TODAY)
    some = np.flatnonzero(chosen)
    assert indices(spells, rules, gate, TODAY, some, threads).tolist() == whole.index_milli[chosen].tolist()
    assert next_changes(spells, gate, TODAY, some, threads).tolist() == whole.next_change_on[chosen].tolist()
    (everything,), (part,) = (ledgers(spells, rules, gate, TODAY, each, threads) for each in (None, some))
    kept = np.repeat(chosen, everything.points.rows)
    assert part.points.points_milli.tolist() == everything.points.points_milli[kept].tolist()


def test_slices_change_nothing(rules: Arithmetic) -> None:
    spells, _ = stored(loose_spells(rules, 1, 1500), PERSONS, rules.exclusive)
    gate = gate_of(1, len(rules.cap))
    (whole,) = ledgers(spells, rules, gate, TODAY)
    parts = [ledgers(spells, rules, gate, TODAY, np.arange(first, first + 10))[0] for first in range(0, PERSONS, 10)]
    assert np.concatenate([part.points.points_milli for part in parts]).tolist() == whole.points.points_milli.tolist()
    assert np.concatenate([part.adjusting.kind for part in parts]).tolist() == whole.adjusting.kind.tolist()


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 800), st.lists(st.integers(0, 40), max_size=5))
def test_a_roll_from_day_to_day_ends_where_a_whole_computation_does(
    rules: Arithmetic, seed: int, size: int, steps: list[int]
) -> None:
    spells, _ = stored(loose_spells(rules, seed, size), PERSONS, rules.exclusive)
    gate = gate_of(seed, len(rules.cap))
    day, now = TODAY, standing(spells, rules, gate, TODAY)
    for step in steps:
        day += step
        now, due = rolled(spells, rules, gate, day, now)
        whole = standing(spells, rules, gate, day)
        assert [column.tolist() for column in now] == [column.tolist() for column in whole]
        assert len(due) == 0 or step > 0


def test_the_published_bands_of_volunteering(rules: Arithmetic) -> None:
    volunteering = int(rules.banded[0])
    hours = [20_000, 80_000, 200_000, 240_000]
    assert [band_worth(rules, volunteering, each) for each in hours] == [4_000, 10_000, 18_040, 20_040]
