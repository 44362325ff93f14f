"""The process of one learner: it is given a folder, then outer folds line by line, and writes a cell for each.

Spoken over pipes, one JSON value per line: `[repeat, outer fold, file of the cell]` in, the file back once it is there.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.models.cells import Cell, write_cell
from experiments.benchmarks.models.contenders import EVERYBODY
from experiments.benchmarks.models.exchange import Fold, Part, read_inner, read_part
from experiments.benchmarks.models.nested import Learner, Setting, nested

Answer = Callable[[Part, NDArray[np.int8]], Cell]


def contend(learner: Learner, quick: Sequence[Setting]) -> None:
    """Answers every fold it is told through the nested search.

    Args:
        learner: with all its configurations.
        quick: the configurations of a quick run.
    """
    given = asked()
    if given.quick:
        learner.settings = quick
    serve(given.folder, lambda part, inner: nested(learner, part, inner))


def asked() -> argparse.Namespace:
    """What every learner's process is told when it starts.

    Raises:
        SystemExit: the code is another by now, so that its cells would lie under the wrong key.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    if given.key not in {one.key for one in EVERYBODY}:
        raise SystemExit(f"the code behind {given.key} has changed since the run began: run it again")
    return given


def serve(folder: Path, answer: Answer) -> None:
    """Answers until nobody asks any more."""
    part = read_part(folder)
    for fold, path in told():
        worked = time.process_time()
        cell = answer(part, read_inner(folder, fold))
        write_cell(replace(cell, seconds={**cell.seconds, "cpu": time.process_time() - worked}), path)
        sys.stdout.write(json.dumps(str(path)) + "\n")
        sys.stdout.flush()


def told() -> Iterator[tuple[Fold, Path]]:
    """Outer folds and files from the input's lines."""
    for line in sys.stdin:
        repeat, outer, path = json.loads(line)
        yield Fold(repeat, outer), Path(path)
