"""From seconds to the figures of the table, and what each figure says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from experiments.benchmarks.rounds import CPU, WALL, Seconds, medians, ratio


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        households: of the comparison.
        zen_households: the declared subset zen-engine is asked about; its seconds are scaled up.
        budget_seconds: no new round begins after this.
    """

    households: int
    zen_households: int = 3_000
    fewest_rounds: int = 5
    most_rounds: int = 25
    budget_seconds: float = 40


def figures(plan: Plan, seconds: Seconds) -> dict[str, float]:
    """All figures, the promised ones first."""
    scale = plan.households / plan.zen_households
    return {
        "ratio_zen": scale * ratio(seconds, "zen_engine_reasons", "ours_reasons"),
        "ratio_polars": ratio(seconds, "polars_reasons", "ours_reasons"),
        "households_per_second": plan.households / median(map(WALL, seconds["ours_whole"])),
        "ratio_zen_without_reasons": scale * ratio(seconds, "zen_engine_terms", "ours_terms"),
        "ratio_polars_without_reasons": ratio(seconds, "polars_terms", "ours_terms"),
        "cpu_ratio_polars": ratio(seconds, "polars_reasons", "ours_reasons", CPU),
        "ratio_polars_over_whole": ratio(seconds, "polars_reasons", "ours_whole"),
        **{f"ms_{name}": 1000 * each for name, each in medians(seconds).items()},
    }


NOTES: Final[Mapping[str, str]] = {
    "ratio_zen": "offers with reasons, at least 100: zen-engine's batch of expressions over our time",
    "ratio_polars": "offers with reasons, at least 3: Polars, two threads, over our time",
    "households_per_second": "from raw columns: features, expert card, reasons proven by acting, offers as Arrow",
    "ratio_zen_without_reasons": "terms and ledgers alone",
    "ratio_polars_without_reasons": "terms and ledgers alone",
    "cpu_ratio_polars": "the same by processor time, which a busy machine hardly changes",
    "ratio_polars_over_whole": "Polars given probability and contributions, ours making them from raw columns",
    "ms_zen_engine_reasons": "for the declared subset",
    "ms_zen_engine_terms": "for the declared subset",
}
