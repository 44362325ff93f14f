"""The international profile against published answers, and against what it must refuse."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bank_adapters.crypto import CryptoProfile, KeyUnreadable, SelfTestFailed, SignatureInvalid
from bank_adapters.crypto.international import InternationalProfile

PROFILE: CryptoProfile = InternationalProfile()
# RFC 8410 section 10.3 gives this key as an example; its public half is that of section 10.1.
RFC_8410_KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
"""
RFC_8410_PUBLIC = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


def test_the_self_test_passes() -> None:
    PROFILE.self_test()


def test_a_profile_that_digests_otherwise_fails_its_self_test() -> None:
    class Broken(InternationalProfile):
        def digest(self, message: bytes) -> bytes:
            return super().digest(message + b"\x00")

    with pytest.raises(SelfTestFailed, match="sha-256"):
        Broken().self_test()


def test_a_published_private_key_has_its_published_public_half() -> None:
    assert PROFILE.load_signing_key(RFC_8410_KEY, None).verifying_key.to_pem() == RFC_8410_PUBLIC


def test_what_one_key_signs_its_public_half_verifies() -> None:
    key = PROFILE.load_signing_key(PROFILE.generate_pem(None), None)
    public = PROFILE.load_verifying_key(key.verifying_key.to_pem())
    public.verify(key.sign(b"terms"), b"terms")
    assert public.key_id == key.verifying_key.key_id
    assert key.sign(b"terms") == key.sign(b"terms")


def test_a_changed_message_signature_or_key_is_refused() -> None:
    key, other = (PROFILE.load_signing_key(PROFILE.generate_pem(None), None) for _ in range(2))
    signature = key.sign(b"terms")
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    for verifier, forged, message in (
        (key, signature, b"Terms"),
        (key, flipped, b"terms"),
        (key, signature[:-1], b"terms"),
        (key, b"", b"terms"),
        (other, signature, b"terms"),
    ):
        with pytest.raises(SignatureInvalid, match=verifier.verifying_key.key_id):
            verifier.verifying_key.verify(forged, message)


def test_a_key_at_rest_opens_with_its_passphrase_only() -> None:
    pem = PROFILE.generate_pem(b"open sesame")
    assert b"ENCRYPTED" in pem
    PROFILE.load_signing_key(pem, b"open sesame")
    for wrong in (b"open", None):
        with pytest.raises(KeyUnreadable):
            PROFILE.load_signing_key(pem, wrong)


def test_a_passphrase_for_an_open_key_is_refused_rather_than_ignored() -> None:
    with pytest.raises(KeyUnreadable):
        PROFILE.load_signing_key(RFC_8410_KEY, b"open sesame")


def test_keys_of_another_kind_are_named_as_such() -> None:
    foreign = generate_private_key(SECP256R1())
    with pytest.raises(KeyUnreadable, match="Ed25519"):
        PROFILE.load_signing_key(foreign.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), None)
    with pytest.raises(KeyUnreadable, match="Ed25519"):
        PROFILE.load_verifying_key(foreign.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\xff"])
def test_text_that_is_no_key_is_unreadable(pem: bytes) -> None:
    with pytest.raises(KeyUnreadable):
        PROFILE.load_signing_key(pem, None)
    with pytest.raises(KeyUnreadable):
        PROFILE.load_verifying_key(pem)


def test_another_library_call_reads_our_pem() -> None:
    key = load_pem_private_key(PROFILE.generate_pem(b"x"), b"x")
    assert type(key).__name__ == "Ed25519PrivateKey"
