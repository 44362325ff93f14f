"""Interleaved rounds and what is read from them: medians, and medians of ratios taken within a round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

Timed = Callable[[], float]
Seconds = dict[str, list[float]]


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


def ratio(seconds: Seconds, above: str, below: str) -> float:
    """The median over rounds of one row's seconds over another's."""
    return median(one / other for one, other in zip(seconds[above], seconds[below], strict=True))


def medians(seconds: Seconds) -> dict[str, float]:
    """The median seconds of every row."""
    return {name: median(runs) for name, runs in seconds.items()}
