"""`haixia policy fairness`: whether terms differ between groups, at a bank and in the district, side by side."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from loan_service import flow
from loan_service.bank.views.policies import policy_in_force
from loan_service.bank.views.terms_fairness import TermsFairness, terms_fairness
from loan_service.district.views.grade_fairness import GradeFairness, Promise, grade_fairness
from loan_service.foundation.database import transaction
from loan_service.settings import Settings
from models.day_policy import DayPolicy, policy_on
from models.gates import OUTCOMES_TOLD, GateResult
from models.policy import DECISIONS, GRADES
from models.proxy_scan import ProxyFinding
from models.terms_fairness import GroupsCompared
from models.terms_fairness_told import PROXY_HEADERS, PROXY_TITLE, headers, lines, proxy_lines

console = Console()


def fairness(
    bank: Annotated[str, typer.Option(help="银行代码 / bank code")] = "island_rural",
    as_of: Annotated[str, typer.Option(help="日期 / the day, YYYY-MM-DD; default: today's business date")] = "",
    *,
    scan: Annotated[bool, typer.Option(help="代理扫描 / scan for proxies; takes some seconds")] = False,
    every: Annotated[bool, typer.Option("--all", help="逐村列出 / every village, also those within")] = False,
) -> None:
    """Compare groups' terms at equal risk at a bank, and in the district what their grades are worth."""
    with flow.open_house(Settings()) as house:
        day = date.fromisoformat(as_of) if as_of else house.today
        with transaction(house.bank.engine) as connection:
            own = terms_fairness(connection, bank, day, scan=scan)
            edition = policy_in_force(connection, bank, day)
        with transaction(house.district.engine) as connection:
            grades = grade_fairness(connection, promises_of(policy_on(edition.policy, edition.lpr, day)), day)
    show(console, own, grades, every=every)


def promises_of(day: DayPolicy) -> dict[str, Promise]:
    """What a policy promises each grade in every band it lends to: the least of them."""
    lending = day.bands.outcome == DECISIONS.index("offer")
    discount, bonus = day.rate_discount_bp[lending].min(axis=0), day.limit_bonus_milli[lending].min(axis=0)
    return {grade: Promise(int(discount[place]), int(bonus[place])) for place, grade in enumerate(GRADES)}


def show(out: Console, own: TermsFairness, grades: GradeFairness, *, every: bool) -> None:
    """Prints what the bank can say, what the district can say, and what neither can."""
    out.rule(f"{own.bank_code} · {own.as_of}")
    _compared(out, "首份凭证满十二个月的户 / first certificate twelve months old", own.certified, every=every)
    _gate(out, own.certified_gate)
    out.print("没有等级的人银行看不到 / whoever never had a grade is invisible to a bank", highlight=False)
    _compared(out, "全部有报价的户 / every household with an offer", own.offered, every=every)
    _gate(out, own.offered_gate)
    _compared(out, "同等风险下的决定 / decisions at equal risk", own.decisions, every=every)
    _proxies(out, own.proxies)
    title = "区内：开通满十二个月者的等级 / in the district: grades of those enrolled for twelve months"
    _compared(out, title, grades.compared, every=every, counted="人 / persons")
    _gate(out, grades.gate)
    out.print("区内没有银行数据，未按风险调整 / no bank data here: not adjusted for risk", highlight=False)
    out.print("界限均为建议参数 [P] / every limit is our proposal [P]", markup=False, highlight=False)


def _compared(
    out: Console, title: str, compared: GroupsCompared, *, every: bool, counted: str = "户 / households"
) -> None:
    out.print(f"\n{title}: {compared.households:,}", highlight=False)
    out.print(_table(headers(compared, counted), lines(compared, every=every)))


def _gate(out: Console, gate: GateResult) -> None:
    out.print(f"{OUTCOMES_TOLD[gate.outcome]}: {gate.told_zh}\n{gate.told_en}", highlight=False)


def _proxies(out: Console, found: tuple[ProxyFinding, ...]) -> None:
    if told := proxy_lines(found):
        out.print(_table(PROXY_HEADERS, told, title=PROXY_TITLE))


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> Table:
    table = Table(*(Column(name, overflow="fold") for name in names), box=None, title=title or None)
    for row in rows:
        table.add_row(*row)
    return table
