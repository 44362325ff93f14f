from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from loan_service.bank.pipeline import settle
from loan_service.bank.stages.applications import Purposes
from loan_service.bank.store import tables
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


def count(wing: Wing, table: Any) -> int:
    with transaction(wing.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_an_offer_becomes_a_drawn_credit_line(
    bank: Wing,
    purposes: Purposes,
    seed_offers: Callable[..., list[str]],
    prescreen: Callable[..., None],
    open_bank: Callable[..., Any],
) -> None:
    prescreen(seed_offers(30))
    sim = open_bank(30)
    for _ in range(5):
        settled = settle(bank, sim.port, purposes)
        assert not settled.trouble
        sim.pass_days()
    assert count(bank, tables.applications) == 30
    assert count(bank, tables.contracts) == 30
    assert count(bank, tables.movements) == 30
    with transaction(bank.engine) as connection:
        rows = connection.execute(select(tables.contract_balances)).all()
    assert {(row.limit_fen, row.reserved_fen, row.outstanding_fen) for row in rows} == {(8_000_000, 0, 4_800_000)}
    assert count(bank, tables.breaks) == 0
