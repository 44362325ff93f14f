"""Columns of the bank's household file become the feature matrix: one function for training and for serving.

Each row is computed from its own columns alone, so a household gets the same values alone or among a million.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.errors import MissingColumnError, UnknownLevelError, UnreadableColumnError
from models.feature_spec import GRADES, MONTHLY_SHARES, NO_INCOME, NO_PRIOR_LOAN, SECTORS, Declaration, FeatureSpec

Floats: TypeAlias = npt.NDArray[np.float64]

MONTHS: Final = 12
LEAN_SHARE: Final = 0.5 / MONTHS
"""A month is lean when it brings less than half of an average month."""


@dataclass(frozen=True)
class FeatureMatrix:
    """Features of many households.

    Attributes:
        names: One name per column of `values`.
        values: float64, shape (rows, features), C order; NaN where not known.
    """

    names: tuple[str, ...]
    values: Floats


def make_features(table: pa.Table, spec: FeatureSpec) -> FeatureMatrix:
    """Compute the declared features of every row.

    Args:
        table: Columns of the bank's household file, at least `spec.columns`; other columns are not looked at.
        spec: The features wanted.

    Returns:
        One row per row of `table`, one column per declaration, in the order of the specification.

    Raises:
        MissingColumnError: A needed column is not there.
        UnreadableColumnError: A needed column is not of the declared type.
        UnknownLevelError: A category is outside its declared levels.
    """
    columns = _Columns(table)
    values = np.empty((table.num_rows, len(spec.declarations)), dtype=np.float64)
    for position, declaration in enumerate(spec.declarations):
        values[:, position] = columns.feature(declaration)
    return FeatureMatrix(spec.names, values)


class _Columns:
    """The table's columns as float64, each read once."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._numbers: dict[str, Floats] = {}

    def feature(self, declaration: Declaration) -> Floats:
        self._require(declaration)
        return _FORMULAS.get(declaration.name, _as_is(declaration.name))(self)

    def number(self, name: str) -> Floats:
        """The column as float64, NaN where empty."""
        if name not in self._numbers:
            self._numbers[name] = self._read_number(name)
        return self._numbers[name]

    def code(self, name: str, levels: tuple[str, ...]) -> Floats:
        """The position of each text in `levels`, NaN where empty."""
        texts = self._table.column(name)
        if pa.types.is_null(texts.type):
            return np.full(len(texts), np.nan)
        if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
            raise UnreadableColumnError(name, str(texts.type), "string")
        distinct = texts.combine_chunks().dictionary_encode()
        codes = _codes_of(distinct.dictionary.to_pylist(), levels)
        rows = distinct.indices.fill_null(len(codes) - 1).to_numpy()
        unknown = np.flatnonzero(codes[rows] < 0)
        if unknown.size:
            row = int(unknown[0])
            raise UnknownLevelError(name, row, texts[row].as_py(), levels)
        coded: Floats = codes[rows]
        return coded

    def shares(self) -> Floats:
        """Monthly income shares, shape (12, rows)."""
        return np.stack([self.number(name) for name in MONTHLY_SHARES])

    def _require(self, declaration: Declaration) -> None:
        for column in declaration.columns:
            if column not in self._table.column_names:
                raise MissingColumnError(declaration.name, column)

    def _read_number(self, name: str) -> Floats:
        column = self._table.column(name)
        readable = pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_null
        if not any(is_kind(column.type) for is_kind in readable):
            raise UnreadableColumnError(name, str(column.type), "number")
        numbers: Floats = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
        return numbers


def _codes_of(texts: list[str], levels: tuple[str, ...]) -> Floats:
    """Code of each distinct text (-1: not declared), and NaN at the end for rows without a text."""
    known = {level: float(code) for code, level in enumerate(levels)}
    return np.array([*(known.get(text, -1.0) for text in texts), np.nan])


def _as_is(name: str) -> Callable[[_Columns], Floats]:
    return lambda columns: columns.number(name)


def _ratio(part: Floats, whole: Floats, *, when_zero: float) -> Floats:
    """The ratio part / whole; `when_zero` where whole is zero or less, NaN where either is not known."""
    ratio = np.full_like(part, np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    ratio[(whole <= 0) & ~np.isnan(part)] = when_zero
    return ratio


def _income_ratio(part: str) -> Callable[[_Columns], Floats]:
    return lambda columns: _ratio(columns.number(part), columns.number("annual_income_fen"), when_zero=NO_INCOME)


def _income_per_head(columns: _Columns) -> Floats:
    heads = columns.number("adults") + columns.number("minors")
    per_head: Floats = columns.number("annual_income_fen") / np.maximum(heads, 1.0)
    return per_head


def _seasonal_concentration(columns: _Columns) -> Floats:
    """Herfindahl concentration of the twelve shares, rescaled: 0 = even over the year, 1 = all in one month."""
    squares = np.zeros(columns.number(MONTHLY_SHARES[0]).shape)
    for share in columns.shares():
        squares += share * share
    return (squares * MONTHS - 1.0) / (MONTHS - 1.0)


def _lean_months(columns: _Columns) -> Floats:
    shares = columns.shares()
    lean = np.sum(shares < LEAN_SHARE, axis=0, dtype=np.float64)
    return np.where(np.isnan(shares).any(axis=0), np.nan, lean)


def _deposit_cover_months(columns: _Columns) -> Floats:
    years = _income_ratio("deposit_average_12m_fen")(columns)
    return np.where(years == NO_INCOME, NO_INCOME, years * MONTHS)


def _grade(columns: _Columns) -> Floats:
    code = columns.code("grade", GRADES)
    return np.where(np.isnan(code), 0.0, code)


def _repaid_on_time_share(columns: _Columns) -> Floats:
    repaid, prior = columns.number("prior_loans_repaid_on_time"), columns.number("prior_loans")
    return _ratio(repaid, prior, when_zero=NO_PRIOR_LOAN)


_FORMULAS: Final[Mapping[str, Callable[[_Columns], Floats]]] = {
    "sector": lambda columns: columns.code("sector", SECTORS),
    "grade": _grade,
    "income_per_head_fen": _income_per_head,
    "seasonal_concentration": _seasonal_concentration,
    "lean_months": _lean_months,
    "debt_to_income": _income_ratio("unsecured_debt_fen"),
    "inflow_to_income": _income_ratio("settlement_inflow_12m_fen"),
    "deposit_cover_months": _deposit_cover_months,
    "repaid_on_time_share": _repaid_on_time_share,
}
