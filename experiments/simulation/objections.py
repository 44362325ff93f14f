"""Who appeals against which deduction and how it ends, and which records agencies themselves correct later.

All of it is drawn from a stream of its own, after everything else: with or without objections the district is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from experiments.simulation import breaches, court
from experiments.simulation.arrays import NEVER, NONE, YEAR_DAYS, Flags, Ints, as_flags, count_for
from experiments.simulation.behaviours import Behaviours
from experiments.simulation.config import Objections as Rates
from experiments.simulation.config import SimulationConfig
from experiments.simulation.enrolment import Enrolment
from experiments.simulation.entities import Entities, overlapping_entities
from experiments.simulation.occurrences import Occurrences
from experiments.simulation.world import World

SOURCES = {
    "municipal_credit": "municipal",
    "district_grid": "grid",
    "permit_commitments": "commitments",
    "ebike_control": "ebike",
    "grassroots_platforms": "platforms",
    "court_litigation": "court",
}
"""Sources that deliver deductions, and what `Behaviours` calls their rows."""
REJECTED, REVOKED, LOWERED, OUT_OF_OFFICE = range(4)
OUTCOMES = ("rejected", "revoked", "lowered", "out_of_office")
_YEAR, _THREE_YEARS, _QUARTER = int(YEAR_DAYS), int(3 * YEAR_DAYS), 92
_GRACE = 7
_SETTLED = 60
"""Days after which a deduction is past its pre-notice."""


@dataclass(frozen=True, slots=True)
class Deductions:
    """Rows that may deduct, of all sources, with whom they reach."""

    source: Ints  # position in SOURCES
    row: Ints  # position among the source's rows
    person: Ints  # the person named, or whoever represented the unit; NONE if nobody did
    entity: Ints
    day: Ints  # the day that decides who represented the unit
    known: Ints  # from when somebody can object
    until: Ints  # the day on which it no longer deducts
    serious: Flags
    hazard: Flags

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.row)

    def kept(self, rows: Flags) -> "Deductions":
        """Only these rows."""
        return Deductions(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Appeals:
    """One row per appeal; `about` is a position among the deductions, `closed_on` NEVER while it is pending."""

    about: Ints
    not_representative: Flags
    opened_on: Ints
    closed_on: Ints
    outcome: Ints  # position in OUTCOMES; NONE while pending
    out_of_office_on: Ints  # since when the appellant no longer held the office; NONE for other outcomes

    @property
    def pending(self) -> Flags:
        """Appeals nobody has answered yet."""
        return as_flags(self.closed_on == NEVER)


@dataclass(frozen=True, slots=True)
class Corrections:
    """One row per corrected record: its position among the deductions, the day, by how many days a date was wrong."""

    about: Ints
    on: Ints
    days: Ints


@dataclass(frozen=True, slots=True)
class Objections:
    """What happened to deductions after they were recorded."""

    deductions: Deductions
    appeals: Appeals
    corrections: Corrections

    def appellants(self, appeals: Flags) -> Ints:
        """Who filed these appeals."""
        return self.deductions.person[self.appeals.about[appeals]]

    @property
    def against_units(self) -> Flags:
        """Appeals against what reached a person through a unit."""
        return as_flags(self.deductions.entity[self.appeals.about] != NONE)


# --- what can be objected to ------------------------------------------------------------------------------------------
def deductions_of(behaviours: Behaviours, entities: Entities, end: int) -> Deductions:
    """Every row that may deduct, hazards only once they are overdue."""
    readers: dict[str, Callable[[Occurrences, int], Deductions]] = {
        "municipal": _municipal,
        "commitments": _commitments,
        "ebike": _ebike,
        "court": _court,
    }
    parts = []
    for place, name in enumerate(SOURCES.values()):
        part = readers.get(name, _hazards)(getattr(behaviours, name), end)
        parts.append(_located(part, place, entities))
    columns = (np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Deductions))
    return Deductions(*columns)


def _located(part: Deductions, source: int, entities: Entities) -> Deductions:
    """The same rows with their source, and the representative where only a unit is named."""
    unit = part.entity != NONE
    person = part.person.copy()
    person[unit] = entities.in_office(part.entity[unit], part.day[unit])
    columns = {field.name: getattr(part, field.name) for field in fields(part)}
    return Deductions(**(columns | {"source": np.full(part.count, source), "person": person}))


def _rows(rows: Occurrences, which: Flags, validity: Ints | int, **columns: Ints | Flags) -> Deductions:
    """Decisions, which end with their validity or with what ends them before."""
    ended = np.full(rows.count, NEVER)
    ends = np.flatnonzero(rows.about != NONE)
    np.minimum.at(ended, rows.about[ends], rows.occurred[ends])
    values = {
        "source": np.zeros(rows.count, np.int64),
        "row": np.arange(rows.count),
        "person": rows.person,
        "entity": rows.entity,
        "day": rows.occurred,
        "known": rows.known,
        "until": np.minimum(rows.effective + validity, ended),
        "serious": np.zeros(rows.count, np.bool_),
        "hazard": np.zeros(rows.count, np.bool_),
    }
    return Deductions(**(values | columns)).kept(which)


def _municipal(rows: Occurrences, _end: int) -> Deductions:
    graded = rows.of_kind(breaches.PENALTY, breaches.MARITIME)
    serious = graded & (rows.level == breaches.SERIOUS)
    validity = np.where(serious, _THREE_YEARS, np.where(graded, _YEAR, _QUARTER))
    return _rows(rows, graded | rows.of_kind(breaches.UNCIVIL), validity, serious=serious)


def _commitments(rows: Occurrences, _end: int) -> Deductions:
    false = rows.of_kind(breaches.FALSE_COMMITMENT)
    return _rows(rows, false | rows.of_kind(breaches.UNFULFILLED), np.where(false, _THREE_YEARS, _YEAR))


def _ebike(rows: Occurrences, _end: int) -> Deductions:
    return _rows(rows, rows.of_kind(breaches.VIOLATION), _QUARTER)


def _court(rows: Occurrences, _end: int) -> Deductions:
    ring = rows.of_kind(court.RING) & (rows.level != court.MEMBER)
    listed = rows.of_kind(court.LISTED)
    validity = np.where(listed, NEVER - rows.effective, _THREE_YEARS)
    return _rows(rows, ring | listed | rows.of_kind(court.FALSE_LITIGATION), validity)


def _hazards(rows: Occurrences, end: int) -> Deductions:
    fixed = np.full(rows.count, end)
    fixes = np.flatnonzero(rows.of_kind(breaches.HAZARD_FIXED))
    fixed[rows.about[fixes]] = rows.occurred[fixes]
    overdue = rows.of_kind(breaches.HAZARD_ORDERED) & (fixed > rows.deadline + _GRACE)
    return _rows(
        rows,
        overdue,
        _YEAR,
        day=rows.deadline,
        known=np.maximum(rows.known, rows.deadline + _GRACE + 1),
        hazard=np.ones(rows.count, np.bool_),
    )


# --- what happens to it -----------------------------------------------------------------------------------------------
def draw_objections(
    rng: np.random.Generator,
    config: SimulationConfig,
    world: World,
    entities: Entities,
    behaviours: Behaviours,
    enrolled: Enrolment,
    scale: float,
) -> Objections:
    """Appeals at the known rates, a declared few still open on the demo day, and corrections by the agencies."""
    end = config.history.end_day
    all_rows = deductions_of(behaviours, entities, end)
    draw = _Draw(rng, config.objections, world, entities, all_rows, end)
    living = enrolled.live & (world.persons.left_on == NEVER) & world.persons.adults(end - 1)
    shown = (all_rows.person != NONE) & living[all_rows.person]
    shown &= (all_rows.until > end + _SETTLED) & (all_rows.known < end - _SETTLED)
    appeals = draw.appeals(shown, scale)
    free = np.ones(all_rows.count, np.bool_)
    free[appeals.about] = False
    return Objections(all_rows, appeals, draw.corrections(free, shown & free, scale))


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws from the objections' own stream; `shown` are deductions of enrolled persons standing on the demo day."""

    rng: np.random.Generator
    rates: Rates
    world: World
    entities: Entities
    rows: Deductions
    end: int

    def appeals(self, shown: Flags, scale: float) -> Appeals:
        """Those of the whole history, answered within the time the law gives, and the declared pending ones."""
        rng, rates, rows = self.rng, self.rates, self.rows
        opened = rows.known + 1 + rng.exponential(rates.filed_after_days, rows.count).astype(np.int64)
        filed = self._possible(opened) & (rng.random(rows.count) < rates.appeal_share)
        about = np.flatnonzero(filed)
        late = self._pending(shown & ~filed, scale)
        opened = np.r_[opened[about], self.end - 1 - rng.integers(0, rates.pending_days, len(late))]
        answered = opened + rng.integers(rates.answer_days[0], rates.answer_days[1] + 1, len(opened))
        answered[len(about) :] = NEVER
        closed = np.where(answered < self.end, answered, NEVER)
        about = np.r_[about, late]
        return self._decided(about, opened, closed)

    def _possible(self, on: Ints) -> Flags:
        """Whether there is somebody to object on a day of the history."""
        there = on < self.world.persons.left_on[self.rows.person]
        return as_flags((self.rows.person != NONE) & there & (on < self.end))

    def _pending(self, free: Flags, scale: float) -> Ints:
        """Some persons' own deductions and some that reached them through a unit."""
        own = self.rng.permutation(np.flatnonzero(free & (self.rows.entity == NONE)))
        through = self.rng.permutation(np.flatnonzero(free & (self.rows.entity != NONE)))
        rates = self.rates
        chosen = (
            own[: count_for(rates.pending, scale) if rates.pending else 0],
            through[: count_for(rates.pending_representatives, scale) if rates.pending_representatives else 0],
        )
        return np.concatenate(chosen)

    def _decided(self, about: Ints, opened: Ints, closed: Ints) -> Appeals:
        rng, rates, rows = self.rng, self.rates, self.rows
        through = rows.entity[about] != NONE
        share = np.where(through, rates.not_representative_share, rates.not_the_person_share)
        disputed = rng.random(len(about)) < share
        disputed |= through & (closed == NEVER)  # the declared few that show it
        upheld = rng.random(len(about)) < rates.upheld_share
        left = self._left_office(about)
        outcome = np.select(
            [closed == NEVER, ~upheld, disputed & through, rows.serious[about]],
            [NONE, REJECTED, np.where(left == NONE, REJECTED, OUT_OF_OFFICE), LOWERED],
            default=REVOKED,
        )
        return Appeals(about, disputed, opened, closed, outcome, np.where(outcome == OUT_OF_OFFICE, left, NONE))

    def _left_office(self, about: Ints) -> Ints:
        """A day before the deed on which the representative may have left; NONE where the register cannot say so."""
        rows, terms = self.rows, self.entities.terms
        term = self.entities.term_in_office(rows.entity[about], rows.day[about])
        from_on = terms.from_on[term]
        left = np.maximum(from_on, rows.day[about] - self.rng.integers(5, 60, len(about)))
        fits = (rows.entity[about] != NONE) & (term != NONE)
        fits &= ~np.isin(rows.entity[about], overlapping_entities(terms))
        return np.where(fits, left, NONE)

    def corrections(self, free: Flags, shown: Flags, scale: float) -> Corrections:
        """A few records nobody appealed against, a declared number of them of persons who can look at it today."""
        rng, rates, rows = self.rng, self.rates, self.rows
        on = rows.known + 1 + rng.exponential(rates.corrected_after_days, rows.count).astype(np.int64)
        chosen = free & self._possible(on) & (rng.random(rows.count) < rates.correction_share)
        today = rng.permutation(np.flatnonzero(shown & ~chosen))
        today = today[: count_for(rates.corrections_shown, scale) if rates.corrections_shown else 0]
        about = np.r_[np.flatnonzero(chosen), today]
        on = np.r_[on[chosen], self.end - 1 - rng.integers(0, _SETTLED - 1, len(today))]
        days = rng.integers(1, 6, len(about))
        of_age = rows.day[about] - days >= self.world.persons.adult_on[rows.person[about]]
        return Corrections(about[of_age], on[of_age], days[of_age])
