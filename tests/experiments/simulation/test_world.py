from itertools import pairwise

import numpy as np
import pytest

from experiments.simulation import District
from experiments.simulation.arrays import NEVER
from experiments.simulation.family import HEAD
from experiments.simulation.moves import DIED, MARRIED, MOVED_OUT, SPLIT, Memberships
from experiments.simulation.registers import residents
from experiments.simulation.truth import persons_table
from experiments.simulation.world import birthdays


def _stays(memberships: Memberships) -> list[tuple[int, int, int]]:
    rows = zip(memberships.person, memberships.from_on, memberships.until_on, strict=True)
    return sorted((int(person), int(start), int(end)) for person, start, end in rows)


def test_the_full_district_has_the_households_and_persons_of_the_place(full: District) -> None:
    living = int((full.world.persons.left_on == NEVER).sum())
    assert full.world.households.count == 40_000
    assert living == pytest.approx(137_000, rel=0.01)


def test_sectors_have_their_shares_but_villages_specialise(full: District) -> None:
    homes = full.world.households
    shares = np.bincount(homes.sector) / homes.count
    assert shares == pytest.approx([0.20, 0.12, 0.18, 0.35, 0.10, 0.05], abs=0.01)
    largest = np.argsort(np.bincount(homes.village))[-20:]
    fishers = [float((homes.sector[homes.village == village] == 0).mean()) for village in largest]
    assert max(fishers) > 1.5 * min(fishers)


def test_the_median_income_is_the_configured_one(full: District) -> None:
    assert np.median(full.world.households.income_yuan) == pytest.approx(110_000, rel=0.05)


def test_stays_in_households_follow_one_another_without_gap_or_overlap(full: District) -> None:
    stays = _stays(full.world.memberships)
    for (person, _, until_on), (following, from_on, _) in pairwise(stays):
        if person == following:
            assert until_on == from_on
    assert all(start < end for _, start, end in stays)


def test_everybody_alive_and_registered_has_exactly_one_open_stay(full: District) -> None:
    memberships, persons = full.world.memberships, full.world.persons
    still = memberships.until_on == NEVER
    counts = np.bincount(memberships.person[still], minlength=persons.count)
    assert np.array_equal(counts == 1, persons.left_on == NEVER)


def test_splits_marriages_departures_and_deaths_all_happen(full: District) -> None:
    memberships = full.world.memberships
    closed = memberships.reason[memberships.until_on != NEVER]
    assert all((closed == reason).sum() > 300 for reason in (SPLIT, MARRIED, MOVED_OUT, DIED))


def test_a_split_leaves_the_old_household_on_the_day_the_new_one_begins(district: District) -> None:
    memberships, persons = district.world.memberships, district.world.persons
    left = np.flatnonzero((memberships.reason == SPLIT) & (memberships.until_on != NEVER))
    for row in left:
        person = memberships.person[row]
        later = (memberships.person == person) & (memberships.from_on == memberships.until_on[row])
        assert memberships.household[later].tolist() == [persons.household[person]]
        assert memberships.household[row] != persons.household[person]


def test_every_household_has_one_head(full: District) -> None:
    persons = full.world.persons
    heads = persons.household[(persons.relation == HEAD) & (persons.left_on == NEVER)]
    assert np.array_equal(np.sort(heads), np.arange(full.world.households.count))


def test_people_born_on_29_february_come_of_age_on_1_march() -> None:
    leap = np.array(["2004-02-29", "2004-12-31"], dtype="datetime64[D]").astype(np.int64)
    assert birthdays(leap, 18).astype("datetime64[D]").astype(str).tolist() == ["2022-03-01", "2022-12-31"]


def test_whoever_was_born_on_the_last_day_of_1969_keeps_a_birthday_and_a_day_of_entry(full: District) -> None:
    born = full.world.persons.birth_on == -1  # the day before the epoch, the number that stands for `none` elsewhere
    assert born.any()
    assert persons_table(full)["birth_on"].null_count == 0
    assert all(table["入户日期"].null_count == 0 for table in residents(full.world))
