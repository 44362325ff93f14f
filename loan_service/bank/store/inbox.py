"""The bank's event feed as received: landed in its order, applied by the stages, each happening once."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import ARRAY, BigInteger, Connection, Text, any_, cast, func, literal, select, update

from bank_adapters import AnyEvent
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.bank.store.rows import among, append_rows, batch_leaf, only_one
from loan_service.bank.store.tables import bank_events
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

BATCH: Final = 500

Apply = Callable[[Connection, tuple[AnyEvent, ...]], Sequence[int]]
"""Applies events in their order; returns the sequences of those that were applied, the others keep waiting."""

_EVENTS: Final[TypeAdapter[tuple[AnyEvent, ...]]] = TypeAdapter(tuple[AnyEvent, ...])


def last_sequence(connection: Connection, bank_code: str) -> int:
    """The place in the feed up to which everything has been received; 0 at the start."""
    query = select(func.coalesce(func.max(bank_events.c.sequence), 0)).where(bank_events.c.bank_code == bank_code)
    return int(connection.execute(query).scalar_one())


def land(connection: Connection, bank_code: str, events: Sequence[AnyEvent]) -> int:
    """Appends one page of the feed; entries received before are left out, repeated happenings are marked.

    A repeat that tells the happening differently is a break: the first telling counts.
    """
    only_one(connection, f"feed:{bank_code}")
    known_until = last_sequence(connection, bank_code)
    fresh = [event for event in events if event.sequence > known_until]
    told = _told_before(connection, bank_code, fresh)
    rows, altered, keys = [], [], []
    for event in fresh:
        content = _content(event)
        keys.append(f"{event.sequence}/{hashlib.sha256(content).hexdigest()}")
        repeated = event.message_id in told
        if told.setdefault(event.message_id, content) != content:
            altered.append(_altered(event))
        rows.append(
            {
                "bank_code": bank_code,
                "sequence": event.sequence,
                "message_id": event.message_id,
                "kind": event.kind,
                "business_date": event.business_date,
                "body": orjson.Fragment(event.model_dump_json()),
                "repeated": repeated,
                "processed": repeated,
            }
        )
    if rows:
        batch_leaf(connection, "bank_events", bank_code, keys, max(event.business_date for event in fresh))
    append_breaks(connection, altered)
    return append_rows(connection, bank_events, rows)


def waiting_kinds(connection: Connection, bank_code: str) -> set[str]:
    """Kinds of events that wait to be applied."""
    query = select(bank_events.c.kind).where(bank_events.c.bank_code == bank_code, ~bank_events.c.processed).distinct()
    return set(connection.execute(query).scalars())


def waiting_events(
    connection: Connection, bank_code: str, kinds: Sequence[str], after_sequence: int = 0, limit: int = BATCH
) -> tuple[AnyEvent, ...]:
    """Unapplied events of some kinds in the feed's order."""
    column = bank_events.c
    bodies = connection.execute(
        select(cast(column.body, Text))
        .where(column.bank_code == bank_code, ~column.processed, among(column.kind, kinds))
        .where(column.sequence > after_sequence)
        .order_by(column.sequence)
        .limit(limit)
    ).scalars()
    return _EVENTS.validate_json(f"[{','.join(bodies)}]")


def apply_waiting(wing: Wing, bank_code: str, kinds: Sequence[str], apply: Apply) -> int:
    """Applies what waits, in batches of one transaction each: the rows and the mark 'applied' are kept together.

    Returns:
        How many events were applied. One whose subject is not known yet keeps waiting.
    """
    applied, after = 0, 0
    while True:
        with transaction(wing.engine) as connection:
            only_one(connection, f"apply:{bank_code}:{kinds[0]}")
            events = waiting_events(connection, bank_code, kinds, after)
            if not events:
                return applied
            done = apply(connection, events)
            _mark_applied(connection, bank_code, done)
        applied += len(done)
        after = events[-1].sequence


def waiting_since_before(connection: Connection, bank_code: str, business_date: date) -> list[tuple[str, str]]:
    """Kind and message id of events of earlier days that still wait for their subject."""
    column = bank_events.c
    rows = connection.execute(
        select(column.kind, column.message_id)
        .where(column.bank_code == bank_code, ~column.processed, column.business_date < business_date)
        .order_by(column.sequence)
    )
    return [(row.kind, row.message_id) for row in rows]


def _mark_applied(connection: Connection, bank_code: str, sequences: Sequence[int]) -> None:
    if sequences:
        one_of_them = bank_events.c.sequence == any_(literal(list(sequences), ARRAY(BigInteger)))
        statement = update(bank_events).where(bank_events.c.bank_code == bank_code, one_of_them)
        connection.execute(statement.values(processed=True))


def _told_before(connection: Connection, bank_code: str, events: Sequence[AnyEvent]) -> dict[str, bytes]:
    column = bank_events.c
    bodies = connection.execute(
        select(cast(column.body, Text))
        .where(column.bank_code == bank_code, ~column.repeated)
        .where(among(column.message_id, [event.message_id for event in events]))
    ).scalars()
    return {event.message_id: _content(event) for event in _EVENTS.validate_json(f"[{','.join(bodies)}]")}


def _content(event: AnyEvent) -> bytes:
    """What a happening says, wherever it stands in the feed."""
    return orjson.dumps(event.model_dump(mode="json", exclude={"sequence"}), option=orjson.OPT_SORT_KEYS)


def _altered(event: AnyEvent) -> Break:
    return Break(
        kind="event_altered",
        bank_code=event.bank_code,
        about=str(event.sequence),
        found_on=event.business_date,
        detail=f"{event.kind} {event.message_id} is told differently under sequence {event.sequence}",
    )
