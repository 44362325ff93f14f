"""The bank wing's order, once: households, offers and prescreen list, then the exchange until nothing moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bank_adapters import Bank
from loan_service.bank.stages import (
    applications,
    contracts,
    decisions,
    drawdowns,
    receiving,
    sending,
    signing,
    usage,
)
from loan_service.bank.stages.applications import Purposes
from loan_service.bank.store import inbox
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

Progress = Callable[[str, int], None]
"""Is told a step's name and how many things it did."""

Ports = Mapping[str, Bank]
"""A way to every bank of this node, by bank code."""

TRIES: Final = 5
"""So often in a row an exchange may bring nothing but trouble before it is left for the next run."""


@dataclass(frozen=True)
class Settled:
    """What one exchange with a bank moved.

    Attributes:
        received: Events read.
        applied: Events applied and approvals put before households.
        answered: Requests the bank answered.
        refused: Those it refused for good.
        trouble: Why something may still wait; empty when nothing does.
    """

    received: int = 0
    applied: int = 0
    answered: int = 0
    refused: int = 0
    trouble: str = ""


def settle(wing: Wing, bank: Bank, purposes: Purposes) -> Settled:
    """Reads, applies and sends until nothing moves any more, or the bank stays unreachable.

    A first pass looks for what an interrupted run left behind: approvals without terms, refusals without release.
    """
    code = bank.bank_code
    total = Settled(applied=signing.request(wing, code) + usage.release(wing, code))
    failures = 0
    while failures < TRIES:
        step = _pass(wing, bank, purposes)
        moved = step.received + step.applied + step.answered
        total = _sum(total, step)
        if not moved and not step.trouble:
            break
        failures = 0 if moved else failures + 1
    return total


def _pass(wing: Wing, bank: Bank, purposes: Purposes) -> Settled:
    received = receiving.receive(wing, bank)
    applied = _apply(wing, bank.bank_code, purposes)
    sent = sending.send(wing, bank)
    if sent.refused:
        applied += usage.release(wing, bank.bank_code)
    return Settled(received.events, applied, sent.answered, sent.refused, received.trouble or sent.trouble)


def _apply(wing: Wing, code: str, purposes: Purposes) -> int:
    """Lets every stage take what waits for it; bookings come before wishes, so that repaid money can be drawn again."""
    with transaction(wing.engine) as connection:
        waiting = inbox.waiting_kinds(connection, code)
    applied = 0
    if waiting.intersection(applications.KINDS):
        applied += applications.receive(wing, code, purposes)
    if waiting.intersection(decisions.KINDS):
        applied += decisions.receive(wing, code)
        applied += signing.request(wing, code)
    if waiting.intersection(contracts.KINDS):
        applied += contracts.receive(wing, code)
    if waiting.intersection(usage.KINDS):
        applied += usage.receive(wing, code)
    if waiting.intersection(drawdowns.KINDS):
        applied += drawdowns.receive(wing, code)
    return applied


def _sum(total: Settled, step: Settled) -> Settled:
    return Settled(
        total.received + step.received,
        total.applied + step.applied,
        total.answered + step.answered,
        total.refused + step.refused,
        step.trouble,
    )
