"""Rows worked on span by span, side by side in threads where the work releases the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Told = TypeVar("Told")


def parts_of(span: slice, length: int) -> list[slice]:
    """Cut a span into parts of a length; the last may be shorter."""
    return [slice(start, min(start + length, span.stop)) for start in range(span.start, span.stop, length)]


def per_thread(rows: int, threads: int, fewest: int) -> list[slice]:
    """Cut rows into one span per thread, none of them shorter than `fewest` but where there are not more rows."""
    return parts_of(slice(0, rows), max(-(-rows // max(threads, 1)), fewest))


def side_by_side(work: Callable[[slice], Told], spans: list[slice], threads: int) -> list[Told]:
    """Do the work of every span, at most so many at a time; return what each tells, in their order."""
    if threads <= 1 or len(spans) <= 1:
        return [work(span) for span in spans]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, spans))
