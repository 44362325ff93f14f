"""A side's process as the referee sees it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyarrow.parquet as pq

from experiments.benchmarks.asking import Asked, python_of, speaking
from experiments.benchmarks.scoring.contest import Indices

HERE = "experiments.benchmarks.scoring"


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
        """What its module is run with."""
        return python_of(self.module)


@dataclass(frozen=True, slots=True)
class SideProcess(Asked):
    """A side that has read its input and warmed up."""

    out: Path

    def indices(self, row: str) -> Indices:
        """What its warm-up found, for every person."""
        return cast("Indices", pq.read_table(self.out / f"{row}.parquet").column("index_milli").to_numpy())


@contextmanager
def started(module: str, arguments: list[str], out: Path, python: str = sys.executable) -> Iterator[SideProcess]:
    """A process of this package that speaks line by line; it ends with its input."""
    with speaking(f"{HERE}.{module}", arguments, python) as process:
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
