"""Rebuilds every balance from movements and requests, corrects what differs, and notes what the books tell."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from loan_service.bank.store import inbox
from loan_service.bank.store import usage as store
from loan_service.bank.store.books import Book, all_books, write_balances
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


def reconcile(wing: Wing, bank_code: str, business_date: date) -> int:
    """Compares the kept balances with rebuilt ones at the end of a day; returns how many breaks are new.

    Noted are: a balance that differed (and is put right), a day that ended above the signed limit, more repaid than
    drawn, a closed contract with money outstanding, and a report of an earlier day whose subject is still unknown.
    """
    with transaction(wing.engine) as connection:
        kept = store.lock_all_balances(connection, bank_code)
        books = all_books(connection, bank_code)
        wrong = [book for book in books if kept[book.contract_id] != _balance(book)]
        write_balances(connection, wrong)
        found = [
            *_differences(bank_code, wrong, kept, business_date),
            *_above_limit(bank_code, store.days_above_limit(connection, bank_code)),
            *_odd_books(bank_code, books, business_date),
            *_unmatched(bank_code, inbox.waiting_since_before(connection, bank_code, business_date), business_date),
        ]
        return append_breaks(connection, found)


def _balance(book: Book) -> store.Balance:
    return store.Balance(book.reserved_fen, book.outstanding_fen)


def _differences(
    bank_code: str, wrong: Sequence[Book], kept: Mapping[str, store.Balance], day: date
) -> Iterator[Break]:
    for book in wrong:
        had, should = kept[book.contract_id], _balance(book)
        yield Break(
            kind="balance_differs",
            bank_code=bank_code,
            about=f"{book.contract_id}/{day}",
            found_on=day,
            contract_id=book.contract_id,
            amount_fen=had.outstanding_fen - should.outstanding_fen,
            detail=f"kept {had.reserved_fen} reserved, {had.outstanding_fen} outstanding;"
            f" movements give {should.reserved_fen}, {should.outstanding_fen}",
        )


def _above_limit(bank_code: str, days: Sequence[tuple[str, date, int]]) -> Iterator[Break]:
    for contract_id, day, above_fen in days:
        yield Break(
            kind="above_limit",
            bank_code=bank_code,
            about=f"{contract_id}/{day}",
            found_on=day,
            contract_id=contract_id,
            amount_fen=above_fen,
            detail=f"the bank's bookings of {day} leave {above_fen} fen more outstanding than the signed limit",
        )


def _odd_books(bank_code: str, books: Sequence[Book], day: date) -> Iterator[Break]:
    for book in books:
        if book.repaid_fen > book.drawn_fen:
            yield _odd("repaid_above_drawn", bank_code, book, book.repaid_fen - book.drawn_fen, day)
        if book.closed and book.outstanding_fen:
            yield _odd("closed_with_outstanding", bank_code, book, book.outstanding_fen, day)


def _odd(kind: str, bank_code: str, book: Book, amount_fen: int, day: date) -> Break:
    return Break(
        kind=kind,
        bank_code=bank_code,
        about=f"{book.contract_id}/{amount_fen}",
        found_on=day,
        contract_id=book.contract_id,
        amount_fen=amount_fen,
        detail=f"drawn {book.drawn_fen}, repaid {book.repaid_fen}",
    )


def _unmatched(bank_code: str, waiting: Sequence[tuple[str, str]], day: date) -> Iterator[Break]:
    for kind, message_id in waiting:
        yield Break(
            kind="event_unmatched",
            bank_code=bank_code,
            about=message_id,
            found_on=day,
            detail=f"{kind} {message_id} speaks of something we do not know",
        )
