"""Households with offers, priced under the published policies."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from loan_service.bank.stages import offers
from loan_service.bank.stages.households import import_households
from loan_service.bank.store import tables
from loan_service.bank.views.policies import policy_in_force
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

BANK = "island_rural"
DAY = date(2026, 6, 15)
Row = dict[str, str]


@pytest.fixture
def issue(bank: Wing) -> Callable[..., None]:
    """Makes every offer that is due by the policy in force."""

    def make(day: date = DAY) -> None:
        with transaction(bank.engine) as connection:
            edition = policy_in_force(connection, BANK, day)
        offers.issue(bank, edition, day)

    return make


@pytest.fixture
def offered(
    bank: Wing,
    in_force: None,
    household_file: Callable[..., Path],
    household_row: Callable[..., Row],
    promote: Callable[..., None],
    issue: Callable[..., None],
) -> Callable[..., None]:
    """Brings households in (one mapping of changes each), puts a model to work and makes their offers."""

    def bring_in(*changes: dict[str, object]) -> None:
        promote()
        path = household_file(household_row(number, **change) for number, change in enumerate(changes))
        assert import_households(bank, BANK, path, DAY).rows_quarantined == 0
        issue()

    return bring_in


@pytest.fixture
def offer_rows(bank: Wing) -> Callable[[], list[Any]]:
    """All offers, as the bank wrote them."""

    def read() -> list[Any]:
        with transaction(bank.engine) as connection:
            query = select(tables.offers).order_by(tables.offers.c.household_ref, tables.offers.c.leaf_id)
            return list(connection.execute(query).all())

    return read
