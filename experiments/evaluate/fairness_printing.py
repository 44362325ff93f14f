"""The tables of `python -m experiments.evaluate fairness`."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Column, Table

from experiments.evaluate.fairness import FairnessEvaluation, Kept
from models.fairness import GroupingFigures
from models.gates import OUTCOMES_TOLD
from models.terms_fairness import GroupsCompared
from models.terms_fairness_told import PROXY_HEADERS, PROXY_TITLE, headers, lines, proxy_lines

_KEPT = ("等级 / grade", "户 / households", "优惠 / discount, bp", "提额 / bonus, points", "无提额 / without any bonus")


def show(console: Console, told: FairnessEvaluation) -> None:
    """Prints terms by population, decisions, calibration and proxies."""
    console.rule("等级兑现 / what grades really gave")
    console.print(_table(_KEPT, (_kept(one) for one in told.kept)))
    for one in told.populations:
        console.rule(f"{one.told_zh} / {one.told_en}: {one.compared.households:,}")
        _gaps(console, one.compared)
        console.print(f"{OUTCOMES_TOLD[one.gate.outcome]}: {one.gate.told_zh}\n{one.gate.told_en}", highlight=False)
    console.rule("同等风险下的决定 / decisions at equal risk")
    _gaps(console, told.decisions)
    console.rule("群体内校准（对真值）/ calibration within groups, against the truth")
    for bank, figures in told.calibration.items():
        _calibration(console, bank, figures)
    console.rule(PROXY_TITLE)
    console.print(_table(PROXY_HEADERS, proxy_lines(told.proxies)))


def _kept(one: Kept) -> tuple[str, ...]:
    figures = (f"{one.mean_discount_bp:.1f}", f"{one.mean_bonus_points:.1f}", f"{one.no_bonus_share:.0%}")
    return (one.grade, f"{one.households:,}", *figures)


def _gaps(console: Console, compared: GroupsCompared) -> None:
    console.print(_table(headers(compared), lines(compared)))


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(*(Column(name, overflow="fold") for name in names), box=None)
    for row in rows:
        table.add_row(*row)
    return table


def _calibration(console: Console, bank: str, figures: tuple[GroupingFigures, ...]) -> None:
    names = (f"{bank} · 群体 / group", "户 / households", "预测 / predicted", "真值 / true", "相对 / relative", "")
    table = Table(*names, box=None)
    for grouping in figures:
        for one in grouping.groups:
            if one.verdict == "small" or one.overprediction is None or one.overprediction_interval is None:
                continue
            low, high = one.overprediction_interval
            shares = (f"{share:.2%}" for share in (one.mean_predicted or 0.0, one.mean_observed or 0.0))
            relative = f"{one.overprediction:.2f} [{low:.2f}, {high:.2f}]"
            table.add_row(f"{grouping.name_zh} · {one.name_zh}", f"{one.rows:,}", *shares, relative, one.verdict)
    console.print(table)
