"""Signatures of this service: one Ed25519 key per wing, named by the hash of its public half."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from loan_service.foundation.keys import key_bytes


@dataclass(frozen=True)
class Signer:
    """A private key and its name."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the public key's SHA-256."""
        return hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, content: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes."""
        return self.private.sign(content)


def wing_signer(keys_dir: Path, wing: str) -> Signer:
    """The wing's key, generated at first start."""
    return Signer(Ed25519PrivateKey.from_private_bytes(key_bytes(keys_dir, f"{wing}-ed25519")))


def verify(public: bytes, signature: bytes, content: bytes) -> bool:
    """Whether `signature` over `content` was made with the private half of `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True
