"""The append-only log of a wing: leaves written with the business rows, ordered and signed by one sealer.

A leaf is a commitment without personal data. Its *position* is given after commit, by the sealer, so that a replay
which reads 'everything up to position P' sees exactly what the decision saw.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Identity,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
    text,
)

from loan_service.foundation import merkle
from loan_service.foundation.signing import Signer


@dataclass(frozen=True)
class LogTables:
    """The three log tables of one wing."""

    leaves: Table
    sealed: Table
    heads: Table


def log_tables(metadata: MetaData, wing: str) -> LogTables:
    """Declares a wing's log: leaves as committed, sealed positions, signed tree heads."""
    leaves = Table(
        "log_leaves",
        metadata,
        Column("leaf_id", BigInteger, Identity(always=True), primary_key=True),
        Column("kind", Text, nullable=False),
        Column("subject_key", Text, nullable=False),
        Column("salt", Text, nullable=False),
        Column("commitment", Text, nullable=False),
        Column("business_date", Date, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        UniqueConstraint("kind", "subject_key"),
        schema=wing,
    )
    sealed = Table(
        "sealed_leaves",
        metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("leaf_id", BigInteger, nullable=False, unique=True),
        Column("leaf_hash", Text, nullable=False),
        schema=wing,
    )
    heads = Table(
        "tree_heads",
        metadata,
        Column("tree_size", BigInteger, primary_key=True, autoincrement=False),
        Column("root", Text, nullable=False),
        Column("key_id", Text, nullable=False),
        Column("signature", Text, nullable=False),
        Column("sealed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        schema=wing,
    )
    return LogTables(leaves, sealed, heads)


def append_leaf(
    connection: Connection, log: LogTables, kind: str, subject_key: str, content: bytes, business_date: date
) -> int:
    """Writes the salted commitment of `content` in the caller's transaction and returns the leaf's id.

    The pair (kind, subject_key) is the natural key: the same act leaves one leaf, however often it is tried.
    """
    known = connection.execute(
        select(log.leaves.c.leaf_id).where(log.leaves.c.kind == kind, log.leaves.c.subject_key == subject_key)
    ).scalar()
    if known is not None:
        return int(known)
    salt = secrets.token_hex(16)
    commitment = hashlib.sha256(bytes.fromhex(salt) + content).hexdigest()
    return int(
        connection.execute(
            insert(log.leaves)
            .values(kind=kind, subject_key=subject_key, salt=salt, commitment=commitment, business_date=business_date)
            .returning(log.leaves.c.leaf_id)
        ).scalar_one()
    )


def seal(connection: Connection, log: LogTables, signer: Signer) -> int:
    """Gives every committed leaf its position, signs the new tree head, returns the highest sealed position.

    One sealer at a time (advisory lock); positions start at 1, 0 means 'nothing is known yet'.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"sealer:{log.leaves.schema}"})
    sealed = list(connection.execute(select(log.sealed.c.leaf_hash).order_by(log.sealed.c.position)).scalars())
    waiting = connection.execute(
        select(log.leaves)
        .where(log.leaves.c.leaf_id.not_in(select(log.sealed.c.leaf_id)))
        .order_by(log.leaves.c.leaf_id)
    ).all()
    if not waiting:
        return len(sealed)
    rows = [
        {
            "position": len(sealed) + number,
            "leaf_id": leaf.leaf_id,
            "leaf_hash": merkle.leaf_hash(f"{leaf.kind}|{leaf.subject_key}|{leaf.commitment}".encode()).hex(),
        }
        for number, leaf in enumerate(waiting, start=1)
    ]
    connection.execute(insert(log.sealed), rows)
    size = len(sealed) + len(rows)
    root = merkle.root([bytes.fromhex(item) for item in (*sealed, *(row["leaf_hash"] for row in rows))])
    connection.execute(
        insert(log.heads).values(
            tree_size=size,
            root=root.hex(),
            key_id=signer.key_id,
            signature=signer.sign(head_bytes(str(log.leaves.schema), size, root)).hex(),
        )
    )
    return size


def head_bytes(wing: str, size: int, root: bytes) -> bytes:
    """What a tree head's signature covers."""
    return f"haixia-tree-head|{wing}|{size}|{root.hex()}".encode()


def sealed_position(connection: Connection, log: LogTables, beside: Collection[str] = ()) -> int:
    """The highest sealed position: what a decision taken now may know.

    Args:
        connection: an open transaction.
        log: the wing's log.
        beside: kinds of leaves that are no input of the decision, such as its own results: a decision that is
            repeated because only its own result was sealed would never come to rest.
    """
    query = select(func.coalesce(func.max(log.sealed.c.position), 0))
    if beside:
        query = query.join(log.leaves, log.leaves.c.leaf_id == log.sealed.c.leaf_id).where(
            log.leaves.c.kind.not_in(beside)
        )
    return int(connection.execute(query).scalar_one())
