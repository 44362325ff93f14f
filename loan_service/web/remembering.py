"""Answers that cost many whole-table counts are kept as long as nothing they were counted from has changed."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from fastapi import Request

from loan_service.foundation.connection import Connection, seen

Value = TypeVar("Value")


def remembered(
    request: Request, connection: Connection, name: str, about: Hashable, count: Callable[[], Value]
) -> Value:
    """The value counted before, or counted now.

    Args:
        request: its application keeps one value per name.
        connection: the transaction that counts; another committed write anywhere makes the kept value old.
        name: which value.
        about: what it depends on besides rows, such as the day.
        count: counts it.
    """
    kept: dict[str, tuple[Hashable, object]] = request.app.state.remembered
    key = (about, seen(connection))
    if name not in kept or kept[name][0] != key:
        kept[name] = (key, count())
    return cast("Value", kept[name][1])
