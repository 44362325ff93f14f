"""One side of the comparison as a process: reads its input, shows its results once as a warm-up, then is timed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.benchmarks.scoring.rules import Rules, read_rules
from experiments.benchmarks.speaking import Run, serve

Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Task:
    """What a side is given.

    Attributes:
        spells: Parquet file of folded events.
        ordered: they stand by (person, indicator, group, from_on, event_id); else in no order.
        persons: residents 0 up to this number are asked about.
    """

    spells: Path
    rules: Rules
    ordered: bool
    persons: int


@dataclass(frozen=True, slots=True)
class Row:
    """A named way of doing the task.

    Attributes:
        run: what is timed, complete from the columns in memory to its own kind of result.
        indices: turns that result into the civility index of every person; None: it computes no index.
    """

    run: Run
    indices: Callable[[object], Indices] | None


def contend(prepare: Callable[[Task], Mapping[str, Row]]) -> None:
    """The process of one side: prepares, warms up, writes its results, then runs when told."""
    task, out = _arguments()
    rows = prepare(task)
    for name, row in rows.items():
        result = row.run()
        if row.indices:
            pq.write_table(pa.table({"index_milli": row.indices(result)}), out / f"{name}.parquet")
    serve({name: row.run for name, row in rows.items()})


def _arguments() -> tuple[Task, Path]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spells", type=Path, required=True)
    parser.add_argument("--rules", type=Path, required=True)
    parser.add_argument("--persons", type=int, required=True)
    parser.add_argument("--ordered", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    return Task(given.spells, read_rules(given.rules), given.ordered, given.persons), given.out
