"""A 64-bit fingerprint per person of the ledger and what is shown beside it, so that only what changed is appended.

It detects change between two versions of one person's ledger, whose rows always stand in the same order; it is no
signature and proves nothing to a stranger.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from scoring.columns import AnyInts, Hashes, Whole
from scoring.ledger import Rows

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def _mixed(value: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit moves every output bit."""
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return np.asarray(value ^ (value >> np.uint64(31)))


def _folded(seed: int, columns: list[AnyInts]) -> Hashes:
    state = np.full(len(columns[0]), seed, np.uint64)
    for column in columns:
        state = _mixed((state + _STEP) ^ np.asarray(column, np.int64).view(np.uint64))
    return state


def fingerprints(content_hash: str, rows: Rows, ids: tuple[Whole, Whole], persons: list[AnyInts]) -> Whole:
    """One signed 64-bit number per person.

    Args:
        content_hash: of the edition (hex); another edition gives another fingerprint for equal rows.
        rows: the ledger, ordered by person.
        ids: event id and record id of each row.
        persons: what stands beside the ledger, each [persons]: index, grade, next change.

    Returns:
        int64 [persons].
    """
    seed = int(content_hash[:16], 16)
    event_id, record_id = ids
    of_rows = _folded(
        seed,
        [
            rows.kind,
            rows.dimension,
            rows.indicator,
            rows.rule,
            rows.points_milli,
            event_id,
            record_id,
            rows.through_entity_id,
            rows.from_on,
            rows.until_on,
        ],
    )
    ledgers = np.zeros(len(persons[0]), np.uint64)
    np.add.at(ledgers, rows.person, of_rows)
    return _folded(seed, [ledgers.view(np.int64), *persons]).view(np.int64)
