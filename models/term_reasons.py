"""Why there is no offer, or why its rate is not the lowest: at most four reasons, specific before general, bilingual.

What a rule or the terms themselves found goes before what the model says. The model's own reasons are proven one by
one (`models.acting`): acting upon any of them lowers the household's probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models import reason_ranking
from models.feature_spec import MONTHLY_SHARES
from models.policy import DECISIONS, Decision, EligibilityRule
from models.reason_ranking import MOST_REASONS
from models.spans import per_thread, side_by_side
from models.terms_errors import MissingReasonTextError, UnequalLengthError, Words

__all__ = [
    "MOST_REASONS", "TERM_REASONS", "Contributions", "Findings", "Reasons", "SpeakingAgainst",
    "rank_reasons", "reason_texts",
]  # fmt: skip

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]
Floats = NDArray[np.float64]
Slots = NDArray[np.int16]

TERM_REASONS: Final[dict[str, Words]] = {
    "two_borrowers": Words("本户有不止一位借款人", "The household has more than one borrower"),
    "borrower_died": Words("借款人已去世，可由本户另一成年人申请", "The borrower has died; another adult may apply"),
    "borrower_left": Words("借款人已离开本户，需核实由谁申请", "The borrower has left; who applies is to be settled"),
    "household_moved_out": Words("本户已迁出，需核实住处", "The household has moved out; its home is to be settled"),
    "household_merged": Words("本户已并入另一户，请以该户申请", "The household is part of another, which may apply"),
    "sector_unknown": Words("本户主要行业不明", "The household's main trade is unknown"),
    "members_unknown": Words("本户人口数不明", "The number of household members is unknown"),
    "income_unknown": Words("家庭收入未知", "Household income is not known"),
    "income_months_inconsistent": Words("各月收入占比不成全年", "The monthly shares of income do not make a year"),
    "figures_implausible": Words("本户数据明显有误，需核对", "The household's figures cannot be right"),
    "debt_unknown": Words(
        "户内敞口未知，按估计额度不足", "Household exposure is unknown; what is assumed leaves too little"
    ),
    "income_line_below_minimum": Words("收入减户内敞口后额度不足", "Income less household exposure carries too little"),
    "household_exposure": Words("户内敞口接近上限", "Household exposure is close to the household cap"),
    "repayment_beyond_means": Words("最紧月份还不起最低额度", "The tightest months cannot repay the smallest line"),
    "caps_below_minimum": Words("该用途的上限低于最低额度", "The cap of the purpose is below the smallest line"),
    "risk_uncertain": Words("现有数据不足以可靠估计还款风险", "The data cannot tell the repayment risk closely enough"),
    "risk_above_appetite": Words("综合还款风险高于可贷范围", "The repayment risk is above what the bank lends to"),
    "risk_needs_a_person": Words("综合还款风险需人工审核", "The repayment risk needs a person's judgement"),
}
"""Texts of the reasons the interpreter itself can find; the order of telling is that of `terms_layout.FINDINGS`."""

GENERAL: Final = frozenset({"risk_above_appetite", "risk_needs_a_person"})
"""Reasons named only when nothing more specific can be said."""

MODEL_MATTERS: Final = GENERAL | {"income_line_below_minimum"}
"""Reasons behind which the model stands, so that its worst contributions belong beside them."""

_COLUMNS_OF_TERMS: Final[Mapping[str, tuple[str, ...]]] = {
    "sector_unknown": ("sector",),
    "income_unknown": ("annual_income_fen",),
    "income_months_inconsistent": MONTHLY_SHARES,
    "debt_unknown": ("unsecured_debt_fen",),
    "household_exposure": ("unsecured_debt_fen",),
}
"""Columns of the bank's file that the interpreter's own reasons are about, so that the model does not say it again."""

_ROWS_AT_ONCE: Final = 1 << 12
"""Fewer households than this are not worth a thread of their own."""

_NEVER_A_REASON: Final = frozenset({"grade"})
"""The index may only add: having no grade is no reason for anything."""


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


class SpeakingAgainst(Protocol):
    """What a model has to say against households, at most four reasons each."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Reasons it may name."""

    @property
    def texts(self) -> Mapping[str, Words]:
        """A sentence for each."""

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """For each, columns of the bank's file that it is about."""

    def __len__(self) -> int:
        """Households."""

    def worst(self, rows: Int) -> Slots:
        """Positions in `codes`, int16 (rows, 4), most important first, then -1."""


@dataclass(frozen=True)
class Contributions:
    """What each feature adds to a household's log-odds of not repaying, against the approved population.

    For benchmarks and tests: every positive one is told, heaviest first, and none is proven. What acting would change,
    which is asked of everything an applicant reads, `models.proven_reasons` asks.

    Attributes:
        values: (households, features), log-odds in any unit; positive speaks against the applicant.
        features: names of the columns, which are the codes as well.
        texts: a sentence for every feature.
    """

    values: Floats | Int
    features: tuple[str, ...]
    texts: Mapping[str, Words]

    def __post_init__(self) -> None:
        if len(self.features) != self.values.shape[1]:
            raise UnequalLengthError("features", self.values.shape[1], len(self.features))
        for feature in self.features:
            if feature not in self.texts:
                raise MissingReasonTextError(feature)

    def __len__(self) -> int:
        """Households."""
        return len(self.values)

    @property
    def codes(self) -> tuple[str, ...]:
        """As the features."""
        return self.features

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Each feature is about itself."""
        return {feature: (feature,) for feature in self.features}

    def worst(self, rows: Int) -> Slots:
        """As in `SpeakingAgainst`."""
        own = [-1 if name in _NEVER_A_REASON else place for place, name in enumerate(self.features)]
        family = np.tile(np.array(own, np.int16), (len(rows), 1))
        chosen = np.empty((len(rows), MOST_REASONS), np.int16)
        untried = np.zeros((len(own), len(rows)), np.uint8)
        reason_ranking.choose(self.values, rows, family, untried, np.arange(len(rows)), chosen)
        return chosen


@dataclass(frozen=True)
class Reasons:
    """Up to four reasons per household.

    Attributes:
        codes: names the slots point into; a feature's own name for a reason that comes from the model.
        slots: int16 (n, 4), position in `codes`, -1 when empty; filled from the left.
    """

    codes: tuple[str, ...]
    slots: Slots

    def of(self, row: int) -> tuple[str, ...]:
        """Return the codes of one household, most important first."""
        return tuple(self.codes[slot] for slot in self.slots[row] if slot >= 0)

    def nested(self) -> pa.ListArray:
        """Return one list of codes per household."""
        used = self.slots >= 0
        offsets = np.zeros(len(used) + 1, dtype=np.int32)
        np.cumsum(sum(slot.astype(np.int32) for slot in used.T), out=offsets[1:])
        codes = pa.DictionaryArray.from_arrays(pa.array(self.slots[used]), pa.array(self.codes, pa.string()))
        return pa.ListArray.from_arrays(pa.array(offsets), codes)


def rank_reasons(
    findings: Findings,
    decision: Int,
    speaking: SpeakingAgainst | None,
    *,
    dearer: Flag | None = None,
    rules: Sequence[EligibilityRule] = (),
    threads: int = 1,
) -> Reasons:
    """Choose at most four reasons for each household without an offer, or with one at more than the lowest rate.

    Only reasons whose outcome is the household's decision count: a decline is not explained by what merely asks for a
    person. Rules come in the order of the policy, then what the model says and no rule has said, then a general reason
    only if nothing else can be said. A rate is explained by the model alone.

    Args:
        findings: what was found about n households.
        decision: position in DECISIONS (n).
        speaking: what the model says, None for nothing.
        dearer: who is offered a rate that is not the lowest (n); None asks for no reasons of a price.
        rules: the eligibility rules behind the findings, which tell what column each is about.
        threads: how many spans of households are looked at side by side; it changes nothing but the time.

    Raises:
        UnequalLengthError: the model speaks of another number of households.
    """
    if speaking is not None and len(speaking) != len(decision):
        raise UnequalLengthError("contributions", len(decision), len(speaking))
    ranks = np.array([DECISIONS.index(outcome) for outcome in findings.outcomes], dtype=np.int16)
    general = np.array([code in GENERAL for code in findings.codes]).view(np.uint8)
    slots = np.empty((len(decision), MOST_REASONS), dtype=np.int16)
    asked, twice = _asked(findings, ranks, decision, dearer), _told_twice(findings, speaking, rules)

    def rank(span: slice) -> None:
        spoken = _spoken(speaking, asked[span], span.start)
        reason_ranking.merged(findings.met[span], (ranks, general), decision[span], spoken, twice, slots[span])

    side_by_side(rank, per_thread(len(decision), threads, _ROWS_AT_ONCE), threads)
    return Reasons((*findings.codes, *(speaking.codes if speaking else ())), slots)


def _asked(findings: Findings, ranks: Slots, decision: Int, dearer: Flag | None) -> Flag:
    """Behind whose decision or price the model stands (n)."""
    asked = np.zeros(len(decision), dtype=bool) if dearer is None else dearer & (decision == DECISIONS.index("offer"))
    for place in (place for place, code in enumerate(findings.codes) if code in MODEL_MATTERS):
        asked |= (findings.met[:, place] != 0) & (decision == ranks[place])
    return asked


def _spoken(speaking: SpeakingAgainst | None, asked: Flag, first: int) -> Slots:
    """What the model says of a span of households (rows, 4): only of those it is asked about."""
    spoken = np.full((len(asked), MOST_REASONS), -1, dtype=np.int16)
    if speaking is not None:
        rows = np.flatnonzero(asked)
        spoken[rows] = speaking.worst(rows + first)
    return spoken


def _told_twice(
    findings: Findings, speaking: SpeakingAgainst | None, rules: Sequence[EligibilityRule]
) -> NDArray[np.uint8]:
    """Which findings and which reasons of the model are about one column (findings, codes of the model)."""
    about = {**_COLUMNS_OF_TERMS, **{rule.code: (rule.column,) for rule in rules}}
    columns = speaking.columns if speaking else {}
    told = [[not set(about.get(one, ())).isdisjoint(columns[other]) for other in columns] for one in findings.codes]
    return np.array(told, dtype=np.uint8).reshape(len(findings.codes), len(columns))


def reason_texts(rules: Iterable[EligibilityRule], speaking: SpeakingAgainst | None = None) -> dict[str, Words]:
    """Return the text of every reason code an offer under these rules can carry."""
    texts = {rule.code: _rule_text(rule) for rule in rules}
    return {**TERM_REASONS, **texts, **(dict(speaking.texts) if speaking else {})}


def _rule_text(rule: EligibilityRule) -> Words:
    bounds = {"at_least": rule.at_least, "at_most": rule.at_most}
    return Words(rule.text_zh.format(**bounds), rule.text_en.format(**bounds))
