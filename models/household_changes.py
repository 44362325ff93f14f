"""What can happen to a household, one dated change each, and which of several changes hold after corrections.

A change never changes again: a later row corrects an earlier one by naming it, or withdraws it. Households are named by
blinded keys and people by their bank's own references; nobody's name or identity number stands anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

WITHDRAWN: Final = "withdrawn"


class Needs(NamedTuple):
    """Which fields a kind of change must fill, and which it may fill besides."""

    needed: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


def _needs(needed: str, allowed: str = "") -> Needs:
    return Needs(frozenset(needed.split()), frozenset(["corrects_change_no", *allowed.split()]))


KINDS: Final[Mapping[str, Needs]] = {
    "registered": _needs(""),
    "split": _needs("other_household_key", "member_ref member_birth_on"),
    "joined": _needs("member_ref", "other_household_key member_birth_on"),
    "married": _needs("member_ref", "other_household_key member_birth_on"),
    "became_borrower": _needs("member_ref member_birth_on"),
    "left": _needs("member_ref", "member_birth_on"),
    "died": _needs("member_ref", "member_birth_on"),
    "merged": _needs("other_household_key"),
    "moved_out": _needs(""),
    WITHDRAWN: _needs("corrects_change_no"),
}
"""Kinds in the order in which changes of one day take effect: who comes, comes before those who go.

`household_key` is the household that begins (registered, split), receives a member (joined, married), is left (left,
died, moved_out) or ends (merged); `other_household_key` the one a part or a member comes from, or, for a merger, the
one that goes on. A change of any kind may correct an earlier one; `withdrawn` only takes it back.
"""

_ORDER: Final = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Change:
    """One dated change of a household.

    Attributes:
        change_no: The bank's own number of the row.
        kind: One of `KINDS`.
        occurred_on: The day it took effect, however late it is told.
        household_key: Blinded key of the household it is about.
        other_household_key: Blinded key of the other household, None where there is none.
        member_ref: The bank's own reference of the member, None where it is about the whole household.
        member_birth_on: The member's day of birth, None where not told.
        corrects_change_no: The earlier row this one takes the place of, None where it stands for itself.
    """

    change_no: str
    kind: str
    occurred_on: date
    household_key: str
    other_household_key: str | None = None
    member_ref: str | None = None
    member_birth_on: date | None = None
    corrects_change_no: str | None = None


def effective(changes: Iterable[Change]) -> list[Change]:
    """The changes that hold after corrections, in the order they took effect, whatever the order they are given in."""
    every = list(changes)
    corrected = {change.corrects_change_no for change in every}
    holding = (change for change in every if change.kind != WITHDRAWN and change.change_no not in corrected)
    return sorted(holding, key=lambda change: (change.occurred_on, _ORDER[change.kind], change.change_no))
