"""Brings a bank's household files in: checked row by row, tokens turned into pseudonyms, appended once."""

from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from loan_service.bank.files import HOUSEHOLDS, check, day_of, read_texts
from loan_service.bank.stages.households.changes import import_household_changes
from loan_service.bank.stages.households.rows import household_rows
from loan_service.bank.store.files import Arrival, Imported, Landed, bring_in
from loan_service.bank.store.households import append_households
from loan_service.foundation.wing import Wing

__all__ = ["Imported", "import_household_changes", "import_households"]


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

    def land(connection: Connection, arrival: Arrival, leaf_id: int) -> Landed:
        texts = read_texts(HOUSEHOLDS, path.name, arrival.content)
        checked = check(HOUSEHOLDS, texts, day_of(HOUSEHOLDS, path))
        landed = append_households(connection, household_rows(checked.columns, bank_code, leaf_id))
        return Landed(texts.rows_read, landed, checked.faults)

    return bring_in(wing, Arrival(bank_code, HOUSEHOLDS.kind, path.name, path.read_bytes(), business_date), land)
