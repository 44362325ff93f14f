"""One way to write a value as bytes, so that two parties hash the same thing."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import orjson

_PLAIN: Final = frozenset({str, int, bool, type(None)})
Canonical: TypeAlias = "bool | int | str | list[Canonical] | tuple[Canonical, ...] | Mapping[str, Canonical] | None"


class NotCanonical(TypeError):  # noqa: N818 - reads as what it is where it is raised
    """The value has no canonical form (a float, a date, a key that is no text)."""

    def __init__(self, finding: str) -> None:
        super().__init__(f"无规范形式 / no canonical form: {finding}")


def canonical_json(value: Canonical) -> bytes:
    """Write a value as sorted, gapless UTF-8 JSON.

    Floats are refused: two machines may print one float differently. For ASCII keys and integers below 2**53 the
    result is that of RFC 8785 (JSON Canonicalization Scheme).

    Raises:
        NotCanonical: The value holds something other than None, bool, int, str, list, tuple or dict with text keys.
    """
    foreign = _find_foreign(value)
    if foreign is not None:
        raise NotCanonical(foreign)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _find_foreign(value: object) -> str | None:
    # Exact types: an enumeration or a subclass of str may print as something else.
    kind = type(value)
    if kind in _PLAIN:
        return None
    if kind is dict and isinstance(value, dict):
        return _find_foreign_member(value)
    if kind in {list, tuple} and isinstance(value, list | tuple):
        return next((found for inner in value if (found := _find_foreign(inner))), None)
    return f"a value of type {kind.__name__}"


def _find_foreign_member(members: Mapping[object, object]) -> str | None:
    for key, inner in members.items():
        if type(key) is not str:
            return f"a key of type {type(key).__name__}"
        if found := _find_foreign(inner):
            return f"{found} under {key}"
    return None
