"""The limit row: a serial compiled reduction that reads the same columns and does nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(nogil=True)
def total(column: NDArray[np.integer[Any]], start: int, stop: int) -> int:
    """The sum of some rows of a column; the slice begins at 0, so that the compiler makes vectors of the loop."""
    part, added = column[start:stop], 0
    for row in range(part.size):
        added += part[row]
    return added


def read_pass(columns: list[NDArray[Any]], threads: int) -> int:
    """Reads every column once, each thread its own share of the rows; the sum proves that nothing was left out."""
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda turn: sum(_share(column, turn, threads) for column in columns), range(threads)))


def _share(column: NDArray[Any], turn: int, threads: int) -> int:
    return int(total(column, len(column) * turn // threads, len(column) * (turn + 1) // threads))
