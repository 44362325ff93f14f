"""`haixia rulebook ...`: checking, testing, comparing and publishing rulebook editions."""

import typer

app = typer.Typer(help="Rulebook editions · 计分办法", no_args_is_help=True)
