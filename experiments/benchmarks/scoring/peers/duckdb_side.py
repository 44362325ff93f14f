"""DuckDB in its best form here: native tables in storage order, small queries over runs of persons on two cursors.

What was tried on 1 M residents (CPU seconds of a run, two threads): one query over everybody, three levels of grouping
by a composite key 3.1 to 3.7; conditional sums per indicator 5 and more; runs of 50,000 persons, whose hash tables fit
the cache, 2.0. Unordered rows allow no runs: one query, 3.4 to 4.1 from one table, 3.3 from two.
"""

# ruff: noqa: S608  # queries are made of the rules' own numbers

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import duckdb  # type: ignore[import-not-found]  # lives in the peers' environment
import numpy as np
import pyarrow as pa

from experiments.benchmarks.asking import THREADS
from experiments.benchmarks.scoring.contest import Indices, Row, Task, contend
from experiments.benchmarks.scoring.rules import IndicatorRules, Rules
from experiments.benchmarks.scoring.setting import AS_OF

RUN_OF_PERSONS = 50_000

LOADED = """
create table {name} as
select (person::bigint * 32 + indicator) * 1024 + "group" as key, abs(value_milli) as magnitude, from_on, until_on
from read_parquet('{spells}') where {chosen}
"""


def prepare(task: Task) -> Mapping[str, Row]:
    """Tables with a composite key and magnitudes (every indicator has one sign).

    One table for the indicators in which only the strongest of a group counts, one for those that only sum.
    """
    base = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": True})
    exclusive = f"indicator in ({', '.join(map(str, task.rules.numbers('strongest')))})"
    for name, chosen in (("exclusive", exclusive), ("summed", f"not {exclusive}")):
        base.execute(LOADED.format(name=name, spells=task.spells, chosen=chosen))
    runs = range(0, task.persons, RUN_OF_PERSONS) if task.ordered else []
    wheres = [f"and key >= {first << 15} and key < {first + RUN_OF_PERSONS << 15}" for first in runs] or [""]
    queries = [index_query(task.rules, where) for where in wheres]
    return {"index": Row(lambda: answers(base, queries), lambda result: everybody(result, task))}


def answers(base: duckdb.DuckDBPyConnection, queries: list[str]) -> pa.Table:
    """Runs the queries, the next one on whichever cursor is free."""
    cursors = [base.cursor() for _ in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        parts = pool.map(lambda turn: _tables(cursors[turn], queries[turn::THREADS]), range(THREADS))
        return pa.concat_tables([table for part in parts for table in part])


def _tables(cursor: duckdb.DuckDBPyConnection, queries: list[str]) -> list[pa.Table]:
    return [cursor.sql(query).to_arrow_table() for query in queries]


def index_query(rules: Rules, where: str) -> str:
    """Person and index of everybody with a live spell, or of a run of them."""
    live = f"where from_on <= {AS_OF} and until_on > {AS_OF} {where}"
    place = "(key >> 10)::int as place"
    strongest = f"select {place}, max(magnitude) as v from exclusive {live} group by key"
    summed = f"select {place}, sum(magnitude)::int as v from summed {live} group by 1"
    sums = f"select place, sum(v)::int as v from ({strongest}) group by place union all {summed}"
    return rounded_query(rules, dimensions_query(rules, sums))


def dimensions_query(rules: Rules, places: str) -> str:
    """One bounded column per dimension from the capped points of each indicator."""
    bounds = rules.dimension_bounds_milli
    cases = " ".join(f"when {number} then {points(each)}" for number, each in enumerate(rules.indicators))
    capped = f"select place >> 5 as person, (place & 31)::tinyint as i, (case (place & 31) {cases} end)::int as c"
    sums = [f"sum(case when i in {members(rules, number)} then c else 0 end)::int" for number in range(len(bounds))]
    columns = ", ".join(
        f"least(greatest({total}, {lowest}), {highest}) as d{number}"
        for number, (total, (lowest, highest)) in enumerate(zip(sums, bounds, strict=True))
    )
    return f"select person, {columns} from ({capped} from ({places})) group by person"


def members(rules: Rules, dimension: int) -> str:
    """The indicators of a dimension as an SQL list."""
    return f"({', '.join(str(n) for n, each in enumerate(rules.indicators) if each.dimension == dimension)})"


def points(indicator: IndicatorRules) -> str:
    """Signed, capped points of the summed magnitude `v`."""
    signed = f"{indicator.sign} * {banded(indicator) if indicator.reducer == 'concave' else 'v'}"
    if indicator.cap_milli is None:
        return signed
    return f"{'greatest' if indicator.sign < 0 else 'least'}({signed}, {indicator.cap_milli})"


def banded(indicator: IndicatorRules) -> str:
    """The summed quantity through its bands: falling prices make the worth the lowest of the bands' lines."""
    bands = zip(indicator.paid_below(), indicator.edges_milli, indicator.prices_milli, strict=True)
    lines = ", ".join(f"{paid} + (v::bigint - {edge}) * {price}" for paid, edge, price in bands)
    return f"((least({lines}) + 500) // 1000)"


def rounded_query(rules: Rules, dimensions: str) -> str:
    """Base and dimensions, clipped and rounded (an index is never negative)."""
    total = " + ".join(f"d{number}" for number in range(len(rules.dimension_bounds_milli)))
    clipped = f"least(greatest({rules.base_milli} + {total}, {rules.lowest_milli}), {rules.highest_milli})"
    step = rules.rounding_milli
    return f"select person, (2 * {clipped} + {step}) // {2 * step} * {step} as index_milli from ({dimensions})"


def everybody(result: object, task: Task) -> Indices:
    """Persons without a live spell stand at the base."""
    indices = np.full(task.persons, task.rules.base_milli, np.int32)
    table: pa.Table = result
    indices[table.column("person").to_numpy()] = table.column("index_milli").to_numpy()
    return indices


if __name__ == "__main__":
    contend(prepare)
