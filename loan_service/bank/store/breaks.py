"""Where our mirror and the bank's core disagree: noted once, never a rejection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from loan_service.bank.store.rows import append_rows
from loan_service.bank.store.tables import breaks


@dataclass(frozen=True, kw_only=True)
class Break:
    """One disagreement.

    Attributes:
        kind: What kind of disagreement.
        bank_code: With which bank.
        about: What makes it the one it is: a message, a contract and day, ...
        found_on: Business date.
        detail: For the person who looks, without personal data.
        contract_id: The contract concerned, if one is.
        amount_fen: The money concerned, 0 if none.
    """

    kind: str
    bank_code: str
    about: str
    found_on: date
    detail: str
    contract_id: str | None = None
    amount_fen: int = 0


def append_breaks(connection: Connection, found: Sequence[Break]) -> int:
    """Notes breaks; one found before stays as it is."""
    rows = [
        {
            "break_id": f"{one.kind}/{one.bank_code}/{one.about}",
            "bank_code": one.bank_code,
            "kind": one.kind,
            "contract_id": one.contract_id,
            "amount_fen": one.amount_fen,
            "found_on": one.found_on,
            "detail": one.detail,
        }
        for one in found
    ]
    return append_rows(connection, breaks, rows)
