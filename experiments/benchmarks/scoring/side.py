"""A side's process as the referee sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow.parquet as pq

from experiments.benchmarks.scoring.contest import Indices
from experiments.benchmarks.scoring.rounds import Taken
from experiments.benchmarks.scoring.setting import THREADS

HERE = "experiments.benchmarks.scoring"
PEERS_PYTHON = Path("build/peers/scoring/bin/python")
THREAD_COUNTS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMEXPR_MAX_THREADS", "RAYON_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Side:
    """Who takes part.

    Attributes:
        name: how the side is called in the table.
        module: below this package.
        ordered: it is given sorted storage.
        persons: how many of the residents it is asked about.
    """

    name: str
    module: str
    ordered: bool
    persons: int

    @property
    def python(self) -> str:
        """Ours runs where the benchmark runs, peers in their own environment."""
        return str(PEERS_PYTHON) if self.module.startswith("peers.") else sys.executable


@dataclass(frozen=True, slots=True)
class SideProcess:
    """A side that has read its input and warmed up."""

    process: subprocess.Popen[str]
    out: Path

    def hear(self) -> Any:
        """Its next answer.

        Raises:
            SystemExit: it ended instead.
        """
        line = cast("IO[str]", self.process.stdout).readline()
        if not line:
            raise SystemExit(f"{self.process.args!r} ended with {self.process.wait()}")
        return json.loads(line)

    def run(self, row: str) -> Taken:
        """Lets it run one of its rows once."""
        asked = cast("IO[str]", self.process.stdin)
        asked.write(json.dumps(row) + "\n")
        asked.flush()
        return Taken(*self.hear())

    def indices(self, row: str) -> Indices:
        """What its warm-up found, for every person."""
        return cast("Indices", pq.read_table(self.out / f"{row}.parquet").column("index_milli").to_numpy())


@contextmanager
def started(module: str, arguments: list[str], out: Path, python: str = sys.executable) -> Iterator[SideProcess]:
    """A process of this package that speaks line by line; it ends with its input."""
    env = os.environ | dict.fromkeys(THREAD_COUNTS, str(THREADS))
    command = [python, "-m", f"{HERE}.{module}", *arguments]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield SideProcess(process, out)


@contextmanager
def taking_part(side: Side, folder: Path) -> Iterator[SideProcess]:
    """The side's process, ready to be timed."""
    out = folder / side.name
    out.mkdir(exist_ok=True)
    spells = folder / ("sorted.parquet" if side.ordered else "shuffled.parquet")
    given = {"--spells": spells, "--rules": folder / "rules.json", "--persons": side.persons, "--out": out}
    arguments = [str(word) for pair in given.items() for word in pair]
    with started(side.module, arguments + ["--ordered"] * side.ordered, out, side.python) as process:
        process.hear()
        yield process
