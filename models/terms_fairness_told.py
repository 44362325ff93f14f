"""Compared groups as lines of a table, for every door that shows them."""

from collections.abc import Iterable
from typing import Final

from models.gates import PASSED
from models.proxy_scan import ProxyFinding
from models.terms_fairness import GroupsCompared, GroupTerms, MeasuredGap

VERDICTS: Final = {
    "passed": "在范围内 / within",
    "failed": "超出 / outside",
    "undecided": "未定 / undecided",
    "small": "不可比 / not comparable",
}
_MANY: Final = 20
"""Of a grouping with more groups only those that are not plainly within are told, unless all are asked for."""


def headers(compared: GroupsCompared, counted: str = "户 / households") -> tuple[str, ...]:
    """Names of the columns; a gap is that of the group against everybody else at equal risk."""
    measures = (f"{zh} / {en} (±{most:g})" for _, zh, en, most in compared.limits)
    return ("群体 / group", counted, *measures)


def lines(compared: GroupsCompared, *, every: bool = False) -> list[tuple[str, ...]]:
    """One line per group: mean, gap, interval, verdict of each measure; and how many groups are not shown.

    Args:
        compared: What was compared.
        every: Also the groups of a large grouping that are plainly within.
    """
    told: list[tuple[str, ...]] = []
    for grouping in compared.groupings:
        kept = [one for one in grouping.groups if every or len(grouping.groups) <= _MANY or one.verdict != PASSED]
        name = f"{grouping.name_zh} / {grouping.name_en}"
        told += [_line(name, group) for group in kept]
        within, empty = len(grouping.groups) - len(kept), ("",) * len(compared.limits)
        if within:
            told.append((f"{name} · 其余 {within} 个在范围内 / {within} more within", "", *empty))
        if grouping.hidden_groups:
            count = grouping.hidden_groups
            told.append((f"{name} · {count} 个户数过少不显示 / {count} too small to show", "", *empty))
    return told


PROXY_TITLE: Final = "代理扫描，0.5 为无从分辨，* 为可辨 / proxy scan, 0.5: not told at all, *: told"
PROXY_HEADERS: Final = (
    "特征 / attribute",
    "户 / households",
    "按特征 / by features",
    "按结果 / by terms",
    "承载 / carried by",
)


def proxy_lines(found: Iterable[ProxyFinding]) -> list[tuple[str, ...]]:
    """One line per attribute that could be asked about: areas under the curve, and the features that carry it."""
    return [_proxy_line(one, one.auc_features) for one in found if one.auc_features is not None]


def _proxy_line(one: ProxyFinding, auc: float) -> tuple[str, ...]:
    terms = ", ".join(f"{name} {told:.2f}" for name, told in one.auc_terms.items())
    carriers = ", ".join(f"{carrier.feature} {carrier.auc:.2f}" for carrier in one.carriers)
    return (f"{one.grouping} · {one.group}", f"{one.rows:,}", f"{auc:.2f}" + " *" * one.told, terms, carriers)


def _line(grouping: str, group: GroupTerms) -> tuple[str, ...]:
    name = f"{grouping} · {group.name_zh}" + (f" / {group.name_en}" if group.name_en != group.name_zh else "")
    return (name, f"{group.households:,}", *(_cell(one) for one in group.measured))


def _cell(one: MeasuredGap) -> str:
    if one.gap is None:
        return VERDICTS[one.verdict]
    gap = one.gap
    return f"{gap.mean:.1f}  {gap.gap:+.1f} [{gap.low:+.1f}, {gap.high:+.1f}]  {VERDICTS[one.verdict]}"
