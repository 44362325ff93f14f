"""How banks write single values: amounts, rates, days, moments, lists, code words.

A form is a pair of pure functions; reading what a form does not allow raises `Malformed`, which tells the shape that
was expected and never repeats the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bank_adapters.messages import BEIJING

_YUAN = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})", re.ASCII)
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})\.([0-9]{2})", re.ASCII)
_FRACTION = re.compile(r"([01])\.([0-9]{4})", re.ASCII)
_DIGITS = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Malformed(ValueError):  # noqa: N818 - reads as what it is where it is raised
    """A value does not have the agreed form.

    Attributes:
        place: Path to the value; filled in on the way up.
    """

    def __init__(self, expected: str, place: str = "") -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected
        self.place = place

    def below(self, step: str) -> "Malformed":
        """The same finding, one step nearer to the top of the message."""
        separator = "" if not self.place or self.place.startswith("[") else "."
        return Malformed(self.expected, f"{step}{separator}{self.place}")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a value; `read(write(value)) == value`."""

    write: Callable[[Any], object]
    read: Callable[[object], Any]


def as_text(received: object) -> str:
    """Take a JSON string and nothing else."""
    if not isinstance(received, str):
        raise Malformed("a text")
    return received


def as_integer(received: object) -> int:
    """Take a JSON integer and nothing else: neither true nor 1.0 is a number of fen."""
    if not isinstance(received, int) or isinstance(received, bool):
        raise Malformed("an integer")
    return received


def as_flag(received: object) -> bool:
    """Take JSON's true or false and nothing else."""
    if not isinstance(received, bool):
        raise Malformed("true or false")
    return received


def as_object(received: object) -> dict[str, object]:
    """Take a JSON object and nothing else."""
    if not isinstance(received, dict):
        raise Malformed("an object")
    return received


def as_list(received: object) -> list[object]:
    """Take a JSON list and nothing else."""
    if not isinstance(received, list):
        raise Malformed("a list")
    return received


def _write_hundredths(units: int) -> str:
    return f"{units // 100}.{units % 100:02d}"


def _read_joined(pattern: re.Pattern[str], expected: str) -> Callable[[object], int]:
    def read(received: object) -> int:
        match = pattern.fullmatch(as_text(received))
        if match is None:
            raise Malformed(expected)
        return int(match[1] + match[2])

    return read


def _read_cny(received: object) -> int:
    amount = as_object(received)
    if amount.keys() != {"currency", "minor"}:
        raise Malformed("an amount with currency and minor units, and nothing else")
    if amount["currency"] != "CNY":
        raise Malformed("an amount in CNY")
    return as_integer(amount["minor"])


def _read_digits(received: object) -> int:
    text = as_text(received)
    if _DIGITS.fullmatch(text) is None:
        raise Malformed("a text of digits without leading zero")
    return int(text)


def _day(pattern: str, expected: str) -> Form:
    def read(received: object) -> date:
        text = as_text(received)
        try:
            day = datetime.strptime(text, pattern).replace(tzinfo=BEIJING).date()
        except ValueError:
            raise Malformed(expected) from None
        # strptime is lenient about leading zeros; a dialect is not.
        if day.strftime(pattern) != text:
            raise Malformed(expected)
        return day

    return Form(lambda day: day.strftime(pattern), read)


def _read_iso_moment(received: object) -> datetime:
    text = as_text(received)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed("a moment like 2026-06-15T10:30:00+08:00") from None
    if moment.isoformat() != text or moment.tzinfo is None:
        raise Malformed("a moment like 2026-06-15T10:30:00+08:00")
    return moment


def _read_compact_moment(received: object) -> datetime:
    text = as_text(received)
    try:
        moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise Malformed("Beijing time like 20260615103000") from None
    if moment.strftime("%Y%m%d%H%M%S") != text:
        raise Malformed("Beijing time like 20260615103000")
    return moment


def _read_epoch_ms(received: object) -> datetime:
    milliseconds = as_integer(received)
    seconds, rest = divmod(milliseconds, 1000)
    if rest or not 0 <= seconds < 2**33:
        raise Malformed("whole seconds since 1970, in milliseconds")
    return datetime.fromtimestamp(seconds, UTC).astimezone(BEIJING)


def words(vocabulary: Mapping[str, str]) -> Form:
    """A closed vocabulary: our word on the left, the bank's on the right."""
    back = {theirs: ours for ours, theirs in vocabulary.items()}

    def read(received: object) -> str:
        word = back.get(as_text(received))
        if word is None:
            raise Malformed(f"one of {', '.join(sorted(back))}")
        return word

    return Form(vocabulary.__getitem__, read)


def flag_words(yes: str, no: str) -> Form:
    """A yes or no that a bank writes as one of two texts."""

    def read(received: object) -> bool:
        text = as_text(received)
        if text not in (yes, no):
            raise Malformed(f"{yes} or {no}")
        return text == yes

    return Form(lambda flag: yes if flag else no, read)


def joined(separator: str) -> Form:
    """Code words in one text, separated; an empty text is no word."""

    def read(received: object) -> tuple[str, ...]:
        text = as_text(received)
        return tuple(text.split(separator)) if text else ()

    return Form(separator.join, read)


TEXT = Form(str, as_text)
INTEGER = Form(int, as_integer)
FLAG = Form(bool, as_flag)
DIGITS = Form(str, _read_digits)
FEN = INTEGER
YUAN = Form(_write_hundredths, _read_joined(_YUAN, "yuan with two decimals, like 73879.00"))
CNY = Form(lambda fen: {"currency": "CNY", "minor": fen}, _read_cny)
BASIS_POINTS = INTEGER
PERCENT = Form(_write_hundredths, _read_joined(_PERCENT, "percent with two decimals, like 4.85"))
FRACTION = Form(lambda bp: f"{bp // 10_000}.{bp % 10_000:04d}", _read_joined(_FRACTION, "a fraction like 0.0485"))
ISO_DAY = _day("%Y-%m-%d", "a day like 2026-06-15")
COMPACT_DAY = _day("%Y%m%d", "a day like 20260615")
SLASHED_DAY = _day("%Y/%m/%d", "a day like 2026/06/15")
ISO_MOMENT = Form(datetime.isoformat, _read_iso_moment)
COMPACT_MOMENT = Form(lambda moment: moment.strftime("%Y%m%d%H%M%S"), _read_compact_moment)
EPOCH_MS = Form(lambda moment: int(moment.timestamp()) * 1000, _read_epoch_ms)
WORD_LIST = Form(list, lambda received: tuple(as_text(word) for word in as_list(received)))
RAW_LIST = Form(list, as_list)
