"""From seconds to the figures of the table, and what each figure says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from experiments.benchmarks.rounds import CPU, WALL, Seconds, Taken, medians, ratio
from experiments.benchmarks.scoring.setting import EVENTS_PER_PERSON


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        persons: residents of the comparison.
        scale: residents of three districts, the middle one of ordinary size.
        blocks_of_history: blocks of residents whose raw history is folded.
        budget_seconds: for the rounds of each part.
        zen_persons, openfisca_persons: the declared subset these two are asked about.
    """

    persons: int
    scale: tuple[int, int, int]
    blocks_of_history: int
    budget_seconds: float
    fewest_rounds: int = 5
    most_rounds: int = 15
    zen_persons: int = 3_000
    openfisca_persons: int = 100_000

    @property
    def events(self) -> int:
        """Folded events of the comparison."""
        return self.persons * EVENTS_PER_PERSON


def figures(plan: Plan, measured: Mapping[str, Any]) -> dict[str, float]:
    """All figures, the promised ones first."""
    ordered: Seconds = measured["sorted"]
    unordered: Seconds = measured["unsorted"]
    folding, memory = measured["folding"], measured["memory"]
    promised = {
        "ratio_polars": ratio(ordered, "polars", "ours_index"),
        "ratio_duckdb": ratio(ordered, "duckdb", "ours_index"),
        "ratio_polars_unsorted": ratio(unordered, "polars", "ours_index"),
        "ratio_duckdb_unsorted": ratio(unordered, "duckdb", "ours_index"),
        "ratio_polars_with_ledger": ratio(ordered, "polars", "ours_ledger"),
        "ratio_read_pass": ratio(ordered, "ours_index", "ours_read_pass"),
        "per_resident_10m_over_1m": per_resident(measured["scale"], plan.scale[2], plan.scale[1]),
        "bytes_per_event": memory["bytes_per_event"],
        "roll_cost_1pct_over_full": ratio(ordered, "ours_roll", "ours_index"),
        "explain_ms": folding["explain_ms"],
    }
    further = {
        "cpu_ratio_polars": ratio(ordered, "polars", "ours_index", CPU),
        "cpu_ratio_duckdb": ratio(ordered, "duckdb", "ours_index", CPU),
        "cpu_ratio_polars_unsorted": ratio(unordered, "polars", "ours_index", CPU),
        "cpu_ratio_duckdb_unsorted": ratio(unordered, "duckdb", "ours_index", CPU),
        "cpu_ratio_polars_with_ledger": ratio(ordered, "polars", "ours_ledger", CPU),
        "cpu_per_resident_10m_over_1m": per_resident(measured["scale"], plan.scale[2], plan.scale[1], CPU),
        "per_resident_1m_over_100k": per_resident(measured["scale"], plan.scale[1], plan.scale[0]),
        "ratio_duckdb_with_ledger": ratio(ordered, "duckdb", "ours_ledger"),
        "ratio_numpy": ratio(ordered, "numpy", "ours_index"),
        "fold_us_per_event": 1e6 * folding["fold_seconds"] / folding["events"],
    }
    seconds = milliseconds(ordered, "sorted") | milliseconds(unordered, "unsorted")
    return promised | further | seconds | subsets(plan, ordered)


def per_resident(seconds: Seconds, many: int, few: int, clock: Callable[[Taken], float] = WALL) -> float:
    """What one resident costs in the larger district, over what he costs in the smaller one."""
    return ratio(seconds, str(many), str(few), clock) * few / many


def milliseconds(seconds: Seconds, storage: str) -> dict[str, float]:
    """The median run of everybody who was asked about all residents."""
    wall, cpu = medians(seconds), medians(seconds, CPU)
    whole = [name for name in seconds if name not in {"zen_engine", "openfisca"}]
    return {f"ms_{storage}_{name}": 1000 * wall[name] for name in whole} | {
        f"cpu_ms_{storage}_{name}": 1000 * cpu[name] for name in whole
    }


def subsets(plan: Plan, seconds: Seconds) -> dict[str, float]:
    """Microseconds per resident, where a side was asked about some residents only, beside ours."""
    median = medians(seconds)
    return {
        "us_per_resident_ours": 1e6 * median["ours_index"] / plan.persons,
        "us_per_resident_zen_engine": 1e6 * median["zen_engine"] / plan.zen_persons,
        "us_per_resident_openfisca": 1e6 * median["openfisca"] / plan.openfisca_persons,
    }


NOTES: Final = {
    "ratio_polars": "Polars' seconds over ours, index only, sorted storage (target 10)",
    "ratio_duckdb": "DuckDB's seconds over ours, index only, sorted storage (target 10)",
    "ratio_polars_unsorted": "the same from unordered events, our ordering inside the clock (target 2)",
    "ratio_duckdb_unsorted": "the same from unordered events, our ordering inside the clock (target 2)",
    "ratio_polars_with_ledger": "Polars' index only over ours with every ledger and adjusting row (target 4)",
    "ratio_read_pass": "ours over a compiled reduction that only reads the same columns (the limit)",
    "per_resident_10m_over_1m": "cost of one resident in the largest district over the middle one (target 0.8 to 1.2)",
    "bytes_per_event": "peak memory with the ledger beyond imports and input, fresh process (target 40)",
    "roll_cost_1pct_over_full": "a daily roll with one change due in a hundred persons, over computing everybody",
    "explain_ms": "one person's index computed and explained from folded history, after warm-up (target 1)",
    "cpu_ratio_polars": "the same in processor seconds, which a busy machine hardly changes",
    "cpu_ratio_duckdb": "the same in processor seconds",
    "cpu_ratio_polars_unsorted": "the same in processor seconds",
    "cpu_ratio_duckdb_unsorted": "the same in processor seconds",
    "cpu_ratio_polars_with_ledger": "the same in processor seconds",
    "cpu_per_resident_10m_over_1m": "the same in processor seconds",
    "per_resident_1m_over_100k": "cost of one resident in the middle district over the smallest",
    "ratio_duckdb_with_ledger": "DuckDB's index only over ours with every ledger and adjusting row",
    "ratio_numpy": "NumPy's seconds over ours, index only, sorted storage",
    "fold_us_per_event": "raw history folded into spells, microseconds per event",
    "us_per_resident_zen_engine": "declared subset: the first 3,000 residents, documents prepared",
    "us_per_resident_openfisca": "declared subset: the first 100,000; live spells filtered and combined beforehand",
}
