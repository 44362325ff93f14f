"""The terms ledger: every yuan of a limit and every basis point of a rate as a row, told in plain sentences.

A limit is the sum of its rows: what income carries, minus debts, minus what the caps cut, down to whole thousands; all
of that is the same for every grade. Then come the bonus of the grade (never below 0) and, where a cap cuts the bonus
itself, a row that says so. A rate likewise: LPR, spread, cost floor; then the discount and what cost withholds of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.terms_errors import Words

Kind = Literal["baseline", "cap", "bonus"]
LedgerUnit = Literal["amount_fen", "amount_bp"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Int = NDArray[np.int64]


class LedgerRule(NamedTuple):
    """One kind of row: its code, whether it belongs to the baseline, a cap or a bonus, and its name for people."""

    code: str
    kind: Kind
    words: Words


LIMIT_RULES: Final = (
    LedgerRule("income_multiple", "baseline", Words("按稳定收入测算", "Income carries")),
    LedgerRule("unsecured_debt", "baseline", Words("减户内其他敞口", "Less household exposure elsewhere")),
    LedgerRule("assumed_debt", "baseline", Words("户内敞口未知，按比例估减", "Household exposure unknown, assumed")),
    LedgerRule("purpose_cap", "cap", Words("用途上限扣减", "Cut by the cap of the purpose")),
    LedgerRule("household_cap", "cap", Words("户总额上限扣减", "Cut by the household cap")),
    LedgerRule("affordability", "cap", Words("最紧月份还款能力扣减", "Cut to what the worst months can repay")),
    LedgerRule("hard_cap", "cap", Words("项目最高额扣减", "Cut by the programme's highest line")),
    LedgerRule("whole_thousands", "cap", Words("取整到千元", "Down to whole thousands")),
    LedgerRule("grade_bonus", "bonus", Words("诚信等级加额", "Added by the grade")),
    LedgerRule("bonus_purpose_cap", "cap", Words("加额受用途上限限制", "Bonus cut by the cap of the purpose")),
    LedgerRule("bonus_household_cap", "cap", Words("加额受户总额上限限制", "Bonus cut by the household cap")),
    LedgerRule("bonus_affordability", "cap", Words("加额受还款能力限制", "Bonus cut to what can be repaid")),
    LedgerRule("bonus_hard_cap", "cap", Words("加额受项目最高额限制", "Bonus cut by the programme's highest line")),
)
CAP_RULES: Final = tuple(rule.code for rule in LIMIT_RULES[3:7])
"""The caps of a limit in the order in which they are applied."""

RATE_RULES: Final = (
    LedgerRule("lpr", "baseline", Words("贷款市场报价利率", "Loan prime rate")),
    LedgerRule("band_spread", "baseline", Words("按风险档加点", "Spread of the risk band")),
    LedgerRule("cost_floor", "cap", Words("补足到成本", "Raised to cost")),
    LedgerRule("grade_discount", "bonus", Words("诚信等级优惠", "Discount of the grade")),
    LedgerRule("discount_cost_floor", "cap", Words("优惠受成本限制", "Part of the discount below cost")),
)

_OPENING: Final = frozenset({"income_multiple", "lpr"})
"""Rows that open a ledger: a sum begins with a plain number."""

_WORDS: Final = {rule.code: rule.words for rule in (*LIMIT_RULES, *RATE_RULES)}


@dataclass(frozen=True)
class Ledger:
    """Flat ledger rows of many households, sorted by household and sequence; none is zero.

    Attributes:
        rules: the rules `rule` points into.
        unit: name of the amount column, `amount_fen` or `amount_bp`.
        counts: number of rows of each household (households).
        rule: position in `rules` (rows).
        amount: fen or basis points (rows).
    """

    rules: tuple[LedgerRule, ...]
    unit: LedgerUnit
    counts: Int
    rule: NDArray[np.int8]
    amount: Int

    @property
    def households(self) -> int:
        """Number of households, those without rows included."""
        return len(self.counts)

    @cached_property
    def household_row(self) -> Int:
        """Position of the household of each row in the input (rows)."""
        return np.repeat(np.arange(self.households), self.counts)

    @property
    def sequence(self) -> Int:
        """Place of each row within its household: 1, 2, 3 ... (rows)."""
        before: Int = self._offsets()[self.household_row].astype(np.int64)
        return np.arange(1, len(self.rule) + 1) - before

    @property
    def kind(self) -> NDArray[np.int8]:
        """Kind of each row as position in KINDS."""
        kinds = np.array([KINDS.index(rule.kind) for rule in self.rules], dtype=np.int8)
        return kinds[self.rule]

    def totals(self) -> Int:
        """Sum the rows of each household (households), exactly."""
        totals = np.zeros(self.households, dtype=np.int64)
        np.add.at(totals, self.household_row, self.amount)
        return totals

    def table(self) -> pa.Table:
        """Return the rows as Arrow: household_row, sequence, kind, rule and the amount in its unit."""
        columns = {
            "household_row": pa.array(self.household_row, pa.int32()),
            "sequence": pa.array(self.sequence, pa.int16()),
            **self._told(),
        }
        return pa.table(columns)

    def nested(self) -> pa.ListArray:
        """Return one list of {kind, rule, amount} per household, empty for those without rows."""
        told = self._told()
        rows = pa.StructArray.from_arrays(list(told.values()), names=list(told))
        return pa.ListArray.from_arrays(pa.array(self._offsets()), rows)

    def _offsets(self) -> NDArray[np.int32]:
        offsets = np.zeros(self.households + 1, dtype=np.int32)
        np.cumsum(self.counts, out=offsets[1:])
        return offsets

    def _told(self) -> dict[str, pa.Array]:
        codes = pa.array([rule.code for rule in self.rules])
        return {
            "kind": pa.DictionaryArray.from_arrays(pa.array(self.kind), pa.array(KINDS)),
            "rule": pa.DictionaryArray.from_arrays(pa.array(self.rule), codes),
            self.unit: pa.array(self.amount),
        }


def explain_terms(rows: Iterable[Mapping[str, object]]) -> list[Words]:
    """Tell ledger rows as sentences, Chinese (at most 30 characters) and English.

    Args:
        rows: mappings with `rule` and either `amount_fen` or `amount_bp`, such as one list of `Ledger.nested()`.

    Raises:
        KeyError: a rule is not one of LIMIT_RULES or RATE_RULES.
    """
    return [_sentence(row) for row in rows]


def _sentence(row: Mapping[str, object]) -> Words:
    rule = str(row["rule"])
    name, plus = _WORDS[rule], "" if rule in _OPENING else "+"
    if "amount_fen" in row:
        amount = _signed(yuan_told, int(str(row["amount_fen"])), plus)
        return Words(f"{name.zh}：{amount}元", f"{name.en}: {amount} yuan")
    amount = _signed(percent_told, int(str(row["amount_bp"])), plus)
    return Words(f"{name.zh}：{amount}", f"{name.en}: {amount}")


def _signed(write: Callable[[int], str], amount: int, plus: str) -> str:
    return f"{'−' if amount < 0 else plus}{write(abs(amount))}"


def yuan_told(amount_fen: int) -> str:
    """Write an amount in yuan, grouped in threes, fen only where there are any."""
    yuan, fen = divmod(amount_fen, 100)
    return f"{yuan:,}.{fen:02d}" if fen else f"{yuan:,}"


def percent_told(amount_bp: int) -> str:
    """Write basis points as percent."""
    whole, hundredths = divmod(amount_bp, 100)
    return f"{whole}.{hundredths:02d}%"
