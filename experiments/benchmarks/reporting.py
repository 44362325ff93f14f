"""How every benchmark reports: a table for people, flat keys for machines."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BUILD = Path("build/bench")


def report(name: str, figures: Mapping[str, Any], notes: Mapping[str, str]) -> None:
    """Prints the figures with their notes and writes `build/bench/<name>.json`.

    Args:
        name: of the benchmark.
        figures: numbers and texts by name; a mapping in the place of a number groups what belongs together.
        notes: what a figure says, by its name or, within a group, by the last part of it.
    """
    table = Table("figure", "value", "what it says", title=f"bench {name}")
    for key, value in flat(figures):
        table.add_row(key, told(value), notes.get(key, notes.get(key.rpartition(".")[2], "")))
    Console().print(table)
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{name}.json"
    path.write_text(json.dumps(dict(figures), indent=2) + "\n")
    Console().print(f"written to {path}")


def flat(figures: Mapping[str, Any], group: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure with its full name, groups joined by dots."""
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{group}{key}.")
        else:
            yield f"{group}{key}", value


def told(value: Any) -> str:
    """A figure for people: two decimals, four significant digits below one."""
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"
