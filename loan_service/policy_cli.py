"""`haixia policy ...`: checking, testing, comparing and publishing lending policies, and entering LPR tables."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bank_adapters import CODECS
from loan_service import fairness_cli, policy_printing
from loan_service.bank.stages import policies
from loan_service.bank.stages.policies.acts import with_lpr
from loan_service.bank.stages.policies.examination import (
    Examination,
    answered,
    compare_over_households,
    filed_cases,
    over_the_households,
    read,
    static_errors,
)
from loan_service.bank.store.policy_editions import LEDGER, Published, all_lpr
from loan_service.bank.views.policies import (
    UnknownPolicyError,
    assessment_of,
    policy_by_hash,
    policy_in_force,
    publications,
)
from loan_service.desk import accepted_gates, open_desk
from loan_service.foundation.clock import today_in_shanghai
from loan_service.foundation.database import BANK, transaction
from loan_service.foundation.wing import Wing
from models.policy_case_coverage import not_asked
from models.policy_case_files import load_policy_cases
from models.policy_loader import POLICIES, PolicyEdition, PolicyFile, checked_policy
from models.terms_errors import BrokenPolicyError

app = typer.Typer(help="Lending policies · 信贷政策", no_args_is_help=True)
app.command()(fairness_cli.fairness)

console = Console()

CASES = Path("tests/policy_cases")
SHIPPED_LPR = POLICIES / "lpr.yaml"

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE|BANK]...", help="政策文件或银行代码 / default: all shipped policies"),
]
Lpr = Annotated[Path, typer.Option(help="LPR 报价表 / the LPR table; default: the shipped one")]
On = Annotated[str, typer.Option(help="自哪天起定价 / first pricing day, YYYY-MM-DD; default: today")]
APolicy = Annotated[str, typer.Argument(metavar="BANK/EDITION", help="如 / such as island_rural/2026-06")]
By = Annotated[str, typer.Option(help="经办人 / who does this")]
Cases = Annotated[Path, typer.Option(help="用例文件夹 / the folder with the owners' cases")]


def _path(name: str) -> Path:
    """A file, or the shipped policy of a bank."""
    return POLICIES / f"{name}.yaml" if name in CODECS else Path(name)


def _checked(name: str, lpr: Path, day: date) -> PolicyEdition:
    """A sound policy; what is wrong with it is said instead of a traceback."""
    try:
        return checked_policy(PolicyFile.of(_path(name)), PolicyFile.of(lpr), day)
    except BrokenPolicyError as broken:
        policy_printing.faults(console, name, broken)
        raise typer.Exit(1) from broken
    except FileNotFoundError as missing:
        console.print(f"[red]没有这个文件 / no such file: {missing.filename}[/red]", highlight=False)
        raise typer.Exit(1) from missing


@app.command()
def check(names: Names = None, lpr: Lpr = SHIPPED_LPR, on: On = "") -> None:
    """Check policies and list every value with unit, days and origin; every fault with file and line ends with 1."""
    day = date.fromisoformat(on) if on else today_in_shanghai()
    for name in names or sorted(CODECS):
        policy_printing.values(console, _checked(name, lpr, day).policy)
        console.print("[green]没有发现问题 / nothing found[/green]")


@app.command("test")
def run_the_cases(names: Names = None, cases: Cases = CASES, lpr: Lpr = SHIPPED_LPR, on: On = "") -> None:
    """Run the owners' cases; a wrong answer, or a value whose change no case would notice, ends with 1."""
    day = date.fromisoformat(on) if on else today_in_shanghai()
    try:
        filed = load_policy_cases(cases)
    except BrokenPolicyError as broken:
        policy_printing.faults(console, str(cases), broken)
        raise typer.Exit(1) from broken
    failed = False
    for name in names or sorted(CODECS):
        edition = _checked(name, lpr, day)
        asked, wrong, facets = answered(filed, edition)
        policy_printing.case_runs(console, edition.edition_id, len(asked), wrong, facets)
        failed = failed or not asked or bool(wrong) or bool(not_asked(facets))
    if failed:
        raise typer.Exit(1)


@app.command()
def compare(
    old: Annotated[
        str, typer.Argument(help="旧：文件、银行代码（生效中）或 BANK/EDITION / a file, a bank's in force, or one")
    ],
    new: Annotated[str, typer.Argument(help="新：同上 / the same")],
    out: Annotated[Path | None, typer.Option(help="评估写入的 JSON 文件 / a file for the assessment")] = None,
) -> None:
    """Show what the new policy would do to the same households on the same day, and whether its gate passes."""
    with open_desk(BANK) as (wing, today):
        before, after = (_named(wing, name, today) for name in (old, new))
        told = compare_over_households(wing, before, after, today)
    policy_printing.comparison(console, told)
    if out:
        out.write_bytes(told.to_json())
        console.print(f"→ {out}")


def _named(wing: Wing, name: str, today: date) -> PolicyEdition:
    """A policy by file, by bank (in force), or published under BANK/EDITION."""
    if Path(name).is_file():
        return read(with_lpr(wing, Path(name).read_bytes(), today))
    with transaction(wing.engine) as connection:
        bank_code, _, edition = name.partition("/")
        if not edition:
            return policy_in_force(connection, bank_code, today)
        published = LEDGER.named(connection, edition, bank_code)
        if published is None:
            raise UnknownPolicyError(name)
        return policy_by_hash(connection, published.content_hash)


@app.command()
def publish(
    policy: Annotated[Path, typer.Argument(help="政策文件 / the policy's YAML file", exists=True, dir_okay=False)],
    author: Annotated[str, typer.Option(help="起草人 / who answers for it")],
    cases: Cases = CASES,
) -> None:
    """Check a policy, run its cases, assess it over the bank's households and propose it; somebody else approves."""
    with open_desk(BANK) as (wing, today):
        examination = Examination(static_errors(today), filed_cases(cases), over_the_households(wing, today))
        _tell(wing, today, policies.publish(wing, policy.read_bytes(), author, today, examination))


@app.command()
def approve(
    policy: APolicy,
    by: By,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="GATE=WHY", help="接受未定门槛的理由 / accept an undecided gate, and why"),
    ] = None,
) -> None:
    """Approve a proposed policy as a second person; one whose gate failed is approved by nobody."""
    bank_code, _, edition = policy.partition("/")
    with open_desk(BANK) as (wing, today):
        _tell(wing, today, policies.approve(wing, bank_code, edition, by, today, accepted_gates(accept or [])))


@app.command("back-out")
def back_out(
    policy: APolicy, by: By, reason: Annotated[str, typer.Option(help="理由，随记录保存 / why; it is kept")]
) -> None:
    """Take a policy out of force from today on; the one before it prices again, offers made are honoured."""
    bank_code, _, edition = policy.partition("/")
    with open_desk(BANK) as (wing, today):
        _tell(wing, today, policies.back_out(wing, bank_code, edition, by, reason, today))


@app.command("list")
def list_policies(bank: Annotated[str, typer.Argument(help="银行代码 / bank code; default: every bank")] = "") -> None:
    """List every policy ever proposed: state, days, who, content; and which is in force today."""
    with open_desk(BANK) as (wing, today), transaction(wing.engine) as connection:
        for code in [bank] if bank else sorted(CODECS):
            policy_printing.publications(console, publications(connection, code, today), today)


@app.command()
def assessment(
    policy: APolicy, out: Annotated[Path | None, typer.Option(help="写入的文件 / a file; else it is printed")] = None
) -> None:
    """Show the impact assessment a policy was proposed with: what its approver should have read."""
    bank_code, _, edition = policy.partition("/")
    with open_desk(BANK) as (wing, _), transaction(wing.engine) as connection:
        document = assessment_of(connection, bank_code, edition)
    if out:
        out.write_bytes(document)
    else:
        console.print_json(document.decode())


@app.command()
def lpr(
    file: Annotated[
        Path | None, typer.Argument(help="LPR 报价表 / the table; without it: list what was entered")
    ] = None,
    by: Annotated[str, typer.Option(help="录入人 / who enters it")] = "",
    checked_by: Annotated[str, typer.Option(help="复核人 / who compared it with what was published")] = "",
) -> None:
    """Enter the LPR table with the newest quote; policies stay as they are, and days gone by keep their price."""
    with open_desk(BANK) as (wing, today):
        if file:
            policies.enter_lpr(wing, PolicyFile.of(file), by, checked_by, today)
        with transaction(wing.engine) as connection:
            policy_printing.lpr_tables(console, all_lpr(connection))


def _tell(wing: Wing, today: date, done: Published) -> None:
    with transaction(wing.engine) as connection:
        lines = publications(connection, done.bank_code, today)
        document = assessment_of(connection, done.bank_code, done.edition)
    policy_printing.assessed(console, document)
    policy_printing.publications(console, [line for line in lines if line.edition == done.edition], today)
