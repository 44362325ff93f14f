"""Interleaved rounds and what is read from them: medians, and medians of ratios taken within a round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from operator import attrgetter
from statistics import median
from typing import Final, NamedTuple


class Taken(NamedTuple):
    """What one run took, seconds.

    Attributes:
        wall: as a clock on the wall tells; what else the machine does is in it.
        cpu: of processor time over all threads; a busy machine hardly changes it.
    """

    wall: float
    cpu: float


Timed = Callable[[], Taken]
Seconds = dict[str, list[Taken]]
WALL: Final = attrgetter("wall")
CPU: Final = attrgetter("cpu")


def interleaved(rows: Mapping[str, Timed], fewest: int, most: int, budget_seconds: float) -> Seconds:
    """Runs every row once per round, so that what else happens on the machine meets all of them alike.

    Args:
        rows: each runs once and tells its seconds.
        fewest: rounds at least, whatever they take.
        most: rounds at most.
        budget_seconds: no new round begins after this.
    """
    seconds: Seconds = {name: [] for name in rows}
    started = time.perf_counter()
    for turn in range(most):
        if turn >= fewest and time.perf_counter() - started > budget_seconds:
            break
        for name, run in rows.items():
            seconds[name].append(run())
    return seconds


def ratio(seconds: Seconds, above: str, below: str, clock: Callable[[Taken], float] = WALL) -> float:
    """The median over rounds of one row's seconds over another's."""
    return median(clock(one) / clock(other) for one, other in zip(seconds[above], seconds[below], strict=True))


def medians(seconds: Seconds, clock: Callable[[Taken], float] = WALL) -> dict[str, float]:
    """The median seconds of every row."""
    return {name: median(map(clock, runs)) for name, runs in seconds.items()}
