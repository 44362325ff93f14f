"""`haixia rulebook ...`: checking, testing, comparing and publishing rulebook editions."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from loan_service import rulebook_printing
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
