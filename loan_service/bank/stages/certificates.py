"""Receives what crosses the door: each item is checked on its own, accepted once, and answered."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from loan_service.bank.store import certificates as store
from loan_service.bank.store.rows import only_one
from loan_service.bank.store.tables import log
from loan_service.certificate import (
    CertificateBody,
    Delivery,
    DeliveryResult,
    ItemResult,
    RevocationBody,
    SignedCertificate,
    SignedRevocation,
    certificate_id,
    check,
)
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import append_leaf
from loan_service.foundation.wing import Wing


@dataclass(frozen=True)
class DoorRules:
    """What an item is held against."""

    bank_code: str
    district_key: bytes
    business_date: date


def receive(wing: Wing, rules: DoorRules, delivery: Delivery) -> DeliveryResult:
    """Takes one delivery in one transaction; sending it again changes nothing.

    Args:
        wing: the bank wing.
        rules: the bank that receives, the district's raw public key (32 bytes), and the day.
        delivery: at most 500 certificates and 500 revocations.

    Returns:
        `accepted`, `duplicate` or `rejected` with a code, per item, certificates first, in the delivery's order.
    """
    ids = [certificate_id(item.body) for item in delivery.certificates]
    revoked = [item.body.certificate_id for item in delivery.revocations]
    with transaction(wing.engine) as connection:
        only_one(connection, f"certificates:{rules.bank_code}")
        visit = _Visit(rules, store.known_items(connection, [*ids, *revoked]))
        results = [visit.certificate(key, item) for key, item in zip(ids, delivery.certificates, strict=True)]
        results += [visit.revocation(item) for item in delivery.revocations]
        _keep(connection, visit)
    return DeliveryResult(results=tuple(results))


@dataclass
class _Visit:
    """One delivery on its way through the door."""

    rules: DoorRules
    known: store.KnownItems
    certificates: dict[str, CertificateBody] = field(default_factory=dict)
    revocations: dict[str, RevocationBody] = field(default_factory=dict)

    def certificate(self, key: str, item: SignedCertificate) -> ItemResult:
        code = self._fault(item)
        if not code and item.body.expires_on <= self.rules.business_date:
            code = "certificate.expired"
        if code:
            return ItemResult(certificate_id=key, kind="certificate", result="rejected", code=code)
        if key in self.certificates or key in self.known.pseudonyms:
            return ItemResult(certificate_id=key, kind="certificate", result="duplicate")
        self.certificates[key] = item.body
        return ItemResult(certificate_id=key, kind="certificate", result="accepted")

    def revocation(self, item: SignedRevocation) -> ItemResult:
        key = item.body.certificate_id
        if code := self._fault(item) or self._not_this_persons(item.body):
            return ItemResult(certificate_id=key, kind="revocation", result="rejected", code=code)
        if key in self.revocations or key in self.known.revoked:
            return ItemResult(certificate_id=key, kind="revocation", result="duplicate")
        self.revocations[key] = item.body
        return ItemResult(certificate_id=key, kind="revocation", result="accepted")

    def _fault(self, item: SignedCertificate | SignedRevocation) -> str:
        if item.body.bank_code != self.rules.bank_code:
            return "certificate.other_bank"
        try:
            check(item.body, item.proof, self.rules.district_key)
        except RefusedError as refused:
            return refused.code
        return ""

    def _not_this_persons(self, body: RevocationBody) -> str:
        held = self.certificates.get(body.certificate_id)
        holder = held.pseudonym if held else self.known.pseudonyms.get(body.certificate_id)
        # A revocation may arrive before its certificate: then there is no holder to compare with, and it is kept.
        return "revocation.other_person" if holder not in (None, body.pseudonym) else ""


def _keep(connection: Connection, visit: _Visit) -> None:
    if not visit.certificates and not visit.revocations:
        return
    digest = _digest([*visit.certificates, *(f"revoked {key}" for key in visit.revocations)])
    subject = f"{visit.rules.bank_code}/{digest.hex()}"
    leaf_id = append_leaf(connection, log, "certificates_received", subject, digest, visit.rules.business_date)
    store.append_certificates(connection, visit.certificates, leaf_id)
    store.append_revocations(connection, visit.revocations, leaf_id)


def _digest(keys: Iterable[str]) -> bytes:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).digest()
