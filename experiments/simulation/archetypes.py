"""The special cases a fair index must serve, findable in the truth tables."""

import numpy as np

from experiments.simulation.arrays import NEVER, Flags, Floats, Ints, as_flags, top_share
from experiments.simulation.config import SECTORS, SimulationConfig
from experiments.simulation.world import ADULT_YEARS, World

ARCHETYPES = (
    "ordinary",
    "bedridden_elder",
    "seafarer",
    "sole_carer",
    "no_smartphone",
    "newcomer",
    "merchant_with_look_through",
    "volunteer",
    "restored_debtor",
    "withdrawn_consent",
    "nominal_representative",
    "pending_appeal",
    "corrected_record",
    "young_adult",
)
(
    ORDINARY,
    BEDRIDDEN_ELDER,
    SEAFARER,
    SOLE_CARER,
    NO_SMARTPHONE,
    NEWCOMER,
    MERCHANT,
    VOLUNTEER,
    RESTORED_DEBTOR,
    WITHDRAWN_CONSENT,
    NOMINAL_REPRESENTATIVE,
    PENDING_APPEAL,
    CORRECTED_RECORD,
    YOUNG_ADULT,
) = range(len(ARCHETYPES))
CANNOT_ATTEND = (BEDRIDDEN_ELDER, SEAFARER, SOLE_CARER, NO_SMARTPHONE, NEWCOMER)
AWAY = (BEDRIDDEN_ELDER, SEAFARER, SOLE_CARER)
"""Those who can attend nothing at all."""
YOUNG_DAYS = 3 * 365
"""Who came of age within so many days is a young adult."""
_SEAFARER_AGES = (20.0, 58.0)
_BEDRIDDEN_AGE = 75.0
_NO_SMARTPHONE_AGE = 68.0


def draw_situations(rng: np.random.Generator, config: SimulationConfig, world: World) -> Ints:
    """Who cannot attend, and why: one ARCHETYPES position per person, ORDINARY for the others."""
    persons, shares, end = world.persons, config.archetypes, config.history.end_day
    age, draw, here = persons.age_years(end), rng.random(persons.count), persons.left_on == NEVER
    fishery = world.households.sector[persons.household] == SECTORS.index("fishery")
    fits = {
        NEWCOMER: (persons.registered_on > end - shares.newcomer_days) & (age >= ADULT_YEARS),
        BEDRIDDEN_ELDER: (age >= _BEDRIDDEN_AGE) & (draw < shares.bedridden_share),
        SEAFARER: fishery
        & persons.male
        & (age >= _SEAFARER_AGES[0])
        & (age < _SEAFARER_AGES[1])
        & (draw < shares.seafarer_share),
        SOLE_CARER: _sole_adults(world, age, here) & (draw < shares.sole_carer_share),
        NO_SMARTPHONE: (age >= _NO_SMARTPHONE_AGE) & (draw < shares.bedridden_share + shares.no_smartphone_share),
    }
    return np.select([here & flags for flags in fits.values()], list(fits), default=ORDINARY).astype(np.int64)


def _sole_adults(world: World, age: Floats, here: Flags) -> Flags:
    """Adults of working age alone with minors or with one very old person."""
    persons, count = world.persons, world.households.count
    adult = here & (age >= ADULT_YEARS) & (age < _BEDRIDDEN_AGE)
    adults = np.bincount(persons.household[adult], minlength=count)
    cared_for = np.bincount(persons.household[here & ~adult], minlength=count)
    return as_flags(adult & (adults[persons.household] == 1) & (cared_for[persons.household] > 0))


def final_archetypes(
    situation: Ints,
    *,
    nominal: Flags,
    pending: Flags,
    corrected: Flags,
    merchant: Flags,
    volunteer_hours: Ints,
    restored: Flags,
    withdrawn: Flags,
    young: Flags,
) -> Ints:
    """One archetype per person, the rarest first."""
    busiest = (volunteer_hours >= 40) & top_share(volunteer_hours.astype(np.float64), 0.02)  # noqa: PLR2004
    ordinary = situation == ORDINARY
    cases = {
        NOMINAL_REPRESENTATIVE: nominal,
        PENDING_APPEAL: pending,
        CORRECTED_RECORD: corrected,
        RESTORED_DEBTOR: restored,
        WITHDRAWN_CONSENT: withdrawn,
    }
    rare = np.select(list(cases.values()), list(cases), default=ORDINARY)
    usual = np.select([~ordinary, merchant, busiest, young], [situation, MERCHANT, VOLUNTEER, YOUNG_ADULT], ORDINARY)
    return np.where(rare == ORDINARY, usual, rare)
