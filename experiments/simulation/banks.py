"""Each bank's household file of the day: who may be prescreened, who would borrow, what the bank knows of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import NEVER, NONE, Flags, Floats, Ints, dates, joined, looked_up, padded, taken
from experiments.simulation.columns import feature_columns, sector_column
from experiments.simulation.config import BANKS, SimulationConfig
from experiments.simulation.credit import Shocks, civility_log_odds, probability, season_log_odds, shown_log_odds
from experiments.simulation.enrolment import Certificates, Enrolment
from experiments.simulation.family import HEAD, SPOUSE
from experiments.simulation.finances import Means, draw_relation
from experiments.simulation.past_loans import PREFIXES
from experiments.simulation.world import World, village_codes

_BORROWER_AGES = (22.0, 64.5)


@dataclass(frozen=True, slots=True)
class BankHouseholds:
    """A bank's household file, and for each row the household, the borrower and the true probability of default."""

    table: pa.Table
    household: Ints
    borrower: Ints
    spouse: Ints  # NONE without one
    default_probability: Floats


@dataclass(frozen=True, slots=True)
class Truth:
    """What no file shows: true finances, index points of persons, the latent factor, the shocks."""

    means: Means
    points: Floats
    latent: Floats
    shocks: Shocks


def rows_of(subset: Means, rows: Ints) -> Means:
    """Some rows of the households' finances."""
    return Means(**{name: getattr(subset, name)[rows] for name in Means.__slots__})


def bank_households(
    rng: np.random.Generator,
    config: SimulationConfig,
    bank_code: str,
    *,
    world: World,
    enrolment: Enrolment,
    clients: Flags,
    keys: pa.Array,
    truth: Truth,
    intercept: float,
) -> BankHouseholds:
    """Draw one bank's file: its clients, and households in which somebody consented to a certificate for this bank."""
    certificates = enrolment.certificates
    held = np.flatnonzero(certificates.bank == BANKS.index(bank_code))
    token_row = np.full(world.persons.count, NONE)
    token_row[certificates.person[held]] = held
    borrower, spouse = _borrowers(world, certificates, token_row, config.history.end_day)
    listed = clients | (np.bincount(world.persons.household[certificates.person[held]], minlength=len(clients)) > 0)
    household = np.flatnonzero(listed & (borrower != NONE))
    borrower, spouse = borrower[household], spouse[household]
    means = rows_of(truth.means, household)
    relation = draw_relation(rng, config, config.banks[bank_code], means)
    income = rng.random(len(household)) < config.finances.authorised_income_share
    bureau = rng.random(len(household)) < config.finances.authorised_bureau_share
    spouse_token = taken(certificates.token, np.where(spouse == NONE, NONE, token_row[spouse]))
    agrees = (spouse != NONE) & ((token_row[spouse] != NONE) | (rng.random(len(household)) < 0.45))  # noqa: PLR2004
    adults, minors = _members(world, config.history.end_day)
    number = rng.permutation(len(household)) + 1
    prefix = PREFIXES[bank_code]
    table = pa.table(
        {
            "household_ref": joined(prefix, "H", padded(number, 6)),
            "household_key": taken(keys, household),
            "village_code": village_codes(world.households.village[household]),
            **sector_column(means),
            "borrower_ref": joined(prefix, "P", padded(number, 6)),
            "borrower_birth_on": dates(world.persons.birth_on[borrower]),
            "borrower_sex": looked_up(("female", "male"), world.persons.male[borrower].astype(np.int64)),
            "borrower_binding_token": taken(certificates.token, token_row[borrower]),
            "spouse_consented": pa.array(agrees.astype(np.int8)),
            "spouse_binding_token": spouse_token,
            **feature_columns(
                means,
                relation,
                adults=pa.array(adults[household]),
                minors=pa.array(minors[household]),
                income=income,
                bureau=bureau,
            ),
            "authorised_bureau": pa.array(bureau.astype(np.int8)),
            "authorised_income": pa.array(income.astype(np.int8)),
            "as_of": dates(np.full(len(household), config.history.end_day - 1)),
        }
    )
    order = np.argsort(number)
    log_odds = shown_log_odds(config.credit, means, relation) + intercept
    log_odds += civility_log_odds(config.credit, truth.points[borrower]) + truth.latent[household]
    log_odds += _outlook(config, truth.shocks, means, world.households.village[household])
    chance = probability(log_odds)
    return BankHouseholds(table.take(pa.array(order)), household[order], borrower[order], spouse[order], chance[order])


def _outlook(config: SimulationConfig, shocks: Shocks, means: Means, village: Ints) -> Floats:
    """The coming year's shocks and season, for a line drawn on the demo day."""
    year = np.full(means.count, config.history.demo_day.year)
    matured_on = np.full(means.count, config.history.end_day + 365)
    return shocks.of(year, means.sector, village) + season_log_odds(config.credit, means.sector, matured_on)


def _borrowers(world: World, certificates: Certificates, token_row: Ints, on: int) -> tuple[Ints, Ints]:
    """Per household the borrower (of working age, then with a certificate, then the head) and their spouse."""
    persons, count = world.persons, world.households.count
    age = persons.age_years(on)
    here = persons.adults(on - 1)
    certified = (token_row != NONE) & (certificates.withdrawn_on[token_row] == NEVER)
    rank = 4 * ((age >= _BORROWER_AGES[0]) & (age < _BORROWER_AGES[1])) + 2 * certified + (persons.relation == HEAD)
    rows = np.flatnonzero(here)
    order = rows[np.lexsort((rank[rows], persons.household[rows]))]
    borrower = np.full(count, NONE)
    borrower[persons.household[order]] = order  # the last, highest ranked one of each household stays
    partner = np.full((2, count), NONE)
    for place, relation in enumerate((HEAD, SPOUSE)):
        which = np.flatnonzero(here & (persons.relation == relation))
        partner[place, persons.household[which]] = which
    relation_of = persons.relation[borrower]
    spouse = np.where(relation_of == HEAD, partner[1], np.where(relation_of == SPOUSE, partner[0], NONE))
    return borrower, np.where(borrower == NONE, NONE, spouse)


def _members(world: World, on: int) -> tuple[Ints, Ints]:
    persons, count = world.persons, world.households.count
    adult = persons.adults(on - 1)
    minor = (persons.left_on == NEVER) & ~adult & (persons.registered_on < on)
    return (
        np.bincount(persons.household[adult], minlength=count),
        np.bincount(persons.household[minor], minlength=count),
    )
