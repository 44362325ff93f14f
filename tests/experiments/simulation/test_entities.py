import numpy as np

from experiments.simulation import District
from experiments.simulation.arrays import NEVER, NONE
from experiments.simulation.entities import Entities, Terms, overlapping_entities


def _office(*terms: tuple[int, int, int, int]) -> Entities:
    entity, person, from_on, until_on = (np.array(column) for column in zip(*terms, strict=True))
    table = Terms(entity, person, from_on, until_on, from_on)
    return Entities(code=["A", "B"], name=["a", "b"], company=np.array([True, False]), terms=table)


def test_the_representative_of_a_day_is_whoever_was_in_office_that_day() -> None:
    office = _office((0, 7, 100, 200), (0, 8, 200, NEVER), (1, 9, 150, NEVER))
    asked = np.array([0, 0, 0, 1, 1])
    on = np.array([99, 199, 200, 149, 150])
    assert office.in_office(asked, on).tolist() == [NONE, 7, 8, NONE, 9]


def test_the_register_follows_a_change_with_a_delay_of_some_weeks(full: District) -> None:
    terms = full.entities.terms
    sound = ~np.isin(terms.entity, overlapping_entities(terms)) & (np.arange(len(terms.entity)) >= full.entities.count)
    lag = (terms.from_on - terms.actual_on)[sound]
    assert (lag >= 0).all()
    assert 12 < np.median(lag) < 28


def test_only_the_declared_few_terms_overlap(full: District) -> None:
    assert 5 <= len(overlapping_entities(full.entities.terms)) <= 14


def test_a_few_representatives_are_in_no_register(full: District) -> None:
    assert (full.entities.terms.person == NONE).sum() == 12
