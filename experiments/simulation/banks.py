"""Each bank's household file of the day: who may be prescreened, who would borrow, what the bank knows of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import (
    NEVER,
    NONE,
    Flags,
    Floats,
    Ints,
    joined,
    known_dates,
    looked_up,
    padded,
    taken,
)
from experiments.simulation.columns import feature_columns, sector_column
from experiments.simulation.config import BANKS, SimulationConfig
from experiments.simulation.credit import Shocks, civility_log_odds, probability, season_log_odds, shown_log_odds
from experiments.simulation.enrolment import Certificates, Enrolment
from experiments.simulation.family import HEAD, SPOUSE
from experiments.simulation.finances import Means, draw_relation
from experiments.simulation.past_loans import PREFIXES
from experiments.simulation.world import World, village_codes

_BORROWER_AGES = (22.0, 64.5)
_SPOUSE_AGREES = 0.45  # [P] of spouses without a certificate of their own


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
    certificates, end = enrolment.certificates, config.history.end_day
    token_row = _token_rows(certificates, BANKS.index(bank_code), world.persons.count)
    borrower, spouse = _borrowers(world, certificates, token_row, end)
    listed = clients.copy()
    listed[world.persons.household[np.flatnonzero(token_row != NONE)]] = True
    household = np.flatnonzero(listed & (borrower != NONE))
    borrower, spouse = borrower[household], spouse[household]
    means = rows_of(truth.means, household)
    relation = draw_relation(rng, config, config.banks[bank_code], means)
    income = rng.random(len(household)) < config.finances.authorised_income_share
    bureau = rng.random(len(household)) < config.finances.authorised_bureau_share
    agrees = (spouse != NONE) & ((token_row[spouse] != NONE) | (rng.random(len(household)) < _SPOUSE_AGREES))
    adults, minors = _members(world, end)
    number = rng.permutation(len(household)) + 1
    prefix = PREFIXES[bank_code]
    table = pa.table(
        {
            "household_ref": joined(prefix, "H", padded(number, 6)),
            "household_key": taken(keys, household),
            "village_code": village_codes(world.households.village[household]),
            **sector_column(means),
            "borrower_ref": joined(prefix, "P", padded(number, 6)),
            **_borrower_columns(world, certificates, token_row, borrower, spouse),
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
            "as_of": known_dates(np.full(len(household), end - 1)),
        }
    )
    place = table.column_names.index("spouse_binding_token")
    table = table.add_column(place, "spouse_consented", pa.array(agrees.astype(np.int8)))
    log_odds = shown_log_odds(config.credit, means, relation) + intercept
    log_odds += civility_log_odds(config.credit, truth.points[borrower]) + truth.latent[household]
    log_odds += _outlook(config, truth.shocks, means, world.households.village[household])
    order = np.argsort(number)
    chance = probability(log_odds)[order]
    return BankHouseholds(table.take(pa.array(order)), household[order], borrower[order], spouse[order], chance)


def _token_rows(certificates: Certificates, bank: int, persons: int) -> Ints:
    """Per person the row of their certificate consent at a bank; NONE without one."""
    held = np.flatnonzero(certificates.bank == bank)
    rows = np.full(persons, NONE)
    rows[certificates.person[held]] = held
    return rows


def _borrower_columns(
    world: World, certificates: Certificates, token_row: Ints, borrower: Ints, spouse: Ints
) -> dict[str, pa.Array]:
    """Birth date, sex and tokens; a withdrawn consent leaves its token with the bank."""
    return {
        "borrower_birth_on": known_dates(world.persons.birth_on[borrower]),
        "borrower_sex": looked_up(("female", "male"), world.persons.male[borrower].astype(np.int64)),
        "borrower_binding_token": taken(certificates.token, token_row[borrower]),
        "spouse_binding_token": taken(certificates.token, np.where(spouse == NONE, NONE, token_row[spouse])),
    }


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
