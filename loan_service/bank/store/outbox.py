"""Requests to banks: written with the business rows, read in batches, answered once."""

from collections.abc import Sequence

import orjson
from psycopg import sql
from sqlalchemy import Connection, Text, cast, select, update

from bank_adapters import AnyRequest, Batch, ItemResult
from loan_service.bank.store.rows import among, append_rows, name_of
from loan_service.bank.store.tables import outbox, rejections
from loan_service.foundation.database import raw

TOPIC = "request"

_ANSWER = sql.SQL(
    "UPDATE {} AS kept SET answer = given.answer, answered_at = now(), attempts = kept.attempts + 1"
    " FROM json_populate_recordset(NULL::{}, %s::json) AS given"
    " WHERE kept.message_id = given.message_id AND kept.answered_at IS NULL"
).format(name_of(outbox), name_of(outbox))


def put(connection: Connection, bank_code: str, requests: Sequence[AnyRequest]) -> int:
    """Writes requests in their order; one that is already there stays as it is."""
    rows = [
        {
            "message_id": request.key,
            "destination": bank_code,
            "topic": TOPIC,
            "body": orjson.Fragment(request.model_dump_json()),
        }
        for request in requests
    ]
    return append_rows(connection, outbox, rows)


def next_batch(connection: Connection, bank_code: str, limit: int) -> Batch | None:
    """The oldest unanswered requests to a bank as one batch, or None."""
    bodies = (
        connection.execute(
            select(cast(outbox.c.body, Text))
            .where(outbox.c.destination == bank_code, outbox.c.topic == TOPIC, outbox.c.answered_at.is_(None))
            .order_by(outbox.c.order_number)
            .limit(limit)
        )
        .scalars()
        .all()
    )
    if not bodies:
        return None
    return Batch.model_validate_json(f'{{"bank_code":"{bank_code}","items":[{",".join(bodies)}]}}')


def record_answers(connection: Connection, batch: Batch, results: Sequence[ItemResult]) -> None:
    """Stores one final answer per request, the first one; what the bank refused is kept as a business row too."""
    answers = [{"message_id": result.key, "answer": result.model_dump(exclude_defaults=True)} for result in results]
    raw(connection).cursor().execute(_ANSWER, (orjson.dumps(answers).decode(),))
    refused = [
        {
            "message_id": result.key,
            "bank_code": batch.bank_code,
            "kind": item.kind,
            "subject_id": getattr(item, item.identity),
            "code": result.code,
            "message_zh": result.message_zh,
            "message_en": result.message_en,
        }
        for item, result in zip(batch.items, results, strict=True)
        if result.status == "rejected"
    ]
    append_rows(connection, rejections, refused)


def record_attempt(connection: Connection, batch: Batch) -> None:
    """Counts a try that brought no answer; the requests stay and go again under the same keys."""
    connection.execute(
        update(outbox)
        .where(among(outbox.c.message_id, [item.key for item in batch.items]))
        .values(attempts=outbox.c.attempts + 1)
    )
