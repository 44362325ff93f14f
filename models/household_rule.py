"""One household, one loan (一户一贷): who may borrow on a day, and what this bank's own contracts leave of the cap.

Dated changes of households and contracts in, an answer per listed household out; nothing here knows where they come
from. Only households that a change speaks of, or that hold a contract, need to be asked about: for all others the
answer is the listed borrower, no obstacle, no exposure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from models.dated import Frozen
from models.dated_file import DatedFile, read_shaped
from models.household_changes import Change
from models.household_history import HouseholdHistory

STANDINGS: Final = ("borrower_died", "borrower_left", "household_moved_out", "household_merged")
"""Why nothing can be offered in a borrower's name; each has its text in `models.term_reasons`."""

_RULE_FILE: Final = Path(__file__).with_name("household_rule.yaml")


class RuleNumbers(Frozen):
    """The rule's numbers of a day; see `household_rule.yaml`."""

    split_months: Annotated[int, Field(ge=0, le=120)]
    borrower_years: Annotated[int, Field(ge=18)]


def rule_numbers_on(day: date, path: Path = _RULE_FILE) -> RuleNumbers:
    """The numbers in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    return _opened(path).on(day)


@lru_cache(maxsize=4)
def _opened(path: Path) -> DatedFile[RuleNumbers]:
    return read_shaped(path, DatedFile[RuleNumbers])


def history_of(changes: Iterable[Change]) -> HouseholdHistory:
    """One bank's changes under the rule; how long a split counts is what was in force on its day."""
    return HouseholdHistory(changes, lambda day: rule_numbers_on(day).split_months)


@dataclass(frozen=True, slots=True)
class OwnContract:
    """A contract of this bank that stands on the day asked about.

    Attributes:
        contract_id: Its name.
        household_key: The household that signed it.
        borrower_ref: The bank's reference of the person it stays with.
        limit_fen: What may be drawn on it: a line counts whole, however little of it is used.
        signed_on: The day of signing.
    """

    contract_id: str
    household_key: str
    borrower_ref: str
    limit_fen: int
    signed_on: date


@dataclass(frozen=True, slots=True)
class Listed:
    """A household as the bank's own file lists it."""

    household_ref: str
    household_key: str
    borrower_ref: str
    borrower_birth_on: date
    snapshot_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rule says of a listed household on a day.

    Attributes:
        household_ref: The household.
        borrower_ref: Who would borrow: the listed borrower, or who became it since.
        borrower_birth_on: Their day of birth.
        obstacle: One of `STANDINGS`; empty: the borrower lives, and lives there.
        group_contracts_fen: Lines of this bank's contracts with other adults of the exposure group.
    """

    household_ref: str
    borrower_ref: str
    borrower_birth_on: date
    obstacle: str
    group_contracts_fen: int


def obstacle(history: HouseholdHistory, household_key: str, borrower_ref: str, day: date) -> str:
    """Why this person cannot borrow for this household on a day, one of `STANDINGS`; empty: nothing is in the way."""
    if history.died_by(borrower_ref, day):
        return "borrower_died"
    if ended := history.ended_by(household_key, day):
        return f"household_{ended}"
    return "" if history.home_of(borrower_ref, day) in (None, household_key) else "borrower_left"


def standings(
    history: HouseholdHistory, listed: Iterable[Listed], contracts: Sequence[OwnContract], day: date
) -> Iterator[Standing]:
    """Apply the rule to listed households.

    Args:
        history: this bank's changes.
        listed: the households asked about, as the newest file lists them.
        contracts: this bank's contracts that stand on the day.
        day: the business date.
    """
    placed = _placed(history, contracts, day)
    for one in listed:
        borrower, birth_on = _borrower(history, one, day)
        group = history.groups.of(one.household_key, day)
        others = {contract for key in group for contract in placed.get(key, ()) if contract.borrower_ref != borrower}
        yield Standing(
            one.household_ref,
            borrower,
            birth_on,
            obstacle(history, one.household_key, borrower, day),
            sum(contract.limit_fen for contract in others),
        )


def _borrower(history: HouseholdHistory, one: Listed, day: date) -> tuple[str, date]:
    """Return the listed borrower, or whom a change made it after the listing or because the listed one cannot be."""
    successor = history.successor_of(one.household_key, day)
    if successor is not None and (
        successor.from_on > one.snapshot_on or obstacle(history, one.household_key, one.borrower_ref, day)
    ):
        return successor.member_ref, successor.birth_on
    return one.borrower_ref, one.borrower_birth_on


def _placed(history: HouseholdHistory, contracts: Sequence[OwnContract], day: date) -> Mapping[str, list[OwnContract]]:
    placed: defaultdict[str, list[OwnContract]] = defaultdict(list)
    for contract in contracts:
        for key in history.homes_since(contract.borrower_ref, contract.household_key, contract.signed_on, day):
            placed[key].append(contract)
    return placed
