"""Deeds: kept agreements, compact panels, inspections, neighbour points, volunteering, sign-ins and honours."""

import numpy as np

from experiments.simulation.arrays import NONE, Flags, Floats, Ints, as_floats, choose, last_day_of_quarter, owners
from experiments.simulation.civility import Participation, Traits, closed_quarters, registered_adult
from experiments.simulation.config import SimulationConfig
from experiments.simulation.occurrences import Occurrences, concatenated, occurrences
from experiments.simulation.world import World

KEPT, BREACHED = range(2)
COMPACT_REVIEW, MUTUAL_AID = range(2)
PERSON_POINTS, CONVERSION = range(2)
DELIBERATION, PATROL, GRID_HELP = range(3)
CONTRACTS = 3
_PANEL_SPREAD = 0.42
_MONTHS = 12


class Deeds:
    """Draws every positive behaviour; one method per source."""

    def __init__(self, config: SimulationConfig, world: World, traits: Traits, participation: Participation) -> None:
        self.config = config
        self.world = world
        self.traits = traits
        self.joined = participation
        self.quarters = closed_quarters(config.history)

    def self_discipline(self, rng: np.random.Generator) -> Occurrences:
        """A statement per person, quarter and contract; a missing one pauses the run, a documented breach ends it."""
        rates = self.config.civility.self_discipline
        person, quarter = self._series(rng, self.joined.self_discipline, rates.missing)
        first = choose(rng, [0.3, 0.4, 0.3], self.world.persons.count)[person]
        second = (rng.random(self.world.persons.count) < rates.second_contract)[person]
        person, quarter = np.r_[person, person[second]], np.r_[quarter, quarter[second]]
        level = np.r_[first, (first[second] + 1) % CONTRACTS]
        occurred = last_day_of_quarter(quarter)
        breached = rng.random(len(person)) > rates.keep
        rows = occurrences(
            len(person),
            kind=np.where(breached, BREACHED, KEPT),
            occurred=occurred,
            known=occurred + 3,
            person=person,
            level=level,
        )
        return rows.kept(registered_adult(self.world, person, occurred))

    def compact(self, rng: np.random.Generator) -> Occurrences:
        """Quarterly panels over households (0 to 2 points) and confirmed months of mutual aid."""
        rates = self.config.civility.compact
        household, quarter = self._series(rng, self.joined.compact, rates.missing)
        points = rates.mean_points + _PANEL_SPREAD * rng.standard_normal(len(household))
        ends = last_day_of_quarter(quarter)
        reviews = occurrences(
            len(household),
            kind=COMPACT_REVIEW,
            occurred=ends,
            known=ends + 5,
            household=household,
            level=rng.integers(3, 8, len(household)),
            amount=as_floats(np.round(np.clip(points, 0, 2), 1)),
        )
        return concatenated([reviews, self._mutual_aid(rng)])

    def _mutual_aid(self, rng: np.random.Generator) -> Occurrences:
        yearly = self.config.civility.mutual_aid.months_per_year
        person, quarter = self._series(rng, self.joined.mutual_aid, 0.0)
        person, month = np.repeat(person, 3), (3 * quarter[:, None] + np.arange(3)).ravel()
        helped = rng.random(len(person)) < yearly / _MONTHS
        person, month = person[helped], month[helped]
        occurred = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
        rows = occurrences(len(person), kind=MUTUAL_AID, occurred=occurred, known=occurred + 5, person=person)
        return rows.kept(registered_adult(self.world, person, occurred))

    def hygiene(self, rng: np.random.Generator) -> Occurrences:
        """One inspection per quarter and participating household, 0 to 2 stars."""
        rates = self.config.civility.hygiene
        household, quarter = self._series(rng, self.joined.hygiene, rates.missing)
        day = last_day_of_quarter(quarter) - rng.integers(0, 85, len(household))
        stars = np.clip(np.round(rates.mean_stars + 0.6 * rng.standard_normal(len(household))), 0, 2)
        return occurrences(len(household), kind=0, occurred=day, household=household, amount=stars)

    def neighborhood_points(self, rng: np.random.Generator) -> Occurrences:
        """Points per person and quarter, and every village's conversion table per quarter."""
        rates = self.config.civility.neighborhood_points
        person, quarter = self._series(rng, self.joined.neighborhood_points, 0.0)
        ends = last_day_of_quarter(quarter)
        points = np.round(rates.median_points * np.exp(rates.sigma * rng.standard_normal(len(person))) * 2) / 2
        rows = occurrences(
            len(person), kind=PERSON_POINTS, occurred=ends, known=ends + 4, person=person, amount=points
        ).kept(registered_adult(self.world, person, ends))
        village = np.repeat(np.arange(self.config.population.villages), len(self.quarters))
        ends = last_day_of_quarter(np.tile(self.quarters, self.config.population.villages))
        needed = rng.integers(rates.needed_low, rates.needed_high + 1, self.config.population.villages)[village]
        table = occurrences(
            len(village),
            kind=CONVERSION,
            occurred=ends,
            known=ends + 4,
            level=village,
            amount=needed.astype(np.float64),
        )
        return concatenated([table, rows])

    def volunteering(self, rng: np.random.Generator) -> Occurrences:
        """Logged sessions: `amount` hours, `level` the minute of the day of the check-in."""
        rates, history = self.config.civility.volunteering, self.config.history
        volunteers = self.joined.volunteering != NONE
        zeal = np.exp(rates.sigma * rng.standard_normal(len(volunteers)) + 0.5 * self.traits.engagement)
        yearly = volunteers * zeal / zeal[volunteers].mean() * rates.sessions_per_year
        person, day = scattered(rng, self.config, yearly)
        age = (day - history.first_day) / (history.end_day - history.first_day)
        open_platform = rng.random(len(day)) < rates.first_year_level + (1 - rates.first_year_level) * age
        hours = np.clip(rates.hours_median * np.exp(rates.hours_sigma * rng.standard_normal(len(day))), 0.5, 11.5)
        rows = occurrences(
            len(person), kind=0, occurred=day, person=person, amount=hours, level=rng.integers(390, 840, len(person))
        )
        return rows.kept(open_platform & registered_adult(self.world, person, day))

    def sign_ins(self, rng: np.random.Generator) -> Occurrences:
        """Deliberations, patrols and help to the grid."""
        rates = self.config.civility.sign_ins
        joins = self.joined.sign_ins != NONE
        zeal = np.exp(rates.sigma * rng.standard_normal(len(joins)))
        person, day = scattered(rng, self.config, joins * zeal * rates.per_year)
        kind = choose(rng, [0.3, 0.4, 0.3], len(person))
        return occurrences(len(person), kind=kind, occurred=day, known=day + 2, person=person).kept(
            registered_adult(self.world, person, day)
        )

    def honours(self, rng: np.random.Generator, kind: int, rate: float, levels: tuple[float, ...]) -> Occurrences:
        """Awards to persons, the engaged before others; `amount` is 1 where the honour names the whole family."""
        pull = np.exp(1.1 * self.traits.engagement)
        person, day = scattered(rng, self.config, rate * pull / pull.mean())
        rows = occurrences(
            len(person),
            kind=kind,
            occurred=day,
            known=day + 10,
            effective=day,
            person=person,
            level=choose(rng, levels, len(person)),
            amount=(rng.random(len(person)) < 0.18).astype(np.float64),  # noqa: PLR2004
        )
        return rows.kept(registered_adult(self.world, person, day))

    def _series(self, rng: np.random.Generator, first_quarter: Ints, missing: float) -> tuple[Ints, Ints]:
        """Owner and quarter of every quarter from each one's first to the last closed one, some left out."""
        last = int(self.quarters[-1])
        counts = np.where(first_quarter == NONE, 0, np.maximum(last - first_quarter + 1, 0))
        owner = owners(counts)
        offset = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        quarter = first_quarter[owner] + offset
        kept: Flags = rng.random(len(owner)) >= missing
        return owner[kept], quarter[kept]


def scattered(rng: np.random.Generator, config: SimulationConfig, yearly: Floats) -> tuple[Ints, Ints]:
    """Owner and day of events that come at each owner's own yearly rate, evenly over the history."""
    history = config.history
    counts = rng.poisson(yearly * history.years)
    owner = owners(counts)
    return owner, rng.integers(history.first_day, history.end_day, len(owner))


def honours_of_entities(rng: np.random.Generator, config: SimulationConfig, count: int, kind: int) -> Occurrences:
    """Awards to units; look-through brings them to the legal representative."""
    entity, day = scattered(rng, config, np.full(count, config.civility.entity_honour_rate))
    level = choose(rng, [0.8, 0.17, 0.03, 0.0], len(entity))
    return occurrences(len(entity), kind=kind, occurred=day, known=day + 10, effective=day, entity=entity, level=level)
