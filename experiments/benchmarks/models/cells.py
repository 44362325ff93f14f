"""A cell: what one learner said about the rows of one outer fold, kept in one file so that nothing is done twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.benchmarks.models.exchange import Floats

_TOLD = b"told"


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration and what it reached in the inner folds.

    Attributes:
        setting: its numbers.
        loss: mean log-loss of the inner folds.
        stage: rounds at which it was best; 0 where there are none.
    """

    setting: dict[str, Any]
    loss: float
    stage: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """What a learner's process hands back.

    Attributes:
        rows: tested rows.
        probability: per learner of the process, its probability for each of them.
        trials: every configuration tried; empty without a search.
        chosen: position among `trials`; -1 without a search.
        seconds: of the whole cell, search included; of the last fit alone; of processor time.
        told: whatever else is worth telling.
    """

    rows: NDArray[np.intp]
    probability: Mapping[str, Floats]
    trials: Sequence[Trial]
    chosen: int
    seconds: Mapping[str, float]
    told: Mapping[str, Any]


def write_cell(cell: Cell, path: Path) -> None:
    """Writes the file in one move, so that an interrupted run leaves no half cell."""
    told = {
        "trials": [asdict(trial) for trial in cell.trials],
        "chosen": cell.chosen,
        "seconds": dict(cell.seconds),
        "told": dict(cell.told),
    }
    table = pa.table({"row": cell.rows, **cell.probability}).replace_schema_metadata({_TOLD: json.dumps(told)})
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    pq.write_table(table, half)
    half.replace(path)


def read_cell(path: Path) -> Cell:
    """Reads what `write_cell` wrote."""
    table = pq.read_table(path)
    told = json.loads(table.schema.metadata[_TOLD])
    names = table.column_names[1:]
    return Cell(
        rows=table.column("row").to_numpy(),
        probability={name: table.column(name).to_numpy() for name in names},
        trials=[Trial(**trial) for trial in told["trials"]],
        chosen=told["chosen"],
        seconds=told["seconds"],
        told=told["told"],
    )
