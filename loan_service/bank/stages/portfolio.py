"""Compares what caps and budgets hold with what signings and contracts alone would make of them, and corrects it."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import NamedTuple

from loan_service.bank.store import portfolio as store
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy import Policy
from models.portfolio import Pot, limits_on


def reconcile(wing: Wing, bank_code: str, policy: Policy, business_date: date) -> int:
    """Rebuilds every pot of a bank at the end of a day; returns how many breaks are new.

    A pot that differs is a break, and a correcting entry brings it to what the signings say.
    """
    with transaction(wing.engine) as connection:
        day = store.ledger_day(connection, bank_code, business_date)
        limits = limits_on(policy, day)
        ledger = store.open_ledger(connection, bank_code, day, limits)
        found = list(_differences(ledger.held_fen, store.rebuilt(connection, bank_code, day, limits)))
        ledger.enter("corrected", None, [(one.pot, one.missing_fen) for one in found])
        ledger.write()
        return append_breaks(connection, [_break(bank_code, one, business_date) for one in found])


class _Difference(NamedTuple):
    """What pots that count together hold, and what they should; the correction goes into one of them."""

    pot: Pot
    held_fen: int
    should_fen: int

    @property
    def missing_fen(self) -> int:
        return self.should_fen - self.held_fen


def _differences(held_fen: Mapping[Pot, int], should_fen: Mapping[Pot, int]) -> Iterator[_Difference]:
    """Pots that differ. A budget may have been renamed since, so budgets of one kind and year count together."""
    for _, each in groupby(sorted({*held_fen, *should_fen}, key=_together), _together):
        pots = list(each)
        held, should = (sum(kept.get(pot, 0) for pot in pots) for kept in (held_fen, should_fen))
        if held != should:
            yield _Difference(next((pot for pot in pots if pot in should_fen), pots[-1]), held, should)


def _together(pot: Pot) -> Pot:
    return pot if pot.scope in ("programme", "village", "sector") else pot._replace(code="")


def _break(bank_code: str, found: _Difference, day: date) -> Break:
    name = "/".join(str(part) for part in found.pot if part)
    return Break(
        kind="portfolio_differs",
        bank_code=bank_code,
        about=f"{name}/{day}",
        found_on=day,
        amount_fen=found.missing_fen,
        detail=f"{name}: kept {found.held_fen} fen; signings and contracts give {found.should_fen}",
    )
