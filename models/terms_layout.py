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

ADULTS: Final = NUMBERS.index("adults")
MINORS: Final = NUMBERS.index("minors")
INCOME: Final = NUMBERS.index("annual_income_fen")
DEBT: Final = NUMBERS.index("unsecured_debt_fen")
GROUP: Final = NUMBERS.index("group_contracts_fen")
STABILITY: Final = NUMBERS.index("income_stability")
BIRTH: Final = NUMBERS.index("borrower_birth_on")
FIRST_SHARE: Final = NUMBERS.index(MONTHLY_SHARES[0])
MONTHS: Final = len(MONTHLY_SHARES)

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

_CODES: Final = tuple(code for code, _ in FINDINGS)

TWO_BORROWERS: Final = _CODES.index("two_borrowers")
FIRST_STANDING: Final = _CODES.index(STANDINGS[0])
SECTOR_UNKNOWN: Final = _CODES.index("sector_unknown")
MEMBERS_UNKNOWN: Final = _CODES.index("members_unknown")
INCOME_UNKNOWN: Final = _CODES.index("income_unknown")
MONTHS_INCONSISTENT: Final = _CODES.index("income_months_inconsistent")
IMPLAUSIBLE: Final = _CODES.index("figures_implausible")
RISK_UNCERTAIN: Final = _CODES.index("risk_uncertain")
RISK_ABOVE_APPETITE: Final = _CODES.index("risk_above_appetite")
RISK_NEEDS_A_PERSON: Final = _CODES.index("risk_needs_a_person")
DEBT_UNKNOWN: Final = _CODES.index("debt_unknown")
INCOME_LINE_BELOW: Final = _CODES.index("income_line_below_minimum")
HOUSEHOLD_EXPOSURE: Final = _CODES.index("household_exposure")
BEYOND_MEANS: Final = _CODES.index("repayment_beyond_means")
CAPS_BELOW: Final = _CODES.index("caps_below_minimum")

ASSUMPTIONS: Final = ("debt_assumed", "stability_assumed", "monthly_shares_assumed")
"""Which unknowns the policy's assumption may stand in for, as told on the offer."""

OWN_MONTHS: Final = 0
UNKNOWN_MONTHS: Final = 1
INCONSISTENT_MONTHS: Final = 2
"""What is known of the months in which a household earns: its own shares, none, or shares that make no year."""
