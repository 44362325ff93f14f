"""Which dated changes of households cannot all be true: each fault names the record and the field at fault.

The changes are gone through in the order they took effect, so that the order of arrival does not matter; what the
service adds are words and a remedy for each code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from models.household_changes import WITHDRAWN, Change, effective
from models.household_history import months_after

_BEGINS: Final = ("registered", "split")
_ENDS: Final = ("merged", "moved_out")
_HERE: Final = "here"
_NOWHERE: Final = ""


class ChangeFault(NamedTuple):
    """One change that cannot stand beside the others: its record, what is wrong, and in which field."""

    change_no: str
    code: str
    field: str


class Admitted(NamedTuple):
    """What of a delivery may join the changes already kept, and what may not."""

    changes: list[Change]
    faults: list[ChangeFault]


def admit(kept: Sequence[Change], delivered: Iterable[Change], listed: Collection[str], years: int) -> Admitted:
    """Take of a delivery what agrees with the changes kept and with itself, whatever the order of its rows.

    A change that is kept stays: where a delivered one contradicts it, the delivered one is at fault. A change delivered
    again as it is kept is neither new nor a fault.

    Args:
        kept: the bank's changes, without faults among them.
        delivered: changes of one file.
        listed: keys of the households in the bank's own files.
        years: completed years from which a member may become the borrower.
    """
    by_number = {change.change_no: change for change in kept}
    rest, faults = [], []
    for change in delivered:
        known = by_number.get(change.change_no)
        if known is None:
            rest.append(change)
        elif known != change:
            faults.append(ChangeFault(change.change_no, "change.number_reused", "change_no"))
    while rest and (found := list(change_faults([*kept, *rest], listed, years))):
        mine = _blamed(found, rest, by_number)
        faults += mine
        numbers = {fault.change_no for fault in mine}
        rest = [change for change in rest if change.change_no not in numbers]
    return Admitted(rest, faults)


def change_faults(changes: Sequence[Change], listed: Collection[str], years: int) -> Iterator[ChangeFault]:
    """Find changes that cannot be true beside the others, at most one fault for each.

    Where corrections are at fault nothing else is looked at: which changes hold is then not known.

    Args:
        changes: every change of a bank, corrected ones included.
        listed: keys of the households in the bank's own files; all others begin by a change.
        years: completed years from which a member may become the borrower.
    """
    if corrections := list(_correction_faults(changes)):
        yield from corrections
        return
    register = _Register(effective(changes), listed, years)
    for change in register.changes:
        fault = register.fault_of(change)
        if fault is None:
            register.enter(change)
        else:
            yield ChangeFault(change.change_no, *fault)


def _blamed(found: Sequence[ChangeFault], rest: Sequence[Change], kept: dict[str, Change]) -> list[ChangeFault]:
    """Return the faults of delivered changes; where only kept ones are hit, blame whatever speaks of the same."""
    own = {change.change_no for change in rest}
    mine = [fault for fault in found if fault.change_no in own]
    if mine:
        return mine
    hit = set().union(*(_subjects(kept[fault.change_no], kept) for fault in found))
    near = [change for change in rest if hit & _subjects(change, kept)] or rest
    return [ChangeFault(change.change_no, "change.contradicts", "change_no") for change in near]


def _subjects(change: Change, kept: dict[str, Change]) -> set[str]:
    corrected = kept.get(change.corrects_change_no or "")
    told = {change.household_key, change.other_household_key, change.member_ref}
    more = {corrected.household_key, corrected.other_household_key, corrected.member_ref} if corrected else set()
    return {subject for subject in told | more if subject}


def _correction_faults(changes: Sequence[Change]) -> Iterator[ChangeFault]:
    by_number = {change.change_no: change for change in changes}
    times = Counter(change.corrects_change_no for change in changes)
    for change in sorted(changes, key=lambda change: change.change_no):
        about = change.corrects_change_no
        if about is None:
            continue
        if about not in by_number or _in_a_circle(change, by_number):
            yield ChangeFault(change.change_no, "change.corrects_unknown", "corrects_change_no")
        elif times[about] > 1:
            yield ChangeFault(change.change_no, "change.corrected_twice", "corrects_change_no")
        elif change.kind == WITHDRAWN and by_number[about].household_key != change.household_key:
            yield ChangeFault(change.change_no, "change.corrects_another", "household_key")


def _in_a_circle(change: Change, by_number: dict[str, Change]) -> bool:
    about, seen = change.corrects_change_no, set()
    while about is not None and about in by_number and about not in seen:
        seen.add(about)
        about = by_number[about].corrects_change_no
    return change.change_no in seen


class _Register:
    """What is known of households and members while the changes are gone through."""

    def __init__(self, changes: list[Change], listed: Collection[str], years: int) -> None:
        self.changes = changes
        self._years = years
        self._households = dict.fromkeys(listed, _HERE)
        self._begins: set[str] = set()
        self._homes: dict[str, str] = {}
        self._births = {one.member_ref: one.member_birth_on for one in changes if one.member_birth_on}
        self._dead: set[str] = set()
        met: set[str] = set()
        for change in changes:
            key = change.household_key
            if change.kind in _BEGINS:
                self._begins.add(key)
                if key not in met:  # what a change begins did not stand before it, though a later file lists it
                    self._households.pop(key, None)
            met |= {key} if change.kind in (*_BEGINS, *_ENDS) else set()

    def fault_of(self, change: Change) -> tuple[str, str] | None:
        if change.other_household_key == change.household_key:
            return "change.same_household", "other_household_key"
        return self._beginning_fault(change) or self._household_fault(change) or self._member_fault(change)

    def enter(self, change: Change) -> None:
        if change.kind in _BEGINS:
            self._households[change.household_key] = _HERE
        elif change.kind in _ENDS:
            self._households[change.household_key] = change.kind
        if change.kind == "merged":
            into = change.other_household_key or ""
            self._homes = {ref: into if home == change.household_key else home for ref, home in self._homes.items()}
        if change.member_ref is None:
            return
        if change.kind == "died":
            self._dead.add(change.member_ref)
        elif change.kind != "became_borrower":
            self._homes[change.member_ref] = _NOWHERE if change.kind == "left" else change.household_key

    def _beginning_fault(self, change: Change) -> tuple[str, str] | None:
        if change.kind not in _BEGINS:
            return None
        stands = self._households.get(change.household_key)
        if stands == _HERE:
            return "change.registered_twice", "household_key"
        comes_back = change.kind == "registered" and stands == "moved_out"
        return ("change.household_ended", "household_key") if stands and not comes_back else None

    def _household_fault(self, change: Change) -> tuple[str, str] | None:
        if change.kind not in _BEGINS:
            stands = self._households.get(change.household_key)
            if change.kind == "merged" and stands == "merged":
                return "change.merged_twice", "household_key"
            if stands != _HERE and not (change.kind == "died" and stands == "moved_out"):
                return self._absent(change.household_key, "household_key")
        other = change.other_household_key
        if other is None or self._households.get(other) == _HERE:
            return None
        # Somebody may come from a household that moved out; a part of one, or a merger, needs one that stands.
        comes_back = change.member_ref is not None and self._households.get(other) == "moved_out"
        return None if comes_back else self._absent(other, "other_household_key")

    def _absent(self, key: str, field: str) -> tuple[str, str]:
        if key in self._households:
            return "change.household_ended", field
        return ("change.before_registration", "occurred_on") if key in self._begins else ("change.unknown", field)

    def _member_fault(self, change: Change) -> tuple[str, str] | None:
        member, day = change.member_ref, change.occurred_on
        if member is None:
            return None
        born = self._births.get(member)
        if born is not None and day < born:
            return "change.before_birth", "occurred_on"
        if member in self._dead:
            return "change.after_death", "member_ref"
        birth_on = change.member_birth_on if change.kind == "became_borrower" else None
        if birth_on is not None and day < months_after(birth_on, 12 * self._years):
            return "change.under_age", "member_birth_on"
        return self._home_fault(change, self._homes.get(member, _NOWHERE))

    def _home_fault(self, change: Change, home: str) -> tuple[str, str] | None:
        if home == _NOWHERE:
            return None
        if change.kind in ("split", "joined", "married"):
            return None if change.other_household_key == home else ("change.other_home", "other_household_key")
        return None if change.household_key == home else ("change.not_a_member", "member_ref")
