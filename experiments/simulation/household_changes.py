"""What each bank is told of changes in its households: by blinded key and its own references, nobody by name.

Splits, marriages and newcomers are those of the district's register; deaths of borrowers, households that moved out and
mergers happened after the register's last delivery, so that the bank hears of them first.
"""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation.arrays import (
    NEVER,
    NONE,
    Flags,
    Ints,
    count_for,
    date_texts,
    day,
    hex_tokens,
    joined,
    known_dates,
    looked_up,
    padded,
    taken,
)
from experiments.simulation.banks import BankHouseholds
from experiments.simulation.config import SimulationConfig
from experiments.simulation.defects import DUPLICATE, LATE, SOUND, STRANGER
from experiments.simulation.family import HEAD
from experiments.simulation.moves import MARRIED, SPLIT
from experiments.simulation.past_loans import PREFIXES
from experiments.simulation.world import World

KINDS = ("registered", "split", "married", "died", "became_borrower", "merged", "moved_out")
REGISTERED, SPLIT_OFF, WED, DIED, SUCCEEDED, MERGED, MOVED_OUT = range(len(KINDS))
_BIRTH_TOLD = (DIED, SUCCEEDED)


@dataclass(frozen=True, slots=True)
class ChangesFile:
    """One file as delivered, with what is wrong with each of its rows."""

    delivered_on: date
    table: pa.Table
    defect: Ints


@dataclass(frozen=True, slots=True)
class _Rows:
    """Changes as positions in the world; NONE where a kind has no such thing."""

    kind: Ints
    on: Ints
    household: Ints
    other: Ints
    member: Ints

    @property
    def count(self) -> int:
        return len(self.kind)

    def take(self, rows: Ints) -> "_Rows":
        return _Rows(*(getattr(self, one.name)[rows] for one in fields(self)))


def household_changes(
    rng: np.random.Generator,
    config: SimulationConfig,
    bank_code: str,
    *,
    world: World,
    file: BankHouseholds,
    keys: pa.Array,
    scale: float,
) -> list[ChangesFile]:
    """Draw the two files one bank is given: what was known by the last delivery but one, and the rest with the last.

    Args:
        rng: a stream of its own.
        config: the numbers.
        bank_code: the bank.
        world: who lived where.
        file: the bank's household file; every change concerns one of its households.
        keys: blinded key per household of the district.
        scale: share of the full size.
    """
    told = _register_rows(config, world, file)
    rows = _concatenated([told, _recent_rows(rng, config, file, told, scale)])
    rows = rows.take(np.argsort(rows.on, kind="stable"))
    table = _table(rng, bank_code, world, file, keys, rows)
    untouched = np.flatnonzero(~np.isin(file.household, np.r_[rows.household, rows.other]))
    others = taken(keys, file.household[rng.permutation(untouched)])
    return _delivered(rng, config, rows, table, others, scale)


def _register_rows(config: SimulationConfig, world: World, file: BankHouseholds) -> _Rows:
    """Splits, weddings of those the bank deals with, and newcomers among its households."""
    stays, persons, end = world.memberships, world.persons, config.history.end_day
    since = end - round(config.household_changes.months * 365.25 / 12)
    listed = _flags(world.households.count, file.household)
    known = _flags(persons.count, file.borrower) | _flags(persons.count, file.spouse[file.spouse != NONE])
    moved = np.flatnonzero((stays.until_on != NEVER) & (stays.household != persons.household[stays.person]))
    person, origin, on = stays.person[moved], stays.household[moved], stays.until_on[moved]
    into, split = persons.household[person], stays.reason[moved] == SPLIT
    began = _began_on(config, world, into[split], on[split])
    new = split & (on >= since) & (persons.relation[person] == HEAD) & (listed[origin] | listed[into])
    weds = (stays.reason[moved] == MARRIED) & (on >= since) & known[person] & listed[into]
    borrows = _flags(persons.count, file.borrower)
    parts = _rows(SPLIT_OFF, on[new], into[new], origin[new], np.where(borrows[person[new]], person[new], NONE))
    named = listed[origin] & (began[origin] <= on)
    spouses = _rows(WED, on[weds], into[weds], np.where(named, origin, NONE)[weds], person[weds])
    came = listed & (began >= since) & ~_flags(len(listed), np.r_[into[split], origin])
    newcomers = _rows(REGISTERED, began[came], np.flatnonzero(came))
    elsewhere = np.unique(origin[new & ~listed[origin]])
    long_ago = _rows(REGISTERED, np.full(len(elsewhere), config.history.first_day), elsewhere)
    return _concatenated([long_ago, newcomers, parts, spouses])


def _began_on(config: SimulationConfig, world: World, parted: Ints, on: Ints) -> Ints:
    """Per household the day it split off or moved in; NONE for those that were there before the reform."""
    began = np.full(world.households.count, NONE)
    heads = np.flatnonzero(world.persons.relation == HEAD)
    came = heads[world.persons.registered_on[heads] >= config.history.first_day]
    began[world.persons.household[came]] = world.persons.registered_on[came]
    began[parted] = on
    return began


def _recent_rows(
    rng: np.random.Generator, config: SimulationConfig, file: BankHouseholds, told: _Rows, scale: float
) -> _Rows:
    """What happened on the last days, to households of which nothing else is told."""
    counts, on = config.household_changes, config.history.end_day - 2
    rows = rng.permutation(np.flatnonzero(~np.isin(file.household, np.r_[told.household, told.other])))
    deaths, away, pairs = (count_for(one, scale) for one in (counts.deaths, counts.move_outs, counts.mergers))
    dead, gone, left, into = np.split(rows, np.cumsum([deaths, away, pairs, pairs]))[:4]
    heirs = dead[file.spouse[dead] != NONE][::2]
    return _concatenated(
        [
            _rows(DIED, np.full(len(dead), on), file.household[dead], member=file.borrower[dead]),
            _rows(SUCCEEDED, np.full(len(heirs), on + 1), file.household[heirs], member=file.spouse[heirs]),
            _rows(MOVED_OUT, np.full(len(gone), on), file.household[gone]),
            _rows(MERGED, np.full(len(left), on), file.household[left], file.household[into]),
        ]
    )


def _table(
    rng: np.random.Generator, bank_code: str, world: World, file: BankHouseholds, keys: pa.Array, rows: _Rows
) -> pa.Table:
    """The rows in the bank's words: borrowers under their references, others under numbers only this bank has."""
    prefix = PREFIXES[bank_code]
    number = np.where(rows.member == NONE, NONE, rng.permutation(world.persons.count)[rows.member])
    place = np.full(world.persons.count, NONE)
    place[file.borrower] = np.arange(len(file.borrower))
    place = np.where(rows.member == NONE, NONE, place[rows.member])
    others = taken(joined(prefix, "M", padded(np.arange(world.persons.count) + 1, 7)), number)
    birth = np.where(np.isin(rows.kind, _BIRTH_TOLD), rows.member, NONE)
    return pa.table(
        {
            "change_no": joined(prefix, "C", padded(np.arange(rows.count) + 1, 6)),
            "kind": looked_up(KINDS, rows.kind),
            "occurred_on": date_texts(rows.on),
            "household_key": taken(keys, rows.household),
            "other_household_key": taken(keys, rows.other),
            "member_ref": pc.coalesce(taken(file.table["borrower_ref"].combine_chunks(), place), others),
            "member_birth_on": taken(known_dates(world.persons.birth_on).cast(pa.string()), birth),
            "corrects_change_no": pa.nulls(rows.count, pa.string()),
        }
    )


def _delivered(
    rng: np.random.Generator, config: SimulationConfig, rows: _Rows, table: pa.Table, others: pa.Array, scale: float
) -> list[ChangesFile]:
    """Cut the rows into two files and spoil a few: late, of unknown or wrong households, told twice.

    Args:
        rng: the bank's stream.
        config: the numbers.
        rows: the changes, by day.
        table: the same in the bank's words.
        others: keys of listed households that no part came from, one for each row at least.
        scale: share of the full size.
    """
    counts, (before, last) = config.household_changes, config.history.deliveries[-2:]
    first = rows.on <= day(before.until)
    unknown = _drawn(rng, rows.kind == SPLIT_OFF, counts.wrong_keys, scale)
    defect = np.full(rows.count, SOUND)
    defect[unknown] = STRANGER
    wrong = _drawn(rng, first & (rows.kind == SPLIT_OFF) & (defect == SOUND), counts.wrong_origins, scale)
    late = _drawn(rng, first & (rows.kind == WED), counts.late, scale)
    defect[wrong], defect[late], first[late] = STRANGER, LATE, False
    right = _corrections(table.take(pa.array(wrong)))
    table = _with_origins(table, unknown, hex_tokens(rng, len(unknown)))
    table = _with_origins(table, wrong, others.slice(0, len(wrong)))
    once, twice = np.flatnonzero(first), _drawn(rng, first & (defect == SOUND), counts.repeated, scale)
    later = np.flatnonzero(~first)
    both = _drawn(rng, ~first & (defect == SOUND), counts.repeated, scale)
    again = np.r_[later, twice, both]
    marks = np.r_[defect[later], np.full(len(twice) + len(both), DUPLICATE), np.full(right.num_rows, SOUND)]
    return [
        ChangesFile(before.delivered_on, table.take(pa.array(once)), defect[once]),
        ChangesFile(last.delivered_on, pa.concat_tables([table.take(pa.array(again)), right]), marks),
    ]


def _drawn(rng: np.random.Generator, eligible: Flags, expected: int, scale: float) -> Ints:
    return rng.permutation(np.flatnonzero(eligible))[: count_for(expected, scale)]


def _corrections(table: pa.Table) -> pa.Table:
    """The same rows under numbers of their own, each naming the one it takes the place of."""
    numbers = joined(table["change_no"].combine_chunks(), "R")
    corrected = table.set_column(
        table.column_names.index("corrects_change_no"), "corrects_change_no", table["change_no"]
    )
    return corrected.set_column(0, "change_no", numbers)


def _with_origins(table: pa.Table, which: Ints, keys: pa.Array) -> pa.Table:
    """The table with other households to come from in some rows."""
    mask = np.zeros(table.num_rows, dtype=np.bool_)
    mask[which] = True
    place, column = table.column_names.index("other_household_key"), table["other_household_key"].combine_chunks()
    new = pc.replace_with_mask(column, pa.array(mask), keys.take(pa.array(np.argsort(np.argsort(which)))))
    return table.set_column(place, "other_household_key", new)


def _rows(kind: int, on: Ints, household: Ints, other: Ints | None = None, member: Ints | None = None) -> _Rows:
    nothing = np.full(len(on), NONE)
    return _Rows(
        np.full(len(on), kind),
        on,
        household,
        nothing if other is None else other,
        nothing if member is None else member,
    )


def _concatenated(parts: list[_Rows]) -> _Rows:
    return _Rows(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(_Rows)))


def _flags(count: int, which: Ints) -> Flags:
    flags = np.zeros(count, dtype=np.bool_)
    flags[which] = True
    return flags
