"""Checks columns of text against the contract, column by column; a row with a fault is set aside, the others stay."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loan_service.bank.files.faults import Fault
from loan_service.bank.files.fields import Contract, Field, Kind
from loan_service.bank.files.reading import Texts

Flags = npt.NDArray[np.bool_]

_KEY: Final = r"^[0-9a-f]{32}$"
_SHAPES: Final[dict[Kind, tuple[str, str]]] = {
    "text": (r"^[^\s\pC]{1,64}$", "text.format"),
    "key": (_KEY, "key.format"),
    "token": (_KEY, "key.format"),
    "flag": (r"^[01]$", "flag.format"),
    "whole": (r"^-?(0|[1-9]\d{0,15})$", "number.format"),
    "share": (r"^(0|1|[01]\.\d{1,12})$", "number.format"),
    "day": (r"^\d{4}-\d{2}-\d{2}$", "date.format"),
}


@dataclass
class Checked:
    """Rows that passed, each with its line in the file, and what was found in the others."""

    columns: pa.Table
    row_numbers: npt.NDArray[np.int64]
    faults: list[Fault] = field(default_factory=list)


def check(contract: Contract, texts: Texts, file_day: date) -> Checked:
    """Checks every value.

    Args:
        contract: what the columns may hold.
        texts: well-shaped rows.
        file_day: the day the file speaks of; nothing in it may be later, unless declared so.

    Returns:
        The good rows, still as text, and every fault with its line; a row may have several.
    """
    sheet = _Sheet(texts)
    for one in contract.fields:
        for code, bad in _faults_of(one, sheet.columns[one.name], file_day):
            sheet.note(code, one.name, bad)
    if "prior_loans" in sheet.columns:
        sheet.note("number.inconsistent", "prior_loans_repaid_on_time", _more_repaid_than_lent(sheet))
    for code, name, bad in _kind_faults(contract, sheet):
        sheet.note(code, name, bad)
    sheet.note("row.repeated", contract.key, _repeated(sheet.columns[contract.key]) & ~sheet.bad)
    rows = texts.columns.filter(pa.array(~sheet.bad))
    return Checked(rows, texts.row_numbers[~sheet.bad], [*texts.faults, *sheet.faults])


class _Sheet:
    """The rows under check and what has been found so far."""

    def __init__(self, texts: Texts) -> None:
        self.columns = {name: texts.columns[name].combine_chunks() for name in texts.columns.column_names}
        self.bad = np.zeros(texts.columns.num_rows, dtype=bool)
        self.faults: list[Fault] = []
        self._row_numbers = texts.row_numbers

    def note(self, code: str, name: str, bad: Flags) -> None:
        self.bad |= bad
        self.faults += [Fault(int(number), code, name) for number in self._row_numbers[bad]]


def _faults_of(one: Field, column: pa.Array, file_day: date) -> Iterator[tuple[str, Flags]]:
    empty = _flags(pc.equal(column, ""))
    if one.required:
        yield "value.missing", empty
    if one.kind == "level":
        yield "level.unknown", ~empty & ~_flags(pc.is_in(column, pa.array(one.levels)))
        return
    pattern, code = _SHAPES[one.kind]
    misshapen = ~empty & ~_flags(pc.match_substring_regex(column, pattern))
    comma = misshapen & (code == "number.format") & _flags(pc.match_substring_regex(column, r"^-?\d+,\d+$"))
    yield "number.decimal_comma", comma
    yield code, misshapen & ~comma
    if one.kind in _VALUES:
        yield from _VALUES[one.kind](one, _only(column, ~empty & ~misshapen), file_day)


def _only(column: pa.Array, usable: Flags) -> pa.Array:
    return pc.if_else(pa.array(usable), column, None)


def _number_faults(one: Field, column: pa.Array, _: date) -> Iterator[tuple[str, Flags]]:
    values = column.cast(pa.int64())
    outside = pc.or_(pc.less(values, one.lowest), pc.greater(values, one.highest))
    yield "number.range", _flags(outside.fill_null(fill_value=False))


def _share_faults(_: Field, column: pa.Array, __: date) -> Iterator[tuple[str, Flags]]:
    above = pc.greater(column.cast(pa.float64()), 1.0)
    yield "number.range", _flags(above.fill_null(fill_value=False))


def _day_faults(one: Field, column: pa.Array, file_day: date) -> Iterator[tuple[str, Flags]]:
    days = pc.strptime(column, format="%Y-%m-%d", unit="s", error_is_null=True).cast(pa.date32())
    # strptime rolls 31 February over into March: only a day that reads back as written exists.
    exists = pc.equal(pc.strftime(days.cast(pa.timestamp("s")), format="%Y-%m-%d"), column).fill_null(fill_value=False)
    yield "date.format", _flags(column.is_valid()) & ~_flags(exists)
    code, compare = ("date.not_the_files", pc.not_equal) if one.is_file_day else ("date.future", pc.greater)
    if not one.may_be_ahead:
        yield code, _flags(compare(days, pa.scalar(file_day)).fill_null(fill_value=False)) & _flags(exists)


_VALUES: Final[dict[Kind, Callable[[Field, pa.Array, date], Iterator[tuple[str, Flags]]]]] = {
    "whole": _number_faults,
    "share": _share_faults,
    "day": _day_faults,
}


def _kind_faults(contract: Contract, sheet: _Sheet) -> Iterator[tuple[str, str, Flags]]:
    """Values that a row's kind asks for and that are empty, or that mean nothing for its kind and are there."""
    told = set().union(*(needs.needed | needs.allowed for needs in contract.kinds.values()))
    for name in sorted(told):
        needing = [kind for kind, needs in contract.kinds.items() if name in needs.needed]
        using = [kind for kind, needs in contract.kinds.items() if name in needs.needed | needs.allowed]
        kind, empty = sheet.columns["kind"], _flags(pc.equal(sheet.columns[name], ""))
        yield "value.missing", name, empty & _flags(pc.is_in(kind, pa.array(needing, pa.string())))
        yield "value.unneeded", name, ~empty & ~_flags(pc.is_in(kind, pa.array(using, pa.string()))) & ~sheet.bad


def _more_repaid_than_lent(sheet: _Sheet) -> Flags:
    usable = ~sheet.bad & _flags(pc.not_equal(sheet.columns["prior_loans"], ""))
    usable &= _flags(pc.not_equal(sheet.columns["prior_loans_repaid_on_time"], ""))
    repaid = _only(sheet.columns["prior_loans_repaid_on_time"], usable).cast(pa.int64())
    lent = _only(sheet.columns["prior_loans"], usable).cast(pa.int64())
    return _flags(pc.greater(repaid, lent).fill_null(fill_value=False))


def _repeated(column: pa.Array) -> Flags:
    codes = column.dictionary_encode().indices.to_numpy()
    repeated = np.ones(len(codes), dtype=bool)
    repeated[np.unique(codes, return_index=True)[1]] = False
    return repeated


def _flags(array: pa.Array) -> Flags:
    flags: Flags = array.to_numpy(zero_copy_only=False).astype(bool)
    return flags
