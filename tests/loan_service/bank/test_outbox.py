from datetime import date

from sqlalchemy import select

from bank_adapters import Batch, ItemResult, PrescreenList
from loan_service.bank.store.outbox import next_batch, put, record_answers, record_attempt
from loan_service.bank.store.tables import outbox
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

BANK = "island_rural"


def line(number: int) -> PrescreenList:
    return PrescreenList(
        offer_id=f"offer-{number}",
        household_ref=f"H{number}",
        limit_fen=1_000_000,
        rate_bp=485,
        all_in_annual_cost_bp=496,
        expires_on=date(2026, 9, 13),
    )


def batch(*items: PrescreenList) -> Batch:
    return Batch(bank_code=BANK, items=items)


def answered(item: PrescreenList, status: str) -> ItemResult:
    return ItemResult.model_validate({"key": item.key, "status": status})


def test_messages_wait_in_order_until_they_are_answered_once(bank: Wing) -> None:
    first, second, third = lines = [line(number) for number in range(3)]
    with transaction(bank.engine) as connection:
        put(connection, BANK, lines)
        record_attempt(connection, batch(first))
        record_answers(connection, batch(second), [answered(second, "accepted")])
        record_answers(connection, batch(second), [answered(second, "duplicate")])
        left = next_batch(connection, BANK, 10)
        rows = {row.message_id: row for row in connection.execute(select(outbox))}
    assert left is not None
    assert [item.key for item in left.items] == [first.key, third.key]
    assert [(rows[item.key].attempts) for item in left.items] == [1, 0]
    assert rows[second.key].answer["status"] == "accepted"
    assert rows[second.key].attempts == 1
