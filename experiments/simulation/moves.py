"""How today's households came about: splits, marriages, newcomers, deaths, departures, as dated memberships."""

from dataclasses import dataclass

import numpy as np

from experiments.simulation.arrays import NEVER, NONE, YEAR_DAYS, Flags, Floats, Ints, choose
from experiments.simulation.config import SimulationConfig
from experiments.simulation.family import CHILD, OTHER, PARENT, SPOUSE, Family

SPLIT, MOVED_OUT, DIED, MARRIED = range(4)
LEAVING_REASONS = ("分户", "迁出", "死亡", "婚嫁")
_SPLIT_AGES = (23.0, 42.0)
_DONOR_AGE = 47.0
_WEDDING_AGE = 45.0


@dataclass(frozen=True, slots=True)
class Memberships:
    """Who belonged to which household in [from_on, until_on)."""

    person: Ints
    household: Ints
    relation: Ints
    from_on: Ints
    until_on: Ints
    reason: Ints


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Per person: the day they came into their household (NONE: long ago) and from which (NONE: from outside)."""

    on: Ints
    origin: Ints
    reason: Ints


@dataclass(frozen=True, slots=True)
class Departures:
    """Per person: the last day's end in the register (NEVER: still registered), and whether they died."""

    on: Ints
    died: Flags


def draw_arrivals(rng: np.random.Generator, config: SimulationConfig, family: Family, village: Ints) -> Arrivals:
    """Young households split off from a neighbour's, spouses join by marriage, a few households move in."""
    history, count = config.history, len(village)
    split, donor = _splits(rng, config, family, village)
    moved_in = ~split & (rng.random(count) < config.population.newcomer_share)
    formed_on = np.where(split | moved_in, rng.integers(history.first_day, history.end_day - 30, count), NONE)
    on, origin = formed_on[family.household], np.where(split, donor, NONE)[family.household]
    reason = np.full(family.count, SPLIT, dtype=np.int64)
    weds = (family.relation == SPOUSE) & (on == NONE) & (_age(family, history.end_day) < _WEDDING_AGE)
    weds &= rng.random(family.count) < config.population.marriage_share
    on[weds] = rng.integers(history.first_day, history.end_day - 30, int(weds.sum()))
    origin[weds] = rng.integers(0, count, int(weds.sum()))
    reason[weds] = MARRIED
    stayed = (origin == family.household) | (family.birth_on >= on)  # born into the household
    return Arrivals(np.where(stayed, NONE, on), np.where(stayed, NONE, origin), reason)


def _splits(rng: np.random.Generator, config: SimulationConfig, family: Family, village: Ints) -> tuple[Flags, Ints]:
    """Which households split off, and from which one of their village."""
    count = len(village)
    head_age = _age(family, config.history.end_day)[np.flatnonzero(family.relation == 0)]
    young = (head_age > _SPLIT_AGES[0]) & (head_age < _SPLIT_AGES[1])
    split = young & (rng.random(count) < config.population.split_share / max(young.mean(), 0.01))
    donor = _neighbours(rng, village, head_age > _DONOR_AGE)
    return split & (donor != NONE), donor


def _neighbours(rng: np.random.Generator, village: Ints, eligible: Flags) -> Ints:
    """For every household a random eligible household of its village; NONE where there is none."""
    candidates = np.flatnonzero(eligible)
    sizes = np.bincount(village[candidates], minlength=int(village.max()) + 1)
    starts = np.cumsum(sizes) - sizes  # candidates are ordered by village because households are
    picks = starts[village] + (rng.random(len(village)) * sizes[village]).astype(np.int64)
    return np.where(sizes[village] > 0, candidates[np.minimum(picks, len(candidates) - 1)], NONE)


def with_departed(
    rng: np.random.Generator, config: SimulationConfig, family: Family, arrivals: Arrivals
) -> tuple[Family, Arrivals, Departures]:
    """Adds those who died or moved out since the reform: no longer in the district, but still in its register."""
    history, rates = config.history, config.population
    dead = max(1, round(family.count * rates.death_rate * history.years))
    gone = max(1, round(family.count * rates.move_out_rate * history.years))
    extra = dead + gone
    left_on = rng.integers(history.first_day + 1, history.end_day, extra)
    age = np.r_[np.clip(rng.normal(79, 9, dead), 40, 103), np.clip(rng.normal(30, 12, gone), 1, 75)]
    relation = np.r_[
        np.where(rng.random(dead) < 0.9, PARENT, OTHER),  # noqa: PLR2004
        np.array([CHILD, SPOUSE, OTHER])[choose(rng, [0.7, 0.1, 0.2], gone)],
    ]
    everyone = Family(
        np.r_[family.household, rng.integers(0, int(family.household.max()) + 1, extra)],
        np.r_[family.relation, relation],
        np.r_[family.birth_on, left_on - (age * YEAR_DAYS).astype(np.int64)],
        np.r_[family.male, rng.random(extra) < 0.5],  # noqa: PLR2004
    )
    nothing = np.full(extra, NONE)
    came = Arrivals(np.r_[arrivals.on, nothing], np.r_[arrivals.origin, nothing], np.r_[arrivals.reason, nothing])
    died = np.r_[np.zeros(family.count, dtype=np.bool_), np.arange(extra) < dead]
    return everyone, came, Departures(np.r_[np.full(family.count, NEVER), left_on], died)


def draw_memberships(
    rng: np.random.Generator, first_day: int, family: Family, arrivals: Arrivals, departures: Departures
) -> Memberships:
    """One row per stay in a household; a person's next stay begins on the day the previous one ends."""
    begun = _beginnings(rng, first_day, family)
    moved = np.flatnonzero(arrivals.origin != NONE)
    came_on = np.where(arrivals.on == NONE, begun, arrivals.on)
    return Memberships(
        person=np.r_[moved, np.arange(family.count)],
        household=np.r_[arrivals.origin[moved], family.household],
        relation=np.r_[np.where(family.relation[moved] == SPOUSE, OTHER, CHILD), family.relation],
        from_on=np.r_[family.birth_on[moved], came_on],
        until_on=np.r_[arrivals.on[moved], departures.on],
        reason=np.r_[arrivals.reason[moved], np.where(departures.died, DIED, MOVED_OUT)],
    )


def _beginnings(rng: np.random.Generator, first_day: int, family: Family) -> Ints:
    """Long-standing members: children were born in, adults came before the reform."""
    grown = family.birth_on + (rng.uniform(19, 33, family.count) * YEAR_DAYS).astype(np.int64)
    adult = (family.relation != CHILD) & (family.relation != OTHER)
    return np.where(adult, np.maximum(np.minimum(grown, first_day - 1), family.birth_on), family.birth_on)


def _age(family: Family, on: int) -> Floats:
    return (on - family.birth_on) / YEAR_DAYS
