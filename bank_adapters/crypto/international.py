"""The international profile: Ed25519 signatures (RFC 8032) and SHA-256 digests (FIPS 180-4)."""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bank_adapters.crypto.port import KeyUnreadable, SelfTestFailed, SignatureInvalid

# RFC 8032 section 7.1, TEST 2, and the digest of "abc" from FIPS 180-4.
_SECRET: Final = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
_PUBLIC: Final = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
_MESSAGE: Final = b"\x72"
_SIGNATURE: Final = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
_ABC_DIGEST: Final = bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


class Ed25519VerifyingKey:
    """An Ed25519 public key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.key_id = hashlib.sha256(der).hexdigest()[:32]

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if the signature is good.

        Raises:
            SignatureInvalid: It is not.
        """
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise SignatureInvalid(self.key_id) from None

    def to_pem(self) -> bytes:
        """The key as PEM (SubjectPublicKeyInfo)."""
        return self._key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Ed25519SigningKey:
    """An Ed25519 private key held in memory."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifying_key = Ed25519VerifyingKey(key.public_key())

    def sign(self, message: bytes) -> bytes:
        """Sign the bytes as they are; Ed25519 is deterministic, the same bytes give the same 64-byte signature."""
        return self._key.sign(message)


class InternationalProfile:
    """Ed25519 and SHA-256."""

    name = "international"

    def digest(self, message: bytes) -> bytes:
        """SHA-256, 32 bytes."""
        return hashlib.sha256(message).digest()

    def generate_pem(self, passphrase: bytes | None) -> bytes:
        """Make a new private key, as PKCS#8 PEM; encrypted unless the passphrase is None."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            encryption = serialization.BestAvailableEncryption(passphrase)
        return Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    def load_signing_key(self, pem: bytes, passphrase: bytes | None) -> Ed25519SigningKey:
        """Read a PKCS#8 private key.

        Raises:
            KeyUnreadable: No Ed25519 private key, or not this passphrase.
        """
        try:
            key = serialization.load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyUnreadable("无法读取私钥 / private key unreadable") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnreadable("不是 Ed25519 私钥 / not an Ed25519 private key")
        return Ed25519SigningKey(key)

    def load_verifying_key(self, pem: bytes) -> Ed25519VerifyingKey:
        """Read a SubjectPublicKeyInfo public key.

        Raises:
            KeyUnreadable: No Ed25519 public key.
        """
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise KeyUnreadable("无法读取公钥 / public key unreadable") from None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyUnreadable("不是 Ed25519 公钥 / not an Ed25519 public key")
        return Ed25519VerifyingKey(key)

    def self_test(self) -> None:
        """Run the known answers.

        Raises:
            SelfTestFailed: One of them came out differently.
        """
        signing = Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(_SECRET))
        verifying = Ed25519VerifyingKey(Ed25519PublicKey.from_public_bytes(_PUBLIC))
        self._expect(self.digest(b"abc") == _ABC_DIGEST, "sha-256")
        self._expect(signing.sign(_MESSAGE) == _SIGNATURE, "sign")
        self._expect(_accepts(verifying, _SIGNATURE, _MESSAGE), "verify")
        self._expect(not _accepts(verifying, _SIGNATURE, _MESSAGE + b"\x00"), "refuse a changed message")
        self._expect(not _accepts(verifying, bytes(64), _MESSAGE), "refuse a forged signature")

    def _expect(self, outcome: bool, check: str) -> None:  # noqa: FBT001 - the outcome is the argument
        if not outcome:
            raise SelfTestFailed(self.name, check)


def _accepts(key: Ed25519VerifyingKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except SignatureInvalid:
        return False
    return True
