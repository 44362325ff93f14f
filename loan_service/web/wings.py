"""How a handler reaches its wing: from the application's state, one transaction per request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from fastapi import Request

from loan_service.foundation.clock import business_date
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


def wing_of(request: Request, name: str) -> Wing:
    """The wing of that name as opened when the application started."""
    return cast("dict[str, Wing]", request.app.state.wings)[name]


@contextmanager
def asked(request: Request, name: str) -> Iterator[tuple[Connection, date]]:
    """One request's transaction on its wing, and the business date it is asked on; commits before the answer leaves."""
    wing = wing_of(request, name)
    with transaction(wing.engine) as connection:
        yield connection, business_date(connection, demo=wing.settings.demo)


@dataclass(frozen=True)
class _OpenTransaction:
    """An engine's face over a transaction that is open already."""

    connection: Connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """The open transaction; whoever opened it commits."""
        yield self.connection


def joined(wing: Wing, connection: Connection) -> Wing:
    """The wing for stages called within a request: what they begin is the request's own transaction.

    So the act, its idempotency key, its messages and its log leaf are committed together or not at all.
    """
    return replace(wing, engine=cast("Any", _OpenTransaction(connection)))
