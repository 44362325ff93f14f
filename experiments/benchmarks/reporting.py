"""How every benchmark reports: a table for people, flat keys for machines, an MLflow run for whoever asks later."""

import json
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from experiments.plots import bars
from experiments.tracking import tracked

BUILD = Path("build/bench")


def report(
    name: str,
    figures: Mapping[str, float],
    notes: Mapping[str, str],
    *,
    parameters: Mapping[str, Any] | None = None,
    data: str = "",
) -> None:
    """Prints the figures with their notes, writes `build/bench/<name>.json`, and keeps both as an MLflow run.

    Args:
        name: The benchmark.
        figures: By flat key.
        notes: What a figure says, by key.
        parameters: What the benchmark was given, beside the machine.
        data: Hash of the data it ran on (`experiments.tracking.hash_of`); empty where it made its own.
    """
    table = Table("figure", "value", "what it says", title=f"bench {name}")
    for key, value in figures.items():
        table.add_row(key, f"{value:,.2f}", notes.get(key, ""))
    Console().print(table)
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{name}.json"
    path.write_text(json.dumps(dict(figures), indent=2) + "\n")
    Console().print(f"written to {path}")
    with tracked(f"bench {name}", machine() | dict(parameters or {}), data=data) as run:
        run.metrics({_plain(key): value for key, value in figures.items()})
        run.file(path.name, path.read_bytes())
        run.file(f"plots/{name}.svg", bars(figures, f"bench {name}"))
        run.file("notes.json", json.dumps(dict(notes), ensure_ascii=False, indent=2))


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {"python": platform.python_version(), "machine": platform.machine(), "cores": str(os.cpu_count())}


def _plain(key: str) -> str:
    """A key in the letters MLflow allows for a metric."""
    return re.sub(r"[^A-Za-z0-9_\-. /:]", "_", key)
