"""One side of the comparison as a process: reads households and policy, answers once as a warm-up, then is timed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.benchmarks.speaking import Run, serve
from experiments.benchmarks.terms.rules import Rules, read_rules


@dataclass(frozen=True, slots=True)
class Task:
    """What a side is given: a Parquet file of households (`population`), the policy, and how many to answer for."""

    households: Path
    rules: Rules
    count: int


Prepare = Callable[[Task], tuple[Mapping[str, Run], pa.Table]]
"""Reads the task: what is timed by name, and the answers (columns of `answers.EVERYTHING`)."""


def contend(prepare: Prepare) -> None:
    """The process of one side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    rows, answers = prepare(Task(given.folder / HOUSEHOLDS, read_rules(given.folder / RULES), given.count))
    pq.write_table(answers, given.out)
    serve(rows)


HOUSEHOLDS = "households.parquet"
RULES = "rules.json"
