"""Checks identity numbers and unified social credit codes by the column, and turns both into blind identifiers."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loan_service.foundation.identifiers import blind_ids

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
Mask = NDArray[np.bool_]
Letters = NDArray[np.uint8]

LENGTH = 18
NO_ID = 0

# GB 11643-1999: the check digit is the weighted sum modulo 11, written with this alphabet.
_PERSON_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
_PERSON_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
# First two digits that GB/T 2260 ever gave a province, plus 83 (residence permits of Taiwan) and 91 (foreigners).
_PROVINCES = np.r_[11:16, 21:24, 31:38, 41:47, 50:55, 61:66, 71, 81:84, 91]
# GB 32100-2015: 31 letters (no I, O, S, V, Z), weights 3**i modulo 31; the last letter may be any of them.
_ENTITY_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_ENTITY_WEIGHTS = np.array([pow(3, i, 31) for i in range(LENGTH - 1)], dtype=np.int32)
_UNKNOWN = 99
_ENTITY_VALUES = np.full(256, _UNKNOWN, dtype=np.int32)
_ENTITY_VALUES[np.frombuffer(_ENTITY_ALPHABET, dtype=np.uint8)] = np.arange(len(_ENTITY_ALPHABET))
_OLDEST_YEAR = 1800
_NINE = 9


@dataclass(frozen=True, slots=True)
class PersonNumbers:
    """What a column of identity numbers says about itself; one row per number, absent numbers have no findings.

    Attributes:
        present: a number was delivered.
        wrong_length: it does not have 18 characters.
        wrong_date: its birth date does not exist.
        wrong_check: its check digit (or another character) is wrong.
        strange_region: no province has these first digits: a note, not an error.
        birth_on: days since 1970-01-01, 0 where the number is absent or wrong.
    """

    present: Mask
    wrong_length: Mask
    wrong_date: Mask
    wrong_check: Mask
    strange_region: Mask
    birth_on: Days

    @property
    def right(self) -> Mask:
        """Delivered, and without any error."""
        return self.present & ~self.wrong_length & ~self.wrong_date & ~self.wrong_check


def check_person_numbers(numbers: pa.Array) -> PersonNumbers:
    """Checks a column of 18-character resident identity numbers (GB 11643) in upper case."""
    present, wrong_length, letters = _letters(numbers)
    digits = letters.astype(np.int32) - ord("0")
    body = digits[:, : LENGTH - 1]
    numeric = ((body >= 0) & (body <= _NINE)).all(axis=1)
    expected = _PERSON_CHECKS[np.where(numeric, body @ _PERSON_WEIGHTS, 0) % len(_PERSON_CHECKS)]
    birth_on, real = _birth_dates(digits)
    whole = present & ~wrong_length
    wrong_date = whole & numeric & ~real
    return PersonNumbers(
        present=present,
        wrong_length=wrong_length,
        wrong_date=wrong_date,
        wrong_check=whole & ~wrong_date & (~numeric | (expected != letters[:, LENGTH - 1])),
        strange_region=whole & ~np.isin(digits[:, 0] * 10 + digits[:, 1], _PROVINCES),
        birth_on=np.where(whole & numeric & real, birth_on, 0).astype(np.int32),
    )


@dataclass(frozen=True, slots=True)
class EntityCodes:
    """What a column of unified social credit codes says about itself."""

    present: Mask
    wrong_length: Mask
    wrong_check: Mask

    @property
    def right(self) -> Mask:
        """Delivered, and without any error."""
        return self.present & ~self.wrong_length & ~self.wrong_check


def check_entity_codes(codes: pa.Array) -> EntityCodes:
    """Checks a column of 18-character unified social credit codes (GB 32100) in upper case."""
    present, wrong_length, letters = _letters(codes)
    values = _ENTITY_VALUES[letters]
    known = (values != _UNKNOWN).all(axis=1)
    expected = -(values[:, : LENGTH - 1] @ _ENTITY_WEIGHTS) % len(_ENTITY_ALPHABET)
    right = known & (expected == values[:, LENGTH - 1])
    return EntityCodes(present, wrong_length, present & ~wrong_length & ~right)


def _letters(texts: pa.Array) -> tuple[Mask, Mask, Letters]:
    """Presence, wrong length and the bytes as (n, 18); rows of another length are filled with zeros."""
    present = _mask(pc.is_valid(texts))
    fits = present & _mask(pc.fill_null(pc.equal(pc.binary_length(texts), LENGTH), fill_value=False))
    joined = pc.if_else(pa.array(fits), texts, "0" * LENGTH)
    compact = pa.concat_arrays([joined])  # drops any offset, so that the bytes begin with the first row
    start = int(np.frombuffer(compact.buffers()[1], dtype=np.int32, count=1)[0]) if len(compact) else 0
    flat = np.frombuffer(compact.buffers()[2] or b"", dtype=np.uint8)[start : start + LENGTH * len(compact)]
    return present, present & ~fits, flat.reshape(len(compact), LENGTH)


def _mask(flags: pa.Array) -> Mask:
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _birth_dates(digits: NDArray[np.int32]) -> tuple[Days, Mask]:
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1], dtype=np.int32)
    month = digits[:, 10:12] @ np.array([10, 1], dtype=np.int32)
    day = digits[:, 12:14] @ np.array([10, 1], dtype=np.int32)
    possible = (year >= _OLDEST_YEAR) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)  # noqa: PLR2004
    months = np.where(possible, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + np.where(possible, day - 1, 0)
    same_month = days.astype("datetime64[D]").astype("datetime64[M]") == months
    return days.astype(np.int32), possible & same_month


def normal_name(name: str) -> str:
    """A name as it is compared: full-width forms folded, spaces and the dots between name parts left out."""
    if name.isalpha() and unicodedata.is_normalized("NFKC", name):  # nearly all are, and there are many
        return name.upper()
    folded = unicodedata.normalize("NFKC", name)
    return "".join(letter for letter in folded if not letter.isspace() and letter not in "·•・‧.").upper()


def masked_name(name: str) -> str:
    """The first character and one star per further one: enough to recognise oneself, too little to find somebody."""
    return name[:1] + "*" * max(1, len(name) - 1)


@dataclass(frozen=True, slots=True)
class Blinds:
    """Keyed identifiers of people, units and households: without the key nobody can test a guess."""

    key: bytes

    def persons(self, numbers: pa.Array) -> Ints:
        """`person_id` per identity number, 0 where absent."""
        return self._ids("person", numbers, str)

    def names(self, names: pa.Array) -> Ints:
        """`name_blind` per name, 0 where absent."""
        return self._ids("name", names, normal_name)

    def entities(self, codes: pa.Array) -> Ints:
        """`entity_id` per unified social credit code, 0 where absent."""
        return self._ids("entity", codes, str)

    def households(self, numbers: pa.Array) -> Ints:
        """`household_id` per household number, 0 where absent."""
        return self._ids("household", numbers, str)

    def _ids(self, kind: str, texts: pa.Array, normal: Callable[[str], str]) -> Ints:
        """Each distinct text is hashed once: agencies repeat people."""
        coded = texts.dictionary_encode()
        distinct: Sequence[str] = coded.dictionary.to_pylist()
        ids = np.array([*blind_ids(self.key, kind, map(normal, distinct)), NO_ID], dtype=np.int64)
        rows: Ints = coded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
        return np.asarray(ids[rows])
