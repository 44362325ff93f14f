"""What `haixia model` shows: versions, gates, moves and side-by-side results, Chinese with English beside it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from loan_service.bank.store.model_papers import Finding
from loan_service.bank.views.inventory import InventoryLine
from loan_service.bank.views.models import Gate, History, Move, Version
from loan_service.bank.views.shadow import SideBySide
from loan_service.printing import folding, outcome

STATES = {
    "developed": "已开发 developed",
    "tested": "已测试 tested",
    "reviewed": "已复核 reviewed",
    "live": "[green]在用 live[/green]",
    "retired": "已退役 retired",
    "shadow": "影子 shadow",
}


def trained(console: Console, banks: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """What became of each bank's file."""
    if as_json:
        _json(console, list(banks))
        return
    table = folding("银行 / bank", "文件 / file", "版本 / versions", "AUC", "说明 / remark", title="训练 / training")
    for bank in banks:
        file, metrics = bank["file"], bank["metrics"]
        remark = bank["refusal"] or ("此前已训练 / trained before" if file["known_before"] else "已登记 / developed")
        areas = "\n".join(f"{one['auc']:.3f}" for one in metrics.values())
        table.add_row(bank["bank_code"], file["file_name"], "\n".join(bank["versions"].values()), areas, escape(remark))
    console.print(table)


def versions(console: Console, lines: Sequence[Version], *, as_json: bool) -> None:
    """Every version with its state."""
    if as_json:
        _json(console, [line.model_dump(mode="json") for line in lines])
        return
    headers = (
        "版本 / version",
        "状态 / state",
        "方法 / method",
        "AUC",
        "数据 / data",
        "开发 / author",
        "备注 / remark",
    )
    table = folding(*headers, title="模型版本 / model versions")
    for line in lines:
        auc = "" if line.auc is None else f"{line.auc:.3f}"
        who = f"{line.authored_by}\n{line.registered_on}"
        remark = "\n".join(_remarks(line))
        table.add_row(line.model, STATES[line.state], line.method, auc, line.training_data_origin, who, remark)
    console.print(table)


def _remarks(line: Version) -> Iterable[str]:
    if line.shadow_until:
        yield f"影子至 / shadow until {line.shadow_until}"
    if line.failed_gates:
        yield f"[red]未通过 / fails {', '.join(line.failed_gates)}[/red]"
    if line.open_findings:
        yield f"未关闭问题 / open findings: {line.open_findings}"


def last_move(console: Console, told: History, *, as_json: bool) -> None:
    """The newest move of a version with its gates."""
    move = told.moves[-1]
    if as_json:
        _json(console, move.model_dump(mode="json"))
        return
    console.print(
        f"{move.model}: {STATES[move.state]} · {escape(move.moved_by)} · {move.moved_on} · {escape(move.reason)}"
    )
    if move.expires_on:
        console.print(f"影子运行至 / shadow until {move.expires_on}")
    if move.gates:
        gates(console, move.gates)


def gates(console: Console, lines: Sequence[Gate]) -> None:
    """Gate by gate: outcome, what was measured, what was required."""
    table = folding("门槛 / gate", "结果 / outcome", "说明 / what was found", "要求 / required", title="门槛 / gates")
    for gate in lines:
        found = f"{gate.told_zh}\n{gate.told_en}"
        accepted = f"\n接受理由 / accepted: {gate.accepted_because}" if gate.accepted_because else ""
        table.add_row(
            gate.name,
            outcome(gate.outcome),
            escape(found + accepted),
            escape(gate.required),
        )
    console.print(table)


def history(console: Console, told: History, *, as_json: bool) -> None:
    """What was live at a position, and every move known then."""
    if as_json:
        _json(console, told.model_dump(mode="json"))
        return
    at = "此刻 / now" if told.known_position is None else f"日志位置 / log position {told.known_position}"
    console.print(_moves(told.live.values(), f"在用 / live · {at}"))
    console.print(_moves(told.moves, "变更 / moves"))


def _moves(moves: Iterable[Move], title: str) -> Table:
    headers = ("位置 / position", "日期 / day", "版本 / version", "变更 / move", "经办 / by", "理由 / why")
    table = folding(*headers, title=title)
    for move in moves:
        position = "待封 / unsealed" if move.position is None else str(move.position)
        change = f"{move.from_state or '·'} → {move.state}"
        until = f"\n至 / until {move.expires_on}" if move.expires_on else ""
        table.add_row(
            position, str(move.moved_on), move.model, change + until, escape(move.moved_by), escape(move.reason)
        )
    return table


def side_by_side(console: Console, told: SideBySide, *, as_json: bool) -> None:
    """A challenger beside the champion."""
    if as_json:
        _json(console, told.model_dump(mode="json"))
        return
    table = folding(
        "指标 / figure", "数值 / value", title=f"影子对比 / side by side · {told.challenger} · {told.as_of}"
    )
    for name, value in _side_figures(told):
        table.add_row(name, value)
    console.print(table)
    bands = list(told.migrations)
    moves = folding("在用 → 影子 / champion → challenger", *bands, title="风险档迁移 / band migrations")
    for band, row in told.migrations.items():
        moves.add_row(band, *(f"{row.get(to, 0):,}" for to in bands))
    console.print(moves)


def _side_figures(told: SideBySide) -> Iterable[tuple[str, str]]:
    outcomes = told.outcomes
    yield "在用版本 / champions", "\n".join(told.champions) or "—"
    yield "户数 / households", f"{told.households:,}"
    yield "平均违约概率 / mean probability", f"{_share(told.champion_mean)} → {_share(told.challenger_mean)}"
    yield (
        "差异分位 / differences",
        " · ".join(f"{name} {value:+.4%}" for name, value in told.differences.items()) or "—",
    )
    yield "秩相关 / rank correlation", _plain(told.rank_correlation)
    yield "换档比例 / would change band", _share(told.moved_share)
    yield "已知结果 / known outcomes", f"{outcomes.households:,}（违约 / defaults {outcomes.defaults:,}）"
    yield "对数损失 / log-loss", f"{_plain(outcomes.champion_log_loss)} → {_plain(outcomes.challenger_log_loss)}"
    yield "AUC", f"{_plain(outcomes.champion_auc)} → {_plain(outcomes.challenger_auc)}"


def findings(console: Console, found: Sequence[Finding]) -> None:
    """Validators' findings."""
    headers = (
        "编号 / number",
        "版本 / version",
        "级别 / severity",
        "内容 / text",
        "责任人 / owner",
        "期限 / due",
        "状态 / state",
    )
    table = folding(*headers, title="验证发现 / findings")
    for one in found:
        state = "未关闭 / open" if one.is_open else f"{one.closed_on} {one.closed_by}: {one.evidence}"
        model = f"{one.model_name}/{one.model_version}"
        table.add_row(
            one.finding_id, model, one.severity, escape(one.text), escape(one.owner), str(one.due_on), escape(state)
        )
    console.print(table)


def inventory(console: Console, lines: Sequence[InventoryLine], *, as_json: bool) -> None:
    """Every quantitative method; an overdue review stands out."""
    if as_json:
        _json(console, [line.model_dump(mode="json") for line in lines])
        return
    headers = ("方法 / method", "级 / tier", "版本 / versions", "负责、验证 / owner, validator", "复核 / next review")
    table = folding(*headers, title="定量方法清单 / inventory of quantitative methods")
    for line in lines:
        name = f"{line.name_zh}\n{line.name_en}\n[dim]{line.home}[/dim]"
        due = f"[red]{line.next_review_on} 逾期 overdue[/red]" if line.overdue else str(line.next_review_on)
        running = "\n".join(line.versions) or "—"
        table.add_row(name, str(line.tier), escape(running), f"{line.owner}\n{line.validator}", due)
    console.print(table)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.3%}"


def _plain(value: float | None) -> str:
    return "—" if value is None else f"{value:.4f}"


def _json(console: Console, content: object) -> None:
    console.print(json.dumps(content, ensure_ascii=False, default=str), soft_wrap=True, highlight=False, markup=False)
