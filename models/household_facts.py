"""The bank's household columns as NumPy arrays with a 'known' mask each: unknown stays unknown, never zero.

A column may come as Arrow (null = unknown) or NumPy (NaN, NaT or a masked entry = unknown).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.columns import Column, days_of, numbers_of, same_length, texts_of
from models.feature_spec import MONTHLY_SHARES
from models.policy import SECTORS
from models.terms_errors import MissingHouseholdColumnError

Households: TypeAlias = pa.Table | Mapping[str, Any]
"""One row per household in the columns of the bank's household file."""

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]

RULE_COLUMNS: Final[dict[str, str]] = {
    "borrower_age_years": "years",
    "adults": "count",
    "minors": "count",
    "annual_income_fen": "yuan",
    "months_with_bank": "months",
    "deposit_average_12m_fen": "yuan",
    "settlement_inflow_12m_fen": "yuan",
    "months_inflow_positive_12m": "months",
    "unsecured_debt_fen": "yuan",
    "other_lenders": "count",
    "max_days_past_due_24m": "days",
    "bureau_queries_6m": "count",
    "years_in_trade": "years",
    "prior_loans": "count",
    "prior_loans_repaid_on_time": "count",
}
"""Columns an eligibility rule may read, with the unit of its bounds: the bank's own data, no civility fact, no sex."""


@dataclass(frozen=True)
class HouseholdFacts:
    """What the policy reads of n households.

    Attributes:
        count: n.
        sector: int64 (n), position in `SECTORS`; unknown sectors hold that of `other`.
        sector_known: bool (n).
        numbers: the rule columns asked for and those the terms need.
        stability_milli: income stability in thousandths.
        share_ppm: int64 (n, 12), share of the yearly income earned in each month, in millionths.
        shares_known: bool (n), all twelve shares known.
        shares_consistent: bool (n), known shares lie within 0 to 1 and make a year (within 2 %), or are unknown.
        one_borrower: bool (n), no other row has the same household.
    """

    count: int
    sector: Int
    sector_known: Flag
    numbers: Mapping[str, Column]
    stability_milli: Column
    share_ppm: Int
    shares_known: Flag
    shares_consistent: Flag
    one_borrower: Flag


_WHOLE: Final = 1_000_000
_SHARE_TOLERANCE: Final = 20_000
"""Twelve rounded shares may miss the year by 2 %; beyond that they describe no year."""

TERM_COLUMNS: Final = ("adults", "minors", "annual_income_fen", "unsecured_debt_fen")


def household_facts(households: Households, rule_columns: frozenset[str], day: date) -> HouseholdFacts:
    """Read the columns the policy needs.

    Args:
        households: the bank's household columns.
        rule_columns: columns the eligibility rules of the day read.
        day: the business date, for ages.

    Raises:
        MissingHouseholdColumnError: a needed column is absent.
        UnequalLengthError: columns differ in length.
    """
    reader = _Reader(households)
    wanted = sorted((rule_columns | set(TERM_COLUMNS)) - {"borrower_age_years"})
    numbers = {name: reader.whole(name) for name in wanted}
    if "borrower_age_years" in rule_columns:
        numbers["borrower_age_years"] = completed_years(reader.days("borrower_birth_on"), day)
    sector, sector_known = reader.sector()
    share_ppm, shares_known, shares_consistent = _monthly_shares(
        [reader.whole(name, _WHOLE) for name in MONTHLY_SHARES]
    )
    return HouseholdFacts(
        count=reader.count,
        sector=sector,
        sector_known=sector_known,
        numbers=numbers,
        stability_milli=_clipped(reader.whole("income_stability", 1000), 1000),
        share_ppm=share_ppm,
        shares_known=shares_known,
        shares_consistent=shares_consistent,
        one_borrower=reader.one_row_each(),
    )


def completed_years(birth: Column, day: date) -> Column:
    """Return ages in completed years on a day; a 29 February birthday falls on 28 February in other years.

    Args:
        birth: days since 1970-01-01.
        day: the day on which the age is asked; the birthday itself counts.
    """
    born = birth.values.astype("datetime64[D]")
    month_of_birth = born.astype("datetime64[M]")
    months = int(np.datetime64(day, "M").astype(np.int64)) - month_of_birth.astype(np.int64)
    day_of_birth = (born - month_of_birth.astype("datetime64[D]")).astype(np.int64) + 1
    birthday_passed = (day.day >= day_of_birth) | _is_last_of_month(day)
    years = (months - ~birthday_passed) // 12
    return Column(values=np.where(birth.known, years, 0), known=birth.known)


def _is_last_of_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _clipped(column: Column, highest: int) -> Column:
    return Column(values=np.clip(column.values, 0, highest), known=column.known)


def _monthly_shares(columns: list[Column]) -> tuple[Int, Flag, Flag]:
    shares = np.stack([column.values for column in columns], axis=1)
    known = np.logical_and.reduce([column.known for column in columns])
    inside = ((shares >= 0) & (shares <= _WHOLE)).all(axis=1)
    whole_year = np.abs(shares.sum(axis=1) - _WHOLE) <= _SHARE_TOLERANCE
    return shares, known, ~known | (inside & whole_year)


class _Reader:
    """Reads named columns of a table or mapping and insists on one length."""

    def __init__(self, households: Households) -> None:
        self._households = households
        self.count = len(self._raw("sector"))

    def _raw(self, name: str) -> Any:
        try:
            raw = self._households[name]
        except KeyError as missing:
            raise MissingHouseholdColumnError(name) from missing
        return raw

    def _checked(self, name: str) -> Any:
        raw = self._raw(name)
        same_length(name, raw, self.count)
        return raw

    def whole(self, name: str, scale: int = 1) -> Column:
        """Read a numeric column times `scale`, rounded to whole numbers."""
        return numbers_of(self._checked(name), scale)

    def days(self, name: str) -> Column:
        """Read a date column as days since 1970-01-01."""
        return days_of(self._checked(name))

    def sector(self) -> tuple[Int, Flag]:
        """Read sectors as positions in SECTORS."""
        found = pc.index_in(texts_of(self._raw("sector")), pa.array(SECTORS))
        return _filled(found, SECTORS.index("other")), found.is_valid().to_numpy(zero_copy_only=False)

    def one_row_each(self) -> Flag:
        """Say for each row whether no other row is of the same household; without a key every row stands alone."""
        names = set(self._households.column_names if isinstance(self._households, pa.Table) else self._households)
        unique = np.ones(self.count, dtype=bool)
        for name in sorted(names & {"household_key", "household_ref"}):
            position = _filled(texts_of(self._checked(name)).dictionary_encode().indices, -1)
            seen = np.bincount(position[position >= 0], minlength=1)
            unique &= (position < 0) | (seen[np.maximum(position, 0)] == 1)
        return unique


def _filled(positions: pa.Array, fill: int) -> Int:
    return np.asarray(positions.fill_null(fill).to_numpy(zero_copy_only=False), dtype=np.int64)
