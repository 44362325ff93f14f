"""Rows of applications and what they are checked against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from bank_adapters import Authorisation
from loan_service.bank.store.claims import Claims, claims_of
from loan_service.bank.store.rows import among, append_rows
from loan_service.bank.store.tables import (
    applications,
    authorisations,
    bank_decisions,
    households,
    offers,
    rejections,
    signings,
)


@dataclass(frozen=True)
class ApplicationRow:
    """One application as it is kept."""

    application_id: str
    bank_code: str
    channel_reference: str
    offer_id: str
    household_ref: str
    household_key: str | None
    requested_limit_fen: int
    purpose: str
    term_months: int
    applied_on: date
    takes_bonus: bool
    refusal_code: str | None


@dataclass(frozen=True)
class OfferFacts:
    """What an application is held against; `replaced_on` is the day a newer offer took its place, if one did."""

    household_ref: str
    decision: str
    baseline_limit_fen: int
    limit_fen: int
    expires_on: date
    replaced_on: date | None
    borrower_ref: str | None
    policy_edition: str
    priced_on: date


@dataclass(frozen=True)
class Standing:
    """What is known when a batch of applications arrives.

    Attributes:
        known: Applications that are already kept.
        offers: Offers by id.
        household_keys: Blinded keys by household.
        claims: Claims by blinded key.
        open_until: Per household the day on which the offer behind its undecided or unsigned application expires.
    """

    known: set[str]
    offers: Mapping[str, OfferFacts]
    household_keys: Mapping[str, str]
    claims: Mapping[str, Claims]
    open_until: dict[str, date]


def standing(
    connection: Connection,
    bank_code: str,
    application_ids: Sequence[str],
    offer_ids: Sequence[str],
    household_refs: Sequence[str],
) -> Standing:
    """Looks up everything a batch of applications is checked against."""
    known = select(applications.c.application_id).where(among(applications.c.application_id, application_ids))
    keys = _household_keys(connection, bank_code, household_refs)
    return Standing(
        known=set(connection.execute(known).scalars()),
        offers=_offers(connection, bank_code, offer_ids),
        household_keys=keys,
        claims=claims_of(connection, keys.values()),
        open_until=_open_until(connection, bank_code, household_refs),
    )


def append_applications(
    connection: Connection, rows: Sequence[ApplicationRow], allowed: Mapping[str, Sequence[Authorisation]], leaf_id: int
) -> None:
    """Appends applications with the authorisations they rest on, by application."""
    append_rows(connection, applications, [{**vars(row), "leaf_id": leaf_id} for row in rows])
    kept = [
        {"application_id": application_id, **one.model_dump()}
        for application_id, given in allowed.items()
        for one in given
    ]
    append_rows(connection, authorisations, kept)


def _offers(connection: Connection, bank_code: str, offer_ids: Sequence[str]) -> dict[str, OfferFacts]:
    column, newer = offers.c, offers.alias("newer")
    rows = connection.execute(
        select(
            column.offer_id,
            column.household_ref,
            column.decision,
            column.baseline_limit_fen,
            column.limit_fen,
            column.expires_on,
            newer.c.priced_on,
            column.borrower_ref,
            column.policy_edition,
            column.priced_on.label("offered_on"),
        )
        .outerjoin(newer, newer.c.replaces_offer_id == column.offer_id)
        .where(among(column.offer_id, offer_ids), column.bank_code == bank_code)
    )
    return {offer_id: OfferFacts(*facts) for offer_id, *facts in rows}


def _household_keys(connection: Connection, bank_code: str, household_refs: Sequence[str]) -> dict[str, str]:
    column = households.c
    rows = connection.execute(
        select(column.household_ref, column.household_key)
        .where(column.bank_code == bank_code, among(column.household_ref, household_refs))
        .ext(distinct_on(column.household_ref))
        .order_by(column.household_ref, column.snapshot_on.desc())
    )
    return {row.household_ref: row.household_key for row in rows}


def _open_until(connection: Connection, bank_code: str, household_refs: Sequence[str]) -> dict[str, date]:
    application, decision = applications.c, bank_decisions.c
    declined = select(decision.application_id).where(
        decision.application_id == application.application_id, decision.decision == "decline"
    )
    refused = select(rejections.c.message_id).where(rejections.c.subject_id == application.application_id)
    signed = select(signings.c.signing_id).where(signings.c.application_id == application.application_id)
    rows = connection.execute(
        select(application.household_ref, func.max(offers.c.expires_on).label("until"))
        .join(offers, offers.c.offer_id == application.offer_id)
        .where(
            application.bank_code == bank_code,
            among(application.household_ref, household_refs),
            application.refusal_code.is_(null()),
            ~declined.exists(),
            ~refused.exists(),
            ~signed.exists(),
        )
        .group_by(application.household_ref)
    )
    return {row.household_ref: row.until for row in rows}
