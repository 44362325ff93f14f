"""One step of the simulated bank while it is being worked out: copies a table on its first change, then closes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Generic, TypedDict, TypeVar

from bank_adapters.messages import AnyEvent, ItemResult, message_id
from bank_adapters.simulator.chance import chance_milli
from bank_adapters.simulator.state import Act, BankState, Step

Key = TypeVar("Key")
Row = TypeVar("Row")
_DAY = timedelta(days=1)


class Table(Generic[Key, Row]):
    """A mapping that leaves the one it began with untouched."""

    __slots__ = ("_owned", "_rows")

    def __init__(self, rows: Mapping[Key, Row]) -> None:
        self._rows = rows
        self._owned: dict[Key, Row] | None = None

    @property
    def rows(self) -> Mapping[Key, Row]:
        """The rows as they are now."""
        return self._rows

    def get(self, key: Key) -> Row | None:
        """The row, or None."""
        return self._rows.get(key)

    def __getitem__(self, key: Key) -> Row:
        return self._rows[key]

    def __setitem__(self, key: Key, row: Row) -> None:
        if self._owned is None:
            self._rows = self._owned = dict(self._rows)
        self._owned[key] = row

    def pop(self, key: Key) -> Row | None:
        """Take the row out, if it is there."""
        if key not in self._rows:
            return None
        if self._owned is None:
            self._rows = self._owned = dict(self._rows)
        return self._owned.pop(key)

    def __contains__(self, key: Key) -> bool:
        return key in self._rows


class EventHead(TypedDict):
    """What every event begins with."""

    sequence: int
    bank_code: str
    business_date: date
    message_id: str


class Draft:
    """The bank in mid-step: every table of `BankState` as a `Table`; `close` gives the state that came of it."""

    def __init__(self, state: BankState) -> None:
        self._state = state
        self.bank_code = state.bank_code
        self.today = state.business_date
        self.habits = state.habits
        self.offers = Table(state.offers)
        self.offer_of_household = Table(state.offer_of_household)
        self.wishes = Table(state.wishes)
        self.applications = Table(state.applications)
        self.application_of_household = Table(state.application_of_household)
        self.signings = Table(state.signings)
        self.signing_of_household = Table(state.signing_of_household)
        self.contracts = Table(state.contracts)
        self.contract_of_household = Table(state.contract_of_household)
        self.answers = Table(state.answers)
        self._agenda = Table(state.agenda)
        # Acts noted in this step; joined to the agenda's buckets once, at the end, so that noting one stays cheap.
        self._noted: dict[int, list[Act]] = {}
        self._held = list(state.held)
        self._events: list[AnyEvent] = []
        self._last_sequence = state.last_sequence

    def in_days(self, days: int) -> date:
        """So many days on, tomorrow at the earliest: what a request sets going never happens within the call."""
        return self.today + max(1, days) * _DAY

    def happens(self, share_milli: int, *about: str) -> bool:
        """Whether one thing is among this bank's share, in thousandths, of things of its kind."""
        return share_milli > 0 and chance_milli(self.habits.seed, self.bank_code, *about) < share_milli

    def own_id(self, *parts: str) -> str:
        """An id of the bank's own making, the same whenever it is made of the same parts."""
        return message_id(self.bank_code, *parts)

    def head(self, kind: str, *about: str) -> EventHead:
        """Head of an event of today; `about` is what makes the happening the one it is, and gives its id."""
        return {
            "sequence": self._last_sequence + 1,
            "bank_code": self.bank_code,
            "business_date": self.today,
            "message_id": self.own_id(kind, *about),
        }

    def say(self, event: AnyEvent) -> None:
        """Put an event into the feed: now, or as the fault profile has it."""
        faults = self._state.faults
        if self._faulty("delayed", event.message_id, faults.delayed_events_milli):
            self._held.append(event)
            return
        self._publish(event)
        if self._faulty("repeated", event.message_id, faults.repeated_events_milli):
            self._held.append(event)

    def note(self, act: Act, day: date) -> None:
        """Put an act on the agenda, today at the earliest."""
        self._noted.setdefault(max(day, self.today).toordinal(), []).append(act)

    def begin_day(self) -> None:
        """Let the next business day begin; what was held back enters the feed first."""
        self.today += _DAY
        held, self._held = self._held, []
        for event in held:
            self._publish(event)

    def due_acts(self) -> Iterator[Act]:
        """Take today's acts off the agenda, also those noted while the earlier ones were done."""
        ordinal = self.today.toordinal()
        yield from self._agenda.pop(ordinal) or ()
        while due := self._noted.pop(ordinal, None):
            yield from due

    def close(self, results: tuple[ItemResult, ...], *, batches: int) -> Step:
        """End the step, having taken so many batches."""
        for ordinal, acts in self._noted.items():
            self._agenda[ordinal] = (*(self._agenda.get(ordinal) or ()), *acts)
        handled = self._state.batches_handled + batches
        state = replace(
            self._state,
            business_date=self.today,
            offers=self.offers.rows,
            offer_of_household=self.offer_of_household.rows,
            wishes=self.wishes.rows,
            applications=self.applications.rows,
            application_of_household=self.application_of_household.rows,
            signings=self.signings.rows,
            signing_of_household=self.signing_of_household.rows,
            contracts=self.contracts.rows,
            contract_of_household=self.contract_of_household.rows,
            answers=self.answers.rows,
            agenda=self._agenda.rows,
            held=tuple(self._held),
            last_sequence=self._last_sequence,
            batches_handled=handled,
        )
        lost = batches > 0 and self._faulty("lost", str(handled), self._state.faults.lost_answers_milli)
        return Step(state=state, results=results, events=tuple(self._events), answer_lost=lost)

    def _publish(self, event: AnyEvent) -> None:
        self._last_sequence += 1
        if event.sequence != self._last_sequence:
            event = event.model_copy(update={"sequence": self._last_sequence})
        self._events.append(event)

    def _faulty(self, fault: str, about: str, share_milli: int) -> bool:
        return share_milli > 0 and chance_milli(self._state.faults.seed, self.bank_code, fault, about) < share_milli
