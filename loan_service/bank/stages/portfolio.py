"""Compares what caps and budgets hold with what signings and contracts alone would make of them, and corrects it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

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
    limits = limits_on(policy, business_date)
    with transaction(wing.engine) as connection:
        ledger = store.open_ledger(connection, bank_code, business_date, limits)
        held, should = ledger.held_fen, store.rebuilt(connection, bank_code, business_date, limits)
        missing = _missing(held, should)
        ledger.enter("corrected", None, missing.items())
        ledger.write()
        found = [
            _break(bank_code, pot, amount_fen, held.get(pot, 0), business_date) for pot, amount_fen in missing.items()
        ]
        return append_breaks(connection, found)


def _missing(held_fen: Mapping[Pot, int], should_fen: Mapping[Pot, int]) -> dict[Pot, int]:
    """What each pot lacks. A budget may have been renamed since, so budgets of one kind and year count together."""
    short: Counter[Pot] = Counter()
    place: dict[Pot, Pot] = {}
    for pot, amount_fen in [*should_fen.items(), *((pot, -amount_fen) for pot, amount_fen in held_fen.items())]:
        together = pot if pot.scope in ("programme", "village", "sector") else pot._replace(code="")
        place[together] = pot
        short[together] += amount_fen
    return {place[together]: amount_fen for together, amount_fen in short.items() if amount_fen}


def _break(bank_code: str, pot: Pot, missing_fen: int, held_fen: int, day: date) -> Break:
    name = "/".join(str(part) for part in pot if part)
    return Break(
        kind="portfolio_differs",
        bank_code=bank_code,
        about=f"{name}/{day}",
        found_on=day,
        amount_fen=missing_fen,
        detail=f"{name}: kept {held_fen} fen; signings and contracts give {held_fen + missing_fen}",
    )
