"""Messages leave in two steps: written with the business rows, sent outside any transaction, answered once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    func,
    select,
    update,
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


def waiting(connection: Connection, outbox: Table, destination: str, topic: str, limit: int) -> Sequence[Row[Any]]:
    """The oldest unanswered messages of one topic to one destination."""
    return connection.execute(
        select(outbox)
        .where(outbox.c.destination == destination, outbox.c.topic == topic, outbox.c.answered_at.is_(None))
        .order_by(outbox.c.order_number)
        .limit(limit)
    ).all()


def record_answer(connection: Connection, outbox: Table, message_id: str, answer: dict[str, Any]) -> bool:
    """Stores the final answer to a message; False when it was answered before."""
    changed = connection.execute(
        update(outbox)
        .where(outbox.c.message_id == message_id, outbox.c.answered_at.is_(None))
        .values(answer=answer, answered_at=func.now(), attempts=outbox.c.attempts + 1)
    )
    return changed.rowcount == 1


def record_attempt(connection: Connection, outbox: Table, message_ids: Sequence[str]) -> None:
    """Counts a try that brought no answer; the messages stay and are sent again under the same ids."""
    connection.execute(
        update(outbox).where(outbox.c.message_id.in_(message_ids)).values(attempts=outbox.c.attempts + 1)
    )
