"""How policies, their cases and their comparisons are printed: tables a credit officer reads."""

import json
from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from loan_service import edition_printing
from loan_service.bank.store.policy_editions import LprRow
from loan_service.bank.views.policies import Publication
from loan_service.bank.views.policy_comparison import ComparedEditions
from loan_service.printing import folding, outcome
from models.gates import GateResult
from models.policy import Policy
from models.policy_case_coverage import Facet, not_asked
from models.policy_cases import Mismatch
from models.policy_comparison import BaselineFall, Books, GroupChange, Moved
from models.term_reasons import TERM_REASONS
from models.terms import LIMIT_RULES
from models.terms_errors import BrokenPolicyError

_GROUPINGS = {"sector": "按行业 / by sector", "village": "按村社 / by village", "grade": "按等级 / by grade"}
_DECISIONS = {"offer": "预授信 / offer", "refer": "人工审核 / refer", "decline": "不提供 / decline"}
_HIDDEN = "—"


def faults(console: Console, name: str, broken: BrokenPolicyError) -> None:
    """Everything wrong with a policy, each with file and line."""
    console.rule(name)
    for error in broken.errors:
        console.print(f"[red]错误 / error[/red] {escape(str(error))}", highlight=False)


def values(console: Console, policy: Policy) -> None:
    """Every dated value with its unit, the days it holds, and where it comes from."""
    console.rule(f"{policy.bank_code} {policy.edition}")
    table = folding("值 / value", "", "日期 / days", "来历 / origin", title=f"{policy.title_zh} / {policy.title_en}")
    for name, parameter in policy.parameters().items():
        unit = getattr(parameter, "unit", "")
        for period in parameter.periods:
            days = f"{period.since} … {period.until or ''}"
            told = "\n".join(_told(period.value))
            table.add_row(name, f"{told} {'' if unit == 'table' else unit}", days, escape(parameter.origin))
    console.print(table)


def _told(value: object) -> Iterable[str]:
    if isinstance(value, BaseModel):
        yield escape(", ".join(f"{name} {_plain(one)}" for name, one in value if one is not None))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for row in value:
            yield from _told(row)
    else:
        yield _plain(value)


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def case_runs(console: Console, name: str, cases: int, wrong: Sequence[Mismatch], facets: Sequence[Facet]) -> None:
    """Which cases a policy does not answer as its owners wrote, and which values no case asks about."""
    for mismatch in wrong:
        console.print(f"[red]{escape(str(mismatch))}[/red]", highlight=False)
    unasked = not_asked(facets)
    for facet in unasked:
        console.print(f"[yellow]没有案例 / no case[/yellow] {escape(str(facet))}", highlight=False)
    console.print(
        f"[bold]{name}[/bold] · 案例 / cases {cases} · 不符 / mismatches {len(wrong)} · "
        f"覆盖 / covered {len(facets) - len(unasked)}/{len(facets)}"
    )


def comparison(console: Console, told: ComparedEditions) -> None:
    """What changes for the same households.

    Decisions, books and whose baseline falls are of everybody and always told; `—` stands for a mean, or a count within
    a group, among fewer than ten.
    """
    found = told.comparison
    console.print(
        f"[bold]{told.bank_code} {told.old.policy.edition} → {told.new.policy.edition}[/bold] · "
        f"住户 / households {found.households:,} · 定价日 / priced on {told.priced_on} · "
        f"模型 / model {told.model_version}"
    )
    _decisions(console, found.decisions)
    _terms(
        console,
        [("额度 / limit", found.limit), ("基础额度 / baseline", found.baseline_limit), ("利率 / rate", found.rate)],
    )
    _books(console, found.before, found.after)
    _fall(console, found.baseline_fall)
    for name, groups in found.groups.items():
        _groups(console, _GROUPINGS.get(name, name), groups)
    gates(console, found.gates)


def _decisions(console: Console, decisions: dict[str, dict[str, int]]) -> None:
    names = (_DECISIONS[decision] for decision in decisions)
    table = folding("旧＼新 / old＼new", *names, title="决定 / decisions before and after")
    for old, row in decisions.items():
        table.add_row(_DECISIONS[old], *(f"{count:,}" for count in row.values()))
    console.print(table)


def _terms(console: Console, rows: Iterable[tuple[str, Moved]]) -> None:
    headers = ("", "降 / lower", "不变 / same", "升 / higher", "均值前 / mean before", "均值后 / mean after")
    table = folding(*headers, title="两版都有报价的户 / households offered by both（元 yuan, bp）")
    for name, moved in rows:
        counts = (_count(moved.lower), _count(moved.same), _count(moved.higher))
        table.add_row(name, *counts, _mean(moved.mean_before), _mean(moved.mean_after))
    console.print(table)


def _books(console: Console, before: Books, after: Books) -> None:
    table = folding(
        "", "旧 / before", "新 / after", title="一年，全部用足 / a year, every line drawn in full（元 yuan）"
    )
    names = {
        "offered": "有报价户数 / households offered",
        "limits_yuan": "额度合计 / limits",
        "bonus_yuan": "其中等级加额 / of it bonus",
        "discount_yuan": "等级优惠 / discounts",
        "incentive_yuan": "激励预算支付 / paid by the incentive budget",
        "profit_yuan": "扣除成本与预期损失后 / after cost and expected loss",
    }
    for name, said in names.items():
        table.add_row(said, f"{getattr(before, name):,}", f"{getattr(after, name):,}")
    console.print(table)


def _fall(console: Console, fall: BaselineFall) -> None:
    if not fall.households:
        console.print("[green]没有一户的基础额度下降 / nobody's baseline falls[/green]")
        return
    words = {rule.code: rule.words for rule in LIMIT_RULES} | TERM_REASONS
    console.print(
        f"[yellow]基础条件下降 / baseline falls: {fall.households:,}[/yellow]（不再报价 / no longer offered"
        f" {fall.no_longer_offered:,}）"
    )
    for code, count in fall.reasons.items():
        said = f"{words[code].zh} / {words[code].en}" if code in words else code
        console.print(f"  {count:,} · {said}", highlight=False)


def assessed(console: Console, document: bytes) -> None:
    """What nobody who proposes or approves may overlook: whose baseline falls and why, and the gates."""
    told = json.loads(document)
    if "baseline_fall" in told:
        _fall(console, BaselineFall(**told["baseline_fall"]))
    gates(console, [GateResult.from_content(one) for one in told.get("gates", ())])


def _groups(console: Console, title: str, groups: Sequence[GroupChange]) -> None:
    changed = [group for group in groups if _differs(group)]
    headers = ("", "户 / households", "有报价 / offered", "额度 / limit", "利率 / rate")
    table = Table(*(Column(name, overflow="fold") for name in headers), title=title, box=None)
    for group in changed:
        offered = f"{_count(group.offered_before)} → {_count(group.offered_after)}"
        table.add_row(group.group, f"{group.households:,}", offered, _means(group.limit), _means(group.rate))
    if changed:
        console.print(table)
    console.print(f"{title}: 其余不变或不足十户 / unchanged or fewer than ten: {len(groups) - len(changed)}")


def _differs(group: GroupChange) -> bool:
    """Whether anything that may be shown of a group changes."""
    sides = (group.limit, group.rate)
    return group.offered_before != group.offered_after or any(one.mean_before != one.mean_after for one in sides)


def gates(console: Console, results: Sequence[GateResult]) -> None:
    """What has to hold before anybody may approve."""
    for gate in results:
        told = f"{gate.told_zh}\n  {gate.told_en}"
        console.print(f"{outcome(gate.outcome)} {gate.name}: {escape(told)}", highlight=False)


def _count(count: int | None) -> str:
    return _HIDDEN if count is None else f"{count:,}"


def _mean(mean: float | None) -> str:
    return _HIDDEN if mean is None else f"{mean:,.1f}"


def _means(moved: Moved) -> str:
    return f"{_mean(moved.mean_before)} → {_mean(moved.mean_after)}"


def publications(console: Console, lines: list[Publication], today: date) -> None:
    """Policies with how far their publication went, and what is to be done next."""
    bank = lines[0].bank_code if lines else ""
    title = f"信贷政策 / lending policy {bank}"
    edition_printing.publications(
        console, title, lines, today, lambda line: f"haixia policy approve {line.bank_code}/{line.edition}"
    )


def lpr_tables(console: Console, rows: Sequence[LprRow]) -> None:
    """LPR tables in the order of entering; the newest that covers a day prices it."""
    headers = ("版本 / edition", "起 / from", "止 / until", "录入 / entered", "内容 / content")
    table = folding(*headers, title="LPR 报价表 / LPR tables")
    for row in rows:
        people = escape(f"{row.entered_on} {row.entered_by}, 复核 / checked {row.checked_by}")
        table.add_row(row.edition, str(row.from_on), str(row.until_on), people, row.content_hash[:16])
    console.print(table)
