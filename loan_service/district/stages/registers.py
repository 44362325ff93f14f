"""From the two registers to persons, memberships of households and terms of legal representatives."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from loan_service.district.contracts import CONTRACTS
from loan_service.district.files.checking import typed_columns
from loan_service.district.files.delivery import DeliveredFile, Landed, Loader, load_all
from loan_service.district.files.findings import NO_DAY, Findings, Ints, Mask, dates_of, days_of
from loan_service.district.files.identity import Blinds, masked_name
from loan_service.district.files.reading import RawChunk
from loan_service.district.files.rows import SiftedEntries, sifted_entries
from loan_service.district.files.subjects import KnownResidents, agree_with_register, named_people, named_units
from loan_service.district.files.summary import IntakeSummary, Progress
from loan_service.district.files.terms import Term, overlapping
from loan_service.district.store import registers as store
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from scoring import day_number

RESIDENTS = CONTRACTS["resident_register"]
REPRESENTATIVES = CONTRACTS["legal_representatives"]

_SEXES = {"男": "male", "女": "female"}
_RELATIONS = {"户主": "head", "配偶": "spouse", "子女": "child", "父母": "parent", "其他": "other"}
_REASONS = {"分户": "split", "迁出": "moved_out", "死亡": store.DEATH, "婚嫁": "marriage"}
_OF_PERSON = ("person_id", "name_blind", "name_masked", "birth_on", "sex", "village_code")
_OF_STAY = (
    "household_id",
    "person_id",
    "from_on",
    "until_on",
    "relation",
    "left_reason",
    "village_code",
    "has_guardian",
    "content_id",
)
_OF_TERM = ("entity_id", "person_id", "from_on", "until_on", "entity_name", "content_id")


def run_registers(wing: Wing, folder: Path, business_date: date, progress: Progress) -> IntakeSummary:
    """Loads the register of residents, then that of legal representatives, whose persons must be registered.

    Args:
        wing: the district.
        folder: `<files>/district`.
        business_date: nothing can have happened after it.
        progress: told after every chunk.
    """
    blinds = Blinds(wing.blind_key)
    residents = load_all(wing, folder, (RESIDENTS,), business_date, progress, lambda file: _residents(file, blinds))
    with transaction(wing.engine) as connection:
        names = store.names(connection)
    known = KnownResidents(names["person_id"].to_numpy(), names["name_blind"].to_numpy(), np.empty(0, np.int64))
    return residents + load_all(
        wing, folder, (REPRESENTATIVES,), business_date, progress, lambda file: _representatives(file, blinds, known)
    )


def _demand_order(entries: Mapping[str, pa.Array], findings: Findings) -> None:
    from_on, until_on = days_of(entries["from_on"]), days_of(entries["until_on"])
    findings.add((from_on != NO_DAY) & (until_on < from_on), "until_on", "period.reversed")


def _row_numbers(entries: pa.Table) -> Ints:
    return np.asarray(entries["row_number"].to_numpy(), np.int64)


# --- residents --------------------------------------------------------------------------------------------------------
def _residents(file: DeliveredFile, blinds: Blinds) -> Loader[SiftedEntries]:
    return Loader(sift=lambda raw: _sift_residents(raw, blinds, day_number(file.last_day)), land=_land_residents)


def _sift_residents(raw: RawChunk, blinds: Blinds, last_day: int) -> SiftedEntries:
    findings = Findings(len(raw.row_numbers))
    columns = typed_columns(RESIDENTS, raw.columns, last_day, findings)
    people = named_people(columns, blinds, findings)
    _demand_order(columns, findings)
    entries = {
        "person_id": pa.array(people.person_id),
        "name_blind": pa.array(blinds.names(columns["name"])),
        "name_masked": _mapped(columns["name"], masked_name),
        "birth_on": dates_of(people.birth_on),
        "sex": _mapped(columns["sex"], _SEXES.__getitem__),
        "household_id": pa.array(blinds.households(columns["household_no"])),
        "relation": _mapped(columns["relation"], _RELATIONS.__getitem__),
        "village_code": columns["village_code"],
        "from_on": columns["from_on"],
        "until_on": columns["until_on"],
        "left_reason": _mapped(columns["left_reason"], _REASONS.__getitem__),
        "has_guardian": pc.equal(columns["has_guardian"], "是").fill_null(False),
    }
    return sifted_entries(raw, findings, entries, blinds.key)


def _mapped(texts: pa.Array, text_of: Callable[[str], str]) -> pa.Array:
    """Every distinct text put through a function once."""
    coded = texts.dictionary_encode()
    return pa.array(map(text_of, coded.dictionary.to_pylist()), pa.string()).take(coded.indices)


def _land_residents(connection: Connection, file: DeliveredFile, sifted: SiftedEntries) -> Landed:
    entries = sifted.entries
    known = store.names_of(connection, entries["person_id"].to_pylist())
    findings = Findings(entries.num_rows)
    findings.add(_other_names(entries, known), "name", "person.name_disagrees")
    before = {
        (row.household_id, row.person_id, row.from_on): row.content_id
        for row in store.memberships_of(connection, entries["person_id"].to_pylist())
    }
    new = _not_as_before(entries, ("household_id", "person_id", "from_on"), before) & ~findings.bad
    unknown = pa.array(~np.isin(entries["person_id"].to_numpy(), list(known)) & ~findings.bad)
    stays = entries.filter(pa.array(new)).select(_OF_STAY)
    store.append_residents(connection, _persons(entries.filter(unknown)), stays, file.file_id)
    repeated = int((~new & ~findings.bad).sum())
    return Landed(int(new.sum()), repeated, findings.rows(_row_numbers(entries)))


def _other_names(entries: pa.Table, known: Mapping[int, int]) -> Mask:
    """Rows whose name is not the one the person was first registered under."""
    blind = entries["name_blind"].to_numpy()
    distinct, first, group = np.unique(entries["person_id"].to_numpy(), return_index=True, return_inverse=True)
    firsts = zip(distinct.tolist(), blind[first].tolist(), strict=True)
    expected = np.array([known.get(person_id, name) for person_id, name in firsts], np.int64)
    return np.asarray(blind != expected[group])


def _not_as_before(entries: pa.Table, key: tuple[str, ...], before: dict[Any, int]) -> Mask:
    """Rows that say something about their period that has not been said before."""
    new = np.zeros(entries.num_rows, np.bool_)
    keys = zip(*(entries[name].to_pylist() for name in key), strict=True)
    for row, (about, content) in enumerate(zip(keys, entries["content_id"].to_pylist(), strict=True)):
        new[row] = before.get(about) != content
        before[about] = content
    return new


def _persons(entries: pa.Table) -> pa.Table:
    """One row per person as their latest stay shows them."""
    ordered = entries.sort_by([("person_id", "ascending"), ("from_on", "ascending")])
    person_id = ordered["person_id"].to_numpy()
    last = np.append(person_id[1:] != person_id[:-1], True)[: len(person_id)]
    first = np.append(True, last[:-1])[: len(person_id)]
    died = pc.if_else(pc.equal(ordered["left_reason"], store.DEATH), ordered["until_on"], None)
    return (
        ordered.filter(pa.array(last))
        .select(_OF_PERSON)
        .append_column("registered_from", ordered["from_on"].filter(pa.array(first)))
        .append_column("died_on", died.filter(pa.array(last)))
    )


# --- representatives --------------------------------------------------------------------------------------------------
def _representatives(file: DeliveredFile, blinds: Blinds, known: KnownResidents) -> Loader[SiftedEntries]:
    return Loader(sift=lambda raw: _sift_terms(raw, blinds, known, day_number(file.last_day)), land=_land_terms)


def _sift_terms(raw: RawChunk, blinds: Blinds, known: KnownResidents, last_day: int) -> SiftedEntries:
    findings = Findings(len(raw.row_numbers))
    columns = typed_columns(REPRESENTATIVES, raw.columns, last_day, findings)
    people = named_people(columns, blinds, findings)
    agree_with_register(people, columns["name"], blinds, known, findings)
    _demand_order(columns, findings)
    entries = {
        "entity_id": pa.array(named_units(columns, blinds, findings)),
        "person_id": pa.array(people.person_id),
        "entity_name": columns["entity_name"],
        "from_on": columns["from_on"],
        "until_on": columns["until_on"],
    }
    return sifted_entries(raw, findings, entries, blinds.key)


def _land_terms(connection: Connection, file: DeliveredFile, sifted: SiftedEntries) -> Landed:
    """Appends terms; of two that overlap the later one is quarantined."""
    entries = sifted.entries
    rows = store.terms_of(connection, entries["entity_id"].to_pylist())
    before = {(row.entity_id, row.person_id, row.from_on): row.content_id for row in rows}
    new = _not_as_before(entries, ("entity_id", "person_id", "from_on"), before)
    findings = Findings(entries.num_rows)
    columns = (entries[name].to_pylist() for name in ("entity_id", "person_id", "from_on", "until_on"))
    standing = [Term(row.entity_id, row.person_id, row.from_on, row.until_on) for row in rows]
    arriving = [Term(*values) for values in zip(*columns, strict=True)]
    findings.add(overlapping(standing, arriving) & new, "from_on", "representative.overlap")
    landing = new & ~findings.bad
    store.append_terms(connection, entries.filter(pa.array(landing)).select(_OF_TERM), file.file_id)
    return Landed(int(landing.sum()), int((~new).sum()), findings.rows(_row_numbers(entries)))
