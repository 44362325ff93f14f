"""What the code under test must never see: true traits, probabilities, shocks and defects, put aside as Parquet."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.simulation.archetypes import ARCHETYPES
from experiments.simulation.arrays import NEVER, NONE, Ints, dates, known_dates, looked_up, taken
from experiments.simulation.banks import BankHouseholds
from experiments.simulation.config import BANKS, SECTORS
from experiments.simulation.credit import FIRST_YEAR, three_way
from experiments.simulation.district import District
from experiments.simulation.entities import overlapping_entities
from experiments.simulation.feeds import record_numbers
from experiments.simulation.files import write_parquet
from experiments.simulation.objections import OUTCOMES, SOURCES
from experiments.simulation.world import village_codes


def write_truth(
    folder: Path, district: District, files: list[BankHouseholds], past: list[pa.Table], defects: pa.Table
) -> None:
    """Write every truth table into a folder."""
    tables = {
        "persons": persons_table(district),
        "households": households_table(district),
        "representatives": representatives_table(district),
        "objections": objections_table(district),
        "bank_households": pa.concat_tables(
            [_bank_table(district, code, file) for code, file in zip(BANKS, files, strict=True)]
        ),
        "past_loans": pa.concat_tables(past),
        "shocks": shocks_table(district),
        "defects": defects,
    }
    for name, table in tables.items():
        write_parquet(folder / f"{name}.parquet", table)


def persons_table(district: District) -> pa.Table:
    """One row per person ever registered."""
    persons, homes, enrolled = district.world.persons, district.world.households, district.enrolment
    return pa.table(
        {
            "id_number": persons.id_number,
            "name": persons.name,
            "birth_on": known_dates(persons.birth_on),
            "household_no": taken(homes.number, persons.household),
            "village_code": village_codes(homes.village[persons.household]),
            "registered_on": known_dates(persons.registered_on),
            "left_on": dates(persons.left_on),
            "died": persons.died,
            "archetype": looked_up(ARCHETYPES, district.archetype),
            "situation": looked_up(ARCHETYPES, district.traits.situation),
            "engagement": district.traits.engagement,
            "carelessness": district.traits.carelessness,
            "civility_points": district.civility_points,
            "enrolled_on": dates(enrolled.enrolled_on),
            "withdrawn_on": dates(enrolled.withdrawn_on),
        }
    )


def households_table(district: District) -> pa.Table:
    """One row per household with its true finances and latent factor."""
    homes, means = district.world.households, district.truth.means
    return pa.table(
        {
            "household_no": homes.number,
            "household_key": district.household_keys,
            "village_code": village_codes(homes.village),
            "sector": looked_up(SECTORS, homes.sector),
            "income_yuan": means.income_yuan,
            "buffer_months": means.buffer_months,
            "debt_yuan": means.debt_yuan,
            "seasonality": means.seasonality,
            "three_way_log_odds": three_way(district.config.credit, means),
            "latent_log_odds": district.truth.latent,
        }
    )


def representatives_table(district: District) -> pa.Table:
    """Terms of office with the day the office really changed hands."""
    units, terms = district.entities, district.entities.terms
    return pa.table(
        {
            "uscc": taken(units.code, terms.entity),
            "id_number": taken(district.world.persons.id_number, terms.person),
            "from_on": known_dates(terms.from_on),
            "until_on": dates(terms.until_on),
            "actual_on": known_dates(terms.actual_on),
            "overlapping": np.isin(terms.entity, overlapping_entities(terms)),
            "current": terms.until_on == NEVER,
        }
    )


def objections_table(district: District) -> pa.Table:
    """Appeals and corrections: about which record, by whom or of whom, from when until when, and how it ended."""
    objections, demo_day = district.objections, district.config.history.end_day
    appeals, corrections = objections.appeals, objections.corrections
    about = np.r_[appeals.about, corrections.about]
    deductions, none = objections.deductions, np.full(len(corrections.about), NONE)
    entity = deductions.entity[about]
    return pa.table(
        {
            "kind": ["appeal"] * len(appeals.about) + ["correction"] * len(corrections.about),
            "source_code": looked_up(tuple(SOURCES), deductions.source[about]),
            "record_no": _record_numbers(district, about),
            "id_number": taken(district.world.persons.id_number, deductions.person[about]),
            "uscc": taken(district.entities.code, entity),
            "not_representative": np.r_[appeals.not_representative, none > NONE],
            "from_on": known_dates(np.r_[appeals.opened_on, corrections.on]),
            "until_on": dates(np.r_[appeals.closed_on, none]),
            "outcome": looked_up(OUTCOMES, np.r_[appeals.outcome, none]),
            "stands_on_demo_day": (deductions.until[about] > demo_day),
        }
    )


def _record_numbers(district: District, about: Ints) -> pa.Array:
    """Numbers of the records behind some deductions."""
    deductions = district.objections.deductions
    numbers = np.empty(len(about), np.object_)
    for place, (code, name) in enumerate(SOURCES.items()):
        mine = deductions.source[about] == place
        of_source = record_numbers(code, getattr(district.behaviours, name))
        numbers[mine] = of_source.take(pa.array(deductions.row[about[mine]])).to_numpy(zero_copy_only=False)
    return pa.array(numbers, pa.string())


def shocks_table(district: District) -> pa.Table:
    """Shocks in log-odds by year, by sector and by village (empty: none of them)."""
    shocks = district.truth.shocks
    years, sectors, villages = len(shocks.year), len(SECTORS), shocks.village.shape[1]
    outer = [f"W{number + 1:03d}" for number in range(villages - district.config.population.villages)]
    inner = [f"V{number + 1:03d}" for number in range(district.config.population.villages)]
    kinds = ["year"] * years + ["sector"] * years * sectors + ["village"] * years * villages
    year = np.r_[np.arange(years), np.repeat(np.arange(years), sectors), np.repeat(np.arange(years), villages)]
    return pa.table(
        {
            "kind": kinds,
            "year": year + FIRST_YEAR,
            "code": [""] * years + list(SECTORS) * years + (inner + outer) * years,
            "log_odds": np.r_[shocks.year, shocks.sector.ravel(), shocks.village.ravel()],
        }
    )


def _bank_table(district: District, bank_code: str, file: BankHouseholds) -> pa.Table:
    return pa.table(
        {
            "bank_code": pa.array([bank_code] * len(file.household)),
            "household_ref": file.table["household_ref"],
            "household_no": taken(district.world.households.number, file.household),
            "borrower_id_number": taken(district.world.persons.id_number, file.borrower),
            "borrower_civility_points": district.civility_points[file.borrower],
            "spouse_civility_points": pa.array(district.civility_points[file.spouse], mask=file.spouse == NONE),
            "default_probability": file.default_probability,
        }
    )
