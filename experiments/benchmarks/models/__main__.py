"""The whole comparison, or parts of it: sharpness on every file, speed, calibration against the simulator's truth."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from experiments.benchmarks.models.contenders import EVERYBODY, HERE, OURSELVES, PEERS, code_key
from experiments.benchmarks.models.fit_speed import fit_speed
from experiments.benchmarks.models.notes import NOTES
from experiments.benchmarks.models.page import page
from experiments.benchmarks.models.runs import Task, prepared, run_missing
from experiments.benchmarks.models.sharpness import averages, bar, file_figures, told
from experiments.benchmarks.models.simulator import SimulatorPlan, simulator, simulator_key
from experiments.benchmarks.models.speed import SpeedPlan, speed, worst
from experiments.benchmarks.models.tables import read_table, sampled, tables_below
from experiments.benchmarks.reporting import BUILD, report
from experiments.tracking import hash_of

BELOW: Final = BUILD / "models"
DATA: Final = Path(__file__).resolve().parents[4] / "shared" / "data"

QUICK_ROWS: Final = 5_000
"""A quick run looks at so many rows of a file."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked.

    Attributes:
        files: path and target column of each.
        quick: a stated subset, for those who work on the learner.
        workers: processes at once.
    """

    files: tuple[tuple[Path, str], ...]
    quick: bool
    workers: int

    def tasks(self) -> list[Task]:
        """The files, read and prepared."""
        tables = (read_table(path, target) for path, target in self.files)
        few = (sampled(table, QUICK_ROWS) if self.quick else table for table in tables)
        return [prepared(table, BELOW, quick=self.quick) for table in few]


def main() -> None:
    """Runs the sections asked for, keeps their figures, and reports all that belong to the code as it stands."""
    given = arguments()
    plan = Plan(tuple(files(given)), given.quick, given.workers)
    for name in given.only or SECTIONS:
        started = time.perf_counter()
        figures = SECTIONS[name](plan)
        keep(name, plan, figures | {f"{name}_seconds": time.perf_counter() - started})
    parameters = {"quick": plan.quick, "files": ", ".join(names(plan.files)), "learner": OURSELVES.key}
    report("models", together(plan), NOTES, parameters=parameters, data=hash_of(path for path, _ in plan.files))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmarks.models", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"two outer folds, few configurations, {QUICK_ROWS} rows")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="a section; may be repeated")
    parser.add_argument("--data", type=Path, help=f"folder of Parquet files; else $DATA, else {DATA}")
    parser.add_argument("--file", type=Path, action="append", help="a Parquet or CSV file instead; may be repeated")
    parser.add_argument("--target", default="target", help="its column with 1 = bad (default: target)")
    parser.add_argument("--workers", type=int, default=2, help="processes at once (default: 2)")
    return parser.parse_args()


def files(given: argparse.Namespace) -> list[tuple[Path, str]]:
    """Every file with its target."""
    paths = given.file or tables_below(given.data or Path(os.environ.get("DATA") or DATA))
    return [(path, given.target) for path in paths]


def sharp(plan: Plan) -> dict[str, Any]:
    """Everybody on every file; writes the page with every configuration tried."""
    tasks = plan.tasks()
    for contenders in (PEERS, (OURSELVES,)):
        run_missing(tasks, contenders, plan.workers)
    measured = [file_figures(task) for task in tasks]
    (BELOW / "results.md").write_text(page(measured, quick=plan.quick), encoding="utf-8")
    Console().print(f"written to {BELOW / 'results.md'}")
    return {
        "files": {one.task.table.name: told(one) for one in measured},
        **bar(measured),
        "averages": averages(measured),
    }


def fast(plan: Plan) -> dict[str, Any]:
    """The shipped model of every file, a million rows on the largest file and fewer on the others; and the fit."""
    tasks = plan.tasks()
    largest = max(tasks, key=lambda task: len(task.table.part.labels))
    few = SpeedPlan(rows=200_000, reason_rows=200, single_rows=5_000, fewest=1 if plan.quick else 3)
    timed = {
        task.table.name: speed(task.table.part, SpeedPlan() if task is largest and not plan.quick else few)
        for task in tasks
    }
    return worst(timed) | fit_speed(largest.folder, rounds=1 if plan.quick else 2) | {"speed": timed}


def simulated(plan: Plan) -> dict[str, Any]:
    """Calibration against the truth."""
    return dict(simulator(SimulatorPlan(60_000, (1, 2)) if plan.quick else SimulatorPlan(), BELOW, plan.workers))


SECTIONS: Final[Mapping[str, Callable[[Plan], dict[str, Any]]]] = {
    "sharp": sharp,
    "speed": fast,
    "simulator": simulated,
}


def keep(name: str, plan: Plan, figures: Mapping[str, Any]) -> None:
    """Keeps a section's figures with the key of the code they belong to."""
    BELOW.mkdir(parents=True, exist_ok=True)
    content = {"code": code_of(name), "quick": plan.quick, "files": names(plan.files), "figures": dict(figures)}
    (BELOW / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def together(plan: Plan) -> dict[str, Any]:
    """The figures of all sections that were measured by the code as it stands, in the same kind of run."""
    figures: dict[str, Any] = {"quick": float(plan.quick)}
    for name in SECTIONS:
        path = BELOW / f"{name}.json"
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        same = content and (content["code"], content["quick"]) == (code_of(name), plan.quick)
        if same and (name == "simulator" or content["files"] == names(plan.files)):
            figures |= content["figures"]
    return figures


def names(paths: Sequence[tuple[Path, str]]) -> list[str]:
    """The files by name."""
    return [path.stem for path, _ in paths]


def code_of(name: str) -> str:
    """What a section's figures hang on."""
    if name == "simulator":
        return simulator_key()
    if name == "speed":
        return code_key(f"{HERE}.speed")
    return "-".join([code_key(f"{HERE}.sharpness"), *(one.key for one in EVERYBODY)])


if __name__ == "__main__":
    main()
