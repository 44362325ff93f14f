"""Counts over all banks of this node: how far households and money have come on a day."""

from datetime import date

from sqlalchemy import Connection, and_, distinct, func, literal, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.tables import (
    applications,
    bank_decisions,
    contracts,
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
        select(offers)
        .where(offer.priced_on <= as_of)
        .ext(distinct_on(offer.bank_code, offer.household_ref))
        .order_by(offer.bank_code, offer.household_ref, offer.priced_on.desc(), offer.leaf_id.desc())
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


def contract_counts(connection: Connection, as_of: date) -> AnyRow:
    """Households that signed and their limits; households that drew, what they drew and what is outstanding (fen)."""
    movement, contract = movements.c, contracts.c
    used = (
        select(
            movement.contract_id,
            func.sum(movement.principal_fen).filter(movement.kind == "drawdown").label("drawn_fen"),
            func.sum(movement.principal_fen).filter(movement.kind == "repayment").label("repaid_fen"),
        )
        .where(movement.business_date <= as_of)
        .group_by(movement.contract_id)
        .subquery()
    )
    drawn, repaid = func.coalesce(used.c.drawn_fen, 0), func.coalesce(used.c.repaid_fen, 0)
    return connection.execute(
        select(
            func.count(distinct(contract.household_key)).label("signed"),
            func.coalesce(func.sum(contract.limit_fen), 0).label("signed_fen"),
            func.count(distinct(contract.household_key)).filter(used.c.drawn_fen > 0).label("drew"),
            func.coalesce(func.sum(drawn), 0).label("drawn_fen"),
            func.coalesce(func.sum(func.greatest(drawn - repaid, 0)), 0).label("outstanding_fen"),
        )
        .outerjoin(used, used.c.contract_id == contract.contract_id)
        .where(contract.signed_on <= as_of)
    ).one()
