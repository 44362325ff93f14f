"""One way to write a value as bytes, so that two parties hash the same thing."""

from collections.abc import Mapping
from typing import TypeAlias

import orjson

Canonical: TypeAlias = "bool | int | str | list[Canonical] | tuple[Canonical, ...] | Mapping[str, Canonical] | None"


class NotCanonical(TypeError):  # noqa: N818 - reads as what it is where it is raised
    """The value has no canonical form (a float, a date, a key that is no text)."""

    def __init__(self, place: str, kind: str) -> None:
        super().__init__(f"无规范形式 / no canonical form: {kind} at {place or 'the top'}")


def canonical_json(value: Canonical) -> bytes:
    """Write a value as sorted, gapless UTF-8 JSON.

    Floats are refused: two machines may print one float differently. For ASCII keys and integers below 2**53 the
    result is that of RFC 8785 (JSON Canonicalization Scheme).

    Raises:
        NotCanonical: The value holds something other than None, bool, int, str, list, tuple or mapping of texts.
    """
    _refuse_foreign(value, "")
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _refuse_foreign(value: object, place: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(place, f"key of type {type(key).__name__}")
            _refuse_foreign(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            _refuse_foreign(inner, f"{place}[{position}]")
    elif value is not None and not isinstance(value, bool | int | str):
        raise NotCanonical(place, type(value).__name__)
