"""One side of the comparison as a process: reads its input, shows its results once as a warm-up, then is timed.

Spoken over pipes, one JSON value per line: the side says `{"ready": [names]}`, and then answers each name it is sent
with the seconds one run took. Runs of all sides can so be interleaved while everybody keeps its input in memory.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.benchmarks.scoring.rules import Rules, read_rules

Indices = NDArray[np.int32]
Run = Callable[[], object]


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
    serve(rows)


def serve(rows: Mapping[str, Row]) -> None:
    """Runs the rows it is told, until nobody asks any more."""
    _say({"ready": list(rows)})
    for line in sys.stdin:
        _say(_seconds(rows[json.loads(line)].run))


def _arguments() -> tuple[Task, Path]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spells", type=Path, required=True)
    parser.add_argument("--rules", type=Path, required=True)
    parser.add_argument("--persons", type=int, required=True)
    parser.add_argument("--ordered", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    return Task(given.spells, read_rules(given.rules), given.ordered, given.persons), given.out


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _seconds(run: Run) -> tuple[float, float]:
    """What a run took: on the wall, and of processor time over all threads."""
    started, worked = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - started, time.process_time() - worked
