"""What moves people: engagement, carelessness and, for the few who join something, since when.

Most people never join and never breach: their index stays at its base, as on the province's own scale, where 98 % lie
within one twentieth of it.
"""

from dataclasses import dataclass

import numpy as np

from experiments.simulation.archetypes import AWAY, CANNOT_ATTEND, NO_SMARTPHONE
from experiments.simulation.arrays import (
    NONE,
    Flags,
    Floats,
    Ints,
    day,
    month_of,
    month_start,
    top_share,
)
from experiments.simulation.config import History, SimulationConfig
from experiments.simulation.world import World

_OWN_NOISE = 0.6


@dataclass(frozen=True, slots=True)
class Traits:
    """Per person: standard normal engagement, breach rate multiplier (mean 1), and what keeps them from attending."""

    engagement: Floats
    household_engagement: Floats  # one row per household
    carelessness: Floats
    situation: Ints

    @property
    def away(self) -> Flags:
        """Those who can attend nothing."""
        return np.isin(self.situation, AWAY)


@dataclass(frozen=True, slots=True)
class Participation:
    """First quarter (counted since 1970 Q1) in which a person or household took part; NONE for most."""

    self_discipline: Ints
    neighborhood_points: Ints
    volunteering: Ints
    sign_ins: Ints
    mutual_aid: Ints
    compact: Ints  # per household
    hygiene: Ints  # per household


def draw_traits(rng: np.random.Generator, config: SimulationConfig, world: World, situation: Ints) -> Traits:
    """Engagement is partly shared in a household; the careless are a little less engaged."""
    shared = config.civility.shared_variance
    common = rng.standard_normal(world.households.count)
    engagement = np.sqrt(shared) * common[world.persons.household]
    engagement += np.sqrt(1 - shared) * rng.standard_normal(world.persons.count)
    sigma = config.civility.carelessness_sigma
    careless = sigma * (0.97 * rng.standard_normal(world.persons.count) - 0.25 * engagement)
    return Traits(engagement, common, np.exp(careless - sigma**2 / 2), situation)


def draw_participation(
    rng: np.random.Generator, config: SimulationConfig, world: World, traits: Traits
) -> Participation:
    """Who joins what, and when: the engaged first; what needs no attendance is open to those who cannot attend."""
    civility, quarters = config.civility, closed_quarters(config.history)
    adult = world.persons.adults(config.history.end_day - 1)
    phone = adult & ~traits.away & (traits.situation != NO_SMARTPHONE)
    power = 1 / civility.seasonality_of_uptake

    def joined(engagement: Floats, eligible: Flags, share: float, extra: Flags | None = None) -> Ints:
        wish = np.where(eligible, engagement + _OWN_NOISE * rng.standard_normal(len(engagement)), -np.inf)
        joins = top_share(wish, share * eligible.mean())
        if extra is not None:
            joins |= extra & eligible
        start = quarters[0] + (len(quarters) * rng.random(len(wish)) ** power).astype(np.int64)
        return np.where(joins, start, NONE)

    absent = np.isin(traits.situation, CANNOT_ATTEND)
    absent &= rng.random(world.persons.count) < civility.join_despite_absence
    home = np.zeros(world.households.count, dtype=np.bool_)
    home[world.persons.household[absent & adult]] = True
    everyone = np.ones(world.households.count, dtype=np.bool_)
    people, homes = traits.engagement, traits.household_engagement
    return Participation(
        self_discipline=joined(people, adult, civility.self_discipline.share, absent),
        neighborhood_points=joined(people, adult, civility.neighborhood_points.share),
        volunteering=joined(people, phone, civility.volunteering.share),
        sign_ins=joined(people, adult & ~traits.away, civility.sign_ins.share),
        mutual_aid=joined(people, adult & ~traits.away, civility.mutual_aid.share),
        compact=joined(homes, everyone, civility.compact.share, home),
        hygiene=joined(homes, everyone, civility.hygiene.share),
    )


def closed_quarters(history: History) -> Ints:
    """Whole quarters of the history, counted since 1970 Q1."""
    bounds = np.array([day(history.starts_on), day(history.demo_day)])
    first, last = -(-month_of(bounds) // 3)  # the first quarter that begins inside, the quarter still open
    last -= month_start(3 * np.array([last]))[0] > history.end_day
    return np.arange(first, last)


def registered_adult(world: World, person: Ints, on: Ints) -> Flags:
    """Whether each person was a registered adult on the day beside them."""
    persons = world.persons
    here = (persons.registered_on[person] <= on) & (on < persons.left_on[person])
    return here & (persons.adult_on[person] <= on)
