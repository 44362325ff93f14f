"""Counts over all banks of this node, and the lists and single rows behind its REST resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, distinct, func, literal, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.rows import among
from loan_service.bank.store.tables import (
    applications,
    authorisations,
    bank_decisions,
    closures,
    contract_balances,
    contracts,
    drawdowns,
    households,
    movements,
    offers,
    received_certificates,
    received_revocations,
)
from loan_service.foundation.database import AnyRow


def household_count(connection: Connection, as_of: date) -> int:
    """Households known to at least one bank; the blinded key makes one of several banks' rows."""
    household = households.c
    query = select(func.count(distinct(household.household_key))).where(household.snapshot_on <= as_of)
    return int(connection.execute(query).scalar_one())


def certificate_count(connection: Connection, as_of: date) -> int:
    """Received certificates that are neither expired nor revoked."""
    certificate, revocation = received_certificates.c, received_revocations.c
    revoked = select(literal(1)).where(
        revocation.certificate_id == certificate.certificate_id, revocation.revoked_on <= as_of
    )
    query = select(func.count()).where(certificate.as_of <= as_of, certificate.expires_on > as_of, ~revoked.exists())
    return int(connection.execute(query).scalar_one())


def offer_counts(connection: Connection, as_of: date) -> AnyRow:
    """Households with a living offer, how many of them with a bonus, the offered limit and the bonus in it (fen).

    Several banks may offer to one household; it counts once, with the highest limit it was offered.
    """
    offer = offers.c
    standing = (
        select(
            offer.bank_code,
            offer.household_ref,
            offer.decision,
            offer.limit_fen,
            offer.limit_bonus_fen,
            offer.rate_discount_bp,
            offer.expires_on,
        )
        .where(offer.priced_on <= as_of)
        .ext(distinct_on(offer.bank_code, offer.household_ref))
        .order_by(offer.bank_code, offer.household_ref, offer.leaf_id.desc())
        .subquery()
    )
    keys = (
        select(households.c.bank_code, households.c.household_ref, households.c.household_key)
        .ext(distinct_on(households.c.bank_code, households.c.household_ref))
        .order_by(households.c.bank_code, households.c.household_ref, households.c.snapshot_on.desc())
        .subquery()
    )
    best = (
        select(keys.c.household_key, standing.c.limit_fen, standing.c.limit_bonus_fen, standing.c.rate_discount_bp)
        .join(keys, and_(keys.c.bank_code == standing.c.bank_code, keys.c.household_ref == standing.c.household_ref))
        .where(standing.c.decision == "offer", standing.c.expires_on > as_of)
        .ext(distinct_on(keys.c.household_key))
        .order_by(keys.c.household_key, standing.c.limit_fen.desc())
        .subquery()
    )
    with_bonus = (best.c.limit_bonus_fen > 0) | (best.c.rate_discount_bp > 0)
    return connection.execute(
        select(
            func.count().label("households"),
            func.count().filter(with_bonus).label("with_bonus"),
            func.coalesce(func.sum(best.c.limit_fen), 0).label("limit_fen"),
            func.coalesce(func.sum(best.c.limit_bonus_fen), 0).label("limit_bonus_fen"),
        )
    ).one()


def application_counts(connection: Connection, as_of: date) -> AnyRow:
    """Households that applied, and those a bank said yes to (approve or counter)."""
    application, decision = applications.c, bank_decisions.c
    agreed = (
        select(literal(1))
        .where(
            decision.application_id == application.application_id,
            decision.decision.in_(("approve", "counter")),
            decision.business_date <= as_of,
        )
        .exists()
    )
    household = func.coalesce(application.household_key, application.household_ref)
    return connection.execute(
        select(
            func.count(distinct(household)).label("applied"),
            func.count(distinct(household)).filter(agreed).label("agreed"),
        ).where(application.applied_on <= as_of, application.refusal_code.is_(null()))
    ).one()


def villages(connection: Connection, bank_code: str) -> Sequence[AnyRow]:
    """Villages of the bank's households with their number, by village."""
    household = households.c
    return connection.execute(
        select(household.village_code, func.count(distinct(household.household_ref)).label("households"))
        .where(household.bank_code == bank_code)
        .group_by(household.village_code)
        .order_by(household.village_code)
    ).all()


@dataclass(frozen=True)
class Section:
    """Which part of a bank's offers: a village's, one household's, those after a household, at most so many."""

    village_code: str | None = None
    household_ref: str | None = None
    after: str | None = None
    limit: int | None = None


def newest_offers(connection: Connection, bank_code: str, as_of: date, section: Section) -> Sequence[AnyRow]:
    """Each household's newest offer, by household."""
    offer = offers.c
    query = (
        select(offers)
        .where(offer.bank_code == bank_code, offer.priced_on <= as_of)
        .ext(distinct_on(offer.household_ref))
        .order_by(offer.household_ref, offer.leaf_id.desc())
        .limit(section.limit)
    )
    if section.village_code is not None:
        query = query.where(offer.village_code == section.village_code)
    if section.household_ref is not None:
        query = query.where(offer.household_ref == section.household_ref)
    if section.after is not None:
        query = query.where(offer.household_ref > section.after)
    return connection.execute(query).all()


def application(connection: Connection, bank_code: str, application_id: str) -> AnyRow | None:
    """One application, with the number of the contract that came of it."""
    column = applications.c
    return connection.execute(
        select(applications, contracts.c.contract_no)
        .outerjoin(contracts, contracts.c.application_id == column.application_id)
        .where(column.bank_code == bank_code, column.application_id == application_id)
    ).one_or_none()


def application_rows(connection: Connection, application_ids: Sequence[str]) -> dict[str, AnyRow]:
    """Applications by id."""
    rows = connection.execute(select(applications).where(among(applications.c.application_id, application_ids)))
    return {row.application_id: row for row in rows}


def authorisations_of(connection: Connection, application_id: str) -> Sequence[AnyRow]:
    """What the household allowed with its application."""
    column = authorisations.c
    return connection.execute(
        select(authorisations).where(column.application_id == application_id).order_by(column.kind)
    ).all()


def decisions_of(connection: Connection, application_id: str) -> Sequence[AnyRow]:
    """What the bank decided, in its order."""
    column = bank_decisions.c
    return connection.execute(
        select(bank_decisions).where(column.application_id == application_id).order_by(column.sequence)
    ).all()


def contract(connection: Connection, bank_code: str, contract_no: str) -> AnyRow | None:
    """One contract with its balance of now and the day it was closed, if it was."""
    column = contracts.c
    return connection.execute(
        select(
            contracts,
            contract_balances.c.reserved_fen,
            contract_balances.c.outstanding_fen,
            closures.c.business_date.label("closed_on"),
        )
        .join(contract_balances, contract_balances.c.contract_id == column.contract_id)
        .outerjoin(closures, closures.c.contract_id == column.contract_id)
        .where(column.bank_code == bank_code, column.contract_no == contract_no)
    ).one_or_none()


def drawdowns_of(connection: Connection, contract_id: str) -> Sequence[AnyRow]:
    """Wishes for money on a contract, oldest first, with what the bank made of them."""
    drawdown, movement = drawdowns.c, movements.c
    return connection.execute(
        select(drawdowns, movement.kind.label("outcome"))
        .outerjoin(movements, and_(movement.drawdown_id == drawdown.drawdown_id, movement.contract_id == contract_id))
        .where(drawdown.contract_id == contract_id)
        .order_by(drawdown.requested_on, drawdown.leaf_id, drawdown.drawdown_id)
    ).all()


def movements_of(connection: Connection, contract_id: str) -> Sequence[AnyRow]:
    """What the bank booked on a contract, oldest first."""
    column = movements.c
    return connection.execute(
        select(movements)
        .where(column.contract_id == contract_id)
        .order_by(column.business_date, column.leaf_id, column.movement_id)
    ).all()
