"""The one question bank nodes answer each other: does this household hold a programme contract? Logged, yes or no."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Date, case, cast, exists, func, literal, null, select, union_all

from loan_service.bank.store.rows import among, append_rows, only_one
from loan_service.bank.store.tables import closures, contracts, household_queries, rejections, signings


@dataclass
class Claims:
    """What one household has asked of the programme's one contract, at any bank.

    Attributes:
        until: Per claim the first day on which it no longer holds: an unsigned one lapses, a contract ends by closure.
    """

    until: list[date] = field(default_factory=list)

    def hold_on(self, day: date) -> bool:
        """Whether the household holds a contract, or terms before it for signing, on that day."""
        return any(end > day for end in self.until)

    def ended_by(self, day: date) -> int:
        """How many claims have ended."""
        return sum(end <= day for end in self.until)


NO_CLAIMS = Claims()


def claims_of(connection: Connection, household_keys: Iterable[str]) -> Mapping[str, Claims]:
    """The claims of households by blinded key; a household without any is absent."""
    keys = list(household_keys)
    signing, contract, closure = signings.c, contracts.c, closures.c
    rejected = exists().where(rejections.c.subject_id == signing.signing_id)
    for_ever = cast(literal(date.max), Date)
    asked = (
        select(
            signing.household_key,
            case(
                (contract.contract_id.is_not(null()), func.coalesce(closure.business_date, for_ever)),
                (rejected, cast(literal(date.min), Date)),
                else_=signing.holds_until,
            ).label("until"),
        )
        .outerjoin(contracts, contract.signing_id == signing.signing_id)
        .outerjoin(closures, closure.contract_id == contract.contract_id)
        .where(among(signing.household_key, keys), signing.claim_number.is_not(null()))
    )
    # A contract the bank signed although we had not put its terms before the household holds all the same.
    unasked = (
        select(contract.household_key, func.coalesce(closure.business_date, for_ever))
        .join(signings, signing.signing_id == contract.signing_id)
        .outerjoin(closures, closure.contract_id == contract.contract_id)
        .where(among(contract.household_key, keys), signing.claim_number.is_(null()))
    )
    found: dict[str, Claims] = {}
    for key, until in connection.execute(union_all(asked, unasked)):
        found.setdefault(key, Claims()).until.append(until)
    return found


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
