"""The bank's household columns as the terms' kernel reads them: unknown stays unknown, never zero.

A column may come as Arrow (null = unknown) or NumPy (NaN, NaT or a masked entry = unknown).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models import household_year_kernel
from models.columns import NO_CODE, Column, codes_of, numbers_or_nan, same_length, texts_of
from models.feature_spec import MONTHLY_SHARES
from models.household_rule import STANDINGS
from models.policy import SECTORS
from models.repeated_keys import standing_alone
from models.terms_errors import MissingHouseholdColumnError, UnknownStandingError
from models.terms_layout import GROUP, NUMBERS
from models.terms_rules import pricing_day

Households: TypeAlias = pa.Table | Mapping[str, Any]
"""One row per household in the columns of the bank's household file."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Bytes = NDArray[np.uint8]

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
        sector: int8 (n), position in `SECTORS`, -1 where unknown.
        standing: int8 (n), position in `household_rule.STANDINGS`, -1 where nothing is in the borrower's way.
        alone: uint8 (n), 1 where no other row has the same household.
        numbers: the columns of `terms_layout.NUMBERS` that the policy needs, NaN or null where unknown (n each); the
            others are not among them.
    """

    count: int
    sector: Codes
    standing: Codes
    alone: Bytes
    numbers: Mapping[str, pa.Array | NDArray[Any]]

    def read(self, rows: slice, matrix: Floats) -> Floats:
        """Fill the numbers of some rows as the kernel reads them (NUMBERS, rows); what it never reads stays."""
        matrix[GROUP] = np.nan
        for name, numbers in self.numbers.items():
            part = numbers[rows]
            known = part.to_numpy(zero_copy_only=False) if isinstance(part, pa.Array) else part
            np.copyto(matrix[_PLACES[name]], known, casting="unsafe")
        return matrix


TERM_COLUMNS: Final = frozenset(
    ("adults", "minors", "annual_income_fen", "unsecured_debt_fen", "income_stability", *MONTHLY_SHARES)
)
"""Columns every policy needs."""

_PLACES: Final = {name: place for place, name in enumerate(NUMBERS)}
_OPTIONAL: Final = ("group_contracts_fen",)
_AGE: Final = "borrower_age_years"


def household_facts(households: Households, rule_columns: frozenset[str]) -> HouseholdFacts:
    """Read the columns the policy needs.

    `group_contracts_fen` (this bank's own contracts with other adults of the exposure group) and `borrower_standing`
    (a text of `household_rule.STANDINGS`) may be absent or null: then there are none, and nothing is in the way.

    Args:
        households: the bank's household columns.
        rule_columns: columns the eligibility rules of the day read.

    Raises:
        MissingHouseholdColumnError: a needed column is absent.
        UnequalLengthError: columns differ in length.
        UnknownStandingError: a standing is none of the household rule's.
    """
    reader = _Reader(households)
    wanted = (rule_columns | TERM_COLUMNS) - {_AGE} | ({"borrower_birth_on"} if _AGE in rule_columns else set())
    wanted |= {name for name in _OPTIONAL if reader.has(name)}
    return HouseholdFacts(
        count=reader.count,
        sector=np.maximum(codes_of(reader.texts("sector"), SECTORS), -1).astype(np.int8),
        standing=reader.standing(),
        alone=reader.alone(),
        numbers={name: reader.numbers(name) for name in sorted(wanted)},
    )


def completed_years(birth: Column, day: date) -> Column:
    """Return ages in completed years on a day; a 29 February birthday falls on 28 February in other years.

    Args:
        birth: days since 1970-01-01.
        day: the day on which the age is asked; the birthday itself counts.
    """
    years = np.zeros(len(birth.values), dtype=np.int64)
    household_year_kernel.completed_years(np.array(birth.values, dtype=np.int64), pricing_day(day), years)
    return Column(values=np.where(birth.known, years, 0), known=birth.known)


class _Reader:
    """Reads named columns of a table or mapping and insists on one length."""

    def __init__(self, households: Households) -> None:
        self._households = households
        self._names = set(households.column_names if isinstance(households, pa.Table) else households)
        self.count = len(self._raw("sector"))

    def has(self, name: str) -> bool:
        """Say whether the column is there."""
        return name in self._names

    def _raw(self, name: str) -> Any:
        if name not in self._names:
            raise MissingHouseholdColumnError(name)
        return self._households[name]

    def _checked(self, name: str) -> Any:
        raw = self._raw(name)
        same_length(name, raw, self.count)
        return raw

    def numbers(self, name: str) -> pa.Array | NDArray[Any]:
        """Read a column of numbers or dates."""
        return numbers_or_nan(self._checked(name))

    def texts(self, name: str) -> pa.Array:
        """Read a column of texts."""
        return texts_of(self._checked(name))

    def standing(self) -> Codes:
        """Read what is in a borrower's way as positions in STANDINGS, -1 for nothing."""
        if not self.has("borrower_standing"):
            return np.full(self.count, -1, dtype=np.int8)
        texts = self.texts("borrower_standing")
        positions = codes_of(texts, STANDINGS)
        if (positions == NO_CODE).any():
            row = int(np.argmax(positions == NO_CODE))
            raise UnknownStandingError(row, texts[row].as_py())
        return positions.astype(np.int8)

    def alone(self) -> Bytes:
        """Say for each row whether no other row is of the same household; without a key every row stands alone."""
        alone = np.ones(self.count, dtype=np.uint8)
        for name in sorted(self._names & {"household_key", "household_ref"}):
            alone &= standing_alone(self.texts(name))
        return alone
