"""Both wings side by side: what a person's household hears at a bank."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from loan_service.flow import House, _at_bank
from loan_service.foundation.wing import Wing
from models.recourse_answer import Wish

DAY = date(2026, 6, 15)
BANK = "island_rural"


@pytest.fixture
def most_at_once(bank: Wing) -> Callable[[], int]:
    """How many connections to the bank's wing were open at the same time since the test began."""
    counts = [0]

    def opened(*_: Any) -> None:
        counts.append(counts[-1] + 1)

    def closed(*_: Any) -> None:
        counts.append(counts[-1] - 1)

    event.listen(bank.engine, "checkout", opened)
    event.listen(bank.engine, "checkin", closed)
    return lambda: max(counts)


def test_a_bank_is_asked_over_one_connection_on_the_day_that_is_given(
    bank: Wing, in_force: None, most_at_once: Callable[[], int]
) -> None:
    house = House(bank.settings, str(bank.engine.url), bank, bank)
    told = _at_bank(house, DAY, BANK, "H000000", Wish(), ())
    assert (told.offer, told.steps) == (None, None)
    assert told.trouble == (f"{BANK}没有在用的基础模型", f"{BANK} has no live baseline model")
    assert most_at_once() == 1
