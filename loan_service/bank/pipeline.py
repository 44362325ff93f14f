"""The bank wing's order, once: households, offers and prescreen list, then the exchange until nothing moves."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from bank_adapters import Bank
from loan_service.bank.files import HOUSEHOLD_CHANGES, HOUSEHOLDS, BankFileError, Contract, day_of
from loan_service.bank.stages import (
    applications,
    balances,
    contracts,
    decisions,
    drawdowns,
    monitoring,
    offers,
    policies,
    portfolio,
    receiving,
    sending,
    signing,
    usage,
)
from loan_service.bank.stages.applications import Purposes
from loan_service.bank.stages.households import Imported, import_household_changes, import_households
from loan_service.bank.stages.monitoring import Monitored
from loan_service.bank.stages.offers import Issued
from loan_service.bank.store import inbox
from loan_service.bank.store.tables import log
from loan_service.bank.views.policies import lending_policy, policy_in_force
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition

Progress = Callable[[str, int], None]
"""Is told what was done, and to how many."""

Ports = Mapping[str, Bank]
"""A way to every bank of this node, by bank code."""

_IMPORTS: Final = {HOUSEHOLDS.kind: import_households, HOUSEHOLD_CHANGES.kind: import_household_changes}

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


@dataclass(frozen=True)
class BankDay:
    """One bank's part of a run.

    Attributes:
        files: What became of its household files.
        offers: What was offered.
        exchange: What the exchange moved.
        breaks: Disagreements found for the first time.
        trouble: What kept a step from being done; empty when everything was.
    """

    files: tuple[Imported, ...] = ()
    offers: Issued = field(default_factory=Issued)
    exchange: Settled = field(default_factory=Settled)
    breaks: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class BankRun:
    """What a run did, by bank."""

    business_date: date
    banks: dict[str, BankDay]

    @property
    def troubles(self) -> dict[str, str]:
        """What kept a bank's part from being finished, by bank; empty when all went well."""
        told = {code: dict.fromkeys((day.trouble, day.exchange.trouble)) for code, day in self.banks.items()}
        return {code: "; ".join(filter(None, texts)) for code, texts in told.items() if any(texts)}


def run(wing: Wing, business_date: date, ports: Ports, files_dir: Path, progress: Progress) -> BankRun:
    """The whole flow of a day; a second run on the same day changes nothing.

    A bank prices by the policy in force in its own database; without one nothing is offered, and the run says so.

    Args:
        wing: the bank wing.
        business_date: the day offers are priced and books are compared on.
        ports: the banks of this node.
        files_dir: holds one folder per bank code with its files.
        progress: is told after each step.
    """
    policies.publish_shipped(wing, business_date)
    days = {}
    for code, bank in ports.items():
        files = tuple(_files(wing, code, HOUSEHOLDS, files_dir / code, business_date)) or (_missing(code),)
        progress(f"{code} households", sum(file.rows_landed for file in files))
        # Changes speak of households: those of the file come first.
        files += tuple(_files(wing, code, HOUSEHOLD_CHANGES, files_dir / code, business_date))
        # Before anything is priced: a file in another unit is to be known of before offers are made from it.
        _monitor(wing, code, business_date, files_dir / code)
        days[code] = _day(wing, bank, business_date, progress, files=files)
    _seal(wing)
    return BankRun(business_date, days)


def roll(wing: Wing, business_date: date, ports: Ports, progress: Progress) -> BankRun:
    """A day without new files: exchange, and books compared.

    Expiry needs no step of its own: offers, certificates and unsigned terms carry the day on which they end, and every
    question is asked as of a day. Expired offers are made anew by `run`.
    """
    days = {code: _exchange(wing, bank, business_date, progress) for code, bank in ports.items()}
    _seal(wing)
    return BankRun(business_date, days)


def monitor(wing: Wing, business_date: date, bank_codes: Iterable[str], files_dir: Path) -> dict[str, Monitored]:
    """Measures the live models of banks where their inputs changed since they were measured, as a run does."""
    days = {
        code: monitoring.monitor(wing, _edition(wing, code, business_date), business_date, files_dir / code)
        for code in bank_codes
    }
    _seal(wing)
    return days


def _seal(wing: Wing) -> None:
    """What a run has written gets its positions in that run, so that the next one finds nothing left to do."""
    with transaction(wing.engine) as connection:
        seal(connection, log, wing.signer)


def _day(wing: Wing, bank: Bank, business_date: date, progress: Progress, *, files: tuple[Imported, ...]) -> BankDay:
    try:
        edition = _edition(wing, bank.bank_code, business_date)
        issued, trouble = offers.issue(wing, edition, business_date), ""
        offers.score_shadows(wing, edition, business_date)
    except RefusedError as refused:
        issued, trouble = Issued(), str(refused)
    progress(f"{bank.bank_code} offers", issued.issued)
    day = _exchange(wing, bank, business_date, progress)
    return BankDay(files, issued, day.exchange, day.breaks, trouble)


def _exchange(wing: Wing, bank: Bank, business_date: date, progress: Progress) -> BankDay:
    # What the bank says is taken even when no LPR prices the day: nothing is priced here.
    try:
        with transaction(wing.engine) as connection:
            purposes = Purposes(lending_policy(connection, bank.bank_code, business_date))
    except RefusedError as refused:
        return BankDay(exchange=Settled(trouble=str(refused)))
    settled = settle(wing, bank, purposes, business_date)
    progress(f"{bank.bank_code} messages", settled.answered + settled.received)
    _monitor(wing, bank.bank_code, business_date)
    breaks = balances.reconcile(wing, bank.bank_code, business_date)
    breaks += portfolio.reconcile(wing, bank.bank_code, purposes.policy, business_date)
    return BankDay(exchange=settled, breaks=breaks)


def _monitor(wing: Wing, bank_code: str, business_date: date, files: Path | None = None) -> None:
    """Watches the live models; where nothing can be priced there are no cut-offs, and pricing itself says why."""
    with suppress(RefusedError):
        monitoring.monitor(wing, _edition(wing, bank_code, business_date), business_date, files)


def _files(wing: Wing, bank_code: str, contract: Contract, folder: Path, business_date: date) -> Iterator[Imported]:
    """Brings in a bank's files of one kind, oldest first; one that is ahead of the day waits for its own."""
    bring_in = _IMPORTS[contract.kind]
    for path in sorted(folder.glob(f"{contract.kind}*")):
        try:
            ahead = day_of(contract, path) > business_date
        except BankFileError:
            ahead = False  # the import itself says what is wrong with the name
        yield Imported(path.name) if ahead else bring_in(wing, bank_code, path, business_date)


def _missing(bank_code: str) -> Imported:
    return Imported("", error=f"file.missing: no {HOUSEHOLDS.kind}_YYYYMMDD.csv from {bank_code}")


def _edition(wing: Wing, bank_code: str, business_date: date) -> PolicyEdition:
    """What the bank prices by on that day; refused where it has no policy in force, or no LPR table covers the day."""
    with transaction(wing.engine) as connection:
        return policy_in_force(connection, bank_code, business_date)


def settle(wing: Wing, bank: Bank, purposes: Purposes, business_date: date) -> Settled:
    """Reads, applies and sends until nothing moves any more, or the bank stays unreachable.

    A first pass looks for what an interrupted run left behind: approvals without terms, refusals without release.
    """
    code = bank.bank_code
    total = Settled(applied=signing.request(wing, code, purposes.policy, business_date) + usage.release(wing, code))
    failures = 0
    while failures < TRIES:
        step = _pass(wing, bank, purposes, business_date)
        moved = step.received + step.applied + step.answered
        total = _sum(total, step)
        if not moved and not step.trouble:
            break
        failures = 0 if moved else failures + 1
    return total


def _pass(wing: Wing, bank: Bank, purposes: Purposes, business_date: date) -> Settled:
    received = receiving.receive(wing, bank)
    applied = _apply(wing, bank.bank_code, purposes, business_date)
    sent = sending.send(wing, bank)
    if sent.refused:
        applied += usage.release(wing, bank.bank_code)
    return Settled(received.events, applied, sent.answered, sent.refused, received.trouble or sent.trouble)


def _apply(wing: Wing, code: str, purposes: Purposes, business_date: date) -> int:
    """Lets every stage take what waits for it; bookings come before wishes, so that repaid money can be drawn again."""
    with transaction(wing.engine) as connection:
        waiting = inbox.waiting_kinds(connection, code)
    applied = 0
    if waiting.intersection(applications.KINDS):
        applied += applications.receive(wing, code, purposes)
    if waiting.intersection(decisions.KINDS):
        applied += decisions.receive(wing, code)
        applied += signing.request(wing, code, purposes.policy, business_date)
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
