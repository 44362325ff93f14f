"""`haixia portfolio`: how full a bank's caps and budgets are."""

from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from loan_service import flow
from loan_service.bank.views.policies import lending_policy
from loan_service.bank.views.portfolio import PortfolioView, PotSeen, portfolio_view
from loan_service.bank.views.refusals import refusal_of
from loan_service.foundation.database import transaction
from loan_service.settings import Settings

console = Console()

NAMES: Final = {
    "programme": "项目基础额度 / baseline limits, programme",
    "sector": "行业基础额度 / baseline limits, sector",
    "village": "村基础额度 / baseline limits, village",
    "bonus": "年度加额 / bonus limits of the year",
    "incentive": "低于成本的年成本 / yearly cost of rates below cost",
}
HEADS: Final = ("上限 / cap", "待签 / out for signing", "已签 / signed", "剩余 / free", "占用 / share")


def portfolio(
    bank: Annotated[str, typer.Option(help="银行代码 / bank code")] = "island_rural",
    villages: Annotated[int, typer.Option(help="列出最满的村数 / how many of the fullest villages", min=0)] = 10,
) -> None:
    """Show per cap and budget what is reserved, signed and free, in yuan, and how many households wait."""
    with flow.open_house(Settings()) as house, transaction(house.bank.engine) as connection:
        policy = lending_policy(connection, bank, house.today)
        view = portfolio_view(connection, bank, policy, house.today)
    show(console, view, villages)


def show(out: Console, view: PortfolioView, villages: int) -> None:
    """Prints the table and who waits."""
    title = f"{view.bank_code} · {view.as_of} · {view.policy_edition}"
    numbers = [Column(head, justify="right") for head in HEADS]
    table = Table(Column("额度与预算 / caps and budgets"), *numbers, box=None, title=title, title_justify="left")
    for pot in view.tightest(villages):
        table.add_row(*_cells(pot))
    out.print(table)
    for code, households in view.waiting.items():
        why = refusal_of(code)
        out.print(f"{households:,} 户等候 / households wait: {why.zh} / {why.en}" if why else code, highlight=False)


def _cells(pot: PotSeen) -> list[str]:
    name = " ".join(filter(None, (NAMES[pot.scope], pot.code, str(pot.year or ""))))
    share = "—" if pot.share is None else f"{pot.share:.1%}"
    return [name, *map(_yuan, (pot.cap_fen, pot.reserved_fen, pot.signed_fen, pot.free_fen)), share]


def _yuan(fen: int | None) -> str:
    return "—" if fen is None else f"{fen // 100:,}"
