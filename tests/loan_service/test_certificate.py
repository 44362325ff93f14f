from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from loan_service.certificate import CertificateBody, Delivery, RevocationBody, check, expiry, sign_batch
from loan_service.errors import RefusedError
from loan_service.foundation.signing import Signer

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def body(number: int, grade: str = "AA") -> CertificateBody:
    return CertificateBody.model_validate(
        {
            "bank_code": "island_rural",
            "pseudonym": f"{number:032x}",
            "grade": grade,
            "reason_codes": ["2.4"],
            "edition": "2026-01",
            "as_of": "2026-06-15",
            "expires_on": "2026-09-13",
            "consent_id": "1",
        }
    )


def test_a_certificate_of_a_batch_verifies_on_its_own() -> None:
    bodies = [body(number) for number in range(7)]
    for one, proof in zip(bodies, sign_batch(bodies, SIGNER), strict=True):
        check(one, proof, SIGNER.public)


def test_a_changed_grade_is_not_part_of_the_batch() -> None:
    bodies = [body(number, "A") for number in range(5)]
    proof = sign_batch(bodies, SIGNER)[2]
    with pytest.raises(RefusedError, match=r"certificate\.path"):
        check(body(2, "AAA"), proof, SIGNER.public)


def test_a_batch_signed_by_somebody_else_is_refused() -> None:
    proof = sign_batch([body(1)], OTHER)[0]
    with pytest.raises(RefusedError, match=r"certificate\.signature"):
        check(body(1), proof, SIGNER.public)


def test_grades_without_a_bonus_cannot_be_certified() -> None:
    with pytest.raises(ValidationError):
        body(1, "B")


def test_a_revocation_has_no_place_for_a_reason() -> None:
    assert set(RevocationBody.model_fields) == {"bank_code", "pseudonym", "certificate_id", "revoked_on"}


def test_certificates_hold_ninety_days() -> None:
    assert expiry(date(2026, 6, 15)) == date(2026, 9, 13)


def test_a_delivery_holds_at_most_five_hundred() -> None:
    one = body(1)
    proof = sign_batch([one], SIGNER)[0]
    item = {"body": one.model_dump(), "proof": proof.model_dump()}
    with pytest.raises(ValidationError):
        Delivery.model_validate({"certificates": [item] * 501})
