import hashlib
import time
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from loan_service.bank.stages.certificates import DoorRules, receive
from loan_service.bank.store.tables import log, received_certificates, received_revocations
from loan_service.certificate import (
    CertificateBody,
    Delivery,
    RevocationBody,
    SignedCertificate,
    SignedRevocation,
    certificate_id,
    expiry,
    sign_batch,
)
from loan_service.foundation.database import content_hashes, transaction
from loan_service.foundation.signing import Signer, wing_signer
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings

DAY = date(2026, 6, 15)
BANK = "island_rural"


def body(number: int = 0, bank_code: str = BANK, as_of: date = DAY) -> CertificateBody:
    return CertificateBody(
        bank_code=bank_code,
        pseudonym=hashlib.sha256(str(number).encode()).hexdigest()[:32],
        grade="AA",
        reason_codes=("5.1", "2.4"),
        edition="2026-01",
        as_of=as_of,
        expires_on=expiry(as_of),
        consent_id=str(number),
    )


def signed(bodies: Sequence[CertificateBody], signer: Signer) -> tuple[SignedCertificate, ...]:
    return tuple(SignedCertificate(body=b, proof=p) for b, p in zip(bodies, sign_batch(bodies, signer), strict=True))


def revoked(of: CertificateBody, signer: Signer, pseudonym: str | None = None) -> SignedRevocation:
    ending = RevocationBody(
        bank_code=of.bank_code,
        pseudonym=pseudonym or of.pseudonym,
        certificate_id=certificate_id(of),
        revoked_on=DAY,
    )
    return SignedRevocation(body=ending, proof=sign_batch([ending], signer)[0])


@pytest.fixture
def signer(settings: Settings) -> Signer:
    return wing_signer(settings.keys_dir, "district")


@pytest.fixture
def rules(signer: Signer) -> DoorRules:
    return DoorRules(BANK, signer.public, DAY)


def outcomes(wing: Wing, rules: DoorRules, delivery: Delivery) -> list[tuple[str, str]]:
    return [(item.result, item.code) for item in receive(wing, rules, delivery).results]


def test_a_good_item_is_accepted_once_and_a_duplicate_afterwards(bank: Wing, rules: DoorRules, signer: Signer) -> None:
    delivery = Delivery(certificates=signed([body(1), body(2)], signer))
    assert outcomes(bank, rules, delivery) == [("accepted", "")] * 2
    with transaction(bank.engine) as connection:
        before = content_hashes(connection, [received_certificates, log.leaves])
    assert outcomes(bank, rules, delivery) == [("duplicate", "")] * 2
    with transaction(bank.engine) as connection:
        assert content_hashes(connection, [received_certificates, log.leaves]) == before


def test_each_item_is_judged_on_its_own(bank: Wing, rules: DoorRules, signer: Signer) -> None:
    good, foreign, old = body(1), body(2, bank_code="harbour_city"), body(3, as_of=DAY - timedelta(days=90))
    items = signed([good, foreign, old], signer)
    forged = items[0].model_copy(update={"body": body(4)})
    stranger = signed([body(5)], Signer(Ed25519PrivateKey.generate()))[0]
    delivery = Delivery(certificates=(*items, forged, stranger))
    assert outcomes(bank, rules, delivery) == [
        ("accepted", ""),
        ("rejected", "certificate.other_bank"),
        ("rejected", "certificate.expired"),
        ("rejected", "certificate.path"),
        ("rejected", "certificate.signature"),
    ]
    with transaction(bank.engine) as connection:
        assert connection.execute(select(received_certificates.c.certificate_id)).scalars().all() == [
            certificate_id(good)
        ]


def test_a_certificate_is_good_until_the_day_before_it_expires(bank: Wing, rules: DoorRules, signer: Signer) -> None:
    delivery = Delivery(certificates=signed([body(1, as_of=DAY - timedelta(days=89))], signer))
    assert outcomes(bank, rules, delivery) == [("accepted", "")]


def test_a_revocation_may_come_before_its_certificate_and_only_once(
    bank: Wing, rules: DoorRules, signer: Signer
) -> None:
    delivery = Delivery(revocations=(revoked(body(1), signer),))
    assert outcomes(bank, rules, delivery) == [("accepted", "")]
    assert outcomes(bank, rules, delivery) == [("duplicate", "")]
    with transaction(bank.engine) as connection:
        assert len(connection.execute(select(received_revocations)).all()) == 1


def test_nobody_can_revoke_another_persons_certificate(bank: Wing, rules: DoorRules, signer: Signer) -> None:
    receive(bank, rules, Delivery(certificates=signed([body(1)], signer)))
    delivery = Delivery(revocations=(revoked(body(1), signer, pseudonym="0" * 32),))
    assert outcomes(bank, rules, delivery) == [("rejected", "revocation.other_person")]


def test_the_same_item_twice_in_one_delivery_counts_once(bank: Wing, rules: DoorRules, signer: Signer) -> None:
    item = signed([body(1)], signer)[0]
    assert outcomes(bank, rules, Delivery(certificates=(item, item))) == [("accepted", ""), ("duplicate", "")]


def test_a_full_delivery_is_taken_whole(bank: Wing, rules: DoorRules, signer: Signer) -> None:
    delivery = Delivery(certificates=signed([body(number) for number in range(500)], signer))
    began = time.process_time()
    assert {item.result for item in receive(bank, rules, delivery).results} == {"accepted"}
    print(f"500 certificates: {1000 * (time.process_time() - began):.0f} ms of CPU")  # noqa: T201
    with transaction(bank.engine) as connection:
        assert len(connection.execute(select(log.leaves)).all()) == 1
