"""Offers: what preapproval answers for many households, as NumPy columns and as one Arrow table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.annual_cost import ALL_IN_COST_METHOD
from models.day_policy import DayPolicy
from models.policy import DECISIONS, GRADES
from models.term_reasons import Reasons
from models.terms import Ledger

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]

AMOUNTS: Final = (
    "baseline_limit_fen",
    "limit_bonus_fen",
    "limit_fen",
    "base_rate_bp",
    "rate_discount_bp",
    "rate_bp",
    "all_in_annual_cost_bp",
)
"""Money and rates of an offer as they are kept and compared; 0 where there is none."""

_TERM_COLUMNS: Final = {
    "term_months": pa.int16(),
    "baseline_limit_fen": pa.int64(),
    "limit_bonus_fen": pa.int64(),
    "limit_fen": pa.int64(),
    "base_rate_bp": pa.int32(),
    "rate_discount_bp": pa.int32(),
    "rate_bp": pa.int32(),
    "incentive_gap_bp": pa.int32(),
    "all_in_annual_cost_bp": pa.int32(),
    "affordability_fen": pa.int64(),
    "worst_month": pa.int8(),
    "left_after_repayment_fen": pa.int64(),
}


@dataclass(frozen=True)
class ByGrade:
    """The terms that n households would have with each grade, (n, 4) in the order of GRADES; 0 without an offer."""

    limit_fen: Int
    rate_bp: Int
    all_in_annual_cost_bp: Int


@dataclass(frozen=True)
class Offers:
    """Offers of n households; an offer never binds the bank. Amounts are 0 where there is no offer.

    Attributes:
        day: the policy as it stood on the business date.
        decision: position in `DECISIONS` (n).
        grade: position in `GRADES` of the grade that was read (n).
        purpose: position in `day.purposes` (n).
        sector: position in `SECTORS` (n).
        band: position in `day.bands.codes` (n).
        term_months: term of the line (n).
        baseline_limit_fen: limit without any grade (n).
        limit_bonus_fen: what the grade adds, never below 0 (n).
        limit_fen: their sum (n).
        base_rate_bp: yearly rate without any grade (n).
        rate_discount_bp: what the grade takes off, never below 0 (n).
        rate_bp: their difference (n).
        incentive_gap_bp: part of the rate below cost that the named incentive budget pays (n).
        all_in_annual_cost_bp: yearly cost of the credit by ALL_IN_COST_METHOD (n).
        affordability_fen: largest line the tightest months can repay (n), also without an offer.
        worst_month: month, 1 to 12, in which the tightest stretch ends (n), also without an offer.
        left_after_repayment_fen: left a month in that stretch after living, debts and this line drawn in full (n).
        assumptions: which unknowns were replaced by the policy's assumption (n each).
        reasons: up to four reasons per household without an offer, or with one above the lowest rate.
        by_grade: limit, rate and yearly cost with each grade; the column of `grade` is what is offered.
        limit_ledger: rows that sum to `limit_fen`, in fen.
        rate_ledger: rows that sum to `rate_bp`, in basis points.
    """

    day: DayPolicy
    decision: Int
    grade: Int
    purpose: Int
    sector: Int
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
    assumptions: dict[str, Flag]
    reasons: Reasons
    by_grade: ByGrade
    limit_ledger: Ledger
    rate_ledger: Ledger

    @property
    def offered(self) -> Flag:
        """Households that get an offer (n)."""
        offered: Flag = self.decision == DECISIONS.index("offer")
        return offered

    def table(self) -> pa.Table:
        """Return one Arrow row per household, terms null where there is no offer, ledgers and reasons as lists."""
        day, known = self.day, _Known.where(self.offered)
        valid_until = np.full(len(self.decision), (day.valid_until - date(1970, 1, 1)).days)
        columns = {
            "decision": _coded(self.decision, DECISIONS),
            "grade": _coded(self.grade, GRADES),
            "purpose": _coded(self.purpose, tuple(purpose.code for purpose in day.purposes)),
            "repayment_plan": _coded(day.sectors.plan[self.sector], day.plans.codes),
            "risk_band": _coded(self.band, day.bands.codes),
            **{name: known.array(getattr(self, name), kind) for name, kind in _TERM_COLUMNS.items()},
            "valid_until": known.array(valid_until, pa.date32()),
            "assumptions": _flag_lists(self.assumptions),
            "reasons": self.reasons.nested(),
            "limit_ledger": self.limit_ledger.nested(),
            "rate_ledger": self.rate_ledger.nested(),
        }
        return pa.table(columns).replace_schema_metadata(self._stamps())

    def _stamps(self) -> dict[str, str]:
        return {
            "bank_code": self.day.bank_code,
            "policy_edition": self.day.edition,
            "business_date": self.day.business_date.isoformat(),
            "lpr_tenor": self.day.lpr_tenor,
            "lpr_bp": str(self.day.lpr_bp),
            "incentive_budget": self.day.budget_code,
            "all_in_cost_method": ALL_IN_COST_METHOD,
        }


class _Known(NamedTuple):
    """Which households of a table have terms, as Arrow writes it: one bit each."""

    bits: pa.Buffer
    unknown: int

    @classmethod
    def where(cls, offered: Flag) -> _Known:
        """Say it of households that get an offer."""
        return cls(pa.py_buffer(np.packbits(offered, bitorder="little")), int(len(offered) - offered.sum()))

    def array(self, values: Int, kind: pa.DataType) -> pa.Array:
        """Return a column that is null where there is no offer."""
        stored = np.ascontiguousarray(values, dtype=np.dtype(f"i{kind.bit_width // 8}"))
        return pa.Array.from_buffers(kind, len(values), [self.bits, pa.py_buffer(stored)], self.unknown)


def _coded(codes: Int, words: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(words, pa.string()))


def _flag_lists(flags: dict[str, Flag]) -> pa.ListArray:
    """Turn one flag per name into the list of the names that are up."""
    up = np.stack(list(flags.values()), axis=1)
    offsets = np.zeros(len(up) + 1, dtype=np.int32)
    np.cumsum(sum(flag.astype(np.int32) for flag in flags.values()), out=offsets[1:])
    names = (np.flatnonzero(up) % len(flags)).astype(np.int16)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.DictionaryArray.from_arrays(pa.array(names), pa.array(list(flags)))
    )
