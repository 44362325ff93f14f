"""`haixia portfolio`: how full a bank's caps and budgets are."""

from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from loan_service.bank.views.policies import lending_policy
from loan_service.bank.views.portfolio import PortfolioView, PotSeen, portfolio_view
from loan_service.bank.views.refusals import refusal_of
from loan_service.desk import open_desk
from loan_service.foundation.database import BANK, transaction

console = Console()

NAMES: Final = {
    "programme": "项目 / programme",
    "sector": "行业 / sector",
    "village": "村 / village",
    "bonus": "加额 / bonus",
    "incentive": "成本 / cost",
}
HEADS: Final = ("上限\ncap", "待签\nreserved", "已签\nsigned", "剩余\nfree", "占用\nshare")
LEGEND: Final = (
    "万元；项目、行业、村计基础额度，成本为低于成本之利差每年所费",
    "10,000 yuan; programme, sector, village: baseline limits; cost: what rates below cost take a year",
)


def portfolio(
    bank: Annotated[str, typer.Option(help="银行代码 / bank code")] = "island_rural",
    villages: Annotated[int, typer.Option(help="列出最满的村数 / how many of the fullest villages", min=0)] = 10,
) -> None:
    """Show per cap and budget what is reserved, signed and free, in yuan, and how many households wait."""
    with open_desk(BANK) as (wing, today), transaction(wing.engine) as connection:
        view = portfolio_view(connection, bank, lending_policy(connection, bank, today), today)
    show(console, view, villages)


def show(out: Console, view: PortfolioView, villages: int) -> None:
    """Prints the table, what was corrected, and who waits."""
    title = f"{view.bank_code} · {view.as_of} · {view.policy_edition}"
    numbers = [Column(head, justify="right", no_wrap=True) for head in HEADS]
    table = Table(Column("额度与预算\ncaps and budgets", no_wrap=True), *numbers, box=None, title=title)
    for pot in view.tightest(villages):
        table.add_row(*_cells(pot))
    out.print(table)
    out.print(*LEGEND, sep="\n", highlight=False)
    for pot in view.pots:
        if pot.corrected_fen:
            told = f"{_name(pot)}: 更正 / corrected {_ten_thousands(pot.corrected_fen)}"
            out.print(told, highlight=False)
    for code, households in view.waiting.items():
        why = refusal_of(code)
        out.print(f"{households:,} 户等候 / households wait: {why.zh} / {why.en}" if why else code, highlight=False)


def _name(pot: PotSeen) -> str:
    which = pot.code if pot.scope in ("sector", "village") else str(pot.year or "")
    return f"{NAMES[pot.scope]} {which}".rstrip()


def _cells(pot: PotSeen) -> list[str]:
    share = "—" if pot.share is None else f"{pot.share:.1%}"
    amounts = (pot.cap_fen, pot.reserved_fen, pot.signed_fen, pot.free_fen)
    return [_name(pot), *map(_ten_thousands, amounts), share]


def _ten_thousands(fen: int | None) -> str:
    return "—" if fen is None else f"{fen / 1_000_000:,.2f}"
