"""Which texts of a column stand in it more than once: one compiled pass with a table of places, found by hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.compiled import compiler, inlined

Bytes = NDArray[np.uint8]
Places = NDArray[np.int32]
Whole = Any
"""Python's and NumPy's integers, which compiled code does not tell apart and a type checker does."""

_MULTIPLIER: Final = 0x9E3779B97F4A7C15 - (1 << 64)
"""The golden ratio in 64 bits, as a signed number: it spreads what differs little."""
_LETTERS_AT_ONCE: Final = 8

compiled = compiler(Path(__file__))


@inlined
def _hash(letters: Bytes, begin: Whole, end: Whole) -> Whole:
    """Eight letters at a time: a loop of a fixed length is one reading of the memory, the rest is at most seven."""
    told, at = end - begin, begin
    while at < end:
        word: Whole = 0
        if at + _LETTERS_AT_ONCE <= end:
            for step in range(_LETTERS_AT_ONCE):
                word |= np.int64(letters[at + step]) << (8 * step)
        else:
            for step in range(end - at):
                word |= np.int64(letters[at + step]) << (8 * step)
        told = (told ^ word) * _MULTIPLIER
        told ^= told >> 32
        at += _LETTERS_AT_ONCE
    return told


@inlined
def _equal(letters: Bytes, one: Whole, other: Whole, length: Whole) -> Whole:
    step = 0
    while step < length and letters[one + step] == letters[other + step]:
        step += 1
    return step == length


@compiled
def _mark(letters: Bytes, ends: Places, known: Bytes, first: Places, shift: Whole, alone: Bytes) -> None:
    """Set to 0 whoever shares a text with another row.

    Args:
        letters: of all texts, one after the other.
        ends: where text i begins and, at i + 1, ends (n + 1).
        known: 0 where there is no text (n).
        first: room for the first row of each text, all -1; 2 ** (64 - shift) long and at least twice n.
        shift: leaves of 64 bits as many as tell a place.
        alone: 1 before (n).
    """
    mask = len(first) - 1
    for row in range(len(known)):
        if known[row] == 0:
            continue
        begin, length = ends[row], ends[row + 1] - ends[row]
        # The highest bits of a product depend on all letters, the lowest only on the first.
        place = (_hash(letters, begin, begin + length) * _MULTIPLIER >> shift) & mask
        while first[place] >= 0:
            other = first[place]
            if ends[other + 1] - ends[other] == length and _equal(letters, begin, ends[other], length):
                alone[row] = 0
                alone[other] = 0
                break
            place = (place + 1) & mask
        if first[place] < 0:
            first[place] = row


def standing_alone(texts: pa.Array) -> Bytes:
    """Say of each text, 1 or 0, whether no other row has the same one; null stands alone.

    Args:
        texts: Arrow strings (n).
    """
    alone = np.ones(len(texts), dtype=np.uint8)
    _, ends, letters = texts.buffers()
    if letters is None:
        return alone
    begins = _read(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    known = np.array(texts.is_valid().to_numpy(zero_copy_only=False), dtype=np.uint8)
    bits = (2 * len(texts)).bit_length()
    first = np.full(1 << bits, -1, dtype=np.int32)
    _mark(_read(letters, np.uint8), begins, known, first, 64 - bits, alone)
    return alone


def _read(buffer: pa.Buffer, kind: type[np.uint8 | np.int32]) -> NDArray[Any]:
    """An Arrow buffer as numbers, never to be written to: else each kind of buffer would be compiled for."""
    numbers = np.frombuffer(buffer, kind)
    numbers.flags.writeable = False
    return numbers
