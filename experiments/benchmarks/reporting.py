"""How every benchmark reports: a table for people, flat keys for machines, an MLflow run for whoever asks later."""

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from experiments.plots import bars
from experiments.tracking import tracked

BUILD = Path("build/bench")


def report(
    name: str,
    figures: Mapping[str, Any],
    notes: Mapping[str, str],
    *,
    parameters: Mapping[str, Any] | None = None,
    data: str = "",
) -> None:
    """Prints the figures with their notes, writes `build/bench/<name>.json`, and keeps both as an MLflow run.

    Args:
        name: The benchmark.
        figures: Numbers and texts by key; a mapping in the place of a number groups what belongs together.
        notes: What a figure says, by key or, within a group, by the last part of it.
        parameters: What the benchmark was given, beside the machine.
        data: Hash of the data it ran on (`experiments.tracking.hash_of`); empty where it made its own.
    """
    table = Table("figure", "value", "what it says", title=f"bench {name}")
    for key, value in flat(figures):
        table.add_row(key, told(value), notes.get(key, notes.get(key.rpartition(".")[2], "")))
    Console().print(table)
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{name}.json"
    path.write_text(json.dumps(dict(figures), indent=2) + "\n")
    Console().print(f"written to {path}")
    with tracked(f"bench {name}", machine() | dict(parameters or {}), data=data) as run:
        run.metrics({_plain(key): value for key, value in flat(figures) if isinstance(value, int | float)})
        run.file(path.name, path.read_bytes())
        run.file(f"plots/{name}.svg", bars(_numbers(figures), f"bench {name}"))
        run.file("notes.json", json.dumps(dict(notes), ensure_ascii=False, indent=2))


def flat(figures: Mapping[str, Any], group: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure with its full key, groups joined by dots."""
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


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "machine": platform.machine(), "cores": str(os.cpu_count())}


def _plain(key: str) -> str:
    """A key in the letters MLflow allows for a metric."""
    return re.sub(r"[^A-Za-z0-9_\-. /:]", "_", key)


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    """What stands outside groups and can be drawn."""
    return {key: value for key, value in figures.items() if isinstance(value, int | float)}
