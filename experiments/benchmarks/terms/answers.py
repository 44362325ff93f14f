"""What every side must answer for each household, so that only equals are compared."""

from __future__ import annotations

from typing import Final

LIMIT_ROWS: Final = 13
RATE_ROWS: Final = 5
MOST_REASONS: Final = 4

TERMS: Final = (
    "decision",
    "baseline_limit_fen",
    "limit_fen",
    "base_rate_bp",
    "rate_bp",
    "all_in_annual_cost_bp",
    "affordability_fen",
    "worst_month",
    "band",
    "term_months",
    "limit_bonus_fen",
    "rate_discount_bp",
    "incentive_gap_bp",
    "left_after_repayment_fen",
)
LIMIT_LEDGER: Final = tuple(f"limit_row_{row:02d}" for row in range(LIMIT_ROWS))
RATE_LEDGER: Final = tuple(f"rate_row_{row}" for row in range(RATE_ROWS))
GRADE_LIMITS: Final = tuple(f"grade_limit_{grade}" for grade in range(4))
GRADE_RATES: Final = tuple(f"grade_rate_{grade}" for grade in range(4))
GRADE_COSTS: Final = tuple(f"grade_all_in_{grade}" for grade in range(4))
ASSUMPTIONS: Final = ("debt_assumed", "stability_assumed", "monthly_shares_assumed")
REASONS: Final = tuple(f"reason_{slot}" for slot in range(MOST_REASONS))

WITHOUT_REASONS: Final = (
    *TERMS,
    *LIMIT_LEDGER,
    *RATE_LEDGER,
    *GRADE_LIMITS,
    *GRADE_RATES,
    *GRADE_COSTS,
    *ASSUMPTIONS,
)
EVERYTHING: Final = (*WITHOUT_REASONS, *REASONS)
"""Whole numbers, and codes of reasons as texts, empty where there is none."""

DATA_REASONS: Final = (
    "two_borrowers",
    "sector_unknown",
    "members_unknown",
    "income_unknown",
    "income_months_inconsistent",
    "figures_implausible",
)
BAND_REASONS: Final = ("risk_above_appetite", "risk_needs_a_person")
"""Told only where nothing else is."""

LINE_REASONS: Final = (
    "debt_unknown",
    "income_line_below_minimum",
    "household_exposure",
    "repayment_beyond_means",
    "caps_below_minimum",
)
MODEL_MATTERS: Final = (*BAND_REASONS, "income_line_below_minimum")
"""Behind these the model stands: its contributions are told beside them."""
