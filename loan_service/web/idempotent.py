"""Acts asked for over HTTP happen once: the key, the act and the answer are committed together."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from loan_service.foundation.connection import Connection, Table
from loan_service.foundation.idempotency import claim, store_answer

KeyHeader = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="one key per wish; the same key with the same body brings the stored answer again",
        examples=["0b7c1f9e-5a52-4c0c-9d0c-6f2f3f0d7a11"],
    ),
]
REPLAYED = "Idempotent-Replayed"


def once(
    connection: Connection,
    keys: Table,
    request: Request,
    key: str,
    body: BaseModel,
    act: Callable[[], BaseModel],
    status: int = 200,
) -> JSONResponse:
    """Does the act, or answers what was answered when this key did it.

    Args:
        connection: the request's transaction; a refused act rolls the key back with it.
        keys: the wing's key store.
        request: its path is part of what a key stands for.
        key: the caller's key.
        body: the request as read; its canonical form is the fingerprint.
        act: what to do the first time.
        status: the first answer's HTTP status.

    Raises:
        ConflictError: the key was used with another body (`idempotency.other_body`).
    """
    caller = request.path_params.get("bank_code", "")
    fingerprint = f"{request.method} {request.url.path}\n{body.model_dump_json()}".encode()
    stored = claim(connection, keys, caller, key, fingerprint)
    if stored is not None:
        return JSONResponse(stored.body, stored.status, {REPLAYED: "true"})
    answer = act().model_dump(mode="json")
    store_answer(connection, keys, caller, key, status, answer)
    return JSONResponse(answer, status)
