"""Reserves a household's wish for money under the contract's lock and asks the bank to pay; or says why not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from bank_adapters import AnyEvent, ChannelDrawdownRequest, DrawdownRequest
from loan_service.bank.store import inbox, outbox
from loan_service.bank.store import usage as store
from loan_service.bank.store.books import Book, lock_books, write_balances
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.bank.store.contracts import contract_id
from loan_service.bank.store.rows import batch_leaf, stable_key
from loan_service.errors import ConflictError, NotFoundError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

KINDS: Final = ("channel_drawdown_request",)


@dataclass(frozen=True)
class Wish:
    """A wish for money, whichever door it came through.

    Attributes:
        channel_reference: The door's own key of the wish; the same key is the same drawdown.
        from_bank_channel: Whether the bank's channel knows that key.
    """

    channel_reference: str
    contract_no: str
    amount_fen: int
    requested_on: date
    from_bank_channel: bool = True


@dataclass(frozen=True)
class Answer:
    """What became of a wish: reserved and sent, unless there is a refusal code."""

    drawdown_id: str
    refusal_code: str | None


def receive(wing: Wing, bank_code: str) -> int:
    """Takes every wish that waits in the bank's feed; one on an unknown contract keeps waiting."""

    def apply(connection: Connection, events: Sequence[AnyEvent]) -> list[int]:
        wished = [event for event in events if isinstance(event, ChannelDrawdownRequest)]
        answers = _take(connection, bank_code, [_wish(event) for event in wished])
        done = [event for event in wished if drawdown_id(bank_code, event.channel_reference) in answers]
        append_breaks(connection, list(_reused(answers, done)))
        return [event.sequence for event in done]

    return inbox.apply_waiting(wing, bank_code, KINDS, apply)


def submit(wing: Wing, bank_code: str, wish: Wish) -> Answer:
    """Takes one wish through our own door; the same reference again gives the same answer and reserves nothing more.

    Raises:
        NotFoundError: there is no such contract at this bank.
        ConflictError: the reference was used for another contract or amount.
    """
    with transaction(wing.engine) as connection:
        answers = _take(connection, bank_code, [wish])
    row = answers.get(drawdown_id(bank_code, wish.channel_reference))
    if row is None:
        raise NotFoundError("contract.unknown", f"no contract {wish.contract_no}", f"无此合同 {wish.contract_no}")
    if (row.contract_id, row.amount_fen) != (contract_id(bank_code, wish.contract_no), wish.amount_fen):
        raise _conflict(wish.channel_reference)
    return Answer(row.drawdown_id, row.refusal_code)


def drawdown_id(bank_code: str, channel_reference: str) -> str:
    """The drawdown a channel's wish becomes."""
    return stable_key("drawdown", bank_code, channel_reference)


def _wish(event: ChannelDrawdownRequest) -> Wish:
    return Wish(event.channel_reference, event.contract_no, event.amount_fen, event.business_date)


def _reused(answers: Mapping[str, store.DrawdownRow], wished: Sequence[ChannelDrawdownRequest]) -> Iterator[Break]:
    """Wishes under a reference that stands for another contract or amount already: nothing is reserved for them."""
    for event in wished:
        row = answers[drawdown_id(event.bank_code, event.channel_reference)]
        if (row.contract_id, row.amount_fen) != (contract_id(event.bank_code, event.contract_no), event.amount_fen):
            yield Break(
                kind="channel_reference_reused",
                bank_code=event.bank_code,
                about=event.message_id,
                found_on=event.business_date,
                contract_id=row.contract_id,
                amount_fen=event.amount_fen,
                detail=f"{event.channel_reference} is drawdown {row.drawdown_id} already",
            )


def _take(connection: Connection, bank_code: str, wishes: Sequence[Wish]) -> Mapping[str, store.DrawdownRow]:
    """Reserves what can be reserved; every wish's row by drawdown. Wishes on unknown contracts are absent."""
    books = lock_books(connection, bank_code, [wish.contract_no for wish in wishes])
    by_id: dict[str, Wish] = {}
    for wish in wishes:
        if wish.contract_no in books:
            by_id.setdefault(drawdown_id(bank_code, wish.channel_reference), wish)
    # Read under the lock: a second caller with the same reference finds the first one's row.
    known = store.known_drawdowns(connection, list(by_id))
    rows = [_reserve(key, bank_code, wish, books[wish.contract_no]) for key, wish in by_id.items() if key not in known]
    if rows:
        _keep(connection, bank_code, rows, by_id)
        write_balances(connection, list(books.values()))
    return {**known, **{row.drawdown_id: row for row in rows}}


def _reserve(key: str, bank_code: str, wish: Wish, book: Book) -> store.DrawdownRow:
    refusal = next(_obstacles(wish, book), None)
    if refusal is None:
        book.in_flight_fen += wish.amount_fen
    return store.DrawdownRow(
        key, book.contract_id, bank_code, wish.channel_reference, wish.amount_fen, wish.requested_on, refusal
    )


def _obstacles(wish: Wish, book: Book) -> Iterator[str]:
    if book.closed:
        yield "contract_closed"
    if wish.requested_on >= book.matures_on:
        yield "contract_matured"
    if wish.amount_fen > book.available_fen:
        yield "above_available"


def _keep(connection: Connection, bank_code: str, rows: Sequence[store.DrawdownRow], by_id: Mapping[str, Wish]) -> None:
    day = max(row.requested_on for row in rows)
    # The contract is part of the key: one reference used for two contracts at once must meet in the table below, where
    # the loser is told so, and not in the log.
    keys = [f"{row.contract_id}/{row.drawdown_id}" for row in rows]
    leaf_id = batch_leaf(connection, "drawdowns", bank_code, keys, day)
    if store.append_drawdowns(connection, rows, leaf_id) != len(rows):
        # Somebody used the reference for another contract, which our locks do not cover: nothing may be reserved.
        raise _conflict(", ".join(sorted(row.channel_reference for row in rows)))
    requests = [_request(row, by_id[row.drawdown_id]) for row in rows if row.refusal_code is None]
    outbox.put(connection, bank_code, requests)


def _request(row: store.DrawdownRow, wish: Wish) -> DrawdownRequest:
    return DrawdownRequest(
        drawdown_id=row.drawdown_id,
        contract_no=wish.contract_no,
        amount_fen=row.amount_fen,
        channel_reference=row.channel_reference if wish.from_bank_channel else None,
    )


def _conflict(reference: str) -> ConflictError:
    return ConflictError(
        "drawdown.reference_used",
        f"reference {reference} stands for another drawdown",
        f"流水号{reference}已用于另一笔提款",
        "use a new reference for a new drawdown",
    )
