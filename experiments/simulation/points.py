"""The true civility index of every adult by a short reading of the catalogue: credit risk hangs on it.

It follows the catalogue's points but none of the fine print (fading tails, escalation, pre-notice, rounding); nothing
that is tested may import it.
"""

import numpy as np

from experiments.simulation import breaches, court, deeds
from experiments.simulation.arrays import NONE, Flags, Floats, Ints, as_floats
from experiments.simulation.behaviours import Behaviours
from experiments.simulation.enrolment import Enrolment
from experiments.simulation.entities import Entities
from experiments.simulation.occurrences import Occurrences
from experiments.simulation.world import World

BASE = 100.0
GRADE_BOUNDS = (95.0, 120.0, 140.0)
GRADES = ("none", "A", "AA", "AAA")
_YEAR = 365
_LOOKED_THROUGH = 0.5


def civility_points(world: World, enrolment: Enrolment, entities: Entities, behaviours: Behaviours, on: int) -> Floats:
    """Points per person as of a day, as if everybody were enrolled with the consents they gave."""
    reading = _Reading(world, enrolment, entities, on)
    law = reading.ebike(behaviours.ebike) + reading.penalties(behaviours.municipal) + reading.hazards(behaviours.grid)
    word = reading.court(behaviours.court) + reading.commitments(behaviours.commitments)
    word += reading.self_discipline(behaviours.self_discipline)
    manners = reading.honours(behaviours.municipal) + reading.uncivil(behaviours.municipal)
    manners += reading.hygiene(behaviours.hygiene)
    society = reading.volunteering(behaviours.volunteering) + reading.mutual_aid(behaviours.compact)
    village = reading.compact(behaviours.compact) + reading.neighborhood(behaviours.neighborhood)
    village += reading.sign_ins(behaviours.platforms)
    total = np.clip(law, -40, 0) + np.clip(word, -60, 35) + np.clip(manners, -5, 25)
    return np.asarray(np.clip(BASE + total + np.clip(society, 0, 40) + np.clip(village, -20, 20), 0, 200))


def grades(points: Floats) -> Ints:
    """Position in GRADES; B and C give `none` like everything without a certificate."""
    return np.searchsorted(np.array(GRADE_BOUNDS), points, side="right")


class _Reading:
    """Sums rows of one source into points per person."""

    def __init__(self, world: World, enrolment: Enrolment, entities: Entities, on: int) -> None:
        self.world = world
        self.enrolment = enrolment
        self.entities = entities
        self.on = on

    def _sum(self, person: Ints, points: Floats | float) -> Floats:
        known = person != NONE
        weights = np.broadcast_to(np.asarray(points, dtype=np.float64), len(person))[known]
        return as_floats(np.bincount(person[known], weights=weights, minlength=self.world.persons.count))

    def _recent(self, rows: Occurrences, days: int) -> Flags:
        return (rows.occurred > self.on - days) & (rows.occurred <= self.on)

    def _negative(self, rows: Occurrences, which: Flags, points: Floats | float) -> Floats:
        """Points of persons, and half of them for whoever represented a unit that day."""
        chosen = rows.kept(which & (rows.about == NONE))
        weights = np.broadcast_to(np.asarray(points, dtype=np.float64), rows.count)[which & (rows.about == NONE)]
        through = np.full(chosen.count, NONE, dtype=np.int64)
        unit = chosen.entity != NONE
        through[unit] = self.entities.in_office(chosen.entity[unit], chosen.occurred[unit])
        return self._sum(chosen.person, weights) + _LOOKED_THROUGH * self._sum(through, weights)

    def _homes(self, rows: Occurrences, cap: float, consented: Flags) -> Floats:
        """Household points of the last year, for every consenting member."""
        chosen = rows.kept((rows.household != NONE) & self._recent(rows, _YEAR))
        count = self.world.households.count
        total = np.bincount(chosen.household, weights=chosen.amount, minlength=count)
        return np.minimum(total, cap)[self.world.persons.household] * consented

    def ebike(self, rows: Occurrences) -> Floats:
        count = self._sum(rows.person[self._recent(rows, 92) & (rows.kind == breaches.VIOLATION)], 1.0)
        return -np.clip(np.where(count > 1, 1 + 2 * (count - 2), 0), 0, 6)

    def penalties(self, rows: Occurrences) -> Floats:
        ended = np.zeros(rows.count, dtype=np.bool_)
        ended[rows.about[rows.of_kind(breaches.REVOCATION, breaches.RESTORATION)]] = True
        serious = rows.level == breaches.SERIOUS
        valid = np.where(serious, rows.effective > self.on - 3 * _YEAR, rows.effective > self.on - _YEAR)
        which = rows.of_kind(breaches.PENALTY, breaches.MARITIME) & ~ended & valid
        return self._negative(rows, which, np.where(serious, -15.0, -5.0))

    def uncivil(self, rows: Occurrences) -> Floats:
        return np.maximum(-self._sum(rows.person[self._recent(rows, 92) & (rows.kind == breaches.UNCIVIL)], 1.0), -5)

    def hazards(self, rows: Occurrences) -> Floats:
        fixed_on = np.full(rows.count, self.on)
        fixes = np.flatnonzero(rows.about != NONE)
        fixed_on[rows.about[fixes]] = rows.occurred[fixes]
        overdue = fixed_on - rows.deadline - 7
        which = (rows.kind == breaches.HAZARD_ORDERED) & (overdue > 0) & (fixed_on > self.on - _YEAR)
        return self._negative(rows, which, np.maximum(-3.0 - 2 * (overdue // 30), -15))

    def commitments(self, rows: Occurrences) -> Floats:
        fulfilled = np.zeros(rows.count, dtype=np.bool_)
        fulfilled[rows.about[rows.about != NONE]] = True
        false = rows.kind == breaches.FALSE_COMMITMENT
        valid = ~fulfilled & self._recent(rows, _YEAR) | (false & self._recent(rows, 3 * _YEAR))
        return self._negative(rows, valid, np.where(false, -15.0, -10.0))

    def court(self, rows: Occurrences) -> Floats:
        ended = np.zeros(rows.count, dtype=np.bool_)
        ended[rows.about[rows.about != NONE]] = True
        listed = self._sum(rows.person[(rows.kind == court.LISTED) & ~ended], -40.0)
        recent = rows.effective > self.on - 3 * _YEAR
        ring = (rows.kind == court.RING) & recent & (rows.level != court.MEMBER)
        rings = self._sum(rows.person[ring], np.where(rows.level[ring] == court.ORGANISER, -30.0, -15.0))
        return listed + rings + self._sum(rows.person[(rows.kind == court.FALSE_LITIGATION) & recent], -15.0)

    def self_discipline(self, rows: Occurrences) -> Floats:
        """Four points per clean quarter since the last breach; several contracts of a quarter count once."""
        last_breach = np.full(self.world.persons.count, NONE, dtype=np.int64)
        broken = rows.kind == deeds.BREACHED
        np.maximum.at(last_breach, rows.person[broken], rows.occurred[broken])
        clean = ~broken & (rows.occurred > last_breach[rows.person])
        quarters = np.unique(rows.person[clean] * 100_000 + rows.occurred[clean]) // 100_000
        return np.minimum(4 * self._sum(quarters, 1.0), 35) * self.enrolment.consented("self_discipline")

    def hygiene(self, rows: Occurrences) -> Floats:
        return self._homes(rows, 8, self.enrolment.consented("household_hygiene"))

    def compact(self, rows: Occurrences) -> Floats:
        return self._homes(rows, 8, self.enrolment.consented("village_compact"))

    def mutual_aid(self, rows: Occurrences) -> Floats:
        which = (rows.kind == deeds.MUTUAL_AID) & self._recent(rows, _YEAR)
        return np.minimum(self._sum(rows.person[which], 1.0), 6) * self.enrolment.consented("village_compact")

    def volunteering(self, rows: Occurrences) -> Floats:
        which = self._recent(rows, _YEAR)
        hours = self._sum(rows.person[which], np.minimum(rows.amount[which], 8.0))
        points = np.interp(hours, [0, 20, 80, 200, 276], [0, 4, 10, 18, 20])
        return points * self.enrolment.consented("volunteering")

    def neighborhood(self, rows: Occurrences) -> Floats:
        which = (rows.kind == deeds.PERSON_POINTS) & self._recent(rows, _YEAR)
        points = self._sum(rows.person[which], np.floor(rows.amount[which] / BASE))
        return np.minimum(points, 8) * self.enrolment.consented("neighborhood_points")

    def sign_ins(self, rows: Occurrences) -> Floats:
        which = rows.of_kind(deeds.DELIBERATION, deeds.PATROL, deeds.GRID_HELP) & self._recent(rows, _YEAR)
        return np.minimum(0.5 * self._sum(rows.person[which], 1.0), 6)

    def honours(self, rows: Occurrences) -> Floats:
        """Only the highest honour of three years counts; bravery beside it."""
        which = rows.of_kind(breaches.HONOUR) & self._recent(rows, 3 * _YEAR) & (rows.person != NONE)
        best = np.zeros(self.world.persons.count)
        np.maximum.at(best, rows.person[which], np.array([5.0, 8.0, 12.0, 20.0])[rows.level[which]])
        brave = rows.of_kind(breaches.BRAVERY) & self._recent(rows, 3 * _YEAR)
        return best + self._sum(rows.person[brave], np.array([10.0, 20.0, 30.0, 30.0])[rows.level[brave]])


def volunteer_hours(rows: Occurrences, persons: int, on: int) -> Ints:
    """Whole hours per person in the year before a day."""
    recent = rows.occurred > on - _YEAR
    return np.bincount(rows.person[recent], weights=rows.amount[recent], minlength=persons).astype(np.int64)
