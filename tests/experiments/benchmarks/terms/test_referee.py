"""The referee refuses sides that differ, and tells what was promised."""

import sys
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.benchmarks.asking import PEERS_PYTHON
from experiments.benchmarks.rounds import Seconds, Taken
from experiments.benchmarks.terms.__main__ import Side, answers, require_equal, taking_part, write_task
from experiments.benchmarks.terms.answers import EVERYTHING, REASONS
from experiments.benchmarks.terms.figures import NOTES, Plan, figures

PEER = Side("peer", "peers.polars_side", 2, ("reasons",))


def told(*last: int) -> pa.Table:
    columns = {name: pa.array(["", ""]) if name in REASONS else pa.array([7, 7]) for name in EVERYTHING}
    return pa.table(columns | {"rate_bp": pa.array(last)})


def test_a_peer_that_differs_for_one_household_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="peer differs in rate_bp for 1 households, the first is 1"):
        require_equal(PEER, told(410, 420), told(410, 421))


def test_a_peer_that_answers_for_too_few_households_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="peer answered for 1 of 2 households"):
        require_equal(PEER, told(410, 420).slice(0, 1), told(410, 420))


def test_a_peer_asked_about_a_part_is_compared_for_that_part() -> None:
    one = Side("peer", "peers.zen_side", 1, ("reasons",))
    require_equal(one, told(410, 0).slice(0, 1), told(410, 420))


def test_the_promised_figures_stand_first_and_a_subset_is_scaled_up() -> None:
    rows = [*product(("ours", "polars", "zen_engine"), ("reasons", "terms")), ("ours", "whole")]
    seconds: Seconds = {f"{side}_{row}": [Taken(1, 1)] for side, row in rows}
    found = figures(Plan(households=6_000, zen_households=300), seconds)
    assert list(found)[:3] == ["ratio_zen", "ratio_polars", "households_per_second"]
    assert (found["ratio_zen"], found["ratio_polars"], found["households_per_second"]) == (20, 1, 6_000)
    assert {name for name in found if not name.startswith("ms_")} <= set(NOTES)


def test_only_peers_run_in_the_peers_environment() -> None:
    assert PEER.python == str(PEERS_PYTHON)
    assert Side("ours", "ours", 1, ()).python == sys.executable


def test_our_side_answers_for_every_household_and_runs_what_it_is_told(tmp_path: Path) -> None:
    write_task(300, tmp_path)
    ours = Side("ours", "ours", 300, ("reasons", "terms", "whole"))
    with taking_part(ours, tmp_path) as asked:
        assert all(asked.run(row).wall > 0 for row in ours.rows)
    found = answers(ours, tmp_path)
    assert set(found["decision"].to_pylist()) == {0, 1, 2}
    assert found.column_names == list(EVERYTHING)
    assert pq.read_metadata(tmp_path / "ours.parquet").num_rows == 300
