"""Puts one seed's district together: people, their deeds and consents, what they own, the banks that know them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation import archetypes, enrolment, points
from experiments.simulation.arrays import NEVER, NONE, Flags, Floats, Ints, as_flags, hex_tokens, stream
from experiments.simulation.banks import BankHouseholds, Truth, bank_households
from experiments.simulation.behaviours import Behaviours, draw_behaviours
from experiments.simulation.breaches import HONOUR
from experiments.simulation.civility import Traits, draw_participation, draw_traits
from experiments.simulation.config import BANKS, SimulationConfig
from experiments.simulation.court import restored_persons
from experiments.simulation.credit import draw_shocks, latent
from experiments.simulation.enrolment import Enrolment
from experiments.simulation.entities import Entities, build_entities
from experiments.simulation.finances import draw_means
from experiments.simulation.household_changes import ChangesFile, household_changes
from experiments.simulation.objections import Objections, draw_objections
from experiments.simulation.occurrences import Occurrences
from experiments.simulation.past_loans import OUTER_VILLAGES, PastLoans, draw_past_loans
from experiments.simulation.world import World, build_world

_HONOURED_DAYS = 3 * 365


@dataclass(frozen=True, slots=True)
class District:
    """One seed's district before anybody writes a file."""

    config: SimulationConfig
    seed: int
    scale: float
    world: World
    entities: Entities
    traits: Traits
    enrolment: Enrolment
    behaviours: Behaviours
    objections: Objections
    civility_points: Floats
    archetype: Ints
    clients: Flags
    household_keys: pa.Array
    truth: Truth


def simulate(config: SimulationConfig, seed: int, scale: float = 1.0) -> District:
    """Simulate a district.

    Args:
        config: the numbers.
        seed: everything random follows from it.
        scale: share of the full size; villages and rates stay.
    """
    world = build_world(config, seed, scale)
    situation = archetypes.draw_situations(stream(seed, "situations"), config, world)
    traits = draw_traits(stream(seed, "traits"), config, world, situation)
    joined = draw_participation(stream(seed, "participation"), config, world, traits)
    entities = build_entities(stream(seed, "entities"), config, world, scale)
    clients = enrolment.draw_clients(stream(seed, "clients"), config, world.households.count)
    enrolled = enrolment.draw_enrolment(stream(seed, "enrolment"), config, world, traits, joined, clients)
    behaviours = draw_behaviours(config, world, traits, joined, entities, seed=seed, scale=scale)
    objections = draw_objections(
        stream(seed, "objections"), config, world, entities, behaviours, enrolled=enrolled, scale=scale
    )
    index = points.civility_points(world, enrolled, entities, behaviours, config.history.end_day)
    return District(
        config=config,
        seed=seed,
        scale=scale,
        world=world,
        entities=entities,
        traits=traits,
        enrolment=enrolled,
        behaviours=behaviours,
        objections=objections,
        civility_points=index,
        archetype=_archetypes(config, world, entities, enrolled, behaviours, objections, situation),
        clients=clients,
        household_keys=hex_tokens(stream(seed, "household keys"), world.households.count),
        truth=_truth(config, seed, world, index),
    )


def past_loans_of(district: District, bank_code: str) -> PastLoans:
    """One bank's past loans."""
    adults = district.world.persons.adults(district.config.history.end_day - 1)
    return draw_past_loans(
        stream(district.seed, f"past loans of {bank_code}"),
        district.config,
        bank_code,
        adult_points=district.civility_points[adults],
        shocks=district.truth.shocks,
        scale=district.scale,
    )


def households_of(district: District, bank_code: str, intercept: float) -> BankHouseholds:
    """One bank's household file; `intercept` is that of its past loans."""
    return bank_households(
        stream(district.seed, f"households of {bank_code}"),
        district.config,
        bank_code,
        world=district.world,
        enrolment=district.enrolment,
        clients=district.clients[:, BANKS.index(bank_code)],
        keys=district.household_keys,
        truth=district.truth,
        intercept=intercept,
    )


def changes_of(district: District, bank_code: str, file: BankHouseholds) -> list[ChangesFile]:
    """What one bank is told of changes in the households of its file."""
    return household_changes(
        stream(district.seed, f"household changes of {bank_code}"),
        district.config,
        bank_code,
        world=district.world,
        file=file,
        keys=district.household_keys,
        scale=district.scale,
    )


def _truth(config: SimulationConfig, seed: int, world: World, index: Floats) -> Truth:
    homes = world.households
    return Truth(
        means=draw_means(stream(seed, "means"), config, homes.sector, homes.income_yuan),
        points=index,
        latent=latent(stream(seed, "latent"), config.credit, homes.count),
        shocks=draw_shocks(stream(seed, "shocks"), config.credit, config.population.villages + OUTER_VILLAGES),
    )


def _archetypes(
    config: SimulationConfig,
    world: World,
    entities: Entities,
    enrolled: Enrolment,
    behaviours: Behaviours,
    objections: Objections,
    situation: Ints,
) -> Ints:
    count, end = world.persons.count, config.history.end_day
    living = enrolled.live & (world.persons.left_on == NEVER)
    appeals, rows = objections.appeals, objections.deductions
    disputed = appeals.not_representative & objections.against_units
    standing = (rows.entity != NONE) & (rows.until > end)
    merchants = np.r_[rows.person[standing], _honoured(entities, behaviours.municipal, end)]

    def flags(persons: Ints) -> Flags:
        """Which of all persons these are, if they have an index."""
        return as_flags(living & np.isin(np.arange(count), persons))

    return archetypes.final_archetypes(
        situation,
        nominal=flags(objections.appellants(disputed)),
        pending=flags(objections.appellants(appeals.pending)),
        corrected=flags(rows.person[objections.corrections.about]),
        merchant=flags(merchants),
        volunteer_hours=points.volunteer_hours(behaviours.volunteering, count, end),
        restored=restored_persons(behaviours.court, count),
        withdrawn=enrolled.withdrawn_on < end,
        young=living & (world.persons.adult_on > end - archetypes.YOUNG_DAYS),
    )


def _honoured(entities: Entities, rows: Occurrences, end: int) -> Ints:
    """Representatives of units on the day of an honour that still counts."""
    honour = rows.of_kind(HONOUR) & (rows.entity != NONE) & (rows.occurred > end - _HONOURED_DAYS)
    return entities.in_office(rows.entity[honour], rows.occurred[honour])
