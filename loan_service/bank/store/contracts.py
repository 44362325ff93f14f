"""Rows from an approved application to a signed contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, ScalarSelect, func, null, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from bank_adapters import SigningReceipt
from loan_service.bank.store.rows import among, append_rows
from loan_service.bank.store.tables import (
    applications,
    bank_decisions,
    closures,
    contract_balances,
    contracts,
    households,
    offers,
    signings,
)
from loan_service.errors import ConflictError
from loan_service.foundation.database import AnyRow


@dataclass(frozen=True)
class Approval:
    """A final approval or counter-offer that waits for its terms to be put before the household.

    Attributes:
        limit_fen: The limit the bank decided on.
        offered_fen: The limit of the offer behind it.
        baseline_fen: That limit without the bonus.
        takes_bonus: Whether the household chose the bonus.
        decided_on: The bank's business date of the decision.
        expires_on: First day on which the offer no longer holds.
        gap_bp: The part of the offered discount that lies below cost.
        village_code: Where the household lived when the offer was made.
        sector: What it lives on, by the bank's newest file.
        borrower_ref: In whose name the offer was made.
    """

    application_id: str
    household_ref: str
    household_key: str
    limit_fen: int
    offered_fen: int
    baseline_fen: int
    takes_bonus: bool
    decided_on: date
    rate_bp: int
    term_months: int
    expires_on: date
    gap_bp: int
    village_code: str
    sector: str
    borrower_ref: str | None

    @property
    def entitled_fen(self) -> int:
        """How much the bank may decide on: what was offered, with the bonus only where it was chosen."""
        return self.offered_fen if self.takes_bonus else self.baseline_fen


@dataclass(frozen=True)
class SigningRow:
    """Terms that go, or for a stated reason do not go, before a household."""

    signing_id: str
    bank_code: str
    application_id: str
    household_ref: str
    household_key: str
    claim_number: int | None
    limit_fen: int
    rate_bp: int
    term_months: int
    template_id: str
    terms_hash: str
    requested_on: date
    holds_until: date
    refusal_code: str | None
    village_code: str
    sector: str
    baseline_fen: int
    bonus_fen: int
    gap_bp: int
    cuts: list[dict[str, Any]]
    policy_edition: str


def approvals(
    connection: Connection, bank_code: str, limit: int, after: tuple[date, str] = (date.min, "")
) -> list[Approval]:
    """Finally approved applications whose terms have not been put before the household, oldest decision first.

    Args:
        connection: an open transaction.
        bank_code: the bank.
        limit: at most so many.
        after: decision day and application id of the last one looked at.
    """
    application, offer = applications.c, offers.c
    final = (
        select(bank_decisions)
        .where(bank_decisions.c.decision != "refer")
        .ext(distinct_on(bank_decisions.c.application_id))
        .order_by(bank_decisions.c.application_id, bank_decisions.c.sequence)
        .subquery()
    )
    rows = connection.execute(
        select(
            application.application_id,
            application.household_ref,
            application.household_key,
            final.c.limit_fen,
            offer.limit_fen.label("offered_fen"),
            offer.baseline_limit_fen,
            application.takes_bonus,
            final.c.business_date.label("decided_on"),
            offer.rate_bp,
            application.term_months,
            offer.expires_on,
            func.coalesce(offer.affordability["incentive_gap_bp"].as_integer(), 0),
            offer.village_code,
            _sector_of(application),
            offer.borrower_ref,
        )
        .join(final, final.c.application_id == application.application_id)
        .join(offers, offer.offer_id == application.offer_id)
        .outerjoin(signings, signings.c.application_id == application.application_id)
        .where(
            application.bank_code == bank_code,
            final.c.decision.in_(("approve", "counter")),
            signings.c.signing_id.is_(null()),
            tuple_(final.c.business_date, application.application_id) > tuple_(*after),
        )
        .order_by(final.c.business_date, application.application_id)
        .limit(limit)
    )
    return [_approval(row) for row in rows]


def _approval(row: AnyRow) -> Approval:
    return Approval(*row)


def _sector_of(application: Any) -> ScalarSelect[str]:
    household = households.c
    return (
        select(household.sector)
        .where(household.bank_code == application.bank_code, household.household_ref == application.household_ref)
        .order_by(household.snapshot_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def append_signings(connection: Connection, rows: Sequence[SigningRow], leaf_id: int) -> None:
    """Appends signing requests and refusals to make one.

    Raises:
        ConflictError: a household has a claim that still holds (`signing.claimed`); nothing may go out then.
    """
    if append_rows(connection, signings, [{**vars(row), "leaf_id": leaf_id} for row in rows]) != len(rows):
        raise ConflictError(
            "signing.claimed",
            "a household of this batch has terms before it, or a contract, already",
            "本批中有一户已有待签条款或合同",
            "run again: the claim is seen then",
        )


def signed_terms(connection: Connection, bank_code: str, signing_ids: Sequence[str]) -> dict[str, AnyRow]:
    """By signing: its terms, the household, village, offer and grade behind it, and the contract it has already."""
    signing = signings.c
    rows = connection.execute(
        select(
            signings,
            applications.c.offer_id,
            offers.c.village_code,
            offers.c.grade,
            offers.c.borrower_ref,
            contracts.c.contract_no,
        )
        .join(applications, applications.c.application_id == signing.application_id)
        .join(offers, offers.c.offer_id == applications.c.offer_id)
        .outerjoin(contracts, contracts.c.signing_id == signing.signing_id)
        .where(among(signing.signing_id, signing_ids), signing.bank_code == bank_code)
    )
    return {row.signing_id: row for row in rows}


def holders(connection: Connection, household_keys: Sequence[str]) -> set[str]:
    """Which of these households hold a contract, at any bank, that has not been closed."""
    contract = contracts.c
    rows = connection.execute(
        select(contract.household_key)
        .outerjoin(closures, closures.c.contract_id == contract.contract_id)
        .where(among(contract.household_key, household_keys), closures.c.contract_id.is_(null()))
    )
    return set(rows.scalars())


def append_contracts(connection: Connection, signed: Sequence[tuple[SigningReceipt, AnyRow]], leaf_id: int) -> int:
    """Appends contracts with empty balances."""
    rows = [
        {
            "contract_id": contract_id(receipt.bank_code, receipt.contract_no),
            "bank_code": receipt.bank_code,
            "contract_no": receipt.contract_no,
            "signing_id": receipt.signing_id,
            "application_id": terms.application_id,
            "offer_id": terms.offer_id,
            "household_ref": terms.household_ref,
            "household_key": terms.household_key,
            "borrower_ref": terms.borrower_ref,
            "village_code": terms.village_code,
            "grade": terms.grade,
            "limit_fen": terms.limit_fen,
            "rate_bp": terms.rate_bp,
            "document_hash": receipt.document_hash,
            "signed_on": receipt.signed_on,
            "starts_on": receipt.starts_on,
            "matures_on": receipt.matures_on,
            "leaf_id": leaf_id,
        }
        for receipt, terms in signed
    ]
    append_rows(
        connection,
        contract_balances,
        [
            {"contract_id": row["contract_id"], "limit_fen": row["limit_fen"], "reserved_fen": 0, "outstanding_fen": 0}
            for row in rows
        ],
    )
    return append_rows(connection, contracts, rows)


def contract_id(bank_code: str, contract_no: str) -> str:
    """A contract's name in our mirror."""
    return f"{bank_code}/{contract_no}"
