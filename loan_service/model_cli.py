"""`haixia model ...`: the life of default-risk models, from training to retirement."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bank_adapters import CODECS
from loan_service import demo as demonstration
from loan_service import flow, monitoring_printing
from loan_service.bank import pipeline as bank_pipeline
from loan_service.bank.views.model_export import Form, exported_model
from loan_service.bank.views.model_monitoring import monitoring_report
from loan_service.foundation.database import transaction
from loan_service.settings import Settings

app = typer.Typer(help="Default-risk models · 风险模型", no_args_is_help=True)


@app.command()
def train() -> None:
    """Train and register every bank's two models from its past loans; a known file is not trained again."""
    with flow.open_house(Settings()) as house:
        demonstration.train(house)


@app.command()
def monitor(
    bank: Annotated[str, typer.Option(help="银行代码 / bank code; default: every bank")] = "",
    as_of: Annotated[str, typer.Option(help="业务日期 / business date, YYYY-MM-DD; default: today")] = "",
    *,
    every_figure: Annotated[bool, typer.Option("--all", help="全部指标 / every figure")] = False,
) -> None:
    """Measure live models where inputs changed; print alerts with their next step, and figures.

    A past day is only looked at: nothing is measured anew for it.
    """
    console = Console()
    with flow.open_house(Settings()) as house:
        day = date.fromisoformat(as_of) if as_of else house.today
        codes = [bank] if bank else list(CODECS)
        if day == house.today:
            bank_pipeline.monitor(house.bank, day, codes)
        for code in codes:
            with transaction(house.bank.engine) as connection:
                told = monitoring_report(connection, code, day)
            monitoring_printing.report(console, told, every_figure=every_figure)


@app.command()
def export(
    model: Annotated[str, typer.Argument(help="模型名 / model name, such as island_rural.baseline")],
    *,
    form: Annotated[Form, typer.Option("--format", help="评分卡原文、SQL、打印版 / what it becomes")] = "json",
    version: Annotated[str, typer.Option(help="版本 / version; default: the one that serves")] = "",
    table: Annotated[str, typer.Option(help="特征表 / for sql: the table of features")] = "household_features",
    into: Annotated[Path | None, typer.Option(help="文件 / file to write; default: the screen")] = None,
) -> None:
    """Hand a scorecard to others: its own JSON, one SELECT for PostgreSQL, or a printed page in points."""
    with flow.open_house(Settings()) as house, transaction(house.bank.engine) as connection:
        text = exported_model(connection, model, form, version=version, table_name=table)
    if into:
        into.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)
