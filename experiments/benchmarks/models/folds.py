"""The folds, the same for every learner: stratified, nested, drawn once per file from its rows and labels alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from experiments.benchmarks.models.exchange import HELD_OUT, Floats, Fold

OUTER: Final = 5
INNER: Final = 3
SEED: Final = 42
SMALL_ROWS: Final = 5_000
"""Files with fewer rows are split twice, as the accuracy of five folds of a few hundred rows is poor."""


def repeats_of(rows: int) -> int:
    """How often a file of so many rows is split."""
    return 2 if rows < SMALL_ROWS else 1


def drawn(labels: Floats) -> Iterator[tuple[Fold, NDArray[np.int8]]]:
    """Every outer fold with the inner fold of each row, -1 for the rows it tests."""
    nothing = np.zeros((len(labels), 1))
    for repeat in range(repeats_of(len(labels))):
        outer = StratifiedKFold(OUTER, shuffle=True, random_state=SEED + repeat)
        for number, (learned, _) in enumerate(outer.split(nothing, labels)):
            yield Fold(repeat, number), inner_numbers(labels, learned, SEED + repeat)


def inner_numbers(labels: Floats, learned: NDArray[np.intp], seed: int) -> NDArray[np.int8]:
    """The inner fold of each row that is learned from."""
    numbers = np.full(len(labels), HELD_OUT, dtype=np.int8)
    inner = StratifiedKFold(INNER, shuffle=True, random_state=seed)
    for number, (_, tested) in enumerate(inner.split(learned[:, None], labels[learned])):
        numbers[learned[tested]] = number
    return numbers
