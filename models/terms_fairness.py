"""Whether groups get the same terms at equal risk: gaps with intervals, and the written gate.

One function compares any measures of any groups, so that a bank, the district and the simulator's truth are read the
same way. What each of them can and cannot say stands with the caller:

    measures (discount, bonus, decisions) + groupings + risk bins -> gaps at equal risk -> passed | failed | undecided

Groups below ten households are never shown, nor those that could be found by subtracting: they are left out of the
comparison altogether.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa

from models.arrays import Booleans, Floats, Positions
from models.equal_risk import Gap, gaps_at_equal_risk
from models.fairness_groups import Grouping, shown_groups
from models.gates import PASSED, UNDECIDED, GateResult, Outcome, band_outcome, worst_outcome
from models.policy import DECISIONS
from models.terms_fairness_levels import TermsFairnessLevels

Verdict = Outcome | Literal["small"]

_DECISIONS_TOLD: Final = {
    "offer": ("报价", "offered"),
    "refer": ("转人工", "referred"),
    "decline": ("不予报价", "declined"),
}


@dataclass(frozen=True, eq=False)
class Measure:
    """One thing that groups may get more or less of.

    Attributes:
        name: Such as `rate_discount_bp`; unit last.
        name_zh: For Chinese readers.
        name_en: For English readers.
        values: Of each row, shape (rows,).
        at_most: How far a group's mean may lie from everybody else's, either way.
        share_at_least: Of what everybody else gets at equal risk a group should get this share; None: not asked. Where
            all get little, an absolute limit is met by a group that gets nothing: then a person has to look.
    """

    name: str
    name_zh: str
    name_en: str
    values: Floats
    at_most: float
    share_at_least: float | None = None


@dataclass(frozen=True)
class MeasuredGap:
    """The gap of one group in one measure, or None where nothing could be compared."""

    measure: str
    gap: Gap | None
    verdict: Verdict


@dataclass(frozen=True)
class GroupTerms:
    """One group that is large enough to be shown."""

    group: str
    name_zh: str
    name_en: str
    households: int
    measured: tuple[MeasuredGap, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest of its measures; `small` where none could be compared."""
        outcomes: list[Outcome] = [one.verdict for one in self.measured if one.verdict != "small"]
        return worst_outcome(outcomes) if outcomes else "small"


@dataclass(frozen=True)
class GroupingTerms:
    """One way to part the households; `hidden_groups` says how many groups are too small to be shown."""

    grouping: str
    name_zh: str
    name_en: str
    groups: tuple[GroupTerms, ...]
    hidden_groups: int


@dataclass(frozen=True)
class GroupsCompared:
    """Everything that was compared together, with its limits."""

    households: int
    limits: tuple[tuple[str, str, str, float], ...]  # name, Chinese, English, limit
    groupings: tuple[GroupingTerms, ...]

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        content = asdict(self)
        for grouping, told in zip(self.groupings, content["groupings"], strict=True):
            for group, one in zip(grouping.groups, told["groups"], strict=True):
                one["verdict"] = group.verdict
        return content


def terms_measures(offers: pa.Table, levels: TermsFairnessLevels) -> tuple[Measure, Measure]:
    """Discount in basis points, and bonus in percentage points of the baseline line, of households with an offer.

    Args:
        offers: Columns rate_discount_bp, limit_bonus_fen and baseline_limit_fen.
        levels: The limits.
    """
    discount, extra, baseline = (
        offers[name].to_numpy().astype(np.float64)
        for name in ("rate_discount_bp", "limit_bonus_fen", "baseline_limit_fen")
    )
    bonus, share = extra * 100.0 / np.maximum(baseline, 1.0), levels.share_at_least
    return (
        Measure("rate_discount_bp", "利率优惠（基点）", "discount, bp", discount, levels.discount_gap_bp, share),
        Measure("bonus_points", "提额（百分点）", "bonus, points", bonus, levels.bonus_gap_points, share),
    )


def decision_measures(offers: pa.Table, levels: TermsFairnessLevels) -> tuple[Measure, ...]:
    """Shares offered, referred and declined, in percentage points, of the column `decision`."""
    decision = np.asarray(offers["decision"].to_pylist(), dtype=str)
    return tuple(
        Measure(f"{code}_points", *_DECISIONS_TOLD[code], np.where(decision == code, 100.0, 0.0), limit)
        for code, limit in dict.fromkeys(DECISIONS, levels.decision_gap_points).items()
    )


def compare_groups(
    measures: Sequence[Measure],
    groupings: Iterable[Grouping],
    bins: Positions,
    villages: Sequence[str] | pa.ChunkedArray,
    levels: TermsFairnessLevels,
) -> GroupsCompared:
    """Compare every group with everybody else at equal risk.

    Args:
        measures: What is compared, values of shape (rows,).
        groupings: Ways to part the rows.
        bins: Risk bin of each row (`equal_risk.risk_bins`), shape (rows,); all zero compares without risk.
        villages: Village of each row: what befalls a village befalls its households together.
        levels: Fewest households of a group that is shown.
    """
    village = np.unique(np.asarray(villages, dtype=str), return_inverse=True)[1].astype(np.intp)
    chosen = [(one, _shown(one, levels.fewest_households)) for one in groupings]
    told_together = max(len(measures) * sum(int(shown.sum()) for _, shown in chosen), 1)
    return GroupsCompared(
        households=len(village),
        limits=tuple((one.name, one.name_zh, one.name_en, one.at_most) for one in measures),
        groupings=tuple(_grouping_terms(one, shown, measures, bins, village, told_together) for one, shown in chosen),
    )


def terms_gate(compared: GroupsCompared, name: str = "terms_fairness") -> GateResult:
    """The written gate over every group that could be compared; it names those outside."""
    judged = [
        (grouping, group, one)
        for grouping in compared.groupings
        for group in grouping.groups
        for one in group.measured
        if one.verdict != "small" and one.gap is not None
    ]
    outcomes: list[Outcome] = [one.verdict for *_, one in judged if one.verdict != "small"]
    outcome: Outcome = worst_outcome(outcomes) if outcomes else UNDECIDED
    zh_of = {measure: told for measure, told, _, _ in compared.limits}
    named = [place for place in judged if place[2].verdict == outcome] if outcome != PASSED else []
    zh = "、".join(f"{grouping.name_zh}·{group.name_zh}·{zh_of[one.measure]}" for grouping, group, one in named) or "无"
    en = ", ".join(f"{grouping.name_en}: {group.name_en} ({one.measure})" for grouping, group, one in named) or "none"
    limits = ", ".join(f"{name} within {most:g}" for name, _, _, most in compared.limits)
    worst = _worst([one for *_, one in judged if one.verdict == outcome], compared)
    widest = (zh_of[worst[0]], worst[0]) if worst else ("无", "none")
    return GateResult(
        name,
        outcome,
        worst[1] if worst else None,
        f"gap at equal risk: {limits}",
        f"同等风险下比较了{len(judged)}项；超出范围的：{zh}；最大差距在：{widest[0]}",
        f"{len(judged)} gaps at equal risk; outside what is allowed: {en}; the widest is in {widest[1]}",
    )


def _worst(measured: Sequence[MeasuredGap], compared: GroupsCompared) -> tuple[str, float] | None:
    """The measure and the gap that takes most of its limit."""
    most_of = {name: most for name, _, _, most in compared.limits}
    gaps = [(one.measure, one.gap.gap) for one in measured if one.gap is not None]
    return max(gaps, key=lambda one: abs(one[1]) / most_of[one[0]], default=None)


def _shown(grouping: Grouping, fewest: int) -> Booleans:
    sizes = np.bincount(grouping.places[grouping.places >= 0], minlength=len(grouping.codes))
    return shown_groups(sizes, int((grouping.places < 0).sum()), fewest)


def _grouping_terms(
    grouping: Grouping,
    shown: Booleans,
    measures: Sequence[Measure],
    bins: Positions,
    villages: Positions,
    told_together: int,
) -> GroupingTerms:
    compared = (grouping.places >= 0) & np.append(shown, [False])[grouping.places]
    groups = (
        _group_terms(grouping, place, compared, measures, bins, villages, told_together)
        for place in np.flatnonzero(shown).tolist()
    )
    hidden = int((np.bincount(grouping.places[~compared] + 1, minlength=1)[1:] > 0).sum())
    return GroupingTerms(grouping.name, grouping.name_zh, grouping.name_en, tuple(groups), hidden)


def _group_terms(
    grouping: Grouping,
    place: int,
    compared: Booleans,
    measures: Sequence[Measure],
    bins: Positions,
    villages: Positions,
    told_together: int,
) -> GroupTerms:
    inside = grouping.places == place
    values = [measure.values for measure in measures]
    gaps = gaps_at_equal_risk(values, inside, compared & ~inside, bins, villages, told_together=told_together)
    return GroupTerms(
        grouping.codes[place],
        grouping.names_zh[place],
        grouping.names_en[place],
        int(inside.sum()),
        tuple(_measured(measure, gap) for measure, gap in zip(measures, gaps or [None] * len(measures), strict=True)),
    )


def _measured(measure: Measure, gap: Gap | None) -> MeasuredGap:
    if gap is None:
        return MeasuredGap(measure.name, None, "small")
    verdict = band_outcome(gap.gap, gap.low, gap.high, least=-measure.at_most, most=measure.at_most)
    return MeasuredGap(
        measure.name, gap, UNDECIDED if verdict == PASSED and _gets_too_little(measure, gap) else verdict
    )


def _gets_too_little(measure: Measure, gap: Gap) -> bool:
    """A share of the others' below the wanted one, and beyond chance."""
    return measure.share_at_least is not None and gap.high < 0 and gap.mean < measure.share_at_least * gap.at_equal_risk
