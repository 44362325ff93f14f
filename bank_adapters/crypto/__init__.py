"""Keys and signatures behind one port, so that a bank's hardware module can stand in for our software."""

from bank_adapters.crypto.port import (
    CryptoProfile,
    KeyUnreadable,
    SelfTestFailed,
    SignatureInvalid,
    SigningKey,
    VerifyingKey,
)

__all__ = ["CryptoProfile", "KeyUnreadable", "SelfTestFailed", "SignatureInvalid", "SigningKey", "VerifyingKey"]
