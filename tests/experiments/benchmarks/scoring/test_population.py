from pathlib import Path

import numpy as np
import pytest

from experiments.benchmarks.scoring.edition_rules import edition_rules
from experiments.benchmarks.scoring.population import BLOCK, FADE_MONTHS, HONOUR, NO_DAY, block, population, shuffled
from experiments.benchmarks.scoring.setting import AS_OF, EDITION, EVENTS_PER_PERSON
from experiments.benchmarks.scoring.spell_columns import NEEDED, TYPES, Columns, read_columns, write_columns
from scoring import load_rulebook

ORDER = ("person", "indicator", "group", "from_on", "event_id")


@pytest.fixture(scope="module")
def spells() -> Columns:
    return population(2 * BLOCK)


def test_a_block_is_the_same_whatever_the_population_around_it(spells: Columns) -> None:
    rows = spells["person"] >= BLOCK
    assert all(np.array_equal(column[rows], block(1)[name]) for name, column in spells.items())


def test_residents_have_twenty_events_on_average_exactly(spells: Columns) -> None:
    assert len(spells["person"]) == 2 * BLOCK * EVENTS_PER_PERSON
    assert spells["person"].min() >= 0
    assert spells["person"].max() < 2 * BLOCK


def test_storage_is_ordered_by_person_indicator_group_first_day_and_event(spells: Columns) -> None:
    order = np.lexsort([spells[name] for name in reversed(ORDER)])
    assert np.array_equal(order, np.arange(len(order)))


def test_about_half_of_all_spells_are_live_and_a_few_still_come(spells: Columns) -> None:
    live = (spells["from_on"] <= AS_OF) & (spells["until_on"] > AS_OF)
    assert 0.45 < live.mean() < 0.55
    assert 0.005 < (spells["from_on"] > AS_OF).mean() < 0.05


def test_some_residents_have_nothing_and_some_have_hundreds_of_events(spells: Columns) -> None:
    events = np.bincount(spells["person"], minlength=2 * BLOCK)
    assert (events == 0).sum() > 100
    assert events.max() > 300


def test_no_spell_is_empty(spells: Columns) -> None:
    assert (spells["from_on"] < spells["until_on"]).all()


def test_every_value_has_the_sign_of_its_indicator(spells: Columns) -> None:
    signs = np.array([each.sign for each in edition_rules(load_rulebook(EDITION)).indicators])
    assert (spells["value_milli"] * signs[spells["indicator"]] >= 0).all()


def test_every_indicator_of_the_edition_occurs(spells: Columns) -> None:
    indicators = len(load_rulebook(EDITION).indicators)
    assert np.unique(spells["indicator"]).tolist() == list(range(indicators))


def test_an_honour_fades_in_twelve_steps_without_a_gap(spells: Columns) -> None:
    rows = np.flatnonzero((spells["indicator"] == HONOUR) & (spells["event_id"] == _an_honour(spells)))
    rows = rows[np.argsort(spells["from_on"][rows])]
    value, begins, ends = (spells[name][rows].astype(np.int64) for name in ("value_milli", "from_on", "until_on"))
    assert len(rows) == FADE_MONTHS
    assert np.array_equal(begins[1:], ends[:-1])
    assert np.abs(value * FADE_MONTHS - value[0] * np.arange(FADE_MONTHS, 0, -1)).max() <= FADE_MONTHS / 2


def _an_honour(spells: Columns) -> int:
    return int(spells["event_id"][np.flatnonzero(spells["indicator"] == HONOUR)[0]])


def test_groups_are_calendar_quarters_where_the_strongest_of_a_quarter_counts(spells: Columns) -> None:
    hygiene = spells["indicator"] == 8
    months = spells["from_on"][hygiene].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    assert np.array_equal(spells["group"][hygiene], months // 3)


def test_some_spells_have_no_end(spells: Columns) -> None:
    assert (spells["until_on"] == NO_DAY).any()


def test_shuffling_keeps_every_row_whole(spells: Columns) -> None:
    mixed = shuffled(spells)
    back = np.lexsort([mixed[name] for name in reversed(ORDER)])
    assert not np.array_equal(mixed["person"], spells["person"])
    assert all(np.array_equal(mixed[name][back], spells[name]) for name in TYPES)


def test_columns_come_back_from_parquet_as_they_were(spells: Columns, tmp_path: Path) -> None:
    write_columns(spells, tmp_path / "spells.parquet")
    read = read_columns(tmp_path / "spells.parquet", NEEDED)
    assert list(read) == list(NEEDED)
    assert all(np.array_equal(read[name], spells[name]) and read[name].dtype == TYPES[name] for name in NEEDED)
