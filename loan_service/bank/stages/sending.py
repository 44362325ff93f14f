"""Carries waiting requests to a bank in batches, outside any transaction, and records what it answered."""

from dataclasses import dataclass

from bank_adapters import MAX_BATCH_ITEMS, AnyRequest, Bank, BankError, Batch, ItemResult, Rejected
from loan_service.bank.store import outbox
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


@dataclass(frozen=True)
class Sent:
    """What went out.

    Attributes:
        answered: Requests the bank gave a final answer to.
        refused: Those among them it refused for good.
        trouble: Why the rest still waits; empty when nothing waits.
    """

    answered: int = 0
    refused: int = 0
    trouble: str = ""


def send(wing: Wing, bank: Bank) -> Sent:
    """Sends until nothing waits or the bank cannot be reached.

    The keys are those of the requests, so a batch whose answer was lost, or that a second process sends at the same
    time, does nothing twice.
    """
    answered = refused = 0
    while True:
        with transaction(wing.engine) as connection:
            batch = outbox.next_batch(connection, bank.bank_code, MAX_BATCH_ITEMS)
        if batch is None:
            return Sent(answered, refused)
        try:
            results = _answers(bank, batch.items)
        except BankError as error:
            with transaction(wing.engine) as connection:
                outbox.record_attempt(connection, batch)
            return Sent(answered, refused, str(error))
        with transaction(wing.engine) as connection:
            outbox.record_answers(connection, batch, results)
        answered += len(results)
        refused += sum(result.status == "rejected" for result in results)


def _answers(bank: Bank, items: tuple[AnyRequest, ...]) -> tuple[ItemResult, ...]:
    """Asks for a batch; one that is refused as a whole is halved until the refused request stands alone."""
    try:
        return bank.send(Batch(bank_code=bank.bank_code, items=items))
    except Rejected as refusal:
        if len(items) == 1:
            return (_refused(items[0], refusal),)
        middle = len(items) // 2
        return _answers(bank, items[:middle]) + _answers(bank, items[middle:])


def _refused(item: AnyRequest, refusal: Rejected) -> ItemResult:
    return ItemResult(key=item.key, status="rejected", code=refusal.code, message_zh=refusal.zh, message_en=refusal.en)
