"""How fast the shipped tables answer beside LightGBM itself: varied rows of raw float64, binning timed, two threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from experiments.benchmarks.models.exchange import Floats, Part
from experiments.benchmarks.models.shipped import Shipped, ship
from experiments.benchmarks.rounds import CPU, WALL, Seconds, Taken, interleaved, medians, ratio
from models.compiled_card import CompiledCard

THREADS: Final = 2
EXCHANGED: Final = 0.25
"""Share of each row's values that come from other rows, so that hardly two rows are alike."""

PER_TREES: Final = 300


@dataclass(frozen=True, slots=True)
class SpeedPlan:
    """How much is timed.

    Attributes:
        rows: varied rows.
        reason_rows: those of them for which `pred_contrib` is asked; its seconds are scaled up.
        single_rows: rows asked one by one.
        fewest: rounds at least.
        budget_seconds: no new round begins after this.
    """

    rows: int = 1_000_000
    reason_rows: int = 1_000
    single_rows: int = 20_000
    fewest: int = 3
    budget_seconds: float = 20.0


def speed(part: Part, plan: SpeedPlan) -> dict[str, float]:
    """Figures of one file."""
    shipped = ship(part)
    values = varied(part.values, plan.rows)
    bag, single = CompiledCard(shipped.card), CompiledCard(shipped.single)
    seconds = interleaved(contest(shipped, bag, single, values, plan), plan.fewest, 9, plan.budget_seconds)
    scale, trees = plan.rows / plan.reason_rows, PER_TREES / shipped.single_trees
    return {
        "predict_ratio_300": ratio(seconds, "lightgbm_single", "ours_single") * trees,
        "predict_ratio_bag": ratio(seconds, "lightgbm_bag", "ours_bag"),
        "reasons_ratio": ratio(seconds, "lightgbm_reasons", "ours_reasons") * scale,
        "cpu_predict_ratio_300": ratio(seconds, "lightgbm_single", "ours_single", CPU) * trees,
        "cpu_predict_ratio_bag": ratio(seconds, "lightgbm_bag", "ours_bag", CPU),
        "cpu_reasons_ratio": ratio(seconds, "lightgbm_reasons", "ours_reasons", CPU) * scale,
        "row_us": row_us(bag, values[: plan.single_rows]),
        "max_compile_error": shipped.compile_error(part.values),
        "trees_single": shipped.single_trees,
        "trees_bag": shipped.trees,
        "members": len(shipped.boosters),
        "interactions": len(shipped.card.interactions),
        "card_bytes": len(shipped.card.to_json()),
        **milliseconds(seconds),
    }


def contest(
    shipped: Shipped, bag: CompiledCard, single: CompiledCard, values: Floats, plan: SpeedPlan
) -> Mapping[str, Callable[[], Taken]]:
    """Everybody's task; LightGBM is handed its matrix ready-made, indicators included, in the layout it likes."""
    matrix = np.ascontiguousarray(shipped.model.layout_.expand(values))
    few = np.ascontiguousarray(matrix[: plan.reason_rows])
    first, every = shipped.boosters[:1], shipped.boosters

    def lightgbm(members: Any, asked: Floats, **how: bool) -> Callable[[], object]:
        return lambda: [one.predict(asked, num_threads=THREADS, **how) for member in members for one in member]

    tasks: dict[str, Callable[[], object]] = {
        "ours_single": lambda: single.log_odds_units(values, threads=THREADS),
        "lightgbm_single": lightgbm(first, matrix, raw_score=True),
        "ours_bag": lambda: bag.log_odds_units(values, threads=THREADS),
        "lightgbm_bag": lightgbm(every, matrix, raw_score=True),
        "ours_reasons": lambda: bag.log_odds_units_and_contributions(values, threads=THREADS),
        "lightgbm_reasons": lightgbm(every, few, pred_contrib=True),
    }
    for name in ("ours_single", "ours_bag", "ours_reasons"):
        tasks[name]()
    return {name: lambda task=task: timed(task) for name, task in tasks.items()}  # type: ignore[misc]  # one task each


def timed(task: Callable[[], object]) -> Taken:
    """Seconds of one run."""
    started, worked = time.perf_counter(), time.process_time()
    task()
    return Taken(time.perf_counter() - started, time.process_time() - worked)


def row_us(card: CompiledCard, values: Floats) -> float:
    """Microseconds for one row with probability and reasons, over varied rows one by one; the median of single rows."""
    rows = [np.ascontiguousarray(values[place : place + 1]) for place in range(len(values))]
    taken = np.empty(len(rows))
    for place, row in enumerate(rows):
        started = time.perf_counter()
        card.assess(row, reasons=True)
        taken[place] = time.perf_counter() - started
    return float(1e6 * np.median(taken))


def varied(values: Floats, count: int) -> Floats:
    """Rows drawn from a file with replacement, a share of each row's values exchanged for other rows'."""
    rng = np.random.default_rng(0)
    drawn = values[rng.integers(0, len(values), count)]
    for column in range(values.shape[1]):
        places = np.flatnonzero(rng.random(count) < EXCHANGED)
        drawn[places, column] = values[rng.integers(0, len(values), len(places)), column]
    return np.ascontiguousarray(drawn)


def milliseconds(seconds: Seconds) -> dict[str, float]:
    """The median run of each row of the contest, on the wall and of processor time."""
    wall, cpu = medians(seconds, WALL), medians(seconds, CPU)
    return {f"ms_{name}": 1000 * wall[name] for name in wall} | {f"cpu_ms_{name}": 1000 * cpu[name] for name in cpu}


def worst(files: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The promised figures: of every file the one that serves us least."""
    least = ("predict_ratio_300", "predict_ratio_bag", "reasons_ratio")
    most = ("row_us", "max_compile_error")
    return {name: min(one[name] for one in files.values()) for name in least} | {
        name: max(one[name] for one in files.values()) for name in most
    }
