"""What a declared column may hold, and a contract as the ordered list of a file's columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from models.household_changes import Needs

Kind = Literal["text", "key", "token", "level", "flag", "whole", "share", "day"]

MOST_FEN: Final = 10**12


@dataclass(frozen=True)
class Field:
    """One column.

    Attributes:
        name: The column's name in the header.
        kind: text (no blanks); key and token (32 lower-case hex digits); level (one of `levels`); flag (0 or 1); whole
            (digits, perhaps a minus); share (0 to 1 with a decimal point); day (YYYY-MM-DD).
        required: Whether an empty value is a fault; otherwise it means 'unknown'.
        lowest: Smallest allowed whole number.
        highest: Largest allowed whole number.
        levels: The allowed words of a level.
        rests_on: The flag column without which the value may not be used, and is not kept.
        figure: Whether the value belongs to the figures a price may depend on.
        may_be_ahead: Whether a day may lie after the file's day.
        is_file_day: Whether a day must be the file's day.
    """

    name: str
    kind: Kind
    required: bool = True
    lowest: int = 0
    highest: int = MOST_FEN
    levels: tuple[str, ...] = ()
    rests_on: str = ""
    figure: bool = False
    may_be_ahead: bool = False
    is_file_day: bool = False


@dataclass(frozen=True)
class Contract:
    """One kind of file.

    Attributes:
        kind: Its name begins so: `<kind>_YYYYMMDD.csv`.
        fields: Its columns, in order.
        key: The column no two rows may share.
        kinds: Where a row's `kind` tells which other columns it fills: those of each kind.
    """

    kind: str
    fields: tuple[Field, ...]
    key: str
    kinds: Mapping[str, Needs] = field(default_factory=dict)

    @property
    def header(self) -> tuple[str, ...]:
        """The first row."""
        return tuple(one.name for one in self.fields)
