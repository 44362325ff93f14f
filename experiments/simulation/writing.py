"""Writes everything a district and its banks deliver, channel plans and truth included, into one folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import NONE, stream
from experiments.simulation.banks import BankHouseholds
from experiments.simulation.behaviour import Behaviour, Chances, draw_chances, plans_of
from experiments.simulation.config import BANKS, SimulationConfig
from experiments.simulation.defects import OVERLAP, STRANGER, banned_rows, draw_strangers, spoil, with_added
from experiments.simulation.deliveries import Written, write_clean, write_feed
from experiments.simulation.district import District, changes_of, households_of, past_loans_of, simulate
from experiments.simulation.enrolment import consent_acts
from experiments.simulation.entities import overlapping_entities
from experiments.simulation.feeds import Clerk
from experiments.simulation.intentions import intentions_table
from experiments.simulation.objection_rows import objection_feed
from experiments.simulation.registers import consents, representatives, residents, terms_put_right
from experiments.simulation.truth import write_truth


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was written, and what fitting needs of it."""

    files: tuple[Written, ...]
    chances: Chances
    household_refs: dict[str, pa.Array]


@dataclass(frozen=True, slots=True)
class _Bank:
    file: BankHouseholds
    past_truth: pa.Table
    written: list[Written]


def write_simulation(
    config: SimulationConfig, behaviour: Behaviour, seed: int, out: Path, scale: float = 1.0
) -> Simulation:
    """Simulate and write `district/`, a folder per bank, `channel/` and `truth/` below `out`.

    The same seed, scale and configuration give the same bytes.
    """
    district = simulate(config, seed, scale)
    written = write_feeds(district, _folder(out / "district")) + write_registers(district, _folder(out / "district"))
    banks = [_write_bank(district, code, _folder(out / code)) for code in BANKS]
    files = [bank.file for bank in banks]
    chances = draw_chances(seed, config, district.truth.means, files)
    for bank in banks:
        written += bank.written
    written += _write_channel(district, behaviour, chances, files, out / "channel")
    defects = pa.concat_tables([part.defects for part in written])
    write_truth(_folder(out / "truth"), district, files, [bank.past_truth for bank in banks], defects)
    return Simulation(tuple(written), chances, _references(files))


def write_feeds(district: District, folder: Path) -> list[Written]:
    """The eleven feeds with their defects."""
    written = []
    for feed in Clerk(district.world, district.entities).feeds(district.behaviours):
        banned = banned_rows(district.behaviours.municipal) if feed.source_code == "municipal_credit" else None
        rng = stream(district.seed, f"defects of {feed.source_code}")
        spoilt = spoil(rng, district.config, feed, district.scale, banned)
        added = objection_feed(district.world, district.entities, district.objections, feed)
        if added is not None and added.table.num_rows:
            spoilt = with_added(district.config, spoilt, added)
        written += write_feed(district.config, spoilt, folder, district.scale)
    return written


def write_registers(district: District, folder: Path) -> list[Written]:
    """Residents by township, legal representatives, and the ledger of consents."""
    day = district.config.history.deliveries[-1].delivered_on
    written = [
        write_clean(folder, f"resident_register_{day:%Y%m%d}_{place:02d}.csv", table)
        for place, table in enumerate(residents(district.world), start=1)
    ]
    terms = district.entities.terms
    unregistered = terms.person == NONE
    strangers = draw_strangers(
        stream(district.seed, "strangers"), int(unregistered.sum()), district.config.history.end_day
    )
    table = representatives(district.world, district.entities, strangers)
    second = np.arange(len(terms.entity)) >= district.entities.count
    overlapping = second & np.isin(terms.entity, overlapping_entities(terms))
    defect = np.select([unregistered, overlapping], [STRANGER, OVERLAP], default=0)
    written.append(write_clean(folder, f"legal_representatives_{day:%Y%m%d}_01.csv", table, "gb18030", defect))
    right = terms_put_right(table, district.entities, district.objections)
    if right.num_rows:
        written.append(write_clean(folder, f"legal_representatives_{day:%Y%m%d}_02.csv", right, "gb18030"))
    acts = consent_acts(stream(district.seed, "consent acts"), district.enrolment)
    ledger = consents(district.world, acts, district.enrolment.village_channel)
    return [*written, write_clean(folder, f"consents_{day:%Y%m%d}_01.jsonl", ledger)]


def _write_bank(district: District, bank_code: str, folder: Path) -> _Bank:
    """Past loans, households and what changed in them; the loans' table is let go as soon as it is written."""
    day = district.config.history.deliveries[-1].delivered_on
    past = past_loans_of(district, bank_code)
    file = households_of(district, bank_code, past.intercept)
    written = [
        write_clean(folder, f"past_loans_{day:%Y%m%d}.csv", past.table),
        write_clean(folder, f"households_{day:%Y%m%d}.csv", file.table),
    ]
    written += [
        write_clean(folder, f"household_changes_{told.delivered_on:%Y%m%d}.csv", told.table, defect=told.defect)
        for told in changes_of(district, bank_code, file)
    ]
    truth = past.truth.add_column(0, "bank_code", pa.array([bank_code] * past.truth.num_rows))
    return _Bank(file, truth, written)


def _write_channel(
    district: District, behaviour: Behaviour, chances: Chances, files: list[BankHouseholds], folder: Path
) -> list[Written]:
    plans = plans_of(behaviour, chances)
    written = []
    for place, (code, refs) in enumerate(_references(files).items()):
        table = intentions_table(plans, place, refs, district.world.households.sector)
        written.append(write_clean(_folder(folder / code), "intentions.jsonl", table))
    return written


def _references(files: list[BankHouseholds]) -> dict[str, pa.Array]:
    return {code: file.table["household_ref"].combine_chunks() for code, file in zip(BANKS, files, strict=True)}


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
