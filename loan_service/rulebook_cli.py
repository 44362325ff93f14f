"""`haixia rulebook ...`: checking, testing, comparing and publishing rulebook editions."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from loan_service import flow, rulebook_printing
from loan_service.district.views.comparison import compared, rule_impacts
from loan_service.district.views.comparison_charts import charts
from loan_service.foundation.database import transaction
from loan_service.settings import Settings
from scoring import Rulebook, RulebookError, load_rulebook, load_rulebook_folder
from scoring.difference import difference

app = typer.Typer(help="Rulebook editions · 计分办法", no_args_is_help=True)

console = Console()

AnEdition = Annotated[str, typer.Argument(help="an edition such as 2026-01, or a folder that holds one")]


def _edition(name: str) -> Rulebook:
    """A shipped edition by its name, or one in a folder; what is wrong with it is said instead of a traceback."""
    try:
        return load_rulebook_folder(Path(name)) if Path(name).is_dir() else load_rulebook(name)
    except RulebookError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error


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
