"""Watches the live models of a bank: measures what changed inputs call for and opens, changes and closes alerts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from loan_service.bank.stages.monitoring.delivered import PastLoans
from loan_service.bank.stages.monitoring.desk import Desk
from loan_service.bank.store.promotions import live
from loan_service.bank.store.rows import only_one
from loan_service.bank.store.tables import log
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition

__all__ = ["Monitored", "monitor"]


@dataclass(frozen=True)
class Monitored:
    """What a run of monitoring did.

    Attributes:
        figures: New figures.
        turns: Alerts by what became of them: opened, worse, better, closed.
    """

    figures: int = 0
    turns: dict[str, int] = field(default_factory=dict)


def monitor(wing: Wing, edition: PolicyEdition, business_date: date, files: Path | None = None) -> Monitored:
    """Measures every live model of a bank where its inputs changed; the same inputs are not measured twice.

    A topic is measured anew when its data, the live card or the levels change, and when a month begins.

    Args:
        wing: the bank wing.
        edition: the bank's policy; it tells the cut-offs.
        business_date: the day; what is dated later is not looked at.
        files: the bank's folder, for past loans delivered after a model was trained; None: only what was imported.
    """
    with transaction(wing.engine) as connection:
        position = seal(connection, log, wing.signer)
    bank_code = edition.policy.bank_code
    with transaction(wing.engine) as connection:
        only_one(connection, f"monitoring:{bank_code}")
        past_loans = PastLoans.newest(files, business_date) if files else None
        desk = Desk(connection, edition, business_date, position, past_loans)
        figures, turns = 0, Counter[str]()
        for promotion in live(connection, bank_code, business_date).values():
            for measured in desk.measure(promotion):
                figures += measured.figures
                turns.update(measured.turns)
    return Monitored(figures, dict(turns))
