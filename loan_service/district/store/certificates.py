"""Rows of certificates: what is due, what must end, what was signed, what has crossed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Select, and_, exists, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.certificate import BatchProof, CertificateBody, RevocationBody
from loan_service.district.store.civility_index import current_indices, top_indicators
from loan_service.district.store.tables import (
    certificate_batches,
    certificate_deliveries,
    certificate_revocations,
    consent_acts,
    index_certificates,
)
from loan_service.foundation.database import AnyRow, append, to_json

RENEW_DAYS = 14
BONUS_GRADES = ("A", "AA", "AAA")


@dataclass(frozen=True)
class IssuedCertificate:
    """One signed certificate on its way into the table."""

    certificate_id: str
    person_id: int
    consent_act_id: int
    body: CertificateBody
    proof: BatchProof


def live_consents(as_of: date) -> Select[Any]:
    """person_id, recipient, pseudonym, act_id of every certificate consent that holds on that day."""
    acts = consent_acts.c
    newest = (
        select(consent_acts)
        .where(acts.purpose == "provide_certificate", acts.acted_on <= as_of)
        .ext(distinct_on(acts.person_id, acts.recipient))
        .order_by(acts.person_id, acts.recipient, acts.acted_at.desc(), acts.act_id)
        .subquery()
    )
    return select(newest.c.person_id, newest.c.recipient, newest.c.pseudonym, newest.c.act_id).where(
        newest.c.act == "given"
    )


def pseudonyms_of(connection: Connection, person_id: int, as_of: date) -> dict[str, str]:
    """By bank, the pseudonym under which a person agreed to be known there; empty for whoever agreed to nothing."""
    consents = live_consents(as_of).subquery()
    rows = connection.execute(
        select(consents.c.recipient, consents.c.pseudonym).where(consents.c.person_id == person_id)
    )
    return {row.recipient: row.pseudonym for row in rows}


def newest_certificates(as_of: date) -> Select[Any]:
    """The newest certificate of each person at each bank."""
    certificate = index_certificates.c
    return (
        select(index_certificates)
        .where(certificate.as_of <= as_of)
        .ext(distinct_on(certificate.person_id, certificate.bank_code))
        .order_by(certificate.person_id, certificate.bank_code, certificate.as_of.desc())
    )


def to_revoke(connection: Connection, as_of: date) -> Sequence[AnyRow]:
    """Living certificates whose consent was withdrawn or whose grade no longer stands, by bank."""
    certificate = index_certificates.c
    now, consents = current_indices(as_of).subquery(), live_consents(as_of).subquery()
    revoked = exists().where(certificate_revocations.c.certificate_id == certificate.certificate_id)
    return connection.execute(
        select(certificate.bank_code, certificate.pseudonym, certificate.certificate_id)
        .outerjoin(now, now.c.person_id == certificate.person_id)
        .outerjoin(
            consents,
            and_(consents.c.person_id == certificate.person_id, consents.c.recipient == certificate.bank_code),
        )
        .where(
            certificate.as_of <= as_of,
            certificate.expires_on > as_of,
            ~revoked,
            or_(
                now.c.grade.is_(None),
                now.c.grade.not_in(BONUS_GRADES),
                consents.c.act_id.is_(None),
                consents.c.pseudonym != certificate.pseudonym,
                # A better grade supersedes by itself; a lower one must end what was promised on the higher.
                func.length(now.c.grade) < func.length(certificate.grade),
            ),
        )
        .order_by(certificate.bank_code, certificate.certificate_id)
    ).all()


def due(connection: Connection, as_of: date) -> Sequence[AnyRow]:
    """Persons and banks for whom a certificate is to be issued today, by bank and pseudonym."""
    now, consents = current_indices(as_of).subquery(), live_consents(as_of).subquery()
    newest, codes = newest_certificates(as_of).subquery(), top_indicators(as_of).subquery()
    revoked = exists().where(certificate_revocations.c.certificate_id == newest.c.certificate_id)
    return connection.execute(
        select(
            consents.c.recipient.label("bank_code"),
            consents.c.pseudonym,
            consents.c.person_id,
            consents.c.act_id.label("consent_act_id"),
            now.c.grade,
            now.c.edition,
            codes.c.codes,
        )
        .join(now, now.c.person_id == consents.c.person_id)
        .outerjoin(codes, codes.c.person_id == consents.c.person_id)
        .outerjoin(newest, and_(newest.c.person_id == consents.c.person_id, newest.c.bank_code == consents.c.recipient))
        .where(
            now.c.grade.in_(BONUS_GRADES),
            or_(newest.c.as_of.is_(None), newest.c.as_of < as_of),
            or_(
                newest.c.certificate_id.is_(None),
                revoked,
                newest.c.grade != now.c.grade,
                newest.c.pseudonym != consents.c.pseudonym,
                newest.c.expires_on <= as_of + timedelta(days=RENEW_DAYS),
            ),
        )
        .order_by(consents.c.recipient, consents.c.pseudonym)
    ).all()


def by_bank(rows: Sequence[AnyRow]) -> Iterator[tuple[str, list[AnyRow]]]:
    """The rows of each bank together; they come sorted by bank."""
    for bank_code, group in groupby(rows, key=lambda row: row.bank_code):
        yield bank_code, list(group)


def append_batch(
    connection: Connection, proof: BatchProof, bank_code: str, kind: str, as_of: date, leaf_id: int
) -> None:
    """One signed root."""
    connection.execute(
        insert(certificate_batches).values(
            batch_id=proof.root,
            key_id=proof.key_id,
            signature=proof.signature,
            tree_size=proof.tree_size,
            bank_code=bank_code,
            kind=kind,
            as_of=as_of,
            leaf_id=leaf_id,
        )
    )


def append_certificates(connection: Connection, issued: Sequence[IssuedCertificate]) -> None:
    """The certificates of one batch."""
    rows = {
        "certificate_id": [item.certificate_id for item in issued],
        "person_id": pa.array([item.person_id for item in issued], pa.int64()),
        "bank_code": [item.body.bank_code for item in issued],
        "pseudonym": [item.body.pseudonym for item in issued],
        "consent_act_id": pa.array([item.consent_act_id for item in issued], pa.int64()),
        "grade": [item.body.grade for item in issued],
        "body": [to_json(item.body.model_dump(mode="json")) for item in issued],
        "batch_id": [item.proof.root for item in issued],
        "batch_position": pa.array([item.proof.position for item in issued], pa.int32()),
        "as_of": [item.body.as_of for item in issued],
        "expires_on": [item.body.expires_on for item in issued],
    }
    append(connection, index_certificates, pa.table(rows))


def append_revocations(connection: Connection, revoked: Sequence[tuple[RevocationBody, BatchProof]]) -> None:
    """The revocations of one batch."""
    connection.execute(
        insert(certificate_revocations),
        [
            {
                **body.model_dump(),
                "batch_id": proof.root,
                "batch_position": proof.position,
            }
            for body, proof in revoked
        ],
    )


def undelivered_batches(connection: Connection, bank_code: str) -> Sequence[AnyRow]:
    """Batches of that bank with items that have not crossed yet, oldest first."""
    batch, certificate, revocation = certificate_batches.c, index_certificates.c, certificate_revocations.c
    waiting_certificate = (
        select(literal(1))
        .where(certificate.batch_id == batch.batch_id, ~_crossed(certificate.certificate_id, "certificate"))
        .where(~exists().where(revocation.certificate_id == certificate.certificate_id))
        .exists()
    )
    waiting_revocation = (
        select(literal(1))
        .where(revocation.batch_id == batch.batch_id, ~_crossed(revocation.certificate_id, "revocation"))
        .exists()
    )
    return connection.execute(
        select(certificate_batches)
        .where(batch.bank_code == bank_code, or_(waiting_certificate, waiting_revocation))
        .order_by(batch.leaf_id)
    ).all()


def _crossed(certificate_id: Any, kind: str) -> Any:
    delivery = certificate_deliveries.c
    return exists().where(delivery.certificate_id == certificate_id, delivery.kind == kind)


def batch_certificates(connection: Connection, batch_id: str) -> list[CertificateBody]:
    """All certificates of a batch in their order: what its root was computed over."""
    rows = connection.execute(
        select(index_certificates.c.body)
        .where(index_certificates.c.batch_id == batch_id)
        .order_by(index_certificates.c.batch_position)
    )
    return [CertificateBody.model_validate(row.body) for row in rows]


def batch_revocations(connection: Connection, batch_id: str) -> list[RevocationBody]:
    """All revocations of a batch in their order: what its root was computed over."""
    revocation = certificate_revocations.c
    rows = connection.execute(
        select(revocation.bank_code, revocation.pseudonym, revocation.certificate_id, revocation.revoked_on)
        .where(revocation.batch_id == batch_id)
        .order_by(revocation.batch_position)
    )
    return [RevocationBody.model_validate(row._asdict()) for row in rows]


def withheld(connection: Connection, batch_id: str) -> set[str]:
    """Certificates of a batch that were revoked before they crossed: they never will."""
    certificate = index_certificates.c
    return set(
        connection.execute(
            select(certificate.certificate_id)
            .join(
                certificate_revocations,
                certificate_revocations.c.certificate_id == certificate.certificate_id,
            )
            .where(certificate.batch_id == batch_id)
        ).scalars()
    )


def append_deliveries(connection: Connection, results: Sequence[tuple[str, str, str]]) -> None:
    """(certificate_id, kind, result) of items the bank's node answered for."""
    ids, kinds, outcomes = zip(*results, strict=True)
    append(
        connection,
        certificate_deliveries,
        pa.table({"certificate_id": list(ids), "kind": list(kinds), "result": list(outcomes)}),
    )


def counts(connection: Connection, as_of: date) -> dict[str, int]:
    """How many certificates were issued, are living, crossed, and were revoked until that day."""
    certificate = index_certificates.c
    revoked = exists().where(
        certificate_revocations.c.certificate_id == certificate.certificate_id,
        certificate_revocations.c.revoked_on <= as_of,
    )
    living = and_(certificate.as_of <= as_of, certificate.expires_on > as_of, ~revoked)
    row = connection.execute(
        select(
            func.count().label("issued"),
            func.count().filter(living).label("living"),
            func.count().filter(_crossed(certificate.certificate_id, "certificate")).label("crossed"),
            func.count(func.distinct(certificate.person_id)).filter(living).label("persons"),
        ).where(certificate.as_of <= as_of)
    ).one()
    return {str(key): int(value) for key, value in row._asdict().items()}
