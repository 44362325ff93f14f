"""Who enrols, who consents to which source and to certificates for which bank, and who changes their mind."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation.archetypes import BEDRIDDEN_ELDER, NO_SMARTPHONE
from experiments.simulation.arrays import NEVER, NONE, Flags, Floats, Ints, as_flags, hex_tokens, month_start, top_share
from experiments.simulation.civility import Participation, Traits
from experiments.simulation.config import BANKS, SimulationConfig
from experiments.simulation.world import World

SOURCES = ("volunteering", "household_hygiene", "village_compact", "self_discipline", "neighborhood_points")
_OLDEST_BORROWER = 72.0
_CERTIFICATES_SINCE = 700  # days before the demo day


@dataclass(frozen=True, slots=True)
class Certificates:
    """Consents to provide a certificate: person, bank, one-time binding token, and the period they hold."""

    person: Ints
    bank: Ints
    given_on: Ints
    withdrawn_on: Ints
    token: pa.Array

    @property
    def live(self) -> Flags:
        """Consents nobody withdrew."""
        return as_flags(self.withdrawn_on == NEVER)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Per person: [enrolled_on, withdrawn_on), and per source (rows of SOURCES) the period of consent."""

    enrolled_on: Ints
    withdrawn_on: Ints
    source_from: Ints  # shape (5, persons)
    source_until: Ints
    village_channel: Flags
    certificates: Certificates

    @property
    def live(self) -> Flags:
        """Persons whose enrolment stands."""
        return as_flags((self.enrolled_on != NONE) & (self.withdrawn_on == NEVER))

    def consented(self, source: str) -> Flags:
        """Persons whose consent to a source stands, enrolment included."""
        row = SOURCES.index(source)
        return as_flags(self.live & (self.source_from[row] != NONE) & (self.source_until[row] == NEVER))


def draw_clients(rng: np.random.Generator, config: SimulationConfig, households: int) -> Flags:
    """Which households authorise prescreening at which bank, shape (households, banks)."""
    shares = np.array([config.banks[code].client_share for code in BANKS])
    return rng.random((households, len(BANKS))) < shares


def draw_enrolment(
    rng: np.random.Generator,
    config: SimulationConfig,
    world: World,
    traits: Traits,
    joined: Participation,
    clients: Flags,
) -> Enrolment:
    """Enrolment of the configured share of adults, consents by source, certificates by bank, some withdrawn."""
    rates, end = config.enrolment, config.history.end_day
    starts = _starts(world, joined)
    enrolled_on = _enrolled_on(rng, config, world, traits, starts)
    enrolled = enrolled_on != NONE
    leaves = enrolled & (world.persons.left_on == NEVER) & (rng.random(len(enrolled)) < rates.withdrawn_share)
    withdrawn_on = np.where(leaves, _later(rng, enrolled_on, end), NEVER)
    active = (starts != NONE) & enrolled
    chance = np.where(active, rates.source_consent_if_active, rates.source_consent_otherwise)
    consents = enrolled & (rng.random(active.shape) < chance)
    began = np.where(active, np.maximum(starts - 20, enrolled_on), enrolled_on)
    source_from = np.where(consents, began, NONE)
    stops = consents & (rng.random(active.shape) < rates.source_withdrawn_share)
    return Enrolment(
        enrolled_on=enrolled_on,
        withdrawn_on=withdrawn_on,
        source_from=source_from,
        source_until=np.where(stops, _later(rng, source_from, end), NEVER),
        village_channel=np.isin(traits.situation, (BEDRIDDEN_ELDER, NO_SMARTPHONE)) | (rng.random(len(enrolled)) < 0.1),  # noqa: PLR2004
        certificates=_certificates(rng, config, world, traits, enrolled & ~leaves, enrolled_on, clients),
    )


def _starts(world: World, joined: Participation) -> Ints:
    """First day of activity per source and person; NONE for the inactive."""
    home = world.persons.household
    compact = np.where(joined.mutual_aid != NONE, joined.mutual_aid, joined.compact[home])
    quarters = np.stack(
        [joined.volunteering, joined.hygiene[home], compact, joined.self_discipline, joined.neighborhood_points]
    )
    return np.where(quarters == NONE, NONE, month_start(3 * quarters))


def _enrolled_on(
    rng: np.random.Generator, config: SimulationConfig, world: World, traits: Traits, starts: Ints
) -> Ints:
    """The active enrol before they begin, the others over the years, more of them early."""
    persons, history, count = world.persons, config.history, world.persons.count
    adult = persons.adults(history.end_day - 1)
    wish = config.enrolment.engagement_weight * traits.engagement + rng.standard_normal(count)
    wish = np.where(adult, wish + 1.6 * (starts != NONE).any(axis=0), -np.inf)
    enrols = top_share(wish, config.enrolment.adult_share * adult.mean())
    enrols |= ~adult & (rng.random(count) < config.enrolment.adult_share / 2)  # those who left later
    anyday = history.first_day + (history.years * 365.25 * rng.beta(1.1, 1.6, count)).astype(np.int64)
    first_start = np.where(starts == NONE, NEVER, starts).min(axis=0)
    early = np.where(first_start == NEVER, anyday, first_start - rng.integers(0, 60, count))
    on = np.maximum.reduce([early, persons.adult_on, persons.registered_on + 5])
    on = np.maximum(on, history.first_day)
    return np.where(enrols & (on < np.minimum(persons.left_on, history.end_day)), on, NONE)


def _later(rng: np.random.Generator, after: Ints, end: int) -> Ints:
    """Some day after each one's, before the end."""
    return after + 1 + (rng.random(after.shape) * np.maximum(end - after - 1, 0)).astype(np.int64)


def _certificates(
    rng: np.random.Generator,
    config: SimulationConfig,
    world: World,
    traits: Traits,
    enrolled: Flags,
    enrolled_on: Ints,
    clients: Flags,
) -> Certificates:
    rates, end = config.enrolment, config.history.end_day
    age = world.persons.age_years(end)
    wish = (
        rates.certificate_engagement_weight * traits.engagement
        + rng.standard_normal(len(age))
        - 1.2 * (age > _OLDEST_BORROWER)
    )
    able = enrolled & (world.persons.left_on == NEVER)
    person = np.flatnonzero(top_share(np.where(able, wish, -np.inf), rates.certificate_share * able.mean()))
    first, second = _banks_of(rng, clients[world.persons.household[person]])
    twice = rng.random(len(person)) < rates.second_bank_share
    bank, person = np.r_[first, second[twice]], np.r_[person, person[twice]]
    since = np.maximum(enrolled_on[person], end - _CERTIFICATES_SINCE)
    given_on = _later(rng, since, end) - 1
    changed = rng.random(len(person)) < rates.certificate_withdrawn_share
    withdrawn_on = np.where(changed, _later(rng, given_on, end), NEVER)
    return Certificates(person, bank, given_on, withdrawn_on, hex_tokens(rng, len(person)))


def _banks_of(rng: np.random.Generator, clients: Flags) -> tuple[Ints, Ints]:
    """Each person's first and second bank: their household's banks before others, the larger before the smaller."""
    weights: Floats = np.where(clients, 1.0, 0.02) * np.array([1.0, 0.8, 0.7])
    keys = np.log(rng.random(weights.shape)) / weights  # Efraimidis-Spirakis: sampling without replacement
    order = np.argsort(-keys, axis=1)
    return order[:, 0], order[:, 1]


@dataclass(frozen=True, slots=True)
class Acts:
    """The consent ledger as delivered: one row per act, in the order of acting."""

    person: Ints
    withdrawn: Flags
    purpose: Ints
    source: Ints
    bank: Ints
    on: Ints
    second: Ints
    token: pa.Array


ENROLMENT, SOURCE, CERTIFICATE = range(3)
PURPOSES = ("enrolment", "source", "provide_certificate")
_DAY_SECONDS = (7 * 3600, 22 * 3600)


def consent_acts(rng: np.random.Generator, enrolment: Enrolment) -> Acts:
    """Every act of giving or withdrawing; withdrawing enrolment withdraws nothing else by itself."""
    certificates = enrolment.certificates
    enrolled, leaves = np.flatnonzero(enrolment.enrolled_on != NONE), np.flatnonzero(enrolment.withdrawn_on != NEVER)
    row, person = np.nonzero(enrolment.source_from != NONE)
    stop_row, stop_person = np.nonzero(enrolment.source_until != NEVER)
    quits = np.flatnonzero(certificates.withdrawn_on != NEVER)
    blocks = [
        (enrolled, False, ENROLMENT, NONE, NONE, enrolment.enrolled_on[enrolled]),
        (leaves, True, ENROLMENT, NONE, NONE, enrolment.withdrawn_on[leaves]),
        (person, False, SOURCE, row, NONE, enrolment.source_from[row, person]),
        (stop_person, True, SOURCE, stop_row, NONE, enrolment.source_until[stop_row, stop_person]),
        (certificates.person, False, CERTIFICATE, NONE, certificates.bank, certificates.given_on),
        (
            certificates.person[quits],
            True,
            CERTIFICATE,
            NONE,
            certificates.bank[quits],
            certificates.withdrawn_on[quits],
        ),
    ]
    columns = [
        np.concatenate([np.broadcast_to(np.asarray(block[place]), len(block[0])) for block in blocks])
        for place in range(6)
    ]
    without_token = len(columns[0]) - len(certificates.person) - len(quits)
    token = pa.concat_arrays(
        [pa.nulls(without_token, pa.string()), certificates.token, certificates.token.take(pa.array(quits))]
    )
    # giving comes in the morning and withdrawing in the evening, so that both on one day stay in order
    second = rng.integers(*_DAY_SECONDS, len(columns[0])) // 2 + np.where(columns[1], 40_000, 12_000)
    order = np.lexsort((second, columns[5]))
    return Acts(
        person=columns[0][order],
        withdrawn=columns[1][order].astype(np.bool_),
        purpose=columns[2][order],
        source=columns[3][order],
        bank=columns[4][order],
        on=columns[5][order],
        second=second[order],
        token=token.take(pa.array(order)),
    )
