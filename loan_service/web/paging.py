"""Cursor pagination: a page says where the next one begins; nothing shifts when rows are added meanwhile."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from loan_service.errors import RefusedError

Item = TypeVar("Item")
Key = TypeVar("Key")

Int32 = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Int64 = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Plain = Annotated[str, Field(max_length=200, pattern=r"^[^\p{C}]*$")]
"""What a key may be made of: whoever forges a cursor reaches no further than the columns it stands for."""

Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before; empty = first")]
Limit = Annotated[int, Query(ge=1, le=500, description="rows of one page")]


class Paged(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, description="for the next page; none = this was the last")


def cursor_of(*key: str | int | None) -> str:
    """The key of a page's last row as opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def key_of(cursor: str | None, kind: TypeAdapter[Key]) -> Key | None:
    """The key inside a cursor; `kind` reads the tuple the list is ordered by.

    Raises:
        RefusedError: this is no cursor of this list (`cursor.invalid`).
    """
    if not cursor:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return kind.validate_python(key)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise RefusedError(
            "cursor.invalid", "this is no cursor of this list", "翻页标记无效", "start again without cursor"
        ) from error
