"""How every benchmark reports: a table for people, flat keys for machines."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

BUILD = Path("build/bench")


def report(name: str, figures: Mapping[str, float], notes: Mapping[str, str]) -> None:
    """Prints the figures with their notes and writes `build/bench/<name>.json`."""
    table = Table("figure", "value", "what it says", title=f"bench {name}")
    for key, value in figures.items():
        table.add_row(key, f"{value:,.2f}", notes.get(key, ""))
    Console().print(table)
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{name}.json"
    path.write_text(json.dumps(dict(figures), indent=2) + "\n")
    Console().print(f"written to {path}")
