"""From indices and consents to signed certificates and revocations, and over the door to the banks' nodes."""

from collections.abc import Sequence
from datetime import date

import httpx
from sqlalchemy import Connection

from loan_service.certificate import (
    BATCH_LIMIT,
    BatchProof,
    BatchSignature,
    CertificateBody,
    Delivery,
    DeliveryResult,
    RevocationBody,
    SignedCertificate,
    SignedRevocation,
    batch_proofs,
    certificate_id,
    expiry,
    sign_batch,
)
from loan_service.district.store import certificates as store
from loan_service.district.store.tables import log
from loan_service.foundation.database import AnyRow, expect_whole_tables, transaction
from loan_service.foundation.transparency import append_leaf
from loan_service.foundation.wing import Wing

JSON = {"Content-Type": "application/json"}


def issue(wing: Wing, as_of: date) -> tuple[int, int]:
    """Issues what is due and revokes what no longer holds; returns both counts.

    Due is a certificate for every living consent `provide_certificate` of a person graded A or better whose newest
    certificate at that bank says something else, was revoked, or ends within 14 days.
    """
    with transaction(wing.engine) as connection:
        expect_whole_tables(connection)
        revoked = _revoke(connection, wing, as_of)
        issued = _issue(connection, wing, as_of)
    return issued, revoked


def _revoke(connection: Connection, wing: Wing, as_of: date) -> int:
    count = 0
    for bank_code, rows in store.by_bank(store.to_revoke(connection, as_of)):
        for chunk in _chunks(rows):
            bodies = [
                RevocationBody(
                    bank_code=bank_code, pseudonym=r.pseudonym, certificate_id=r.certificate_id, revoked_on=as_of
                )
                for r in chunk
            ]
            proofs = sign_batch(bodies, wing.signer)
            _append_batch(connection, proofs[0], bank_code, "revocation", as_of)
            store.append_revocations(connection, list(zip(bodies, proofs, strict=True)))
            count += len(bodies)
    return count


def _issue(connection: Connection, wing: Wing, as_of: date) -> int:
    count = 0
    for bank_code, rows in store.by_bank(store.due(connection, as_of)):
        for chunk in _chunks(rows):
            bodies = [
                CertificateBody(
                    bank_code=bank_code,
                    pseudonym=row.pseudonym,
                    grade=row.grade,
                    reason_codes=tuple(row.codes or ()),
                    edition=row.edition,
                    as_of=as_of,
                    expires_on=expiry(as_of),
                    consent_id=str(row.consent_act_id),
                )
                for row in chunk
            ]
            proofs = sign_batch(bodies, wing.signer)
            _append_batch(connection, proofs[0], bank_code, "certificate", as_of)
            store.append_certificates(
                connection,
                [
                    store.IssuedCertificate(certificate_id(body), row.person_id, row.consent_act_id, body, proof)
                    for row, body, proof in zip(chunk, bodies, proofs, strict=True)
                ],
            )
            count += len(bodies)
    return count


def _append_batch(connection: Connection, proof: BatchProof, bank_code: str, kind: str, as_of: date) -> None:
    leaf_id = append_leaf(connection, log, f"{kind}_batch", proof.root, bytes.fromhex(proof.root), as_of)
    store.append_batch(connection, proof, bank_code, kind, as_of, leaf_id)


def _chunks(rows: Sequence[AnyRow]) -> list[Sequence[AnyRow]]:
    return [rows[start : start + BATCH_LIMIT] for start in range(0, len(rows), BATCH_LIMIT)]


def deliver(wing: Wing, bank_code: str, node: httpx.Client) -> tuple[int, int]:
    """Sends a bank's node everything that has not crossed yet; returns items answered for and items still waiting.

    The call stands outside any transaction. An unreachable node leaves the items for the next run; an item sent twice
    is answered 'duplicate'. A certificate revoked before it crossed never crosses.
    """
    with transaction(wing.engine) as connection:
        expect_whole_tables(connection)
        batches = store.undelivered_batches(connection, bank_code)
    delivered = 0
    for number, batch in enumerate(batches):
        with transaction(wing.engine) as connection:
            delivery = _delivery(connection, batch)
        try:
            answer = node.post(
                f"/bank/{bank_code}/certificates", content=delivery.model_dump_json().encode(), headers=JSON
            )
        except httpx.TransportError:
            return delivered, sum(int(left.tree_size) for left in batches[number:])
        answer.raise_for_status()
        results = DeliveryResult.model_validate_json(answer.content).results
        with transaction(wing.engine) as connection:
            store.append_deliveries(connection, [(r.certificate_id, r.kind, r.result) for r in results])
        delivered += len(results)
    return delivered, 0


def _delivery(connection: Connection, batch: AnyRow) -> Delivery:
    signature = BatchSignature(batch.batch_id, batch.key_id, batch.signature)
    if batch.kind == "revocation":
        revoked = store.batch_revocations(connection, batch.batch_id)
        pairs = zip(revoked, batch_proofs(revoked, signature), strict=True)
        return Delivery(revocations=tuple(SignedRevocation(body=body, proof=proof) for body, proof in pairs))
    bodies = store.batch_certificates(connection, batch.batch_id)
    proofs = batch_proofs(bodies, signature)
    withheld = store.withheld(connection, batch.batch_id)
    return Delivery(
        certificates=tuple(
            SignedCertificate(body=body, proof=proof)
            for body, proof in zip(bodies, proofs, strict=True)
            if not withheld or certificate_id(body) not in withheld
        )
    )
