"""Brings a bank's file of changes in households in: what agrees with all that is kept lands, the rest is set aside."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Connection

from loan_service.bank.files import HOUSEHOLD_CHANGES, Checked, Fault, check, day_of, read_texts, typed
from loan_service.bank.store import household_changes as store
from loan_service.bank.store.files import Arrival, Imported, Landed, bring_in
from loan_service.foundation.wing import Wing
from models.household_changes import Change
from models.household_faults import ChangeFault, admit
from models.household_rule import rule_numbers_on


def import_household_changes(wing: Wing, bank_code: str, path: Path, business_date: date) -> Imported:
    """Brings one file of changes in, in one transaction; the same bytes, or the same rows, again change nothing.

    Args:
        wing: the bank wing.
        bank_code: whose file it is; its numbers and references are this bank's own.
        path: `household_changes_YYYYMMDD.csv`.
        business_date: the day of the import.

    Raises:
        FileNotFoundError: there is no such file.
    """

    def land(connection: Connection, arrival: Arrival, leaf_id: int) -> Landed:
        file_day = day_of(HOUSEHOLD_CHANGES, path)
        texts = read_texts(HOUSEHOLD_CHANGES, path.name, arrival.content)
        checked = check(HOUSEHOLD_CHANGES, texts, file_day)
        kept, listed = store.every_change(connection, bank_code), store.listed_keys(connection, bank_code)
        years = rule_numbers_on(file_day).borrower_years
        admitted = admit(kept, list(_changes(checked.columns)), listed, years)
        landed = store.append_changes(connection, bank_code, admitted.changes, leaf_id)
        return Landed(texts.rows_read, landed, [*checked.faults, *_placed(checked, admitted.faults)])

    arrival = Arrival(bank_code, HOUSEHOLD_CHANGES.kind, path.name, path.read_bytes(), business_date)
    return bring_in(wing, arrival, land)


def _changes(texts: pa.Table) -> Iterator[Change]:
    columns = typed(HOUSEHOLD_CHANGES, texts).to_pydict()
    for values in zip(*(columns[name] for name in HOUSEHOLD_CHANGES.header), strict=True):
        yield Change(**dict(zip(HOUSEHOLD_CHANGES.header, values, strict=True)))


def _placed(checked: Checked, faults: Sequence[ChangeFault]) -> Iterator[Fault]:
    """The same faults with the line of the file each record stands in."""
    lines = dict(zip(checked.columns[HOUSEHOLD_CHANGES.key].to_pylist(), checked.row_numbers.tolist(), strict=True))
    for fault in faults:
        yield Fault(lines[fault.change_no], fault.code, fault.field)
