"""The referee: draws households, warms all sides up, checks that they answer alike, times them by turns, reports."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.benchmarks.asking import Asked, python_of, speaking
from experiments.benchmarks.reporting import BUILD, report
from experiments.benchmarks.rounds import Seconds, interleaved
from experiments.benchmarks.terms.answers import EVERYTHING
from experiments.benchmarks.terms.contest import HOUSEHOLDS, RULES
from experiments.benchmarks.terms.day_rules import day_rules
from experiments.benchmarks.terms.figures import NOTES, Plan, figures
from experiments.benchmarks.terms.ours import BANK, DAY
from experiments.benchmarks.terms.population import population
from experiments.benchmarks.terms.rules import write_rules
from models.day_policy import policy_on
from models.feature_spec import declared_features
from models.policy_loader import load_policy

HERE = "experiments.benchmarks.terms"
OURS = "ours"
FULL = Plan(households=100_000)
QUICK = Plan(households=5_000, zen_households=500, fewest_rounds=2, budget_seconds=5)


@dataclass(frozen=True, slots=True)
class Side:
    """Who takes part.

    Attributes:
        name: how the side is called in the table.
        module: below this package.
        households: how many of the households it answers for.
        rows: what it is timed at.
    """

    name: str
    module: str
    households: int
    rows: tuple[str, ...]

    @property
    def python(self) -> str:
        """What its module is run with."""
        return python_of(self.module)


def main() -> None:
    """Runs everything below a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5,000 households: for those who work on the benchmark")
    plan = QUICK if parser.parse_args().quick else FULL
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=BUILD, prefix="terms-"))
    try:
        measured = measure(plan, folder)
    finally:
        shutil.rmtree(folder)
    report("terms", figures(plan, measured), NOTES, parameters={"households": plan.households, "bank": BANK})


def measure(plan: Plan, folder: Path) -> Seconds:
    """Every side in its own process, all with the same households and the same policy."""
    write_task(plan.households, folder)
    sides = [
        Side(OURS, "ours", plan.households, ("reasons", "terms", "whole")),
        Side("polars", "peers.polars_side", plan.households, ("reasons", "terms")),
        Side("zen_engine", "peers.zen_side", plan.zen_households, ("reasons", "terms")),
    ]
    with ExitStack() as stack:
        taking = {side.name: stack.enter_context(taking_part(side, folder)) for side in sides}
        for side in sides[1:]:
            require_equal(side, answers(side, folder), answers(sides[0], folder))
        rows = {f"{side.name}_{row}": partial(taking[side.name].run, row) for side in sides for row in side.rows}
        return interleaved(rows, plan.fewest_rounds, plan.most_rounds, plan.budget_seconds)


def write_task(households: int, folder: Path) -> None:
    """Writes the households and the policy of the day."""
    features = len(declared_features("baseline").names)
    pq.write_table(population(households, features), folder / HOUSEHOLDS)
    edition = load_policy(BANK, DAY)
    write_rules(day_rules(policy_on(edition.policy, edition.lpr, DAY), features), folder / RULES)


@contextmanager
def taking_part(side: Side, folder: Path) -> Iterator[Asked]:
    """The side's process, ready to be timed."""
    given = {"--folder": folder, "--count": side.households, "--out": _answers_of(side, folder)}
    arguments = [str(word) for pair in given.items() for word in pair]
    with speaking(f"{HERE}.{side.module}", arguments, side.python) as process:
        asked = Asked(process)
        asked.hear()
        yield asked


def answers(side: Side, folder: Path) -> pa.Table:
    """What its warm-up found."""
    return pq.read_table(_answers_of(side, folder))


def _answers_of(side: Side, folder: Path) -> Path:
    return folder / f"{side.name}.parquet"


def require_equal(side: Side, theirs: pa.Table, ours: pa.Table) -> None:
    """Raises SystemExit if any answer about any household differs."""
    if theirs.num_rows != side.households:
        raise SystemExit(f"{side.name} answered for {theirs.num_rows} of {side.households} households")
    for name in EVERYTHING:
        same = pc.equal(theirs[name], ours[name].slice(0, side.households))
        first = pc.index(same, value=False).as_py()
        if first >= 0:
            differing = pc.sum(pc.invert(same)).as_py()
            raise SystemExit(f"{side.name} differs in {name} for {differing} households, the first is {first}")


if __name__ == "__main__":
    main()
