"""A running simulated bank: the pure behaviour, its journal and its feed, answering as any other bank does."""

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Self

from bank_adapters.errors import Unreachable
from bank_adapters.messages import AnyEvent, Batch, ItemResult
from bank_adapters.simulator import BankState, FaultProfile, Habits, Intention, Intentions, Step, advance, handle
from bank_adapters.simulator_journal import (
    BatchReceived,
    DaysAdvanced,
    IntentionsHeard,
    Journal,
    JournalEntry,
    Opened,
    SettingsChanged,
)


class WrongJournal(ValueError):  # noqa: N818 - reads as what it is where it is raised
    """The journal is another bank's, or does not begin with an opening."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"日志属于另一家银行 / the journal is another bank's: expected {expected}, found {found}")


class SimulatedBank:
    """A `port.Bank` in this process, safe to call from several threads; `open` it, then `close` it."""

    def __init__(self, journal: Journal, state: BankState) -> None:
        self._journal = journal
        self._state = state
        self._intentions: dict[str, Intention] = {}
        self._feed: list[AnyEvent] = []
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        path: Path,
        bank_code: str,
        opened_on: date,
        *,
        habits: Habits | None = None,
        faults: FaultProfile | None = None,
    ) -> Self:
        """Open a bank on its journal: a new one, or the one the journal tells of.

        Args:
            path: The journal file; its folder must exist.
            bank_code: Which bank.
            opened_on: The first accounting day of a new bank; an existing one keeps its own days.
            habits: How it decides from now on.
            faults: What goes wrong from now on.

        Raises:
            JournalDamaged: The journal cannot be read to its end.
            WrongJournal: It is another bank's.
        """
        bank = cls(Journal(path), BankState(bank_code=bank_code, business_date=opened_on))
        with ExitStack() as on_error:
            on_error.callback(bank.close)
            bank._replay(Opened(bank_code=bank_code, business_date=opened_on))
            settings = SettingsChanged(habits=habits or Habits(), faults=faults or FaultProfile())
            if (bank.state.habits, bank.state.faults) != (settings.habits, settings.faults):
                bank._record(settings)
            on_error.pop_all()
        return bank

    @property
    def bank_code(self) -> str:
        """Which bank this is."""
        return self._state.bank_code

    @property
    def business_date(self) -> date:
        """The bank's accounting day."""
        return self._state.business_date

    @property
    def state(self) -> BankState:
        """Everything the bank knows; a value, so it may be kept and compared."""
        return self._state

    @property
    def feed(self) -> Sequence[AnyEvent]:
        """Everything the bank has said so far."""
        return tuple(self._feed)

    def send(self, batch: Batch) -> tuple[ItemResult, ...]:
        """Take one batch on the bank's accounting day.

        Raises:
            Unreachable: The work is done but the answer is lost, by the fault profile: send the batch again.
            ProtocolViolation: The batch is for another bank.
        """
        with self._lock:
            step = self._record(BatchReceived(business_date=self._state.business_date, batch=batch))
        if step.answer_lost:
            raise Unreachable(self.bank_code, zh="应答丢失（模拟故障）", en="the answer was lost (simulated fault)")
        return step.results

    def poll(self, after_sequence: int, limit: int) -> tuple[AnyEvent, ...]:
        """Read the next events after a sequence, at most `limit`."""
        # Sequences run from 1 without gaps, so the feed's place is the sequence.
        return tuple(self._feed[after_sequence : after_sequence + limit])

    def advance(self, to_date: date, intentions: Intentions) -> int:
        """Let days pass while households act on their intentions.

        Returns:
            How many events entered the feed.

        Raises:
            ProtocolViolation: The bank's day is later already.
        """
        with self._lock:
            if self._intentions != intentions:
                self._record(IntentionsHeard(intentions=tuple(intentions.values())))
            return len(self._record(DaysAdvanced(to_date=to_date)).events)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _replay(self, opening: Opened) -> None:
        entries = self._journal.read()
        first = next(entries, None)
        if first is None:
            self._journal.append(opening)
            return
        if not isinstance(first, Opened) or first.bank_code != opening.bank_code:
            raise WrongJournal(opening.bank_code, first.bank_code if isinstance(first, Opened) else first.entry)
        self._state = replace(self._state, business_date=first.business_date)
        with _collector_paused():
            for entry in entries:
                self._take(entry, self._work_out(entry))

    def _record(self, entry: JournalEntry) -> Step:
        # Worked out first, so that what the bank refuses outright never enters the journal; written before it counts.
        step = self._work_out(entry)
        self._journal.append(entry)
        self._take(entry, step)
        return step

    def _work_out(self, entry: JournalEntry) -> Step:
        match entry:
            case BatchReceived():
                return handle(self._state, entry.batch, entry.business_date)
            case DaysAdvanced():
                return advance(self._state, entry.to_date, self._intentions)
            case SettingsChanged():
                return Step(state=replace(self._state, habits=entry.habits, faults=entry.faults))
            case Opened() | IntentionsHeard():
                return Step(state=self._state)

    def _take(self, entry: JournalEntry, step: Step) -> None:
        if isinstance(entry, IntentionsHeard):
            self._intentions = {plan.household_ref: plan for plan in entry.intentions}
        self._feed += step.events
        self._state = step.state


@contextmanager
def _collector_paused() -> Iterator[None]:
    # All that a replay makes is kept; the garbage collector would only walk it over and over, a third of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
