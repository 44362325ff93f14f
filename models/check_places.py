"""What every check of a policy needs: where a table's values stand, and which codes stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

from models.dated import Period
from models.terms_errors import DuplicateCodeError, Place, PolicyError

V = TypeVar("V")


def values_at(name: str, periods: tuple[Period[V], ...]) -> Iterator[tuple[Place, V]]:
    """Yield each period's value with its place in the file."""
    for position, period in enumerate(periods):
        yield (name, "periods", position, "value"), period.value


def duplicates(codes: list[str], place: Place, field: str) -> Iterator[PolicyError]:
    """Find codes that stand a second time in a table."""
    counts = Counter(codes)
    for position, code in enumerate(codes):
        if counts[code] > 1 and codes.index(code) < position:
            yield DuplicateCodeError((*place, position, field), code)
