"""Where the terms' kernel finds each number of a household, and what it calls its own findings."""

from __future__ import annotations

from typing import Final

from models.feature_spec import MONTHLY_SHARES
from models.household_rule import STANDINGS
from models.policy import Decision

NUMBERS: Final = (
    "adults",
    "minors",
    "annual_income_fen",
    "unsecured_debt_fen",
    "group_contracts_fen",
    "income_stability",
    "borrower_birth_on",
    "months_with_bank",
    "deposit_average_12m_fen",
    "settlement_inflow_12m_fen",
    "months_inflow_positive_12m",
    "other_lenders",
    "max_days_past_due_24m",
    "bureau_queries_6m",
    "years_in_trade",
    "prior_loans",
    "prior_loans_repaid_on_time",
    *MONTHLY_SHARES,
)
"""Columns of numbers the kernel may read, in its order; it sees NaN where a number is unknown."""

ADULTS: Final = 0
MINORS: Final = 1
INCOME: Final = 2
DEBT: Final = 3
GROUP: Final = 4
STABILITY: Final = 5
BIRTH: Final = 6
FIRST_SHARE: Final = 17
MONTHS: Final = 12

FINDINGS: Final[tuple[tuple[str, Decision], ...]] = (
    ("two_borrowers", "refer"),
    *((standing, "refer") for standing in STANDINGS),
    ("sector_unknown", "refer"),
    ("members_unknown", "refer"),
    ("income_unknown", "refer"),
    ("income_months_inconsistent", "refer"),
    ("figures_implausible", "refer"),
    ("risk_uncertain", "refer"),
    ("risk_above_appetite", "decline"),
    ("risk_needs_a_person", "refer"),
    ("debt_unknown", "refer"),
    ("income_line_below_minimum", "decline"),
    ("household_exposure", "decline"),
    ("repayment_beyond_means", "decline"),
    ("caps_below_minimum", "decline"),
)
"""The interpreter's own findings with their outcome, told after the policy's rules and in this order."""

TWO_BORROWERS: Final = 0
FIRST_STANDING: Final = 1
SECTOR_UNKNOWN: Final = 5
MEMBERS_UNKNOWN: Final = 6
INCOME_UNKNOWN: Final = 7
MONTHS_INCONSISTENT: Final = 8
IMPLAUSIBLE: Final = 9
RISK_UNCERTAIN: Final = 10
RISK_ABOVE_APPETITE: Final = 11
RISK_NEEDS_A_PERSON: Final = 12
DEBT_UNKNOWN: Final = 13
INCOME_LINE_BELOW: Final = 14
HOUSEHOLD_EXPOSURE: Final = 15
BEYOND_MEANS: Final = 16
CAPS_BELOW: Final = 17

ASSUMPTIONS: Final = ("debt_assumed", "stability_assumed", "monthly_shares_assumed")
"""Which unknowns the policy's assumption may stand in for, as told on the offer."""

OWN_MONTHS: Final = 0
UNKNOWN_MONTHS: Final = 1
INCONSISTENT_MONTHS: Final = 2
"""What is known of the months in which a household earns: its own shares, none, or shares that make no year."""
