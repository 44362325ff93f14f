"""`haixia rulebook ...`: checking, testing, comparing and publishing rulebook editions."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from loan_service import flow, rulebook_printing
from loan_service.desk import open_desk
from loan_service.district.stages import rulebooks
from loan_service.district.stages.rulebooks.examination import (
    Examination,
    filed_cases,
    over_the_population,
    static_errors,
)
from loan_service.district.store.rulebooks import Published
from loan_service.district.views import recourse as recourses
from loan_service.district.views.comparison import compared, rule_impacts
from loan_service.district.views.comparison_charts import charts
from loan_service.district.views.rulebooks import assessment_of, publications
from loan_service.foundation.database import DISTRICT, transaction
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings
from scoring import Rulebook, RulebookError, load_rulebook, load_rulebook_folder
from scoring.case_coverage import coverage, lacking
from scoring.cases import run_cases
from scoring.difference import difference
from scoring.loader import RULEBOOKS, check_edition, edition_files, editions, load_cases
from scoring.value_sheet import value_sheet

app = typer.Typer(help="Rulebook editions · 计分办法", no_args_is_help=True)

console = Console()

CASES = Path("tests/rulebook_cases")

AnEdition = Annotated[str, typer.Argument(help="an edition such as 2026-01, or a folder that holds one")]


def _edition(name: str) -> Rulebook:
    """A shipped edition by its name, or one in a folder; what is wrong with it is said instead of a traceback."""
    try:
        return load_rulebook_folder(Path(name)) if Path(name).is_dir() else load_rulebook(name)
    except RulebookError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error


def _files(name: str) -> dict[str, bytes]:
    """The files of a shipped edition, or of one in a folder."""
    try:
        return edition_files(Path(name) if Path(name).is_dir() else RULEBOOKS / name)
    except RulebookError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[EDITION]...", help="default: all shipped ones")] = None,
    *,
    values: Annotated[bool, typer.Option(help="list every number with its unit, origin, ground and use")] = False,
) -> None:
    """Check every value of an edition against the others and the law, run it, and show how it behaves."""
    reports = {name: check_edition(_files(name)) for name in names or editions()}
    for name, report in reports.items():
        rulebook_printing.report(console, name, report)
        if values and report.rulebook:
            rulebook_printing.values(console, value_sheet(report.rulebook))
    if not all(report.sound for report in reports.values()):
        raise typer.Exit(1)


@app.command("test")
def run_the_cases(
    edition: Annotated[str, typer.Argument(help="an edition, or a folder that holds one; default: all shipped")] = "",
    cases: Annotated[Path, typer.Option(help="the folder with the owners' cases")] = CASES,
) -> None:
    """Run the cases the owners wrote; a wrong answer, or a value of the edition no case asks about, ends with 1."""
    try:
        filed = load_cases(cases)
    except RulebookError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error
    failed = False
    for name in [edition] if edition else editions():
        rulebook = _edition(name)
        runs = tuple(run_cases(filed, rulebook))
        facets = coverage(runs, rulebook)
        rulebook_printing.case_runs(console, rulebook, runs, facets)
        failed = failed or any(run.mismatches for run in runs) or bool(lacking(facets))
    if failed:
        raise typer.Exit(1)


@app.command()
def diff(old: AnEdition, new: AnEdition) -> None:
    """Show what two editions differ in: in points, months and days, and for whose good."""
    rulebook_printing.differences(console, difference(_edition(old), _edition(new)))


@app.command()
def compare(
    old: AnEdition,
    new: AnEdition,
    as_of: Annotated[str, typer.Option(help="the day in question, YYYY-MM-DD; default: today's business date")] = "",
    out: Annotated[Path | None, typer.Option(help="a folder for charts (SVG) and the assessment (JSON)")] = None,
) -> None:
    """Show what the new edition would do to the same people on the same day: who moves, how far, by which rule."""
    before, after = _edition(old), _edition(new)
    with flow.open_house(Settings()) as house, transaction(house.district.engine) as connection:
        day = date.fromisoformat(as_of) if as_of else house.today
        comparison = compared(connection, before, after, day)
    impacts = rule_impacts(comparison, after, before)
    rulebook_printing.comparison(console, comparison, impacts)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "comparison.json").write_bytes(comparison.to_json())
        for name, svg in charts(comparison, impacts).items():
            (out / f"{name}.svg").write_text(svg, "utf-8")
        console.print(f"→ {out}")


@app.command()
def recourse(
    person: Annotated[str, typer.Argument(help="person id, or an 18-digit resident identity number")],
    can: Annotated[list[str] | None, typer.Option(help="a kind of thing he can do; default: every kind")] = None,
    target: Annotated[str | None, typer.Option(help="the grade aimed at; default: the next one")] = None,
    as_of: Annotated[str, typer.Option(help="the day in question, YYYY-MM-DD; default: today's business date")] = "",
) -> None:
    """Show the cheapest steps from today's ledger to the next grade, each plan rescored; at the top, what ends next."""
    with flow.open_house(Settings()) as house, transaction(house.district.engine) as connection:
        day = date.fromisoformat(as_of) if as_of else house.today
        told = recourses.recourse(connection, flow.person_id_of(house, person), day, can or recourses.kinds(), target)
    rulebook_printing.recourse(console, told)


# --- publishing -------------------------------------------------------------------------------------------------------
AName = Annotated[str, typer.Argument(help="an edition that was proposed, such as 2027-01")]
By = Annotated[str, typer.Option(help="who does this")]


@app.command()
def publish(
    edition: AnEdition,
    author: Annotated[str, typer.Option(help="who answers for the edition")],
    assessment: Annotated[
        Path | None, typer.Option(help="the impact assessment, if made before; else made now")
    ] = None,
    cases: Annotated[Path, typer.Option(help="the folder with the cases the edition must pass")] = CASES,
) -> None:
    """Check an edition, run its cases, assess its impact and propose it; it takes force once somebody else approves."""
    files, brought = _files(edition), assessment.read_bytes() if assessment else None
    try:
        run = filed_cases(cases)
    except RulebookError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error
    with open_desk(DISTRICT) as (wing, today):
        examination = Examination(static_errors, run, over_the_population(wing, today))
        _tell(wing, today, rulebooks.publish(wing, files, author, today, examination, brought))


@app.command()
def assessment(
    edition: AName, out: Annotated[Path | None, typer.Option(help="a file for it; else it is printed")] = None
) -> None:
    """Show the impact assessment an edition was proposed with: what its approver should have read."""
    with open_desk(DISTRICT) as (wing, _), transaction(wing.engine) as connection:
        document = assessment_of(connection, edition)
    if out:
        out.write_bytes(document)
    else:
        console.print_json(document.decode())


@app.command()
def approve(edition: AName, by: By) -> None:
    """Approve a proposed edition as a second person: it takes force on its effective date."""
    with open_desk(DISTRICT) as (wing, today):
        _tell(wing, today, rulebooks.approve(wing, edition, by, today))


@app.command("back-out")
def back_out(
    edition: AName, by: By, reason: Annotated[str, typer.Option(help="why; it is kept with the edition")]
) -> None:
    """Take an edition out of force from today on: the one before it is in force again, history stays."""
    with open_desk(DISTRICT) as (wing, today):
        _tell(wing, today, rulebooks.back_out(wing, edition, by, reason, today))


@app.command("list")
def list_editions() -> None:
    """List every edition ever proposed: state, dates, who, content; and which is in force today."""
    with open_desk(DISTRICT) as (wing, today), transaction(wing.engine) as connection:
        rulebook_printing.publications(console, publications(connection, today), today)


def _tell(wing: Wing, today: date, done: Published) -> None:
    with transaction(wing.engine) as connection:
        lines = [line for line in publications(connection, today) if line.edition == done.edition]
    rulebook_printing.publications(console, lines, today)
