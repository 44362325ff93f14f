"""What the house asks of a set of algorithms: digest, sign, verify, make and load keys, and test itself."""

from typing import Protocol


class SignatureInvalid(Exception):  # noqa: N818 - reads as what it is where it is raised
    """The signature does not belong to this message and key."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"签名无效 / signature invalid under key {key_id}")
        self.key_id = key_id


class KeyUnreadable(ValueError):  # noqa: N818 - reads as what it is where it is raised
    """The PEM text holds no key of this profile, or the passphrase does not open it."""


class SelfTestFailed(RuntimeError):  # noqa: N818 - reads as what it is where it is raised
    """A known answer came out differently: the profile must not be used."""

    def __init__(self, profile: str, check: str) -> None:
        super().__init__(f"密码算法自检失败 / self-test failed: {profile}, {check}")
        self.check = check


class VerifyingKey(Protocol):
    """The public half of a key pair."""

    @property
    def key_id(self) -> str:
        """32 hex characters: the first half of the SHA-256 of the key's SubjectPublicKeyInfo (DER)."""
        ...

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if the signature is good. Raising, not a truth value: a forgotten check must not pass.

        Raises:
            SignatureInvalid: It is not.
        """
        ...

    def to_pem(self) -> bytes:
        """The key as PEM (SubjectPublicKeyInfo)."""
        ...


class SigningKey(Protocol):
    """The private half; a hardware module offers the same face and keeps the secret to itself."""

    @property
    def verifying_key(self) -> VerifyingKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign the bytes as they are."""
        ...


class CryptoProfile(Protocol):
    """One coherent set of algorithms."""

    @property
    def name(self) -> str:
        """How configuration names the profile."""
        ...

    def digest(self, message: bytes) -> bytes:
        """Hash the bytes."""
        ...

    def generate_pem(self, passphrase: bytes | None) -> bytes:
        """Make a new private key and return it as PKCS#8 PEM, encrypted unless the passphrase is None."""
        ...

    def load_signing_key(self, pem: bytes, passphrase: bytes | None) -> SigningKey:
        """Read a private key.

        Raises:
            KeyUnreadable: No private key of this profile, or not this passphrase.
        """
        ...

    def load_verifying_key(self, pem: bytes) -> VerifyingKey:
        """Read a public key.

        Raises:
            KeyUnreadable: No public key of this profile.
        """
        ...

    def self_test(self) -> None:
        """Run the known answers; call once at start and refuse to start on failure.

        Raises:
            SelfTestFailed: One of them came out differently.
        """
        ...
