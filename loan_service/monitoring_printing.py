"""What `haixia model monitor` shows: alerts with their next step, then figures, Chinese with English beside it."""

from rich.console import Console
from rich.table import Column, Table

from loan_service.bank.views.model_monitoring import Concern, FigureSeen, MonitoringReport, Text

_SEVERITIES = {"": "", "medium": "关注 / medium", "high": "严重 / high"}


def report(console: Console, told: MonitoringReport, *, every_figure: bool) -> None:
    """One bank's alerts and figures.

    Args:
        console: where to.
        told: what monitoring says.
        every_figure: all figures; otherwise those beyond their level and the largest of each kind.
    """
    console.rule(f"{told.bank_code} · {told.as_of}")
    _concerns(console, told.concerns)
    closed = len(told.alerts) - len(told.open_alerts)
    if closed:
        console.print(f"已关闭预警 / closed alerts: {closed}")
    if not any(one.kind == "stability" for one in told.figures):
        console.print(
            "尚无可比参照：首份文件即为参照 / nothing to compare with yet: the first file becomes the measure"
        )
    _figures(console, told.figures if every_figure else _foremost(told.figures))
    console.print("预警线均为建议参数 [P] / every alert level is our proposal [P]", markup=False)


def _concerns(console: Console, concerns: list[Concern]) -> None:
    if not concerns:
        console.print("无未关闭预警 / no open alert")
        return
    table = _table(
        "模型 / model", "级别 / severity", "自 / since", "对象 / of", "发生什么 / what", "下一步 / next step"
    )
    steps: dict[str, Text] = {}
    for concern in concerns:
        steps |= {alert.next_step: alert.next_step_told for alert in concern.alerts}
        table.add_row(
            f"{concern.model_name}/{concern.model_version}",
            _SEVERITIES[concern.severity],
            f"{concern.since_on}",
            _both(concern.subject_told),
            "\n".join(_both(alert.told) for alert in concern.alerts),
            "\n".join(dict.fromkeys(alert.next_step for alert in concern.alerts)),
        )
    console.print(table)
    for name, told in steps.items():
        console.print(f"→ {name}: {told.zh} {told.en}", markup=False)


def _figures(console: Console, figures: list[FigureSeen]) -> None:
    table = _table(
        "模型 / model",
        "指标 / figure",
        "对象 / of",
        "值 / measured",
        "区间 / interval",
        "预警线 / level",
        "对比 / against",
    )
    for one in figures:
        mark = "[red]" if one.severity else ""
        table.add_row(
            one.model_name,
            _both(one.kind_told),
            _both(one.subject_told),
            f"{mark}{one.measured:.4f}",
            "" if one.low is None or one.high is None else f"{one.low:.3f} .. {one.high:.3f}",
            "" if one.threshold is None else f"{one.threshold:.4f}",
            f"{_both(one.reference_told)}\n{one.rows:,} / {one.reference_rows:,}",
        )
    if figures:
        console.print(table)


def _foremost(figures: list[FigureSeen]) -> list[FigureSeen]:
    """Every figure beyond its level, and the first of each model and kind (they come largest first)."""
    seen: set[tuple[str, str]] = set()
    shown = []
    for one in figures:
        if one.severity or (one.model_name, one.kind) not in seen:
            shown.append(one)
        seen.add((one.model_name, one.kind))
    return shown


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh}\n{text.en}"


def _table(*headers: str) -> Table:
    return Table(*(Column(header, overflow="fold") for header in headers), show_lines=True)
