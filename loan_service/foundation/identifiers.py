"""Deterministic identifiers: loading the same fact twice gives the same key."""

import hashlib
from collections.abc import Iterable

_MASK = 0x7FFF_FFFF_FFFF_FFFF
_SEPARATOR = "\x1f"


def stable_id(kind: str, *parts: object) -> int:
    """A positive 63-bit identifier of public facts (file digests, record numbers), equal on every machine."""
    text = _SEPARATOR.join((kind, *map(str, parts)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) & _MASK


def stable_ids(kind: str, values: Iterable[str]) -> list[int]:
    """`stable_id(kind, value)` of many values; a value of several parts joins them with the unit separator."""
    seed = hashlib.blake2b(f"{kind}{_SEPARATOR}".encode(), digest_size=8)
    out = []
    for value in values:
        digest = seed.copy()
        digest.update(value.encode())
        out.append(int.from_bytes(digest.digest()) & _MASK)
    return out


def blind_ids(key: bytes, kind: str, values: Iterable[str]) -> list[int]:
    """Keyed 63-bit identifiers of personal data: without the key nobody can test a guessed identity number."""
    seed = hashlib.blake2b(f"{kind}{_SEPARATOR}".encode(), digest_size=8, key=key)
    out = []
    for value in values:
        digest = seed.copy()
        digest.update(value.encode())
        out.append(int.from_bytes(digest.digest()) & _MASK)
    return out


def blind_id(key: bytes, kind: str, value: str) -> int:
    """`blind_ids` of one value."""
    return blind_ids(key, kind, [value])[0]


def pseudonym(bank_code: str, binding_token: str) -> str:
    """A person's name between district and one bank: 32 hex digits both sides derive from the one-time token."""
    material = b"\x00".join((b"haixia-pseudonym", bank_code.encode(), binding_token.encode()))
    return hashlib.sha256(material).hexdigest()[:32]
