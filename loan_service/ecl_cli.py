"""`haixia ecl-inputs`: the credit inputs of a bank's contracts into a file, and what they come to."""

from datetime import date
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Column, Table

from loan_service.bank.views.ecl_inputs import EclReport, ecl_report
from loan_service.desk import open_desk
from loan_service.errors import RefusedError
from loan_service.foundation.database import BANK, transaction

console = Console()


def ecl_inputs(
    to: Annotated[Path, typer.Option(help="写入的文件 / file to write, .csv or .parquet")],
    bank: Annotated[str, typer.Option(help="银行代码 / bank code")] = "island_rural",
    as_of: Annotated[str, typer.Option(help="日期 / the day, YYYY-MM-DD; default: today's business date")] = "",
) -> None:
    """Write stage, probabilities, exposure and loss given default of every contract; print totals that reconcile."""
    with open_desk(BANK) as (wing, today), transaction(wing.engine) as connection:
        report = ecl_report(connection, bank, known_day(as_of, today))
    write_rows(report.rows, to)
    show(console, report, to)


def known_day(as_of: str, today: date) -> date:
    """The day asked for, today by default.

    Raises:
        RefusedError: nothing can be known of it yet (`ecl.day_to_come`).
    """
    day = date.fromisoformat(as_of) if as_of else today
    if day > today:
        raise RefusedError("ecl.day_to_come", f"{day} is after the business date {today}", f"{day}晚于业务日{today}")
    return day


def write_rows(rows: pa.Table, to: Path) -> None:
    """Writes the rows; what is not known stays empty.

    Raises:
        RefusedError: the file's ending names neither form (`ecl.unknown_form`).
    """
    if to.suffix == ".csv":
        pacsv.write_csv(rows, to)
    elif to.suffix == ".parquet":
        pq.write_table(rows, to)
    else:
        chinese = f"{to.name} 须为 .csv 或 .parquet"
        raise RefusedError("ecl.unknown_form", f"{to.name} is neither .csv nor .parquet", chinese)


def show(out: Console, report: EclReport, to: Path) -> None:
    """Prints totals by stage, what moved contracts, what a reader must know, and whether it reconciles."""
    out.print(_stages(report))
    for title, counts in (("触发 / triggers", report.triggers), ("须知 / flags", report.flags)):
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
        out.print(f"{title}: {told or '—'}", highlight=False)
    one = report.reconciliation
    out.print(
        f"核对 / reconciled: {_yuan(one.drawn_fen)} + 之后入账 / booked later {_yuan(one.booked_later_fen)}"
        f" - 余额表 / balances {_yuan(one.balances_fen)} = {_yuan(one.difference_fen)}",
        highlight=False,
    )
    out.print(f"{report.rows.num_rows:,} → {to}", highlight=False)
    out.print(
        "参数均为建议 [P]，准则条文待核 [M]"
        " / parameters are our proposal [P]; the standard's wording is to be checked [M]",
        markup=False,
        highlight=False,
    )


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def _stages(report: EclReport) -> Table:
    names = ("合同 / contracts", "已用（元）/ drawn", "未用 / undrawn", "敞口 / exposure")
    table = Table(Column("阶段 / stage"), *(Column(name, justify="right") for name in names), box=None)
    table.title = f"{report.bank_code} {report.as_of}"
    for one in report.stages:
        money = (_yuan(fen) for fen in (one.drawn_fen, one.undrawn_fen, one.exposure_fen))
        table.add_row(str(one.stage), f"{one.contracts:,}", *money)
    return table
