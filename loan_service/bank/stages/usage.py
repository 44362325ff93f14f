"""Books what the bank reports on contracts: payments out, refusals, repayments, arrears, closures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import Connection

from bank_adapters import AnyEvent, Arrears, Closure, DrawdownPosted, DrawdownRefused, Repayment
from loan_service.bank.store import inbox
from loan_service.bank.store import usage as store
from loan_service.bank.store.books import Book, lock_books, write_balances
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.bank.store.rows import batch_leaf
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

KINDS: Final = ("drawdown_posted", "drawdown_refused", "repayment", "arrears", "closure")

Booked = DrawdownPosted | DrawdownRefused | Repayment | Arrears | Closure


def receive(wing: Wing, bank_code: str) -> int:
    """Books every report that waits in the bank's feed; one on an unknown contract keeps waiting.

    A payment the bank reports is always booked, asked for or not: the bank's core is the record. In whatever order the
    reports come, the books come to the same.
    """

    def apply(connection: Connection, events: Sequence[AnyEvent]) -> list[int]:
        told = [event for event in events if isinstance(event, Booked)]
        books = lock_books(connection, bank_code, [event.contract_no for event in told])
        known = [event for event in told if event.contract_no in books]
        if known:
            _book(connection, bank_code, known, books)
        return [event.sequence for event in known]

    return inbox.apply_waiting(wing, bank_code, KINDS, apply)


def release(wing: Wing, bank_code: str) -> int:
    """Releases what was reserved for requests the bank refused at its door; returns how many."""
    with transaction(wing.engine) as connection:
        refused = store.refused_requests(connection, bank_code)
        if not refused:
            return 0
        numbers = [one.contract_id.removeprefix(f"{bank_code}/") for one in refused]
        books = lock_books(connection, bank_code, numbers)
        ledger = _Ledger(bank_code, books, store.asked(connection, [one.drawdown_id for one in refused]))
        for number, one in zip(numbers, refused, strict=True):
            ledger.refuse(books[number], f"answer-{one.message_id}", one.drawdown_id, one.requested_on)
        ledger.keep(connection)
    return len(refused)


def _book(connection: Connection, bank_code: str, events: Sequence[Booked], books: Mapping[str, Book]) -> None:
    paid = [event for event in events if isinstance(event, DrawdownPosted | DrawdownRefused)]
    ids = [event.drawdown_id for event in paid if event.drawdown_id is not None]
    ledger = _Ledger(bank_code, books, store.asked(connection, ids))
    for event in events:
        ledger.book(event)
    ledger.keep(connection)


@dataclass
class _Ledger:
    """One batch on its way into the books."""

    bank_code: str
    books: Mapping[str, Book]
    asked: Mapping[str, store.Asked]
    movements: list[store.MovementRow] = field(default_factory=list)
    arrears: list[tuple[str, str, date, int]] = field(default_factory=list)
    closures: list[tuple[str, str, str, date]] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)

    def book(self, event: Booked) -> None:
        book = self.books[event.contract_no]
        key = f"{self.bank_code}/{event.message_id}"
        match event:
            case DrawdownPosted():
                self._pay(book, event)
            case DrawdownRefused():
                self.refuse(book, event.message_id, event.drawdown_id, event.business_date)
            case Repayment():
                self._repay(book, event)
            case Arrears():
                self.arrears.append((key, book.contract_id, event.business_date, event.days_past_due))
            case Closure():
                self.closures.append((book.contract_id, key, event.reason_code, event.business_date))

    def refuse(self, book: Book, message_id: str, drawdown_id: str, day: date) -> None:
        self._resolve(book, drawdown_id, "drawdown_refused", day, 0)
        self.movements.append(
            store.MovementRow(
                movement_id=f"{self.bank_code}/{message_id}",
                contract_id=book.contract_id,
                bank_code=self.bank_code,
                kind="drawdown_refused",
                business_date=day,
                drawdown_id=drawdown_id,
            )
        )

    def keep(self, connection: Connection) -> None:
        days = [row.business_date for row in self.movements]
        if days:
            keys = [row.movement_id for row in self.movements]
            leaf_id = batch_leaf(connection, "movements", self.bank_code, keys, max(days))
            store.append_movements(connection, self.movements, leaf_id)
        store.append_arrears(connection, self.arrears)
        self._close(connection)
        append_breaks(connection, self.breaks)
        write_balances(connection, list(self.books.values()))

    def _close(self, connection: Connection) -> None:
        if self.closures:
            keys, days = zip(*((key, day) for _, key, _, day in self.closures), strict=True)
            leaf_id = batch_leaf(connection, "closures", self.bank_code, keys, max(days))
            store.append_closures(connection, self.closures, leaf_id)

    def _pay(self, book: Book, event: DrawdownPosted) -> None:
        book.drawn_fen += event.amount_fen
        if event.drawdown_id is not None:
            self._resolve(book, event.drawdown_id, "drawdown", event.business_date, event.amount_fen)
        self.movements.append(
            store.MovementRow(
                movement_id=f"{self.bank_code}/{event.message_id}",
                contract_id=book.contract_id,
                bank_code=self.bank_code,
                kind="drawdown",
                business_date=event.business_date,
                drawdown_id=event.drawdown_id,
                loan_note_no=event.loan_note_no,
                principal_fen=event.amount_fen,
            )
        )

    def _repay(self, book: Book, event: Repayment) -> None:
        book.repaid_fen += event.principal_fen
        self.movements.append(
            store.MovementRow(
                movement_id=f"{self.bank_code}/{event.message_id}",
                contract_id=book.contract_id,
                bank_code=self.bank_code,
                kind="repayment",
                business_date=event.business_date,
                loan_note_no=event.loan_note_no,
                principal_fen=event.principal_fen,
                interest_fen=event.interest_fen,
                penalty_fen=event.penalty_fen,
                fee_fen=event.fee_fen,
            )
        )

    def _resolve(self, book: Book, drawdown_id: str, outcome: str, day: date, paid_fen: int) -> None:
        """Ends a reservation the first time the bank says what became of the request; anything odd is a break."""
        request = self.asked.get(drawdown_id)
        if request is None or request.contract_id != book.contract_id or request.refused_here:
            self._note("drawdown_not_asked_for", book, drawdown_id, day, paid_fen)
            return
        if request.outcome is None:
            book.in_flight_fen -= request.amount_fen
            if outcome == "drawdown" and request.amount_fen != paid_fen:
                self._note("drawdown_amount_differs", book, drawdown_id, day, paid_fen - request.amount_fen)
        elif request.outcome != outcome:
            self._note("drawdown_paid_and_refused", book, drawdown_id, day, paid_fen)
        elif outcome == "drawdown":
            self._note("drawdown_paid_twice", book, drawdown_id, day, paid_fen)
        request.outcome = outcome

    def _note(self, kind: str, book: Book, drawdown_id: str, day: date, amount_fen: int) -> None:
        self.breaks.append(
            Break(
                kind=kind,
                bank_code=self.bank_code,
                about=drawdown_id,
                found_on=day,
                contract_id=book.contract_id,
                amount_fen=amount_fen,
                detail=f"drawdown {drawdown_id} on {book.contract_id}: {amount_fen} fen",
            )
        )
