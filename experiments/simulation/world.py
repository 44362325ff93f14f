"""The simulated district: villages, households with sector and income, persons with names and identity numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation import identity, names
from experiments.simulation.arrays import (
    NEVER,
    YEAR_DAYS,
    Flags,
    Floats,
    Ints,
    as_ints,
    choose,
    joined,
    padded,
    stream,
    taken,
)
from experiments.simulation.config import SECTORS, SimulationConfig
from experiments.simulation.family import OTHER, PARENT, SPOUSE, Family, draw_family, draw_sizes
from experiments.simulation.moves import Departures, Memberships, draw_arrivals, draw_memberships, with_departed

ADULT_YEARS = 18
_HOME_REGION_SHARE = 0.96
_OTHER_REGIONS = (990320, identity.STRANGER_REGION)


@dataclass(frozen=True, slots=True)
class Households:
    """One row per household, ordered by village."""

    village: Ints
    township: Ints
    sector: Ints
    income_yuan: Floats
    number: pa.Array

    @property
    def count(self) -> int:
        """Number of households."""
        return len(self.village)


@dataclass(frozen=True, slots=True)
class Persons:
    """One row per person registered at any time of the history."""

    birth_on: Ints
    male: Flags
    household: Ints  # where they live now, or lived last
    relation: Ints
    registered_on: Ints
    left_on: Ints  # NEVER while registered
    died: Flags
    guardian: Flags
    id_number: pa.Array
    name: pa.Array

    @property
    def count(self) -> int:
        """Number of persons."""
        return len(self.birth_on)

    @property
    def adult_on(self) -> Ints:
        """Eighteenth birthdays."""
        return birthdays(self.birth_on, ADULT_YEARS)

    def age_years(self, on: int) -> Floats:
        """Age in years on a day."""
        return (on - self.birth_on) / YEAR_DAYS

    def adults(self, on: int) -> Flags:
        """Registered adults of a day."""
        return (self.adult_on <= on) & (self.registered_on <= on) & (self.left_on > on)


@dataclass(frozen=True, slots=True)
class World:
    """The district's residents as they are and were."""

    households: Households
    persons: Persons
    memberships: Memberships


def build_world(config: SimulationConfig, seed: int, scale: float) -> World:
    """Draw who lives where on the demo day, and how it came to be since the reform began."""
    rng, history = stream(seed, "world"), config.history
    households = _households(rng, config, max(1, round(config.population.households * scale)))
    sizes = draw_sizes(rng, config.population.size_shares, households.count)
    family = draw_family(rng, sizes, history.end_day)
    arrivals = draw_arrivals(rng, config, family, households.village)
    family, arrivals, departures = with_departed(rng, config, family, arrivals)
    memberships = draw_memberships(rng, history.first_day, family, arrivals, departures)
    persons = _persons(rng, config, households, family, departures, _first_days(memberships, family.count))
    return World(households, persons, memberships)


def birthdays(birth_on: Ints, years: int) -> Ints:
    """The day a person completes so many years; people born on 29 February do so on 1 March."""
    born = birth_on.astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    return as_ints((month + 12 * years).astype("datetime64[D]") + (born - month.astype("datetime64[D]")))


def village_codes(village: Ints) -> pa.Array:
    """`V001`, `V002`...; null for `NONE`."""
    return taken(joined("V", padded(np.arange(village.max(initial=0) + 1) + 1, 3)), village)


def _households(rng: np.random.Generator, config: SimulationConfig, count: int) -> Households:
    population = config.population
    weights = np.exp(population.village_size_sigma * rng.standard_normal(population.villages))
    village = np.sort(choose(rng, weights, count))
    sector = _sectors(rng, config, village)
    factor = np.array([config.sectors[name].income_factor for name in SECTORS])[sector]
    return Households(
        village=village,
        township=village * population.townships // population.villages,
        sector=sector,
        income_yuan=config.income.median_yuan * factor * np.exp(config.income.sigma * rng.standard_normal(count)),
        number=joined("HX", padded(village + 1, 3), padded(np.arange(count) + 1, 6)),
    )


def _sectors(rng: np.random.Generator, config: SimulationConfig, village: Ints) -> Ints:
    """Sectors with the configured shares overall, while villages specialise."""
    shares = np.array([config.sectors[name].share for name in SECTORS])
    sizes = np.bincount(village, minlength=config.population.villages).astype(np.float64)
    sizes = np.maximum(sizes, 1e-9)
    weights = shares * np.exp(config.population.village_sector_spread * rng.standard_normal((len(sizes), len(SECTORS))))
    for _ in range(20):  # fit the rows to the villages and the columns to the shares in turn
        weights *= shares * sizes.sum() / weights.sum(axis=0)
        weights *= (sizes / weights.sum(axis=1))[:, None]
    bounds = np.cumsum(weights / weights.sum(axis=1)[:, None], axis=1)[village]
    return as_ints(np.minimum((rng.random(len(village))[:, None] > bounds).sum(axis=1), len(SECTORS) - 1))


def _first_days(memberships: Memberships, count: int) -> Ints:
    first = np.full(count, NEVER, dtype=np.int64)
    np.minimum.at(first, memberships.person, memberships.from_on)
    return first


def _persons(
    rng: np.random.Generator,
    config: SimulationConfig,
    households: Households,
    family: Family,
    departures: Departures,
    registered_on: Ints,
) -> Persons:
    adult = config.history.end_day - family.birth_on >= ADULT_YEARS * YEAR_DAYS
    return Persons(
        birth_on=family.birth_on,
        male=family.male,
        household=family.household,
        relation=family.relation,
        registered_on=registered_on,
        left_on=departures.on,
        died=departures.died,
        guardian=adult & (rng.random(family.count) < config.population.guardian_share),
        id_number=_id_numbers(rng, households, family),
        name=_names(rng, households.count, family),
    )


def _id_numbers(rng: np.random.Generator, households: Households, family: Family) -> pa.Array:
    home = identity.FIRST_REGION + households.township[family.household]
    elsewhere = rng.integers(*_OTHER_REGIONS, family.count)
    region = np.where(rng.random(family.count) < _HOME_REGION_SHARE, home, elsewhere)
    return identity.identity_numbers(region, family.birth_on, family.male)


def _names(rng: np.random.Generator, households: int, family: Family) -> pa.Array:
    """Children and fathers share the head's family name, spouses and mothers bring their own."""
    own = names.surname_positions(rng, family.count)
    shared = names.surname_positions(rng, households)[family.household]
    mother = (family.relation == PARENT) & ~family.male
    keeps_own = (family.relation == SPOUSE) | mother | ((family.relation == OTHER) & (rng.random(family.count) < 0.5))  # noqa: PLR2004
    return names.full_names(rng, np.where(keeps_own, own, shared), family.male)
