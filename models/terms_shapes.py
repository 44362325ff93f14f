"""What the terms' kernel reads and fills: plain arrays side by side, one entry per household of a chunk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Codes = NDArray[np.int8]


class Given(NamedTuple):
    """What is known of n households.

    Attributes:
        numbers: float64 (NUMBERS, n), NaN where unknown.
        sector: position in SECTORS, -1 where unknown (n).
        standing: position in STANDINGS, -1 where nothing is in the way (n).
        alone: 1 where no other row is of the same household (n).
        probability: baseline probability, 0 to 1 (n).
        uncertain: 1 where the probability is not known closely enough (n).
        grade: position in GRADES (n).
        purpose: wanted position in the policy's purposes, -1 for the sector's own (n).
        term_months: wanted term, 0 for the longest that purpose and plan allow (n).
    """

    numbers: Floats
    sector: Codes
    standing: Codes
    alone: Bytes
    probability: Floats
    uncertain: Bytes
    grade: Codes
    purpose: Int
    term_months: Int


class Decided(NamedTuple):
    """What the kernel fills, household by household; see `models.offers.Offers` for what each says.

    Attributes:
        met: uint8 (n, findings).
        assumed: uint8 (n, ASSUMPTIONS).
        grade_limit_fen, grade_rate_bp, grade_all_in_bp: (n, 4), in the order of GRADES.
        limit_rows, rate_rows: how many ledger rows each household has (n).
    """

    decision: Int
    met: Bytes
    assumed: Bytes
    sector: Int
    purpose: Int
    band: Int
    term_months: Int
    baseline_limit_fen: Int
    limit_bonus_fen: Int
    limit_fen: Int
    base_rate_bp: Int
    rate_discount_bp: Int
    rate_bp: Int
    incentive_gap_bp: Int
    all_in_annual_cost_bp: Int
    affordability_fen: Int
    worst_month: Int
    left_after_repayment_fen: Int
    grade_limit_fen: Int
    grade_rate_bp: Int
    grade_all_in_bp: Int
    limit_rows: Int
    rate_rows: Int


class Rows(NamedTuple):
    """Room for the ledger rows of a chunk, one after the other: rule and amount."""

    limit_rule: Codes
    limit_fen: Int
    rate_rule: Codes
    rate_bp: Int


class Work(NamedTuple):
    """What one step of the kernel leaves to the next; money in fen.

    Attributes:
        months: `OWN_MONTHS`, `UNKNOWN_MONTHS` or `INCONSISTENT_MONTHS` (n).
        income_fen: stable income of a year (n).
        debt_fen, assumed_fen: household exposure, known or else assumed (n).
        month_income_fen: stressed income by month (n, 12).
        fixed_fen: living and the service of debts elsewhere, a month (n).
        cost_bp: what lending costs (n).
        spread_rate_bp: LPR and spread of the band, before it is raised to cost (n).
        base_rate_bp: the rate before any discount (n).
        stretch_free_fen, stretch_due_ppm: of the tightest stretch (n).
        carried_fen: band multiple x stable income (n).
        line_fen: that, less debts (n).
        caps_fen: in the order of `terms.CAP_RULES` (n, 4).
        capped_fen: the lowest of line and caps (n).
        limit_fen: that, down to whole steps, 0 below the minimum (n).
    """

    months: Int
    income_fen: Int
    debt_fen: Int
    assumed_fen: Int
    month_income_fen: Int
    fixed_fen: Int
    cost_bp: Int
    spread_rate_bp: Int
    base_rate_bp: Int
    stretch_free_fen: Int
    stretch_due_ppm: Int
    carried_fen: Int
    line_fen: Int
    caps_fen: Int
    capped_fen: Int
    limit_fen: Int
