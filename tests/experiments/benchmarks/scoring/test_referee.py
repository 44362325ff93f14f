import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.benchmarks.asking import PEERS_PYTHON
from experiments.benchmarks.rounds import CPU, Taken, interleaved, medians, ratio
from experiments.benchmarks.scoring.__main__ import FULL, QUICK, require_equal, sorted_sides, unsorted_sides
from experiments.benchmarks.scoring.edition_rules import edition_rules
from experiments.benchmarks.scoring.figures import NOTES, figures, per_resident
from experiments.benchmarks.scoring.population import BLOCK, population
from experiments.benchmarks.scoring.rules import write_rules
from experiments.benchmarks.scoring.setting import EDITION
from experiments.benchmarks.scoring.side import Side, SideProcess, started, taking_part
from experiments.benchmarks.scoring.spell_columns import write_columns
from scoring import load_rulebook

Told = Callable[..., SideProcess]

PROMISED = (
    "ratio_polars",
    "ratio_duckdb",
    "ratio_polars_unsorted",
    "ratio_duckdb_unsorted",
    "ratio_polars_with_ledger",
    "ratio_read_pass",
    "per_resident_10m_over_1m",
    "bytes_per_event",
    "roll_cost_1pct_over_full",
    "explain_ms",
)


def taken(*walls: float) -> list[Taken]:
    return [Taken(wall, 2 * wall) for wall in walls]


def test_a_ratio_is_the_median_of_ratios_within_rounds() -> None:
    seconds = {"peer": taken(10, 40, 10), "ours": taken(1, 8, 1)}
    assert ratio(seconds, "peer", "ours") == 10
    assert medians(seconds) == {"peer": 10, "ours": 1}


def test_processor_time_is_told_apart_from_the_wall() -> None:
    seconds = {"peer": [Taken(9, 4)], "ours": [Taken(1, 2)]}
    assert ratio(seconds, "peer", "ours", CPU) == 2
    assert medians(seconds, CPU) == {"peer": 4, "ours": 2}


def test_rounds_take_turns_and_stop_at_the_most() -> None:
    calls: list[str] = []

    def called(name: str) -> Taken:
        calls.append(name)
        return Taken(1, 1)

    rows = {name: partial(called, name) for name in ("a", "b")}
    assert interleaved(rows, fewest=1, most=3, budget_seconds=60) == {"a": [Taken(1, 1)] * 3, "b": [Taken(1, 1)] * 3}
    assert calls == ["a", "b"] * 3


def test_without_time_the_fewest_rounds_are_still_run() -> None:
    assert len(interleaved({"a": lambda: Taken(1, 1)}, fewest=2, most=9, budget_seconds=0)["a"]) == 2


def test_one_resident_costs_as_much_where_ten_times_as_many_take_ten_times_as_long() -> None:
    assert per_resident({"10": taken(1), "100": taken(10)}, 100, 10) == 1
    assert per_resident({"10": taken(1), "100": taken(15)}, 100, 10) == 1.5


def test_the_promised_figures_stand_first_and_say_what_they_mean() -> None:
    ours = ("ours_index", "ours_ledger", "ours_read_pass", "ours_roll")
    peers = ("polars", "duckdb", "numpy", "zen_engine", "openfisca")
    measured = {
        "sorted": {name: taken(1) for name in ours + peers},
        "unsorted": {name: taken(1) for name in ("ours_index", "polars", "duckdb")},
        "scale": {str(persons): taken(1) for persons in FULL.scale},
        "memory": {"bytes_per_event": 1.0},
        "folding": {"explain_ms": 1.0, "fold_seconds": 1.0, "events": 1},
    }
    found = figures(FULL, measured)
    assert tuple(found)[: len(PROMISED)] == PROMISED
    assert {name for name in found if not name.startswith(("ms_", "cpu_ms_", "us_"))} <= set(NOTES)


def test_only_peers_run_in_the_peers_environment() -> None:
    pythons = {side.name: side.python for side in [*sorted_sides(QUICK), *unsorted_sides(QUICK)]}
    assert pythons.pop("ours") == sys.executable
    assert set(pythons.values()) == {str(PEERS_PYTHON)}


@pytest.fixture
def process(tmp_path: Path) -> Told:
    def told(name: str, *indices: int) -> SideProcess:
        (tmp_path / name).mkdir()
        table = pa.table({"index_milli": np.array(indices, np.int32)})
        pq.write_table(table, tmp_path / name / "index.parquet")
        return SideProcess(None, tmp_path / name)  # type: ignore[arg-type]

    return told


def test_a_peer_that_differs_for_one_person_fails_the_benchmark(process: Told) -> None:
    peer = Side("peer", "peers.peer", ordered=True, persons=3)
    with pytest.raises(SystemExit, match="peer differs for 1 persons, the first is 2"):
        require_equal(peer, process("peer", 1, 2, 3), process("ours", 1, 2, 4), "index")


def test_a_peer_asked_about_fewer_persons_is_compared_for_these(process: Told) -> None:
    peer = Side("peer", "peers.peer", ordered=True, persons=2)
    require_equal(peer, process("peer", 1, 2), process("ours", 1, 2, 4), "index")


def test_a_peer_that_answers_for_too_few_persons_fails_the_benchmark(process: Told) -> None:
    peer = Side("peer", "peers.peer", ordered=True, persons=3)
    with pytest.raises(SystemExit, match="peer answered for 2 of 3 persons"):
        require_equal(peer, process("peer", 1, 2), process("ours", 1, 2, 4), "index")


def test_a_side_shows_its_indices_and_then_tells_the_seconds_of_each_run(tmp_path: Path) -> None:
    write_columns(population(BLOCK), tmp_path / "sorted.parquet")
    write_rules(edition_rules(load_rulebook(EDITION)), tmp_path / "rules.json")
    with taking_part(_OursRunsNumpy("numpy", "peers.numpy_side", ordered=True, persons=BLOCK), tmp_path) as side:
        assert 0 < side.run("index").wall < 10
        assert len(side.indices("index")) == BLOCK


class _OursRunsNumpy(Side):
    @property
    def python(self) -> str:
        return sys.executable


def test_a_side_that_ends_ends_the_benchmark(tmp_path: Path) -> None:
    with started("setting", [], tmp_path) as side, pytest.raises(SystemExit, match="ended with 0"):
        side.hear()
