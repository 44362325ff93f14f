"""Rows of the bank's own household data."""

import pyarrow as pa
from sqlalchemy import Connection

from loan_service.bank.store.tables import households
from loan_service.foundation.database import append


def append_households(connection: Connection, rows: pa.Table) -> int:
    """Appends one snapshot per household and day; a household already known for that day stays as it is."""
    return append(connection, households, rows)
