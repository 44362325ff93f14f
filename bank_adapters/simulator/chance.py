"""Chance without a generator: a share in thousandths decided by a hash of what is being decided."""

import hashlib


def chance_milli(seed: int, *about: str) -> int:
    """Draw a number in 0..999 that is always the same for the same seed and the same thing."""
    digest = hashlib.sha256("\0".join((str(seed), *about)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % 1000
