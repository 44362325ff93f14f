"""Balances of contracts: a function of what was asked through us and what the bank booked, kept under row locks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from loan_service.bank.store.contracts import contract_id
from loan_service.bank.store.rows import replace_values
from loan_service.bank.store.tables import contract_balances


@dataclass
class Book:
    """One contract's money.

    Attributes:
        limit_fen: The signed limit.
        in_flight_fen: Asked of the bank through us and neither paid nor refused yet.
        drawn_fen: All principal the bank has reported as paid out.
        repaid_fen: All principal it has reported as repaid.
        matures_on: First day on which nothing may be drawn any more.
        closed: Whether the bank has closed the contract.
    """

    contract_id: str
    contract_no: str
    limit_fen: int
    in_flight_fen: int
    drawn_fen: int
    repaid_fen: int
    matures_on: date
    closed: bool

    @property
    def outstanding_fen(self) -> int:
        """Principal owed; a repayment told before its drawdown does not make it negative."""
        return max(0, self.drawn_fen - self.repaid_fen)

    @property
    def reserved_fen(self) -> int:
        """What is held back for requests in flight; where the bank paid out past them, no more than there is room."""
        return min(self.in_flight_fen, max(0, self.limit_fen - self.outstanding_fen))

    @property
    def available_fen(self) -> int:
        """What may still be asked for."""
        return max(0, self.limit_fen - self.outstanding_fen - self.in_flight_fen)


_LOCK = text(
    "SELECT contract_id FROM bank.contract_balances WHERE contract_id = ANY(:ids) ORDER BY contract_id FOR UPDATE"
)

_IN_FLIGHT = """
    SELECT d.contract_id, sum(d.amount_fen)::bigint AS fen FROM bank.drawdowns d
    WHERE d.refusal_code IS NULL AND {drawdowns} AND NOT EXISTS (
        SELECT 1 FROM bank.movements m WHERE m.contract_id = d.contract_id AND m.drawdown_id = d.drawdown_id)
    GROUP BY d.contract_id
"""
_BOOKED = """
    SELECT m.contract_id,
           (coalesce(sum(m.principal_fen) FILTER (WHERE m.kind = 'drawdown'), 0))::bigint AS drawn_fen,
           (coalesce(sum(m.principal_fen) FILTER (WHERE m.kind = 'repayment'), 0))::bigint AS repaid_fen
    FROM bank.movements m WHERE {movements} GROUP BY m.contract_id
"""
_BOOKS = """
    SELECT c.contract_id, c.contract_no, c.limit_fen, coalesce(f.fen, 0) AS in_flight_fen,
           coalesce(b.drawn_fen, 0) AS drawn_fen, coalesce(b.repaid_fen, 0) AS repaid_fen, c.matures_on,
           x.contract_id IS NOT NULL AS closed
    FROM bank.contracts c
    LEFT JOIN ({in_flight}) f ON f.contract_id = c.contract_id
    LEFT JOIN ({booked}) b ON b.contract_id = c.contract_id
    LEFT JOIN bank.closures x ON x.contract_id = c.contract_id
    WHERE {contracts}
"""
_SOME_BOOKS = text(
    _BOOKS.format(
        in_flight=_IN_FLIGHT.format(drawdowns="d.contract_id = ANY(:ids)"),
        booked=_BOOKED.format(movements="m.contract_id = ANY(:ids)"),
        contracts="c.contract_id = ANY(:ids)",
    )
)
_ALL_BOOKS = text(
    _BOOKS.format(
        in_flight=_IN_FLIGHT.format(drawdowns="d.bank_code = :bank_code"),
        booked=_BOOKED.format(movements="m.bank_code = :bank_code"),
        contracts="c.bank_code = :bank_code",
    )
)


def lock_books(connection: Connection, bank_code: str, contract_nos: Iterable[str]) -> Mapping[str, Book]:
    """Locks the balances of contracts, always in the same order, then reads their books; by contract number.

    Unknown contracts are absent. Whoever wants to reserve or book on one of them waits for this transaction's end.
    """
    ids = sorted({contract_id(bank_code, contract_no) for contract_no in contract_nos})
    connection.execute(_LOCK, {"ids": ids})
    # A statement of its own: it sees what was committed while we waited for the locks.
    rows = connection.execute(_SOME_BOOKS, {"ids": ids})
    return {row.contract_no: Book(*row) for row in rows}


def all_books(connection: Connection, bank_code: str) -> list[Book]:
    """Every contract's book at a bank, from movements and requests alone."""
    return [Book(*row) for row in connection.execute(_ALL_BOOKS, {"bank_code": bank_code})]


def write_balances(connection: Connection, books: Sequence[Book]) -> int:
    """Writes what the books come to; the table's own checks stand behind the arithmetic."""
    rows = [
        {
            "contract_id": book.contract_id,
            "reserved_fen": book.reserved_fen,
            "outstanding_fen": book.outstanding_fen,
        }
        for book in books
    ]
    return replace_values(connection, contract_balances, "contract_id", rows)
