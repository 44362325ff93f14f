"""Idempotency keys of our REST doors (IETF draft 07): one answer per key, stored with the act."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, Table, Text, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from loan_service.errors import ConflictError


def idempotency_table(metadata: MetaData, wing: str) -> Table:
    """Declares a wing's key store: a queue of answers, therefore mutable."""
    return Table(
        "idempotency_keys",
        metadata,
        Column("caller", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("body_hash", Text, nullable=False),
        Column("status", Integer),
        Column("answer", JSONB),
        Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        schema=wing,
    )


@dataclass(frozen=True)
class StoredAnswer:
    """What was answered the first time."""

    status: int
    body: dict[str, Any]


def claim(connection: Connection, keys: Table, caller: str, key: str, body: bytes) -> StoredAnswer | None:
    """Claims a key within the act's transaction; a second caller waits for the first one's commit.

    Returns:
        The stored answer when the act was already done, None when the caller shall do it now.

    Raises:
        ConflictError: the key was used with another body (`idempotency.other_body`).
    """
    body_hash = hashlib.sha256(body).hexdigest()
    claimed = connection.execute(
        insert(keys).values(caller=caller, key=key, body_hash=body_hash).on_conflict_do_nothing().returning(keys.c.key)
    )
    if claimed.first() is not None:
        return None
    row = connection.execute(select(keys).where(keys.c.caller == caller, keys.c.key == key)).one()
    if row.body_hash != body_hash:
        raise ConflictError(
            "idempotency.other_body",
            f"Idempotency-Key {key} was used with another body",
            "同一幂等键的内容不一致",
            "use a new key for a new request",
        )
    return StoredAnswer(row.status, row.answer)


def store_answer(connection: Connection, keys: Table, caller: str, key: str, status: int, body: dict[str, Any]) -> None:
    """Keeps the answer for repetitions of the same request."""
    connection.execute(
        update(keys).where(keys.c.caller == caller, keys.c.key == key).values(status=status, answer=body)
    )
