"""Joins on integer keys without a Python loop: look-ups, ranges, segments and 'lowest value from a point on'."""

from __future__ import annotations

import numpy as np

from scoring.columns import AnyInts, Mask, Whole
from scoring.dated import NO_DAY

_KEY_SHIFT = 32


def find(sorted_ids: Whole, wanted: Whole) -> Whole:
    """Position of each wanted id in `sorted_ids` (unique, ascending), -1 where absent."""
    if not len(sorted_ids):
        return np.full(len(wanted), -1, np.int64)
    position = np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)
    return np.where(sorted_ids[position] == wanted, position, -1)


def expand(first: AnyInts, stop: AnyInts) -> tuple[Whole, Whole]:
    """All pairs (i, j) with `first[i] <= j < stop[i]`, ordered by i then j.

    Returns:
        owner and member, int64 [number of pairs]; an empty or reversed range gives none.
    """
    counts = np.maximum(np.asarray(stop, np.int64) - first, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    member = np.arange(len(owner)) - np.repeat(before - first, counts)
    return owner, member.astype(np.int64)


def rows_of(keys: Whole, wanted: Whole) -> tuple[Whole, Whole]:
    """All pairs (i, j) with `keys[j] == wanted[i]`; `keys` ascending, repetitions allowed."""
    return expand(np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right"))


def segment_starts(*keys: AnyInts) -> Whole:
    """First position of every run of equal keys (rows already sorted by them)."""
    rows = len(keys[0])
    if not rows:
        return np.empty(0, np.int64)
    changed: Mask = np.ones(rows, np.bool_)
    changed[1:] = False
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def segment_lengths(starts: Whole, rows: int) -> Whole:
    """Length of every run, given its first positions and the number of rows."""
    return np.diff(np.append(starts, rows))


def pair_key(owner: AnyInts, at: AnyInts) -> Whole:
    """One int64 that sorts by owner (below 2**31), then by an int32."""
    return (np.asarray(owner, np.int64) << _KEY_SHIFT) + at


def lowest_from(
    rows: tuple[AnyInts, AnyInts, AnyInts],
    owner: AnyInts,
    at: AnyInts,
) -> Whole:
    """For each query the lowest `value` among its owner's rows whose `at` is not before the query's.

    Args:
        rows: (owner, at, value) of the rows looked into; owners below 2**31, values within [0, 2**31).
        owner: the queries' owners.
        at: the queries' points.

    Returns:
        int64 per query; `NO_DAY` where no such row exists.
    """
    row_owner, row_at, row_value = rows
    order = np.argsort(pair_key(row_owner, row_at), kind="stable")
    keys = pair_key(row_owner, row_at)[order]
    # Owners only fall when read backwards, so the running minimum starts afresh at each owner by itself.
    lowest = np.minimum.accumulate(pair_key(row_owner, row_value)[order][::-1])[::-1]
    position = np.searchsorted(keys, pair_key(owner, at), "left")
    found = np.append(lowest, np.int64(-1))[position]
    return np.where(found >> _KEY_SHIFT == owner, found & NO_DAY, NO_DAY)
