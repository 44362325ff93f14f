"""Rows of the policies' publication ledger: which edition of a bank is in force on a day, and which LPR prices it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, insert, select

from loan_service.bank.store.policy_tables import lpr_tables, policy_tables
from loan_service.bank.store.tables import log
from loan_service.foundation.database import to_json
from loan_service.foundation.editions import ledger
from loan_service.foundation.editions.ledger import EditionLedger
from loan_service.foundation.transparency import append_leaf

LPR_LEAF: Final = "lpr_table"


@dataclass(frozen=True, kw_only=True)
class Published(ledger.Published):
    """A policy edition of a bank and how far its publication went."""

    bank_code: str


LEDGER: Final = EditionLedger(policy_tables, log, Published, "policy")


def in_force(connection: Connection, bank_code: str, day: date) -> Published | None:
    """The edition of a bank in force on a day."""
    return LEDGER.in_force(connection, day, series=bank_code)


@dataclass(frozen=True)
class LprRow:
    """One LPR table as entered.

    Attributes:
        from_on: first day it prices.
        until_on: first day it no longer prices.
    """

    content_hash: str
    edition: str
    from_on: date
    until_on: date
    content: bytes
    entered_by: str
    checked_by: str
    entered_on: date


_LPR_COLUMNS: Final = [lpr_tables.c[name] for name in LprRow.__annotations__]


def lpr_on(connection: Connection, day: date) -> LprRow | None:
    """The newest table that covers a day."""
    table = lpr_tables.c
    covering = select(*_LPR_COLUMNS).where(table.from_on <= day, table.until_on > day)
    row = connection.execute(covering.order_by(table.leaf_id.desc()).limit(1)).first()
    return LprRow(*row) if row else None


def lpr_by_hash(connection: Connection, content_hash: str) -> LprRow | None:
    """The table with this content."""
    row = connection.execute(select(*_LPR_COLUMNS).where(lpr_tables.c.content_hash == content_hash)).first()
    return LprRow(*row) if row else None


def all_lpr(connection: Connection) -> list[LprRow]:
    """Every table ever entered, in the order of entering."""
    return [LprRow(*row) for row in connection.execute(select(*_LPR_COLUMNS).order_by(lpr_tables.c.leaf_id))]


def append_lpr(connection: Connection, table: LprRow) -> None:
    """Appends a table."""
    told = {name: value for name, value in vars(table).items() if name != "content"}
    content = to_json(told).encode()
    leaf_id = append_leaf(connection, log, LPR_LEAF, table.content_hash, content, table.entered_on)
    connection.execute(insert(lpr_tables).values(vars(table) | {"leaf_id": leaf_id}))
