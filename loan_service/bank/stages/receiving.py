"""Reads a bank's event feed by sequence into our inbox; what the events mean is the other stages' matter."""

from dataclasses import dataclass

from bank_adapters import MAX_POLL_EVENTS, Bank, BankError, check_events
from loan_service.bank.store import inbox
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


@dataclass(frozen=True)
class Received:
    """What came in.

    Attributes:
        events: Entries of the feed that are new.
        trouble: Why reading stopped early; empty when the feed was read to its end.
    """

    events: int = 0
    trouble: str = ""


def receive(wing: Wing, bank: Bank) -> Received:
    """Reads the feed to its end, page by page; every page is kept before the next one is asked for."""
    with transaction(wing.engine) as connection:
        after = inbox.last_sequence(connection, bank.bank_code)
    received = 0
    while True:
        try:
            page = bank.poll(after, MAX_POLL_EVENTS)
            check_events(bank.bank_code, after, MAX_POLL_EVENTS, page)
        except BankError as error:
            return Received(received, str(error))
        if page:
            with transaction(wing.engine) as connection:
                received += inbox.land(connection, bank.bank_code, page)
            after = page[-1].sequence
        if len(page) < MAX_POLL_EVENTS:
            return Received(received)
