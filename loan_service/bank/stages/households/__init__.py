"""Brings a bank's household file in: checked row by row, tokens turned into pseudonyms, appended once."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from loan_service.bank.stages.households.checks import check
from loan_service.bank.stages.households.contract import FIELDS
from loan_service.bank.stages.households.faults import BankFileError, Fault
from loan_service.bank.stages.households.reading import day_of, read_texts
from loan_service.bank.stages.households.rows import household_rows
from loan_service.bank.store import files
from loan_service.bank.store.households import append_households
from loan_service.bank.store.rows import only_one
from loan_service.bank.store.tables import log
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import append_leaf
from loan_service.foundation.wing import Wing

__all__ = ["FIELDS", "BankFileError", "Fault", "Imported", "day_of", "import_households"]

KIND = "households"


@dataclass(frozen=True)
class Imported:
    """What became of one file.

    Attributes:
        rows_landed: rows that are now in the table because of this file.
        rows_quarantined: rows set aside, each counted once.
        faults: how often each fault was found; a row may have several.
        error: why the file as a whole could not be read, empty otherwise.
        known_before: whether the same bytes were brought in earlier; nothing was done then.
    """

    file_name: str
    rows_read: int = 0
    rows_landed: int = 0
    rows_quarantined: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    error: str = ""
    known_before: bool = False


def import_households(wing: Wing, bank_code: str, path: Path, business_date: date) -> Imported:
    """Brings one household file in, in one transaction; the same bytes again change nothing.

    Args:
        wing: the bank wing.
        bank_code: whose file it is; pseudonyms are per bank.
        path: `households_YYYYMMDD.csv`.
        business_date: the day of the import.

    Raises:
        FileNotFoundError: there is no such file.
    """
    content = path.read_bytes()
    arrival = files.Arrival(bank_code, hashlib.sha256(content).hexdigest(), KIND, path.name, business_date)
    with transaction(wing.engine) as connection:
        only_one(connection, f"files:{bank_code}")
        if (known := files.known_file(connection, arrival)) is not None:
            return Imported(path.name, *known, known_before=True)
        leaf_id = append_leaf(connection, log, "bank_file", arrival.key, bytes.fromhex(arrival.sha256), business_date)
        try:
            return _land(connection, arrival, leaf_id, path, content)
        except BankFileError as error:
            files.append_file(connection, arrival, leaf_id, (0, 0, 0), error.code)
            return Imported(path.name, error=str(error))


def _land(connection: Connection, arrival: files.Arrival, leaf_id: int, path: Path, content: bytes) -> Imported:
    day = day_of(path)
    texts = read_texts(path.name, content)
    checked = check(texts, day)
    landed = append_households(connection, household_rows(checked.columns, arrival.bank_code, leaf_id))
    files.append_quarantine(connection, arrival, [(*fault, *fault.words) for fault in checked.faults])
    quarantined = len({fault.row_number for fault in checked.faults})
    files.append_file(connection, arrival, leaf_id, (texts.rows_read, landed, quarantined))
    counts = dict(Counter(fault.code for fault in checked.faults).most_common())
    return Imported(path.name, texts.rows_read, landed, quarantined, counts)
