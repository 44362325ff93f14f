"""Rows of received certificates and revocations."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from loan_service.bank.store.rows import append_rows
from loan_service.bank.store.tables import received_certificates, received_revocations
from loan_service.certificate import CertificateBody, RevocationBody, canonical


@dataclass(frozen=True)
class KnownItems:
    """What the node already holds of one delivery: pseudonym by certificate, and which are revoked."""

    pseudonyms: dict[str, str]
    revoked: set[str]


def known_items(connection: Connection, certificate_ids: Sequence[str]) -> KnownItems:
    """Looks up certificates and revocations by certificate id."""
    certificate, revocation = received_certificates.c, received_revocations.c
    held = connection.execute(
        select(certificate.certificate_id, certificate.pseudonym).where(certificate.certificate_id.in_(certificate_ids))
    ).all()
    revoked = connection.execute(
        select(revocation.certificate_id).where(revocation.certificate_id.in_(certificate_ids))
    ).scalars()
    return KnownItems({row.certificate_id: row.pseudonym for row in held}, set(revoked))


def append_certificates(connection: Connection, accepted: dict[str, CertificateBody], leaf_id: int) -> int:
    """Appends accepted certificates by their ids."""
    rows = [
        {
            "certificate_id": certificate_id,
            "bank_code": body.bank_code,
            "pseudonym": body.pseudonym,
            "grade": body.grade,
            "body": orjson.Fragment(canonical(body)),
            "as_of": body.as_of,
            "expires_on": body.expires_on,
            "leaf_id": leaf_id,
        }
        for certificate_id, body in accepted.items()
    ]
    return append_rows(connection, received_certificates, rows)


def append_revocations(connection: Connection, accepted: dict[str, RevocationBody], leaf_id: int) -> int:
    """Appends accepted revocations by the certificate they end."""
    rows = [{**body.model_dump(), "leaf_id": leaf_id} for body in accepted.values()]
    return append_rows(connection, received_revocations, rows)


def newest_edition(connection: Connection) -> str | None:
    """The rulebook edition named in the newest certificate; None before the first."""
    column = received_certificates.c
    newest = select(column.body["edition"].astext).order_by(column.as_of.desc(), column.leaf_id.desc())
    return connection.execute(newest.limit(1)).scalar()
