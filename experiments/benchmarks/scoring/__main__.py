"""The referee: makes the district, lets every side warm up, checks that all agree, times them by turns, reports."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from experiments.benchmarks.reporting import BUILD, report
from experiments.benchmarks.rounds import Seconds, interleaved
from experiments.benchmarks.scoring.edition_rules import edition_rules
from experiments.benchmarks.scoring.figures import NOTES, Plan, figures
from experiments.benchmarks.scoring.ours import edition_arithmetic, sorted_spells
from experiments.benchmarks.scoring.population import population, shuffled
from experiments.benchmarks.scoring.rules import write_rules
from experiments.benchmarks.scoring.setting import EDITION
from experiments.benchmarks.scoring.side import HERE, Side, SideProcess, started, taking_part
from experiments.benchmarks.scoring.spell_columns import write_columns
from scoring import load_rulebook

FULL = Plan(persons=1_000_000, scale=(100_000, 1_000_000, 10_000_000), blocks_of_history=10, budget_seconds=60)
QUICK = Plan(persons=100_000, scale=(20_000, 100_000, 400_000), blocks_of_history=2, budget_seconds=10)

OURS = "ours"


def main() -> None:
    """Runs everything below a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 residents: for those who work on the benchmark")
    plan = QUICK if parser.parse_args().quick else FULL
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=BUILD, prefix="scoring-"))
    try:
        measured = measure(plan, folder)
    finally:
        shutil.rmtree(folder)
    report("scoring", figures(plan, measured), NOTES)


def measure(plan: Plan, folder: Path) -> dict[str, Any]:
    """Every part of the benchmark, one after the other, so that none disturbs another."""
    make_district(plan, folder)
    told: dict[str, Any] = {"memory": alone("memory", str(folder), str(plan.events))}
    told["folding"] = alone("folding", str(plan.blocks_of_history))
    told["sorted"] = contest(plan, folder, sorted_sides(plan), ("index", "ledger", "read_pass", "roll"))
    told["unsorted"] = contest(plan, folder, unsorted_sides(plan), ("index",))
    told["scale"] = scale(plan, folder)
    return told


def make_district(plan: Plan, folder: Path) -> None:
    """Writes sorted and shuffled storage, the rules, and our own columns raw."""
    write_rules(edition_rules(load_rulebook(EDITION)), folder / "rules.json")
    columns = population(plan.persons)
    write_columns(columns, folder / "sorted.parquet")
    write_columns(shuffled(columns), folder / "shuffled.parquet")
    for name, column in sorted_spells(columns, plan.persons, edition_arithmetic())._asdict().items():
        np.save(folder / f"{name}.npy", column)


def sorted_sides(plan: Plan) -> list[Side]:
    """Who is given sorted storage."""
    return [
        Side(OURS, "ours", ordered=True, persons=plan.persons),
        Side("polars", "peers.polars_side", ordered=True, persons=plan.persons),
        Side("duckdb", "peers.duckdb_side", ordered=True, persons=plan.persons),
        Side("numpy", "peers.numpy_side", ordered=True, persons=plan.persons),
        Side("zen_engine", "peers.zen_side", ordered=True, persons=plan.zen_persons),
        Side("openfisca", "peers.openfisca_side", ordered=True, persons=plan.openfisca_persons),
    ]


def unsorted_sides(plan: Plan) -> list[Side]:
    """Who is given the same events in no order."""
    return [
        Side(OURS, "ours", ordered=False, persons=plan.persons),
        Side("polars", "peers.polars_side", ordered=False, persons=plan.persons),
        Side("duckdb", "peers.duckdb_side", ordered=False, persons=plan.persons),
    ]


def contest(plan: Plan, folder: Path, sides: list[Side], our_rows: tuple[str, ...]) -> Seconds:
    """Warms all sides up, fails unless they agree for every person, then times them by turns."""
    with ExitStack() as stack:
        taking = {side.name: stack.enter_context(taking_part(side, folder)) for side in sides}
        for side in sides:
            require_equal(side, taking[side.name], taking[OURS], "ledger" if "ledger" in our_rows else "index")
        rows = {f"{OURS}_{row}": partial(taking[OURS].run, row) for row in our_rows}
        peers = {name: partial(process.run, "index") for name, process in taking.items() if name != OURS}
        return interleaved(rows | peers, plan.fewest_rounds, plan.most_rounds, plan.budget_seconds)


def require_equal(side: Side, theirs: SideProcess, ours: SideProcess, our_row: str) -> None:
    """Raises SystemExit if a person's index differs; our ledger's sums are compared besides."""
    expected = ours.indices("index")
    answers = {side.name: theirs.indices("index"), our_row: ours.indices(our_row)}
    for name, found in answers.items():
        if len(found) < min(side.persons, len(expected)):
            raise SystemExit(f"{name} answered for {len(found)} of {side.persons} persons")
        differing = np.flatnonzero(found != expected[: len(found)])
        if len(differing):
            raise SystemExit(f"{name} differs for {len(differing)} persons, the first is {differing[0]}")


def scale(plan: Plan, folder: Path) -> Seconds:
    """Our index-only run in districts of different size, by turns."""
    with ExitStack() as stack:
        rows = {}
        for persons in plan.scale:
            process = stack.enter_context(started("scale", [str(persons)], folder))
            process.hear()
            rows[str(persons)] = partial(process.run, "index")
        return interleaved(rows, plan.fewest_rounds, plan.most_rounds, plan.budget_seconds)


def alone(module: str, *arguments: str) -> Mapping[str, float]:
    """What a module tells of itself, run in a fresh process."""
    done = subprocess.run([sys.executable, "-m", f"{HERE}.{module}", *arguments], stdout=subprocess.PIPE, check=True)
    read: Mapping[str, float] = json.loads(done.stdout)
    return read


if __name__ == "__main__":
    main()
