"""Messages leave in two steps: written with the business rows, sent outside any transaction, answered once."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB


def outbox_table(metadata: MetaData, wing: str) -> Table:
    """Declares a wing's outbox: a queue, therefore mutable."""
    table = Table(
        "outbox",
        metadata,
        Column("message_id", Text, primary_key=True),
        Column("order_number", BigInteger, Identity(always=True), nullable=False),
        Column("destination", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("body", JSONB, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("answered_at", DateTime(timezone=True)),
        Column("answer", JSONB),
        schema=wing,
    )
    Index(
        "ix_outbox_waiting", table.c.destination, table.c.order_number, postgresql_where=table.c.answered_at.is_(None)
    )
    return table
