"""`haixia model ...`: the life of default-risk models, from training to retirement."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bank_adapters import CODECS
from loan_service import flow, model_printing, monitoring_printing
from loan_service.bank import pipeline as bank_pipeline
from loan_service.bank.model_pipeline import open_registry
from loan_service.bank.stages import model_life, training
from loan_service.bank.stages.model_life import Act
from loan_service.bank.store.model_papers import findings
from loan_service.bank.views import models as views
from loan_service.bank.views.inventory import inventory_lines
from loan_service.bank.views.model_export import Form, exported_model
from loan_service.bank.views.model_monitoring import monitoring_report
from loan_service.bank.views.shadow import side_by_side
from loan_service.desk import accepted_gates
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.postgres import database_server
from loan_service.foundation.wing import Wing
from loan_service.schema import migrate
from loan_service.settings import Settings
from models.gate_levels import gate_levels_on

if TYPE_CHECKING:
    from models.registry import Registry

app = typer.Typer(help="Default-risk models · 风险模型", no_args_is_help=True)

console = Console()

AVersion = Annotated[
    str, typer.Argument(metavar="MODEL/NUMBER", help="版本 / a version, such as island_rural.baseline/3")
]
By = Annotated[str, typer.Option(help="经办人 / who does this")]
Reason = Annotated[str, typer.Option(help="理由，随记录保存 / why; it is kept with the move")]
AsJson = Annotated[bool, typer.Option("--json", help="供程序读取 / JSON, for machines")]


@dataclass(frozen=True)
class Desk:
    """What a command works with."""

    wing: Wing
    registry: "Registry"
    today: date

    def tell(self, stamp: str, *, as_json: bool) -> None:
        """Prints a version with its last move."""
        with transaction(self.wing.engine) as connection:
            told = views.history(connection, stamp)
        model_printing.last_move(console, told, as_json=as_json)


@contextmanager
def _desk() -> Iterator[Desk]:
    """The bank wing of any deployment, its registry, and the business date."""
    settings = Settings()
    with ExitStack() as stack:
        owner_url = stack.enter_context(database_server(settings))
        migrate(settings, owner_url)
        opened = open_registry(settings.model_copy(update={"database_url": owner_url}))
        yield Desk(*stack.enter_context(opened))


@app.command()
def train(
    by: By,
    bank: Annotated[str, typer.Option(help="银行代码 / bank code; default: every bank with a file")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Train and register banks' models from their past loans as developed; a known file is not trained again."""
    with _desk() as desk:
        files = training.newest_files(desk.wing.settings.files)
        wanted = {code: path for code, path in files.items() if not bank or code == bank}
        if not wanted:
            raise RefusedError(
                "model.no_file",
                f"no file of past loans below {desk.wing.settings.files}",
                f"{desk.wing.settings.files} 下没有历史贷款文件",
                "put past_loans_YYYYMMDD.csv into the bank's folder",
            )
        done = [training.train(desk.wing, code, path, desk.today, desk.registry, by) for code, path in wanted.items()]
    model_printing.trained(console, [asdict(one) for one in done], as_json=as_json)


@app.command("test")
def run_the_gates(version: AVersion, by: By, *, as_json: AsJson = False) -> None:
    """Evaluate every written gate on the version's own rows and papers, and keep the outcomes."""
    with _desk() as desk:
        model_life.run_test(desk.wing, desk.registry, version, by, desk.today)
        desk.tell(version, as_json=as_json)


@app.command()
def review(
    version: AVersion,
    by: By,
    reason: Reason,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="GATE=WHY", help="接受未定门槛的理由 / accept an undecided gate, and why"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Approve a tested version as a second person; a failed gate cannot be accepted."""
    accepted = accepted_gates(accept or [])
    with _desk() as desk:
        model_life.review(desk.wing, version, Act(by, reason, desk.today), accepted)
        desk.tell(version, as_json=as_json)


@app.command()
def promote(version: AVersion, by: By, reason: Reason, *, as_json: AsJson = False) -> None:
    """Let a reviewed version serve; the one before it is retired in the same breath."""
    with _desk() as desk:
        model_life.promote(desk.wing, version, Act(by, reason, desk.today), desk.registry.point)
        desk.tell(version, as_json=as_json)


@app.command()
def rollback(version: AVersion, by: By, reason: Reason, *, as_json: AsJson = False) -> None:
    """Take this version out: the one that served before it serves again, for offers made from now on."""
    with _desk() as desk:
        move = model_life.roll_back(desk.wing, version, Act(by, reason, desk.today), desk.registry.point)
        desk.tell(move.stamp, as_json=as_json)


@app.command()
def retire(version: AVersion, by: By, reason: Reason, *, as_json: AsJson = False) -> None:
    """Take a version that does not serve out of the running."""
    with _desk() as desk:
        model_life.retire(desk.wing, version, Act(by, reason, desk.today))
        desk.tell(version, as_json=as_json)


@app.command()
def shadow(
    version: AVersion,
    by: Annotated[str, typer.Option(help="经办人 / who starts, prolongs or ends the run")] = "",
    reason: Annotated[str, typer.Option(help="理由 / why")] = "",
    until: Annotated[str, typer.Option(help="试运行截止日 / first day it no longer scores; today ends it")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Let a tested version score beside the champion until a day; without --until show both side by side."""
    with _desk() as desk:
        if until:
            act, days = Act(by, reason, desk.today), gate_levels_on(desk.today).shadow_days
            model_life.shadow(desk.wing, version, act, date.fromisoformat(until), at_most_days=days)
            desk.tell(version, as_json=as_json)
            return
        with transaction(desk.wing.engine) as connection:
            model_printing.side_by_side(console, side_by_side(connection, version, desk.today), as_json=as_json)


@app.command("list")
def list_versions(
    bank: Annotated[str, typer.Option(help="银行代码 / bank code; default: every bank")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List every version ever developed, and the state each is in."""
    with _desk() as desk, transaction(desk.wing.engine) as connection:
        model_printing.versions(console, views.versions(connection, desk.today, bank or None), as_json=as_json)


@app.command()
def history(
    model: Annotated[str, typer.Argument(help="模型或版本 / a model or a version; default: all")] = "",
    position: Annotated[
        int | None, typer.Option(min=0, help="透明日志位置 / what was known at this sealed log position; default: now")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what was live, who moved it and why, as known at a position of the transparency log."""
    with _desk() as desk, transaction(desk.wing.engine) as connection:
        told = views.history(connection, model or None, position)
    model_printing.history(console, told, as_json=as_json)


@app.command("inventory")
def list_methods(*, as_json: AsJson = False) -> None:
    """List every quantitative method: tier, owner, validator, next review, and the versions that run now."""
    with _desk() as desk, transaction(desk.wing.engine) as connection:
        lines = inventory_lines(connection, list(CODECS), desk.today)
    model_printing.inventory(console, lines, as_json=as_json)


@app.command()
def assess(
    version: AVersion,
    by: By,
    reference: Annotated[str, typer.Option(help="评估编号 / the impact assessment's own number")],
    on: Annotated[str, typer.Option(help="评估日期 / its date, YYYY-MM-DD; default: today")] = "",
) -> None:
    """Record which personal information impact assessment speaks about a version."""
    with _desk() as desk:
        dated_on = date.fromisoformat(on) if on else desk.today
        model_life.file_assessment(desk.wing, version, reference, by, dated_on)
    console.print(f"{version}: {reference} · {by} · {dated_on}")


@app.command()
def dossier(
    version: AVersion,
    by: By,
    into: Annotated[Path | None, typer.Option(help="文件夹 / folder to write into; default: the data folder")] = None,
    *,
    pdf: Annotated[bool, typer.Option(help="是否打印为 PDF / print a PDF too, by the machine's Chromium")] = True,
) -> None:
    """Write a version's dossier (HTML and PDF, Chinese and English) and file it as a paper of that version."""
    from loan_service import dossier_cli

    with _desk() as desk:
        dossier_cli.write_dossier(console, desk.wing, desk.registry, version, by, desk.today, into, pdf=pdf)


@app.command("check-dossier")
def check_dossier(
    version: AVersion,
    file: Annotated[Path | None, typer.Option(help="facts.json | dossier.html; default: what was stored")] = None,
) -> None:
    """Regenerate every figure of a dossier from the registered version and compare; any difference ends with 1."""
    from loan_service import dossier_cli

    with _desk() as desk:
        agrees = dossier_cli.check(console, desk.wing, desk.registry, version, file)
    if not agrees:
        raise typer.Exit(1)


@app.command()
def finding(
    version: AVersion,
    by: By,
    severity: Annotated[str, typer.Option(help="low | medium | high")],
    text: Annotated[str, typer.Option(help="发现内容 / what was found")],
    owner: Annotated[str, typer.Option(help="责任人 / who has to mend it")],
    due: Annotated[str, typer.Option(help="期限 / by which day, YYYY-MM-DD")],
) -> None:
    """Raise a validator's finding; an open high one keeps a version from being promoted."""
    with _desk() as desk:
        due_on = date.fromisoformat(due)
        found = model_life.raise_finding(desk.wing, version, severity, text, owner, due_on, by, desk.today)
    model_printing.findings(console, [found])


@app.command("close-finding")
def close_finding(
    number: Annotated[str, typer.Argument(help="问题编号 / the finding's number")],
    by: By,
    evidence: Annotated[str, typer.Option(help="关闭证据 / what shows that it is mended")],
) -> None:
    """Close a finding with evidence."""
    with _desk() as desk:
        closed = model_life.close_finding(desk.wing, number, by, evidence, desk.today)
    model_printing.findings(console, [closed])


@app.command("findings")
def list_findings(model: Annotated[str, typer.Argument(help="模型 / a model; default: all")] = "") -> None:
    """List validators' findings, open ones and closed ones."""
    with _desk() as desk, transaction(desk.wing.engine) as connection:
        name, _, version = model.partition("/")
        found = findings(connection, name or None, version or None)
    model_printing.findings(console, found)


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
            bank_pipeline.monitor(house.bank, day, codes, house.settings.files)
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
