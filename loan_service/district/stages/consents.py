"""From the ledger of consents to acts of giving and withdrawing; one-time tokens become pseudonyms, then are lost."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from loan_service.district.contracts import CONTRACTS
from loan_service.district.contracts.columns import Kind
from loan_service.district.files.checking import TypedColumns, day_column, typed_columns
from loan_service.district.files.delivery import DeliveredFile, Landed, Loader, load_all
from loan_service.district.files.findings import Findings, dates_of, mask_of
from loan_service.district.files.identity import NO_ID, Blinds
from loan_service.district.files.reading import RawChunk
from loan_service.district.files.repeats import arrivals
from loan_service.district.files.rows import SiftedEntries, sifted_entries
from loan_service.district.files.subjects import KnownResidents, agree_with_register, came_of_age, named_people
from loan_service.district.files.summary import IntakeSummary, Progress
from loan_service.district.store import consents as store
from loan_service.district.store import registers
from loan_service.foundation.database import transaction
from loan_service.foundation.identifiers import pseudonym, stable_ids
from loan_service.foundation.wing import Wing
from scoring import day_number

CONSENTS = CONTRACTS["consents"]

_CERTIFICATE = "provide_certificate"
_OF_ACT = ("act", "purpose", "source_code", "recipient", "text_version", "acted_at", "channel")


def run_consents(wing: Wing, folder: Path, business_date: date, progress: Progress) -> IntakeSummary:
    """Loads every act of consent or withdrawal; the persons must be registered.

    Args:
        wing: the district.
        folder: `<files>/district`.
        business_date: nothing can have happened after it.
        progress: told after every chunk.
    """
    blinds = Blinds(wing.blind_key)
    with transaction(wing.engine) as connection:
        names = registers.names(connection)
    known = KnownResidents(names["person_id"].to_numpy(), names["name_blind"].to_numpy(), np.empty(0, np.int64))
    return load_all(wing, folder, (CONSENTS,), business_date, progress, lambda file: _loader(file, blinds, known))


def _loader(file: DeliveredFile, blinds: Blinds, known: KnownResidents) -> Loader[SiftedEntries]:
    return Loader(sift=lambda raw: _sift(raw, blinds, known, day_number(file.last_day)), land=_land)


def _sift(raw: RawChunk, blinds: Blinds, known: KnownResidents, last_day: int) -> SiftedEntries:
    findings = Findings(len(raw.row_numbers))
    columns = typed_columns(CONSENTS, raw.columns, last_day, findings)
    people = named_people(columns, blinds, findings)
    agree_with_register(people, columns["name"], blinds, known, findings)
    acted_on = day_column(Kind.MOMENT, columns["acted_at"])
    minor = (people.person_id != NO_ID) & (acted_on < came_of_age(people.birth_on))
    findings.add(minor & mask_of(pc.is_valid(columns["acted_at"])), "acted_at", "consent.minor")
    _demand_purpose(columns, findings)
    entries = {
        "act_id": pa.array(stable_ids("consent_act", columns["act_no"].fill_null("").to_pylist()), pa.int64()),
        "person_id": pa.array(people.person_id),
        **{name: columns[name] for name in _OF_ACT},
        "acted_on": dates_of(acted_on),
        "pseudonym": _pseudonyms(columns),
    }
    return sifted_entries(raw, findings, entries, blinds.key)


def _demand_purpose(columns: TypedColumns, findings: Findings) -> None:
    """A consent says for which source, or to which bank and with which token."""
    to_source = mask_of(pc.equal(columns["purpose"], "source")) & ~findings.bad
    to_bank = mask_of(pc.equal(columns["purpose"], _CERTIFICATE)) & ~findings.bad
    findings.add(to_source & mask_of(pc.is_null(columns["source_code"])), "source_code", "value.missing")
    findings.add(to_bank & mask_of(pc.is_null(columns["recipient"])), "recipient", "value.missing")
    findings.add(to_bank & mask_of(pc.is_null(columns["binding_token"])), "binding_token", "consent.no_token")


def _pseudonyms(columns: TypedColumns) -> pa.Array:
    """The name under which one bank knows the person: both sides derive it from the token of the consent."""
    of_bank = pc.equal(columns["purpose"], _CERTIFICATE)
    banks = pc.if_else(of_bank, columns["recipient"], None).to_pylist()
    tokens = columns["binding_token"].to_pylist()
    names = [pseudonym(b, t) if b and t else None for b, t in zip(banks, tokens, strict=True)]
    return pa.array(names, pa.string())


def _land(connection: Connection, file: DeliveredFile, sifted: SiftedEntries) -> Landed:
    entries = sifted.entries
    ids, contents = entries["act_id"].to_numpy(), entries["content_id"].to_numpy()
    arrived = arrivals(ids, contents, *store.known_acts(connection, ids))
    store.append_acts(connection, entries.filter(pa.array(arrived.new)).drop_columns(["row_number"]), file.file_id)
    findings = Findings(len(ids))
    findings.add(arrived.changed, "act_no", "record.changed")
    return Landed(int(arrived.new.sum()), int(arrived.repeated.sum()), findings.rows(entries["row_number"].to_numpy()))
