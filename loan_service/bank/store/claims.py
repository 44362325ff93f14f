"""The one question bank nodes answer each other: does this household hold a programme contract? Logged, yes or no."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, Date, case, cast, exists, func, literal, null, select, union_all

from loan_service.bank.store.household_changes import near
from loan_service.bank.store.rows import among, append_rows, only_one
from loan_service.bank.store.tables import closures, contracts, household_queries, rejections, signings
from loan_service.foundation.database import AnyRow
from models.household_history import ExposureGroups, HouseholdHistory
from models.household_rule import history_of, obstacle


class _Moved(NamedTuple):
    """A claim whose borrower changed households: where it counts depends on the day."""

    household_key: str
    until: date
    homes_on: Callable[[date], frozenset[str]]


@dataclass
class _Around:
    """The households near one, whatever bank told of them: which count as one with it on a day, and their claims."""

    histories: Mapping[str, HouseholdHistory]
    groups: ExposureGroups
    claims: Mapping[str, "Claims"]
    moved: Sequence[_Moved]

    def hold_on(self, household_key: str, day: date) -> bool:
        group = self.groups.of(household_key, day)
        # Claims of this batch are appended to each household's own while the batch is gone through.
        if any(end > day for key in group & self.claims.keys() for end in self.claims[key].until):
            return True
        return any(one.until > day and not group.isdisjoint(one.homes_on(day)) for one in self.moved)

    def ended_by(self, household_key: str, day: date) -> int:
        own = [one for one in self.moved if one.household_key == household_key]
        return sum(one.until <= day or household_key not in one.homes_on(day) for one in own)


@dataclass
class Claims:
    """What one household has asked of the programme's one contract, at any bank.

    Attributes:
        until: Per claim the first day on which it no longer holds: an unsigned one lapses, a contract ends by closure.
        household_key: The household; needed where others may count as one with it.
        around: Those others; None where no change of households is known.
    """

    until: list[date] = field(default_factory=list)
    household_key: str = ""
    around: _Around | None = None

    def hold_on(self, day: date) -> bool:
        """Whether a contract, or terms before signing, stands on that day for the household or those one with it."""
        if any(end > day for end in self.until):
            return True
        return self.around is not None and self.around.hold_on(self.household_key, day)

    def obstacle(self, bank_code: str, borrower_ref: str | None, day: date) -> str:
        """Why this person cannot sign for the household by what the bank itself was told; empty: they can."""
        history = self.around.histories.get(bank_code) if self.around else None
        if history is None or borrower_ref is None:
            return ""
        return obstacle(history, self.household_key, borrower_ref, day)

    def ended_by(self, day: date) -> int:
        """How many of the household's own claims have ended, or gone away with their borrower."""
        ended = sum(end <= day for end in self.until)
        return ended + (self.around.ended_by(self.household_key, day) if self.around else 0)


NO_CLAIMS = Claims()


def claims_of(connection: Connection, household_keys: Iterable[str]) -> Mapping[str, Claims]:
    """The claims of households by blinded key; a household of which nothing is known is absent.

    Every bank node answers for itself: for the household asked about, for those that count as one exposure with it by
    the changes that bank was told of, and for contracts whose borrowers have moved there. All that comes back is yes or
    no; that the nodes of this deployment share one database makes one query of it.
    """
    about = near(connection, household_keys)
    histories = {bank_code: history_of(changes) for bank_code, changes in about.changes.items()}
    found: dict[str, Claims] = {}
    moved: list[_Moved] = []
    groups = ExposureGroups(link for history in histories.values() for link in history.links)
    around = _Around(histories, groups, found, moved)
    touched = frozenset().union(*(history.touched for history in histories.values()))
    for key in touched:
        found[key] = Claims(household_key=key, around=around)
    for row in _claim_rows(connection, about.keys):
        history = histories.get(row.bank_code)
        if history is not None and row.borrower_ref and history.stays_of(row.borrower_ref):
            homes_on = partial(history.homes_since, row.borrower_ref, row.household_key, row.signed_on)
            moved.append(_Moved(row.household_key, row.until, homes_on))
            found.setdefault(row.household_key, Claims(household_key=row.household_key, around=around))
        else:
            found.setdefault(row.household_key, Claims()).until.append(row.until)
    return found


def _claim_rows(connection: Connection, household_keys: Iterable[str]) -> Sequence[AnyRow]:
    """Claims with the day they end, and of contracts who borrows at which bank since when."""
    keys = list(household_keys)
    signing, contract, closure = signings.c, contracts.c, closures.c
    rejected = exists().where(rejections.c.subject_id == signing.signing_id)
    for_ever = cast(literal(date.max), Date)
    whose = (contract.bank_code, contract.borrower_ref, contract.signed_on)
    asked = (
        select(
            signing.household_key,
            case(
                (contract.contract_id.is_not(null()), func.coalesce(closure.business_date, for_ever)),
                (rejected, cast(literal(date.min), Date)),
                else_=signing.holds_until,
            ).label("until"),
            *whose,
        )
        .outerjoin(contracts, contract.signing_id == signing.signing_id)
        .outerjoin(closures, closure.contract_id == contract.contract_id)
        .where(among(signing.household_key, keys), signing.claim_number.is_not(null()))
    )
    # A contract the bank signed although we had not put its terms before the household holds all the same.
    unasked = (
        select(contract.household_key, func.coalesce(closure.business_date, for_ever), *whose)
        .join(signings, signing.signing_id == contract.signing_id)
        .outerjoin(closures, closure.contract_id == contract.contract_id)
        .where(among(contract.household_key, keys), signing.claim_number.is_(null()))
    )
    return connection.execute(union_all(asked, unasked)).all()


def one_at_a_time(connection: Connection) -> None:
    """Lets one transaction at a time make claims, whatever the bank: the question and the claim belong together."""
    only_one(connection, "household-claims")


@dataclass(frozen=True)
class Query:
    """One question as asked and answered."""

    application_id: str
    household_key: str
    answer: bool
    asked_on: date


def log_queries(connection: Connection, bank_code: str, asked_for: str, queries: Sequence[Query]) -> None:
    """Keeps who asked about which household, what for, and the answer."""
    rows = [
        {
            "asked_by": bank_code,
            "application_id": query.application_id,
            "asked_for": asked_for,
            "household_key": query.household_key,
            "answer": query.answer,
            "asked_on": query.asked_on,
        }
        for query in queries
    ]
    append_rows(connection, household_queries, rows)
