"""Runs whatever cells are missing: processes of learners side by side, each on one thread, every cell kept."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.models.cells import Cell, read_cell
from experiments.benchmarks.models.contenders import HERE, Contender
from experiments.benchmarks.models.exchange import Fold, write_folds, write_part
from experiments.benchmarks.models.folds import drawn
from experiments.benchmarks.models.tables import CreditTable

THREAD_COUNTS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
QUICK_FOLDS: Final = 2
"""A quick run tests this many outer folds of the first split."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file prepared for the learners.

    Attributes:
        table: the file.
        folder: where its table, folds and cells are.
        folds: outer folds that are tested.
        quick: few configurations.
    """

    table: CreditTable
    folder: Path
    folds: tuple[Fold, ...]
    quick: bool

    def cell_path(self, contender: Contender, fold: Fold) -> Path:
        """Where a cell is kept."""
        return self.folder / (contender.key + "-quick" * self.quick) / f"{fold.name}.parquet"

    def cell(self, contender: Contender, fold: Fold) -> Cell:
        """A cell that is there."""
        return read_cell(self.cell_path(contender, fold))

    def missing(self, contender: Contender) -> list[Fold]:
        """Folds without a cell."""
        return [fold for fold in self.folds if not self.cell_path(contender, fold).exists()]


def prepared(table: CreditTable, below: Path, *, quick: bool) -> Task:
    """Writes the table and its folds where the learners' processes look for them."""
    folder = below / table.key
    folder.mkdir(parents=True, exist_ok=True)
    folds: list[tuple[Fold, NDArray[np.int8]]] = list(drawn(table.part.labels))
    if not (folder / "folds.parquet").exists():
        write_part(table.part, folder)
        write_folds(folds, folder)
    names = tuple(fold for fold, _ in folds)
    return Task(table, folder, names[:QUICK_FOLDS] if quick else names, quick)


def run_missing(tasks: Sequence[Task], contenders: Sequence[Contender], workers: int) -> None:
    """Runs every missing cell.

    Raises:
        SystemExit: the peers' environment is not there.
        CalledProcessError: a learner's process failed; what was done is kept.
    """
    jobs = [job for contender in contenders for task in tasks for job in shared_out(task, contender, workers)]
    absent = {contender.python for _, contender, _ in jobs if not Path(contender.python).exists()}
    if absent:
        raise SystemExit(f"{absent} 不存在 / is not there: run `make bench-models`, which installs the peers")
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda job: run(*job), jobs):
            pass


def shared_out(task: Task, contender: Contender, workers: int) -> Iterator[tuple[Task, Contender, list[Fold]]]:
    """A contender's missing folds of one file in as many jobs as there are workers."""
    missing = task.missing(contender)
    shares = (missing[first::workers] for first in range(workers))
    return ((task, contender, share) for share in shares if share)


def run(task: Task, contender: Contender, folds: Sequence[Fold]) -> None:
    """One process that answers some folds of one file."""
    command = [
        contender.python,
        "-m",
        f"{HERE}.{contender.module}",
        "--folder",
        str(task.folder),
        "--key",
        contender.key,
    ]
    env = os.environ | dict.fromkeys(THREAD_COUNTS, "1")
    quick = ["--quick"] if task.quick else []
    with subprocess.Popen(
        command + quick, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        for fold in folds:
            asked = cast("IO[str]", process.stdin)
            asked.write(json.dumps([fold.repeat, fold.outer, str(task.cell_path(contender, fold))]) + "\n")
            asked.flush()
            if not cast("IO[str]", process.stdout).readline():
                raise subprocess.CalledProcessError(process.wait(), command)
            print(f"{task.table.name} {fold.name} {contender.learners[0]}", flush=True)
