"""From the eleven feeds to source records and events, file by file in the order of delivery."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from loan_service.district.contracts import CONTRACTS, FEEDS, Contract
from loan_service.district.contracts.declared import Consent, Subject
from loan_service.district.files.delivery import (
    DeliveredFile,
    Landed,
    Loader,
    Piece,
    arrived,
    deliveries,
    load_all,
    pieces,
    undeclared_files,
)
from loan_service.district.files.findings import Findings, Ints, Mask, days_of
from loan_service.district.files.identity import NO_ID, Blinds
from loan_service.district.files.references import contradicted, misdirected
from loan_service.district.files.repeats import arrivals
from loan_service.district.files.sifting import FeedContext, Sifted, sift
from loan_service.district.files.subjects import KnownResidents, found_at
from loan_service.district.files.summary import FileSummary, IntakeSummary, Progress
from loan_service.district.store import intake as store
from loan_service.district.store import registers
from loan_service.district.store.history import ConsentPeriods, read_consents
from loan_service.district.store.reach import ENROLMENT
from loan_service.district.store.tables import source_records
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from scoring import day_number

__all__ = ["FileSummary", "IntakeSummary", "Progress", "check_intake", "run_intake"]

NOBODY: Ints = np.empty(0, np.int64)


def run_intake(wing: Wing, folder: Path, business_date: date, progress: Progress) -> IntakeSummary:
    """Loads every feed file of the folder that was not loaded before.

    Registers and consents must have been loaded: whom the register does not know lands in quarantine, and what rests on
    consent lands only if that consent was live on the day of delivery and still is on the business date.

    Args:
        wing: the district.
        folder: `<files>/district`, holding `<source_code>_<YYYYMMDD>_<nn>.<ext>`.
        business_date: nothing can have happened after it.
        progress: told after every chunk.
    """
    with transaction(wing.engine) as connection:
        known = _Known(wing, connection, business_date)
    summary = load_all(wing, folder, FEEDS, business_date, progress, known.loader)
    undeclared = undeclared_files(folder, CONTRACTS.values())
    with transaction(wing.engine) as connection:
        return replace(summary, undeclared=undeclared, references_waiting=store.references_waiting(connection))


def check_intake(wing: Wing, folder: Path, business_date: date) -> IntakeSummary:
    """What loading the folder would say of each feed file; nothing is written, whatever was loaded before.

    For an agency that wants to know before it delivers. Rows that came before are counted as landed here.
    """
    with transaction(wing.engine) as connection:
        known = _Known(wing, connection, business_date)
    found, missing = deliveries(folder, FEEDS)
    files = [arrived(path, contract, business_date) for contract, path in found]
    summaries = [_checked(file, [*parts]) for file, parts in groupby(pieces(files, known.loader), key=lambda p: p.file)]
    return IntakeSummary(tuple(summaries), missing)


def _checked(file: DeliveredFile, parts: list[Piece[Sifted]]) -> FileSummary:
    sifted = [part.sifted for part in parts if part.sifted is not None]
    errors = {error.code for part in parts for error in part.errors}
    return FileSummary(
        file.contract.source_code,
        file.path.name,
        file.delivered_on,
        rows_read=sum(one.rows for one in sifted),
        rows_landed=sum(one.records.num_rows for one in sifted),
        rows_quarantined=sum(len(set(one.found.row_numbers.tolist())) for one in sifted),
        rows_refused=sum(len(one.refused) for one in sifted),
        rows_without_consent=sum(len(one.withheld) for one in sifted),
        file_errors=tuple(sorted(errors)),
        reasons=Counter(code for one in sifted for code in one.found.codes),
        refusals=Counter(rule for one in sifted for _, rule in one.refused),
    )


class _Known:
    """Register and consents as they stand while feeds are loaded: read once, shared by all files."""

    def __init__(self, wing: Wing, connection: Connection, business_date: date) -> None:
        self.notice_days = wing.settings.notice_days
        self.today = day_number(business_date)
        self.blinds = Blinds(wing.blind_key)
        members = registers.members(connection)
        self.members = _Members(members)
        person_id, first = np.unique(self.members.person_id, return_index=True)
        self.residents = KnownResidents(
            person_id, members["name_blind"].to_numpy()[first], np.unique(self.members.household_id)
        )
        self.consents: dict[str, ConsentPeriods] = read_consents(connection).by_purpose()

    def loader(self, file: DeliveredFile) -> Loader[Sifted]:
        """How this feed's rows are checked and landed."""
        context = self.context(file)
        return Loader(sift=lambda raw: sift(raw, context), land=_land)

    def context(self, file: DeliveredFile) -> FeedContext:
        """What this file's rows are measured against."""
        contract, delivered = file.contract, day_number(file.last_day)
        to_source = self._consenting(contract.source_code, delivered)
        of_homes = any(each.subject is Subject.HOUSEHOLD for each in contract.record_classes)
        return FeedContext(
            contract=contract,
            last_day=delivered,
            notice_days=self.notice_days,
            blinds=self.blinds,
            register=self.residents,
            consenting={Consent.SOURCE: to_source, Consent.ENROLMENT: self._consenting(ENROLMENT, delivered)},
            consenting_households=self.members.households_of(to_source if of_homes else NOBODY, delivered),
        )

    def _consenting(self, purpose: str, delivered: int) -> Ints:
        """Sorted ids of persons whose consent was live on the day of delivery and still is today."""
        periods = self.consents.get(purpose)
        return NOBODY if periods is None else np.intersect1d(periods.live(delivered), periods.live(self.today), True)


class _Members:
    """Who belongs to which household, and when."""

    def __init__(self, members: pa.Table) -> None:
        self.household_id: Ints = members["household_id"].to_numpy()
        self.person_id: Ints = members["person_id"].to_numpy()
        self.from_on = days_of(members["from_on"])
        self.until_on = days_of(members["until_on"])

    def households_of(self, person_ids: Ints, day: int) -> Ints:
        """Sorted ids of the households one of these persons, all adults, belongs to that day."""
        there = (self.from_on <= day) & (day < self.until_on)
        return np.unique(self.household_id[there & (found_at(person_ids, self.person_id) >= 0)])


def _land(connection: Connection, file: DeliveredFile, sifted: Sifted) -> Landed:
    """Appends the records that have not come before, with their events."""
    records = sifted.records
    ids, contents = records["record_id"].to_numpy(), records["content_id"].to_numpy()
    coming = arrivals(ids, contents, *store.known_contents(connection, source_records, "record_id", ids))
    findings = Findings(len(ids))
    findings.add(coming.changed, "record_no", "record.changed")
    if file.contract.may_name:
        _check_references(connection, file.contract, sifted.events, coming.new, findings)
    new = coming.new & ~findings.bad
    landing = pa.array(new)
    store.append_records(connection, records.filter(landing), sifted.events.filter(landing), file.file_id, file.leaf_id)
    found = findings.rows(records["row_number"].to_numpy().astype(np.int64))
    return Landed(int(new.sum()), int(coming.repeated.sum()), found)


def _check_references(
    connection: Connection, contract: Contract, events: pa.Table, new: Mask, findings: Findings
) -> None:
    """Notes new rows about a record their class cannot be about, and those an earlier correction contradicts."""
    ids, kinds = events["event_id"].to_numpy(), events["event_type"].to_pylist()
    about: Ints = np.where(new, events["about_event_id"].fill_null(NO_ID).to_numpy(), NO_ID)
    if about.any():
        here = dict(zip(ids[new].tolist(), np.array(kinds)[new].tolist(), strict=True))
        known = here | store.event_types(connection, about[about != NO_ID])
        findings.add(misdirected(contract, kinds, about, known), "related_record_no", "reference.other_class")
    taken_for = store.waiting_corrections(connection, ids[new], sorted(contract.correctable))
    if taken_for:
        findings.add(new & contradicted(kinds, ids, taken_for), "record_no", "reference.contradicted")
