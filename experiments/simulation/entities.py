"""Units of the district and the terms of their legal representatives, which the register shows with a delay."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation import identity, names
from experiments.simulation.arrays import NEVER, NONE, Flags, Ints, choose, count_for
from experiments.simulation.config import SECTORS, SimulationConfig
from experiments.simulation.world import World

# how likely an adult of a household of this sector runs a unit
_OWNERS = {"fishery": 1.0, "aquaculture": 2.0, "tourism": 3.0, "wage": 0.4, "trade": 4.0, "other": 0.5}
_AGES = (22.0, 70.0)
_SHORTEST_TERM = 90
_OVERLAP = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """Who represents which unit in [from_on, until_on); `actual_on` is the day the office really changed hands."""

    entity: Ints
    person: Ints  # NONE: somebody who is not in the register of residents
    from_on: Ints
    until_on: Ints
    actual_on: Ints


@dataclass(frozen=True, slots=True)
class Entities:
    """One row per unit."""

    code: pa.Array
    name: pa.Array
    company: Flags
    terms: Terms

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.code)

    def in_office(self, entity: Ints, on: Ints) -> Ints:
        """Person representing each unit on the day beside it by the register; NONE when nobody does."""
        row = self.term_in_office(entity, on)
        return np.where(row == NONE, NONE, self.terms.person[row])

    def term_in_office(self, entity: Ints, on: Ints) -> Ints:
        """Position of the term each unit was in on the day beside it; NONE when it was in none."""
        terms = self.terms
        order = np.lexsort((terms.from_on, terms.entity))
        span = np.int64(1) << 33
        keys = terms.entity[order] * span + terms.from_on[order]
        row = order[np.maximum(np.searchsorted(keys, entity * span + on, side="right") - 1, 0)]
        held = (terms.entity[row] == entity) & (terms.from_on[row] <= on) & (on < terms.until_on[row])
        return np.where(held, row, NONE)


def build_entities(rng: np.random.Generator, config: SimulationConfig, world: World, scale: float) -> Entities:
    """Draw units, their founders and one change of representative for some of them."""
    count = count_for(config.entities.count, scale)
    company = rng.random(count) < config.entities.company_share
    region = identity.FIRST_REGION + rng.integers(0, config.population.townships, count)
    return Entities(
        code=identity.credit_codes(np.arange(count) * 37 + 1009, company, region),
        name=names.entity_names(rng, names.surname_positions(rng, count), company),
        company=company,
        terms=_terms(rng, config, world, count, scale),
    )


def _terms(rng: np.random.Generator, config: SimulationConfig, world: World, count: int, scale: float) -> Terms:
    history, rates = config.history, config.entities
    founder = _draw_owners(rng, config, world, count)
    born = world.persons.adult_on[founder]
    founded = np.maximum(history.end_day - rng.integers(200, 7000, count), born + 1500)
    founded = np.minimum(founded, history.end_day - 100)
    changes = (rng.random(count) < rates.change_share) & (founded < history.end_day - 2 * _SHORTEST_TERM - 60)
    earliest = np.maximum(founded, history.first_day) + _SHORTEST_TERM
    actual = earliest + (rng.random(count) * (history.end_day - _SHORTEST_TERM - earliest)).astype(np.int64)
    lag = rng.exponential(rates.change_lag_median_days / np.log(2), count).astype(np.int64)
    shown = np.minimum(actual + lag, history.end_day - 1)
    rows = np.flatnonzero(changes)
    successor = _draw_owners(rng, config, world, len(rows))
    terms = Terms(
        entity=np.r_[np.arange(count), rows],
        person=np.r_[founder, successor],
        from_on=np.r_[founded, shown[rows]],
        until_on=np.r_[np.where(changes, shown, NEVER), np.full(len(rows), NEVER)],
        actual_on=np.r_[founded, actual[rows]],
    )
    return _spoilt(
        rng, terms, rows, count_for(rates.overlapping_rows, scale), count_for(rates.unregistered_representatives, scale)
    )


def _spoilt(rng: np.random.Generator, terms: Terms, changed: Ints, overlapping: int, unregistered: int) -> Terms:
    """A few overlapping terms and a few representatives nobody has registered."""
    from_on, person = terms.from_on.copy(), terms.person.copy()
    first_successor = len(from_on) - len(changed)
    overlaps = first_successor + rng.permutation(len(changed))[:overlapping]
    from_on[overlaps] -= _OVERLAP
    person[rng.permutation(first_successor)[:unregistered]] = NONE
    return Terms(terms.entity, person, from_on, terms.until_on, terms.actual_on)


def overlapping_entities(terms: Terms) -> Ints:
    """Units with two terms that share a day."""
    order = np.lexsort((terms.from_on, terms.entity))
    entity, from_on, until_on = terms.entity[order], terms.from_on[order], terms.until_on[order]
    clash = (entity[1:] == entity[:-1]) & (from_on[1:] < until_on[:-1])
    return np.unique(entity[1:][clash])


def _draw_owners(rng: np.random.Generator, config: SimulationConfig, world: World, count: int) -> Ints:
    """Adults of working age, by how much their household's sector runs units."""
    persons = world.persons
    age = persons.age_years(config.history.end_day)
    fits = (persons.left_on == NEVER) & (age >= _AGES[0] + 2) & (age < _AGES[1])
    fits &= persons.registered_on < config.history.first_day
    weight = np.array([_OWNERS[name] for name in SECTORS])[world.households.sector[persons.household]]
    return choose(rng, fits * weight, count)
