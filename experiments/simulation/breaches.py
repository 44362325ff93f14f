"""Breaches known to agencies: e-bike and maritime violations, penalties, uncivil conduct, hazards, broken promises."""

import numpy as np

from experiments.simulation.arrays import NONE, Flags, Floats, Ints, count_for
from experiments.simulation.civility import Traits, registered_adult
from experiments.simulation.config import SECTORS, SimulationConfig
from experiments.simulation.deeds import scattered
from experiments.simulation.occurrences import Occurrences, concatenated, followed_by, occurrences
from experiments.simulation.world import World

VIOLATION, COURSE = range(2)
PENALTY, MARITIME, UNCIVIL, HONOUR, BRAVERY, REVOCATION, RESTORATION, BANNED = range(8)
HAZARD_ORDERED, HAZARD_FIXED = range(10, 12)
UNFULFILLED, FALSE_COMMITMENT, FULFILLED = range(3)
GENERAL, SERIOUS = range(2)
_RIDER_AGES = (16.0, 75.0)
_YEAR = 365


class Breaches:
    """Draws every negative behaviour; the careless more often than others."""

    def __init__(self, config: SimulationConfig, world: World, traits: Traits) -> None:
        self.config = config
        self.world = world
        self.traits = traits

    def ebike(self, rng: np.random.Generator) -> Occurrences:
        """Violations with a long tail between riders, fewer after the first year; some attend a safety course."""
        rates, end = self.config.civility.ebike, self.config.history.end_day
        age = self.world.persons.age_years(end)
        rides = (age >= _RIDER_AGES[0]) & (age < _RIDER_AGES[1]) & ~self.traits.away
        rides &= rng.random(len(age)) < rates.rider_share
        tail = np.exp(rates.sigma * rng.standard_normal(len(age)) - rates.sigma**2 / 2)
        person, day = scattered(rng, self.config, rides * tail * self.traits.carelessness * rates.rate)
        kept = self._after_trend(rng, day, self.config.civility.ebike_trend)
        kept &= registered_adult(self.world, person, day)
        rows = self._decided(rng, person[kept], day[kept], VIOLATION, days=8)
        taught = np.flatnonzero(rng.random(rows.count) < rates.course_share)
        course_on = rows.known[taught] + rng.integers(5, 60, len(taught))
        courses = occurrences(
            len(taught), kind=COURSE, occurred=course_on, known=course_on + 2, person=rows.person[taught]
        )
        return concatenated([rows, courses])

    def penalties(self, rng: np.random.Generator, entities: int) -> Occurrences:
        """Penalties of persons and units, maritime violations, uncivil conduct, and what ends them."""
        civility, careless = self.config.civility, self.traits.carelessness
        persons, end = self.world.persons, self.config.history.end_day
        fishery = self.world.households.sector[persons.household] == SECTORS.index("fishery")
        at_sea = fishery & persons.male & (persons.age_years(end) < 68)  # noqa: PLR2004
        people = concatenated(
            [
                self._of_persons(rng, careless * civility.penalty_rate, PENALTY, civility.serious_share),
                self._of_persons(rng, at_sea * careless * civility.maritime_rate, MARITIME, civility.serious_share),
                self._of_persons(rng, careless * civility.uncivil_rate, UNCIVIL, 0.0),
            ]
        )
        entity, day = scattered(rng, self.config, np.full(entities, civility.entity_penalty_rate))
        units = self._decided(rng, np.full(len(entity), NONE), day, PENALTY, days=45, entity=entity)
        level = np.where(rng.random(len(entity)) < civility.serious_share, SERIOUS, GENERAL)
        units = units.replaced(level=level)
        return self._ended(rng, concatenated([people, units]))

    def _of_persons(self, rng: np.random.Generator, yearly: Floats, kind: int, serious: float) -> Occurrences:
        person, day = scattered(rng, self.config, yearly)
        kept = registered_adult(self.world, person, day)
        rows = self._decided(rng, person[kept], day[kept], kind, days=45)
        return rows.replaced(level=np.where(rng.random(rows.count) < serious, SERIOUS, GENERAL))

    def _ended(self, rng: np.random.Generator, rows: Occurrences) -> Occurrences:
        """A few decisions are revoked, some restored before their time."""
        civility = self.config.civility
        draw, may_end = rng.random(rows.count), rows.of_kind(PENALTY, MARITIME)
        revoked = may_end & (draw < max(civility.revoked_share, 2.0 / max(1, may_end.sum())))
        restored = may_end & ~revoked & (draw > 1 - civility.restored_share)
        return followed_by(
            followed_by(rows, self._about(rng, rows, revoked, REVOCATION, (15, 150))),
            self._about(rng, rows, restored, RESTORATION, (90, 330)),
        )

    def _about(
        self, rng: np.random.Generator, rows: Occurrences, which: Flags, kind: int, days: tuple[int, int]
    ) -> Occurrences:
        about = np.flatnonzero(which)
        on = rows.effective[about] + rng.integers(*days, len(about))
        return occurrences(
            len(about),
            kind=kind,
            occurred=on,
            known=np.maximum(on, rows.known[about]) + 3,
            effective=on,
            person=rows.person[about],
            entity=rows.entity[about],
            about=about,
        )

    def banned(self, rng: np.random.Generator, scale: float) -> Occurrences:
        """Sealed public-security penalties that an agency delivers although it must not."""
        adults = np.flatnonzero(self.world.persons.adults(self.config.history.end_day - 1))
        person = rng.choice(adults, count_for(self.config.defects.banned_rows, scale))
        day = rng.integers(self.config.history.first_day, self.config.history.end_day, len(person))
        return self._decided(rng, person, day, BANNED, days=20)

    def hazards(self, rng: np.random.Generator, entities: int) -> tuple[Occurrences, Occurrences]:
        """Orders to remove a hazard and their verified fixes: those of the grid, those of the four platforms."""
        civility, history = self.config.civility, self.config.history
        entity, ordered = scattered(rng, self.config, np.full(entities, civility.hazard_rate))
        kept = self._after_trend(rng, ordered, civility.hazard_trend)
        entity, ordered = entity[kept], ordered[kept]
        adults = np.flatnonzero(self.world.persons.adults(history.first_day))
        to_person = rng.random(len(entity)) < civility.hazard_person_share
        person = np.where(to_person, rng.choice(adults, len(entity)), NONE)
        deadline = ordered + rng.choice(np.array([15, 30, 45]), len(entity))
        rows = occurrences(
            len(entity),
            kind=HAZARD_ORDERED,
            occurred=ordered,
            known=ordered + 3,
            effective=ordered,
            notice=ordered,
            deadline=deadline,
            person=person,
            entity=np.where(to_person, NONE, entity),
        )
        rows = followed_by(rows, self._fixes(rng, rows))
        order_of = np.where(rows.about == NONE, np.arange(rows.count), rows.about)
        platform = (rng.random(rows.count) < civility.hazard_platform_share)[order_of]
        return rows.kept(~platform), rows.kept(platform)

    def _fixes(self, rng: np.random.Generator, orders: Occurrences) -> Occurrences:
        civility, draw = self.config.civility, rng.random(orders.count)
        overdue = draw < civility.hazard_overdue_share
        fixed = np.flatnonzero(draw >= civility.hazard_overdue_share * civility.hazard_never_fixed)
        delay = np.where(overdue, 8 + rng.exponential(55, orders.count), -10 * rng.random(orders.count)).astype(
            np.int64
        )
        on = np.maximum(orders.deadline + delay, orders.occurred + 1)[fixed]
        return occurrences(
            len(fixed),
            kind=HAZARD_FIXED,
            occurred=on,
            known=on + 2,
            person=orders.person[fixed],
            entity=orders.entity[fixed],
            about=fixed,
        )

    def commitments(self, rng: np.random.Generator, entities: int) -> Occurrences:
        """Government-service commitments that were broken, false from the start, or fulfilled late."""
        civility = self.config.civility
        person, day = scattered(rng, self.config, self.traits.carelessness * civility.commitment_rate)
        kept = registered_adult(self.world, person, day)
        rows = self._decided(rng, person[kept], day[kept], UNFULFILLED, days=40)
        of_unit = rng.random(rows.count) < 0.4  # noqa: PLR2004
        false = rng.random(rows.count) < civility.commitment_false_share
        rows = rows.replaced(
            kind=np.where(false, FALSE_COMMITMENT, UNFULFILLED),
            person=np.where(of_unit, NONE, rows.person),
            entity=np.where(of_unit, rng.integers(0, entities, rows.count), NONE),
        )
        fulfilled = ~false & (rng.random(rows.count) < civility.commitment_fulfilled_share)
        return followed_by(rows, self._about(rng, rows, fulfilled, FULFILLED, (10, 200)))

    def _decided(
        self, rng: np.random.Generator, person: Ints, day: Ints, kind: int, *, days: int, entity: Ints | int = NONE
    ) -> Occurrences:
        """Rows with a decision some days after the fact, and the notice given to the person before it is used."""
        effective = day + rng.integers(0, days, len(day))
        notice = effective + rng.integers(0, 6, len(day))
        return occurrences(
            len(day),
            kind=kind,
            occurred=day,
            effective=effective,
            notice=notice,
            known=notice + 1,
            person=person,
            entity=entity,
        )

    def _after_trend(self, rng: np.random.Generator, day: Ints, trend: float) -> Flags:
        """Thins events out after the reform's first year to the observed level."""
        first_year = day < self.config.history.first_day + _YEAR
        return first_year | (rng.random(len(day)) < trend)
