"""Checks a chunk's columns against their contract: one Pydantic call per column, typed Arrow columns out."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from loan_service.district.contracts import Contract
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.files.findings import NO_DAY, Days, Findings, Ints, Mask, days_of, mask_of

_DECIMAL_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_DATES = frozenset({Kind.DAY, Kind.QUARTER, Kind.MONTH, Kind.MINUTE, Kind.MOMENT})
_NUMBERS = frozenset({Kind.POINTS, Kind.COUNT})
_PARSING = frozenset({"decimal_parsing", "int_parsing", "decimal_type", "int_type", "int_from_float", "finite_number"})

TypedColumns = dict[str, pa.Array]


def typed_columns(
    contract: Contract, columns: Sequence[Sequence[Any]], last_day: int, findings: Findings
) -> TypedColumns:
    """The chunk's columns by our name, with the declared types; what does not fit is null and noted.

    Args:
        contract: the declaration, whose columns stand in the order of `columns`.
        columns: values as delivered, absent ones None or ''.
        last_day: days since 1970-01-01; a date declared as past cannot lie after it.
        findings: grows by what is wrong.
    """
    typed = {}
    for column, values in zip(contract.columns, columns, strict=True):
        typed[column.field] = checked = _checked(column, values, findings)
        if column.required and checked.null_count:
            findings.add(mask_of(pc.is_null(checked)) & _empty(values), column.field, "value.missing")
        if column.past:
            findings.add(after(day_column(column.kind, checked), last_day), column.field, "date.future")
    return typed


def _checked(column: SourceColumn, values: Sequence[Any], findings: Findings) -> pa.Array:
    present = [None if value == "" else value for value in values]
    try:
        valid = column.adapter.validate_python(present)
    except ValidationError as error:
        valid = column.adapter.validate_python(_without_wrong(column, present, error, findings))
    return pa.array(valid, column.arrow_type)


def _without_wrong(column: SourceColumn, values: list[Any], error: ValidationError, findings: Findings) -> list[Any]:
    """The values with every wrong one taken out and noted by what is wrong with it."""
    positions: dict[str, set[int]] = {}
    for fault in error.errors(include_url=False, include_context=False):
        row = int(fault["loc"][0])
        positions.setdefault(_code(column, fault["type"], fault["input"]), set()).add(row)
        values[row] = None
    for code, rows in positions.items():
        findings.add(np.array(sorted(rows), np.int64), column.field, code)
    return values


def _code(column: SourceColumn, fault: str, value: object) -> str:
    if fault == "string_unicode":
        return "row.wrong_encoding"
    if column.choices:
        return "value.unknown"
    if column.kind in _DATES:
        return "date.invalid"
    if column.kind in _NUMBERS:
        if isinstance(value, str) and _DECIMAL_COMMA.match(value):
            return "number.decimal_comma"
        return "number.invalid" if fault in _PARSING else "number.out_of_range"
    return "value.invalid"


def _empty(values: Sequence[Any]) -> Mask:
    """Where nothing was delivered, neither right nor wrong."""
    return np.array([value is None or value == "" for value in values], np.bool_)


def after(days: Days, last_day: int) -> Mask:
    """Known days that lie after the last one possible."""
    return np.asarray((days != NO_DAY) & (days > last_day))


def day_column(kind: Kind, column: pa.Array) -> Days:
    """The day each value stands for: itself, the last day of a quarter or month, the day of a moment in Shanghai."""
    if kind is Kind.DAY:
        return days_of(column)
    if kind in (Kind.QUARTER, Kind.MONTH):
        return _last_days(kind, column)
    if kind is Kind.MOMENT:
        column = pc.local_timestamp(column.cast(pa.timestamp("us", "Asia/Shanghai")))
    return days_of(column.cast(pa.date32(), safe=False))


def _last_days(kind: Kind, column: pa.Array) -> Days:
    coded = column.dictionary_encode()
    last = [_last_day(kind, text) for text in coded.dictionary.to_pylist()]
    rows = coded.indices.fill_null(len(last)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*last, NO_DAY], np.int32)[rows])


def _last_day(kind: Kind, text: str) -> int:
    """`2026Q1` is 2026-03-31, `2026-03` likewise."""
    last_month = 3 * int(text[-1]) if kind is Kind.QUARTER else int(text[5:])
    following = np.datetime64(f"{text[:4]}-01", "M") + last_month
    return int(following.astype("datetime64[D]").astype(np.int64)) - 1


def thousandths(kind: Kind, column: pa.Array) -> Ints:
    """Numbers in units of 1/1000, exactly; 0 where absent."""
    whole = column.fill_null(0)
    units = whole if kind is Kind.COUNT else pc.multiply(whole, pa.scalar(1000, pa.decimal128(4, 0))).cast(pa.int64())
    numbers = np.asarray(units.to_numpy(zero_copy_only=False), dtype=np.int64)
    return numbers * 1000 if kind is Kind.COUNT else numbers
