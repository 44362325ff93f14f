"""One bank's dated changes of households, ready to be asked about any day: who lives, where, with whom as one exposure.

Periods are half-open, months clamp to their ends. Everything is kept by household or member, so that a question costs
what that household's own changes cost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Final, NamedTuple, Protocol, TypeVar

import numpy as np

from models.household_changes import Change, effective
from models.labels import months_later

NOWHERE: Final = ""
"""In no household we know."""

_EPOCH: Final = date(1970, 1, 1)


class Link(NamedTuple):
    """Two households that count as one exposure in [from_on, until_on)."""

    one: str
    other: str
    from_on: date
    until_on: date


class ExposureGroups:
    """Which households count as one on a day: reflexive, symmetric, and transitive over chains of links."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._links: defaultdict[str, list[Link]] = defaultdict(list)
        for link in links:
            self._links[link.one].append(link)
            self._links[link.other].append(Link(link.other, link.one, link.from_on, link.until_on))

    def of(self, household_key: str, day: date) -> frozenset[str]:
        """Keys of all households that count as one with this one on a day, itself included."""
        found, waiting = {household_key}, [household_key]
        while waiting:
            near = {link.other for link in self._links.get(waiting.pop(), ()) if link.from_on <= day < link.until_on}
            waiting += near - found
            found |= near
        return frozenset(found)


class _Since(Protocol):
    @property
    def from_on(self) -> date: ...


class _Life(NamedTuple):
    """What became of a household: registered, split (off another), merged or moved_out."""

    from_on: date
    kind: str


class _Stay(NamedTuple):
    """Where a member lives from a day on, and until when a household left behind still waits for them."""

    from_on: date
    household_key: str
    waits_until: date


class Successor(NamedTuple):
    """Who became a household's borrower, and since when."""

    from_on: date
    member_ref: str
    birth_on: date


_Entry = TypeVar("_Entry", bound=_Since)


class HouseholdHistory:
    """The changes of one bank's households; the order in which they arrived makes no difference.

    Args:
        changes: the bank's changes without faults (`models.household_faults`), corrected ones included.
        split_months_on: for how many months a split of a day makes both parts count as one exposure.

    Attributes:
        touched: keys of all households some change that holds speaks of.
        links: what makes households count as one; those of several banks may be put together.
        groups: the same, ready to be asked.
    """

    def __init__(self, changes: Iterable[Change], split_months_on: Callable[[date], int]) -> None:
        holding = effective(changes)
        ends = _window_ends([change.occurred_on for change in holding], split_months_on)
        keys = (key for change in holding for key in (change.household_key, change.other_household_key))
        self.touched = frozenset(key for key in keys if key)
        self.links = tuple(_links(zip(holding, ends, strict=True)))
        self.groups = ExposureGroups(self.links)
        self._into: dict[str, tuple[date, str]] = {}
        self._lives: defaultdict[str, list[_Life]] = defaultdict(list)
        self._stays: defaultdict[str, list[_Stay]] = defaultdict(list)
        self._died: dict[str, date] = {}
        self._successors: defaultdict[str, list[Successor]] = defaultdict(list)
        for change, end in zip(holding, ends, strict=True):
            self._note_household(change)
            self._note_member(change, end)

    def died_by(self, member_ref: str, day: date) -> bool:
        """Whether a member has died."""
        return self._died.get(member_ref, date.max) <= day

    def ended_by(self, household_key: str, day: date) -> str:
        """How a household has ended, `merged` or `moved_out`; empty while it stands."""
        life = _last(self._lives.get(household_key, ()), day)
        return life.kind if life and life.kind in ("merged", "moved_out") else ""

    def home_of(self, member_ref: str, day: date) -> str | None:
        """Where changes put a member on a day, mergers followed; NOWHERE if they left, None if no change tells."""
        stay = _last(self._stays.get(member_ref, ()), day)
        return None if stay is None else self._goes_on_as(stay.household_key, day)

    def successor_of(self, household_key: str, day: date) -> Successor | None:
        """Who last became a household's borrower by a change."""
        return _last(self._successors.get(household_key, ()), day)

    def stays_of(self, member_ref: str) -> frozenset[str]:
        """Every household a change ever put a member into."""
        return frozenset(stay.household_key for stay in self._stays.get(member_ref, ())) - {NOWHERE}

    def homes_since(self, member_ref: str, household_key: str, since: date, day: date) -> frozenset[str]:
        """Households that answer on a day for what a member of one signed on an earlier day.

        What is signed stays with the member. The household left behind answers too for as long as the parts of a split
        do: otherwise its next adult could sign as soon as the first is out of the door.
        """
        stays = [stay for stay in self._stays.get(member_ref, ()) if stay.from_on <= day]
        home, homes = household_key, set()
        for stay in stays:
            if stay.from_on > since and stay.household_key != home:
                homes |= {home} if day < stay.waits_until else set()
                home = stay.household_key
        # A stay before the signing that is told late does not take the contract from the household that signed it.
        homes |= {home, stays[-1].household_key if stays else home}
        return frozenset(homes - {NOWHERE})

    def _note_household(self, change: Change) -> None:
        key, day = change.household_key, change.occurred_on
        if change.kind in ("registered", "split", "merged", "moved_out"):
            self._lives[key].append(_Life(day, change.kind))
        if change.kind == "merged" and change.other_household_key:
            self._into[key] = (day, change.other_household_key)

    def _note_member(self, change: Change, waits_until: date) -> None:
        if change.member_ref is None:
            return
        key, day = change.household_key, change.occurred_on
        match change.kind:
            case "split" | "joined" | "married":
                self._stays[change.member_ref].append(_Stay(day, key, waits_until))
            case "left":
                self._stays[change.member_ref].append(_Stay(day, NOWHERE, waits_until))
            case "died":
                self._died[change.member_ref] = day
            case "became_borrower" if change.member_birth_on is not None:
                self._successors[key].append(Successor(day, change.member_ref, change.member_birth_on))

    def _goes_on_as(self, household_key: str, day: date) -> str:
        for _ in self._into:
            into = self._into.get(household_key)
            if into is None or into[0] > day:
                break
            household_key = into[1]
        return household_key


def months_after(day: date, months: int) -> date:
    """The day so many calendar months later; a day the month does not have becomes its last."""
    return _window_ends([day], lambda _: months)[0]


def _window_ends(days: Sequence[date], months_on: Callable[[date], int]) -> list[date]:
    """The days so many calendar months later, as many as held on each day itself."""
    since = np.array([(day - _EPOCH).days for day in days], dtype=np.int64)
    months = np.array([months_on(day) for day in days], dtype=np.int64)
    ends = since.copy()
    for length in np.unique(months).tolist():
        ends[months == length] = months_later(since[months == length], length)
    return [_EPOCH + timedelta(days=end) for end in ends.tolist()]


def _links(dated: Iterable[tuple[Change, date]]) -> Iterator[Link]:
    for change, end in dated:
        if change.kind in ("split", "merged") and change.other_household_key:
            until = end if change.kind == "split" else date.max
            yield Link(change.household_key, change.other_household_key, change.occurred_on, until)


def _last(entries: Sequence[_Entry], day: date) -> _Entry | None:
    place = bisect_right(entries, day, key=attrgetter("from_on"))
    return entries[place - 1] if place else None
