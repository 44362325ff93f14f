"""What every stage of a wing is handed: its database, its keys, its settings; never another wing's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from loan_service.foundation.database import wing_engine
from loan_service.foundation.keys import key_bytes, secret
from loan_service.foundation.signing import Signer, wing_signer
from loan_service.settings import Settings


@dataclass(frozen=True)
class Wing:
    """One wing's own database role, signing key and blinding key."""

    name: str
    engine: Engine
    signer: Signer
    blind_key: bytes
    settings: Settings


@contextmanager
def open_wing(settings: Settings, owner_url: str, name: str) -> Iterator[Wing]:
    """The wing with a pool of its own connections, closed at the end."""
    engine = wing_engine(owner_url, name, secret(settings.keys_dir, f"{name}-database"))
    try:
        yield Wing(
            name, engine, wing_signer(settings.keys_dir, name), key_bytes(settings.keys_dir, f"{name}-blind"), settings
        )
    finally:
        engine.dispose()
