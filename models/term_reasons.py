"""Reasons of a decline or a referral: at most four, specific before general, each told in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.policy import DECISIONS, Decision, EligibilityRule
from models.terms_errors import MissingReasonTextError, UnequalLengthError, Words

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]

MOST_REASONS: Final = 4

TERM_REASONS: Final[dict[str, Words]] = {
    "two_borrowers": Words("本户有不止一位借款人", "The household has more than one borrower"),
    "borrower_died": Words("借款人已去世，可由本户另一成年人申请", "The borrower has died; another adult may apply"),
    "borrower_left": Words("借款人已离开本户，需核实由谁申请", "The borrower has left; who applies is to be settled"),
    "household_moved_out": Words("本户已迁出，需核实住处", "The household has moved out; where it lives is to be settled"),
    "household_merged": Words("本户已并入另一户，请以该户申请", "The household is part of another now, which may apply"),
    "sector_unknown": Words("本户主要行业不明", "The household's main trade is unknown"),
    "members_unknown": Words("本户人口数不明", "The number of household members is unknown"),
    "income_unknown": Words("未授权或未查到收入", "Income is not authorised or not found"),
    "income_months_inconsistent": Words("各月收入占比不成全年", "The monthly shares of income do not make a year"),
    "figures_implausible": Words("本户数据明显有误，需核对", "The household's figures cannot be right"),
    "debt_unknown": Words("债务未知，按估计额度不足", "Debts are unknown and assumed debts leave too little"),
    "income_line_below_minimum": Words("收入减已有债务后额度不足", "Income less household exposure carries too little"),
    "household_exposure": Words("户内已有债务接近上限", "Household exposure is close to the household cap"),
    "repayment_beyond_means": Words("最紧月份还不起最低额度", "The tightest months cannot repay the smallest line"),
    "risk_uncertain": Words("现有数据不足以可靠估计还款风险", "The data cannot tell the repayment risk closely enough"),
    "risk_above_appetite": Words("综合还款风险高于可贷范围", "The repayment risk is above what the bank lends to"),
    "risk_needs_a_person": Words("综合还款风险需人工审核", "The repayment risk needs a person's judgement"),
}
"""Texts of the reasons the interpreter itself can find, most specific first."""

GENERAL: Final = frozenset({"risk_above_appetite", "risk_needs_a_person"})
"""Reasons named only when nothing more specific can be said."""

MODEL_MATTERS: Final = GENERAL | {"income_line_below_minimum"}
"""Reasons behind which the model stands, so that its worst contributions belong beside them."""


class Finding(NamedTuple):
    """One reason, its outcome and the households it meets (n)."""

    code: str
    outcome: Decision
    met: Flag


@dataclass(frozen=True)
class Findings:
    """What was found about n households, in the order in which it is told.

    Attributes:
        codes: reasons.
        outcomes: what each leads to.
        met: uint8 (n, codes), 1 where a household meets a reason, else 0.
    """

    codes: tuple[str, ...]
    outcomes: tuple[Decision, ...]
    met: NDArray[np.uint8]

    def __post_init__(self) -> None:
        for column, found in (("outcomes", len(self.outcomes)), ("met", self.met.shape[1])):
            if found != len(self.codes):
                raise UnequalLengthError(column, len(self.codes), found)

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Findings:
        """Put at least one finding side by side."""
        met = np.stack([finding.met for finding in findings], axis=1).view(np.uint8)
        return cls(tuple(finding.code for finding in findings), tuple(finding.outcome for finding in findings), met)


@dataclass(frozen=True)
class Contributions:
    """What each feature adds to a household's log-odds of not repaying, against the approved population.

    Attributes:
        values: (households, features), log-odds in any unit; positive speaks against the applicant.
        features: names of the columns.
        texts: a sentence for every feature.
    """

    values: NDArray[np.float64] | NDArray[np.int64]
    features: tuple[str, ...]
    texts: Mapping[str, Words]

    def __post_init__(self) -> None:
        if len(self.features) != self.values.shape[1]:
            raise UnequalLengthError("features", self.values.shape[1], len(self.features))
        for feature in self.features:
            if feature not in self.texts:
                raise MissingReasonTextError(feature)

    @classmethod
    def from_table(cls, table: pa.Table, texts: Mapping[str, Words]) -> Contributions:
        """Read an Arrow table with one float column per feature."""
        columns = [table[name].to_numpy() for name in table.column_names]
        return cls(np.stack(columns, axis=1).astype(np.float64), tuple(table.column_names), texts)


@dataclass(frozen=True)
class Reasons:
    """Up to four reasons per household.

    Attributes:
        codes: names the slots point into; a feature's own name for a reason that comes from the model.
        slots: int64 (n, 4), position in `codes`, -1 when empty; filled from the left.
    """

    codes: tuple[str, ...]
    slots: Int

    def of(self, row: int) -> tuple[str, ...]:
        """Return the codes of one household, most important first."""
        return tuple(self.codes[slot] for slot in self.slots[row] if slot >= 0)

    def nested(self) -> pa.ListArray:
        """Return one list of codes per household."""
        used = self.slots >= 0
        offsets = pa.array(np.concatenate(([0], np.cumsum(used.sum(axis=1)))), pa.int32())
        codes = pa.DictionaryArray.from_arrays(
            pa.array(self.slots[used], pa.int16()), pa.array(self.codes, pa.string())
        )
        return pa.ListArray.from_arrays(offsets, codes)


def severest(findings: Findings) -> Int:
    """Return each household's decision as position in DECISIONS: the severest outcome it meets, else `offer` (n)."""
    ranks = np.array([DECISIONS.index(outcome) for outcome in findings.outcomes], dtype=np.uint8)
    decision: Int = (findings.met * ranks).max(axis=1, initial=0).astype(np.int64)
    return decision


def rank_reasons(findings: Findings, decision: Int, contributions: Contributions | None) -> Reasons:
    """Choose at most four reasons for each household that gets no offer.

    Only reasons whose outcome is the household's decision count: a decline is not explained by what merely asks for a
    person. Rules come in the order of the policy, then the model's worst contributions, then a general reason only if
    nothing else can be said.
    """
    if contributions is not None and len(contributions.values) != len(decision):
        raise UnequalLengthError("contributions", len(decision), len(contributions.values))
    features = contributions.features if contributions else ()
    slots = np.full((len(decision), MOST_REASONS), -1, dtype=np.int64)
    rows = np.flatnonzero(decision != DECISIONS.index("offer"))
    if len(rows):
        slots[rows] = _chosen(findings, decision, contributions, rows)
    return Reasons((*findings.codes, *features), slots)


def _chosen(findings: Findings, decision: Int, contributions: Contributions | None, rows: Int) -> Int:
    ranks = np.array([DECISIONS.index(outcome) for outcome in findings.outcomes])
    counts = (findings.met[rows] != 0) & (decision[rows, None] == ranks)
    columns = np.where(counts, np.arange(len(ranks)), -1)
    general = np.array([code in GENERAL for code in findings.codes])
    behind = counts[:, [code in MODEL_MATTERS for code in findings.codes]].any(axis=1)
    worst = _worst_features(len(ranks), contributions, behind, rows)
    named = _first_present(np.concatenate((columns[:, ~general], worst), axis=1))
    alone = named[:, 0] < 0
    named[alone, 0] = columns[alone][:, general].max(axis=1, initial=-1)
    return named


def _worst_features(first: int, contributions: Contributions | None, behind: Flag, rows: Int) -> Int:
    if contributions is None:
        return np.full((len(rows), 0), -1, dtype=np.int64)
    values = contributions.values[rows]
    order = np.argsort(-values, axis=1, kind="stable")[:, :MOST_REASONS]
    against = (np.take_along_axis(values, order, axis=1) > 0) & behind[:, None]
    return np.where(against, order + first, -1)


def _first_present(candidates: Int) -> Int:
    padded = np.pad(candidates, ((0, 0), (0, MOST_REASONS)), constant_values=-1)
    order = np.argsort(padded < 0, axis=1, kind="stable")[:, :MOST_REASONS]
    return np.take_along_axis(padded, order, axis=1)


def reason_texts(rules: Iterable[EligibilityRule], contributions: Contributions | None = None) -> dict[str, Words]:
    """Return the text of every reason code an offer under these rules can carry."""
    texts = {rule.code: _rule_text(rule) for rule in rules}
    return {**TERM_REASONS, **texts, **(dict(contributions.texts) if contributions else {})}


def _rule_text(rule: EligibilityRule) -> Words:
    bounds = {"at_least": rule.at_least, "at_most": rule.at_most}
    return Words(rule.text_zh.format(**bounds), rule.text_en.format(**bounds))
