"""What courts decide: malicious rotating-credit rings, listed judgment debtors, false litigation."""

import numpy as np

from experiments.simulation.arrays import NEVER, Flags, count_for
from experiments.simulation.civility import Traits, registered_adult
from experiments.simulation.config import SimulationConfig
from experiments.simulation.deeds import scattered
from experiments.simulation.occurrences import Occurrences, concatenated, followed_by, occurrences
from experiments.simulation.world import World

RING, LISTED, SHIELDED, FALSE_LITIGATION, RESTORED, REVOKED = range(6)
ORGANISER, DEFAULTER, MEMBER = range(3)


class Court:
    """Draws court records; the careless meet the court more often."""

    def __init__(self, config: SimulationConfig, world: World, traits: Traits) -> None:
        self.config = config
        self.world = world
        self.traits = traits

    def everything(self, rng: np.random.Generator, scale: float) -> Occurrences:
        """All court records."""
        return concatenated([self._rings(rng, scale), self._debtors(rng), self._false_litigation(rng)])

    def _rings(self, rng: np.random.Generator, scale: float) -> Occurrences:
        civility, history = self.config.civility, self.config.history
        rings = count_for(civility.rings_per_year * history.years, scale)
        sizes = rng.integers(civility.ring_size[0], civility.ring_size[1] + 1, rings)
        ring = np.repeat(np.arange(rings), sizes)
        place = np.arange(len(ring)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        adults = np.flatnonzero(self.world.persons.adults(history.first_day) & (self.world.persons.left_on == NEVER))
        around = rng.integers(0, len(adults), rings)  # members live near one another: persons are ordered by village
        person = adults[(around[ring] + place * 3) % len(adults)]
        defaulter = rng.random(len(ring)) < civility.ring_defaulter_share
        level = np.where(place == 0, ORGANISER, np.where(defaulter, DEFAULTER, MEMBER))
        day = rng.integers(history.first_day, history.end_day - 150, rings)[ring]
        judged = day + rng.integers(60, 140, rings)[ring]
        return occurrences(
            len(ring),
            kind=RING,
            occurred=day,
            effective=judged,
            notice=judged + 2,
            known=judged + 3,
            person=person,
            level=level,
        )

    def _debtors(self, rng: np.random.Generator) -> Occurrences:
        civility = self.config.civility
        person, day = scattered(rng, self.config, self.traits.carelessness**1.5 * civility.debtor_rate)
        _, first = np.unique(person, return_index=True)  # nobody is listed twice
        person, day = person[first], day[first]
        kept = registered_adult(self.world, person, day)
        person, day = person[kept], day[kept]
        listed = occurrences(
            len(person), kind=LISTED, occurred=day, effective=day, notice=day + 3, known=day + 4, person=person
        )
        ends = day + 60 + (civility.debtor_days_median * np.exp(0.6 * rng.standard_normal(len(day)))).astype(np.int64)
        ended = np.arange(len(day))
        draw = rng.random(len(day))
        restored = draw < civility.debtor_restored_share
        revoked = draw > 1 - max(civility.revoked_share, 2.0 / max(1, len(day)))
        after = occurrences(
            len(day),
            kind=np.where(restored, RESTORED, np.where(revoked, REVOKED, SHIELDED)),
            occurred=ends,
            effective=ends,
            known=ends + 1,
            person=person,
            about=ended,
        )
        return followed_by(listed, after)

    def _false_litigation(self, rng: np.random.Generator) -> Occurrences:
        person, day = scattered(rng, self.config, self.traits.carelessness * self.config.civility.false_litigation_rate)
        kept = registered_adult(self.world, person, day)
        person, day = person[kept], day[kept]
        decided = day + rng.integers(30, 200, len(day))
        return occurrences(
            len(day),
            kind=FALSE_LITIGATION,
            occurred=day,
            effective=decided,
            notice=decided + 2,
            known=decided + 3,
            person=person,
        )


def restored_persons(rows: Occurrences, count: int) -> Flags:
    """Persons with a restored listing."""
    flags = np.zeros(count, dtype=np.bool_)
    flags[rows.person[rows.kind == RESTORED]] = True
    return flags
