import numpy as np
import pytest

from experiments.simulation import District, SimulationConfig
from experiments.simulation.archetypes import ARCHETYPES, AWAY, CANNOT_ATTEND
from experiments.simulation.arrays import NONE
from experiments.simulation.breaches import HAZARD_FIXED, HAZARD_ORDERED, VIOLATION
from experiments.simulation.civility import closed_quarters
from experiments.simulation.court import LISTED, MEMBER, RING
from experiments.simulation.points import grades


def test_most_indices_stay_near_their_base(full: District) -> None:
    points = full.civility_points[full.enrolment.live]
    assert (np.abs(points - 100) <= 5).mean() > 0.80
    assert np.median(points) == pytest.approx(100, abs=1)


def test_few_reach_the_grades_with_a_bonus_and_fewer_fall_below_a(full: District) -> None:
    shares = np.bincount(grades(full.civility_points[full.enrolment.live]), minlength=4) / full.enrolment.live.sum()
    none, _, double, triple = shares
    assert 0.003 < none < 0.03
    assert 0.015 < double < 0.10
    assert 0.005 < triple < 0.05


def test_there_are_at_least_ten_of_every_archetype(full: District) -> None:
    counts = np.bincount(full.archetype, minlength=len(ARCHETYPES))
    assert dict(zip(ARCHETYPES, counts.tolist(), strict=True)).items() >= {"ordinary": counts[0]}.items()
    assert counts.min() >= 10


def test_some_who_cannot_attend_reach_the_highest_grade_without_attendance(full: District) -> None:
    for situation in AWAY:
        highest = full.civility_points[(full.traits.situation == situation) & full.enrolment.live].max()
        assert highest >= 140, ARCHETYPES[situation]


def test_who_cannot_attend_never_signs_in_anywhere(full: District) -> None:
    present = np.r_[full.behaviours.volunteering.person, full.behaviours.platforms.person]
    assert not full.traits.away[present[present != NONE]].any()
    assert set(AWAY) < set(CANNOT_ATTEND)


def test_a_tenth_of_riders_and_a_twentieth_of_nobody_else_violate_in_a_year(
    full: District, config: SimulationConfig
) -> None:
    rows = full.behaviours.ebike
    recent = (rows.kind == VIOLATION) & (rows.occurred >= config.history.end_day - 365)
    adults = full.world.persons.adults(config.history.end_day - 1).sum()
    riders = adults * config.civility.ebike.rider_share
    assert 0.05 < len(np.unique(rows.person[recent])) / riders < 0.20


def test_violations_fall_after_the_first_year_as_published(full: District, config: SimulationConfig) -> None:
    rows, first = full.behaviours.ebike, config.history.first_day
    days = rows.occurred[rows.kind == VIOLATION]
    before, after = (days < first + 365).sum(), ((days >= first + 365) & (days < first + 730)).sum()
    assert after / before == pytest.approx(1 - 0.263, abs=0.05)


def test_the_stock_of_listed_debtors_is_near_its_published_share(full: District, config: SimulationConfig) -> None:
    rows = full.behaviours.court
    ended = np.zeros(rows.count, dtype=bool)
    ended[rows.about[rows.about != NONE]] = True
    adults = full.world.persons.adults(config.history.end_day - 1).sum()
    assert 0.003 < ((rows.kind == LISTED) & ~ended).sum() / adults < 0.009


def test_rings_have_an_organiser_and_mostly_ordinary_members(full: District) -> None:
    rows = full.behaviours.court
    ring = rows.kind == RING
    assert (rows.level[ring] == MEMBER).mean() > 0.6
    assert 10 <= ring.sum() / max((rows.level[ring] == 0).sum(), 1) <= 40


def test_what_ends_a_record_comes_after_it(full: District) -> None:
    for rows in (full.behaviours.municipal, full.behaviours.grid, full.behaviours.court, full.behaviours.commitments):
        later = np.flatnonzero(rows.about != NONE)
        assert len(later) > 0
        assert (rows.known[later] > rows.known[rows.about[later]]).all()


def test_hazards_are_fixed_by_whoever_they_were_ordered_of(full: District) -> None:
    rows = full.behaviours.grid
    fixes = np.flatnonzero(rows.kind == HAZARD_FIXED)
    assert (rows.kind[rows.about[fixes]] == HAZARD_ORDERED).all()
    assert np.array_equal(rows.entity[fixes], rows.entity[rows.about[fixes]])


def test_nothing_is_known_on_or_after_the_demo_day(full: District, config: SimulationConfig) -> None:
    for name in full.behaviours.__slots__:
        assert getattr(full.behaviours, name).known.max() < config.history.end_day, name


def test_only_whole_quarters_of_the_history_are_closed(config: SimulationConfig) -> None:
    first, *_, last = closed_quarters(config.history).tolist()
    assert (1970 + first // 4, first % 4 + 1) == (2021, 4)
    assert (1970 + last // 4, last % 4 + 1) == (2026, 1)


def test_only_registered_adults_do_anything_for_themselves(full: District) -> None:
    persons = full.world.persons
    for rows in (full.behaviours.volunteering, full.behaviours.self_discipline):
        assert (persons.adult_on[rows.person] <= rows.occurred).all()
        assert (persons.registered_on[rows.person] <= rows.occurred).all()
        assert (rows.occurred < persons.left_on[rows.person]).all()
