"""Identity numbers (GB 11643) and unified social credit codes (GB 32100), valid in form, of regions nobody holds."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.simulation.arrays import Flags, Ints, as_ints, fixed_texts, rank_within

Letters = NDArray[np.uint8]

FIRST_REGION = 990305
STRANGER_REGION = 990398
"""Region of people who are in no register."""
_PERSON_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_PERSON_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
_ENTITY_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_SEQUENCES = 499  # prime, so that any step walks through all of them
_STEP = 7


def identity_numbers(region: Ints, birth_on: Ints, male: Flags) -> pa.Array:
    """Distinct identity numbers with a right check digit.

    Args:
        region: six-digit region codes, shape (n,).
        birth_on: days since 1970-01-01, shape (n,).
        male: men get odd sequence numbers, shape (n,).

    Raises:
        ValueError: more people of one sex and region share a birthday than there are sequence numbers.
    """
    same_birthday = rank_within((region * 100_000 + birth_on + 50_000) * 2 + male)
    if len(same_birthday) and same_birthday.max() >= _SEQUENCES:
        raise ValueError(f"more than {_SEQUENCES} people of one sex and region share a birthday")
    sequence = 2 * ((same_birthday * _STEP + birth_on) % _SEQUENCES) + np.where(male, 1, 2)
    digits = np.hstack([_digits(region, 6), _digits(_calendar_number(birth_on), 8), _digits(sequence, 3)])
    checks = _PERSON_CHECKS[(digits @ _PERSON_WEIGHTS) % 11]
    return fixed_texts(np.hstack([_ascii(digits), checks[:, None]]))


def with_wrong_check_digit(numbers: pa.Array) -> pa.Array:
    """The same identity numbers with a check digit that cannot be right."""
    letters = _letters(numbers, 18)
    wrong = letters.copy()
    wrong[:, 17] = np.where(letters[:, 17] == ord("0"), ord("1"), ord("0"))
    return fixed_texts(wrong)


def credit_codes(serial: Ints, company: Flags, region: Ints) -> pa.Array:
    """Unified social credit codes of companies (91) and self-employed trades (92), one per serial number."""
    organisation = np.stack([(serial // 31**place) % 31 for place in range(4)], axis=1)
    organisation = np.hstack(
        [np.full((len(serial), 2), 10), (organisation[:, ::-1] * 17 + 5) % 31, _digits(serial % 97, 2)]
    )
    head = np.hstack([np.full((len(serial), 1), 9), np.where(company, 1, 2)[:, None], _digits(region, 6), organisation])
    body = np.hstack([head, _organisation_check(organisation)[:, None]])
    check = (31 - (body @ _ENTITY_WEIGHTS) % 31) % 31
    return fixed_texts(_ALPHABET[np.hstack([body, check[:, None]])])


def _organisation_check(values: Ints) -> Ints:
    """Check character of an organisation code (GB 11714), as its position in the alphabet of credit codes."""
    ordinary = np.array([_ordinary_value(code) for code in _ALPHABET])  # there letters count as in base 36
    check = 11 - (ordinary[values] @ _ORGANISATION_WEIGHTS) % 11
    as_letter = _ALPHABET.tobytes().index(b"X")
    return np.where(check == 10, as_letter, np.where(check == 11, 0, check)).astype(np.int64)  # noqa: PLR2004


def _ordinary_value(code: int) -> int:
    return int(chr(code), 36)


def _calendar_number(days: Ints) -> Ints:
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]").astype(np.int64)
    day_of_month = (date - date.astype("datetime64[M]")).astype(np.int64) + 1
    return as_ints((1970 + month // 12) * 10_000 + (month % 12 + 1) * 100 + day_of_month)


def _digits(numbers: Ints, width: int) -> Ints:
    return (numbers[:, None] // 10 ** np.arange(width - 1, -1, -1)) % 10


def _ascii(digits: Ints) -> Letters:
    return (digits + ord("0")).astype(np.uint8)


def _letters(texts: pa.Array, width: int) -> Letters:
    raw = np.asarray(texts.to_numpy(zero_copy_only=False), dtype=f"S{width}")
    return raw.view(np.uint8).reshape(len(raw), width)
