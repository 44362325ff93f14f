"""A household is found by whom the bank lists in it now, not by whom it once listed."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from loan_service.bank.stages.households import import_households
from loan_service.bank.store import tables
from loan_service.bank.store.timelines import household_known_by
from loan_service.foundation.database import transaction
from loan_service.foundation.identifiers import pseudonym
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing

DAY, NEXT = date(2026, 6, 15), date(2026, 6, 16)
BANK = "island_rural"
WIFE, HUSBAND, HEIR = ("ab" * 16, "cd" * 16, "ef" * 16)
MARRIED = {"borrower_binding_token": WIFE, "spouse_binding_token": HUSBAND, "spouse_consented": 1}
Bring = Callable[[date, dict[str, object]], None]


@pytest.fixture
def bring(bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., dict[str, str]]) -> Bring:
    """Brings in a snapshot of a day with one household, and seals it."""

    def bring_in(day: date, changes: dict[str, object]) -> None:
        path = household_file([household_row(0, as_of=day, **changes)], f"households_{day:%Y%m%d}.csv")
        assert import_households(bank, BANK, path, day).rows_quarantined == 0
        with transaction(bank.engine) as connection:
            seal(connection, tables.log, bank.signer)

    return bring_in


@pytest.fixture
def known(bank: Wing) -> Callable[[str, date], str | None]:
    def asked(token: str, day: date) -> str | None:
        with transaction(bank.engine) as connection:
            return household_known_by(connection, BANK, pseudonym(BANK, token), day)

    return asked


def test_borrower_and_consenting_spouse_are_both_known(bring: Bring, known: Callable[..., str | None]) -> None:
    bring(DAY, MARRIED)
    assert [known(token, DAY) for token in (WIFE, HUSBAND, HEIR)] == ["H000000", "H000000", None]


@pytest.mark.parametrize(
    ("changes", "left", "stayed"),
    [
        ({"borrower_binding_token": WIFE}, HUSBAND, WIFE),
        ({"borrower_binding_token": HEIR}, WIFE, HEIR),
    ],
    ids=["a former spouse", "a former borrower"],
)
def test_who_left_a_household_is_not_shown_it(
    bring: Bring, known: Callable[..., str | None], changes: dict[str, object], left: str, stayed: str
) -> None:
    bring(DAY, MARRIED)
    bring(NEXT, changes)
    assert known(left, NEXT) is None
    assert known(stayed, NEXT) == "H000000"
    assert known(left, DAY) == "H000000", "on that day they still belonged to it"
