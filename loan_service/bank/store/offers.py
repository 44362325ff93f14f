"""Rows of offers and their lines on the prescreen list."""

import pyarrow as pa
from sqlalchemy import Connection, select

from loan_service.bank.store.outbox import TOPIC
from loan_service.bank.store.tables import contracts, offers, outbox
from loan_service.foundation.database import append


def append_offers(connection: Connection, rows: pa.Table) -> int:
    """Appends offers; one that is already there stays as it is."""
    return append(connection, offers, rows)


def households_under_contract(connection: Connection, bank_code: str) -> set[str]:
    """Households that have signed with this bank: they stand on no prescreen list."""
    return set(
        connection.execute(select(contracts.c.household_ref).where(contracts.c.bank_code == bank_code)).scalars()
    )


def put_prescreen_lines(connection: Connection, bank_code: str, keys: pa.Array, bodies: pa.Array) -> int:
    """Writes prescreen lines, already in their message form, into the outbox.

    Args:
        connection: the offers' transaction.
        bank_code: the bank that receives them.
        keys: message ids (n).
        bodies: JSON texts of `bank_adapters.PrescreenList` (n).
    """
    rows = {
        "message_id": keys,
        "destination": pa.repeat(bank_code, len(keys)),
        "topic": pa.repeat(TOPIC, len(keys)),
        "body": bodies,
    }
    return append(connection, outbox, pa.table(rows))
