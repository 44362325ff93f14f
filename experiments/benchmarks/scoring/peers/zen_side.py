"""zen-engine in its best form here: a decision of expressions, a document per person, evaluated in one batch.

A document holds each indicator's spells as `[from, until, magnitude]`, grouped beforehand where only the strongest of a
group counts. Batches took about 100 us of CPU per person, single evaluations 230, a JavaScript function node 1,200.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import zen  # type: ignore[import-not-found]  # lives in the peers' environment

from experiments.benchmarks.scoring.contest import Indices, Row, Task, contend
from experiments.benchmarks.scoring.rules import IndicatorRules, Rules
from experiments.benchmarks.scoring.setting import AS_OF
from experiments.benchmarks.scoring.spell_columns import NEEDED, read_columns

LIVE = "#[0] <= day and day < #[1] ? #[2] : 0"

Document = dict[str, Any]


def prepare(task: Task) -> Mapping[str, Row]:
    """The decision, and a document for each of the first persons."""
    content = zen.ZenDecisionContent(json.dumps(decision(task.rules)))
    engine = zen.ZenEngine({"loader": lambda _: content})
    requests = [{"key": "civility_index", "context": document} for document in documents(task)]
    return {"index": Row(lambda: engine.evaluate_batch(requests), indices)}


def documents(task: Task) -> list[Document]:
    """Everybody's spells by indicator; storage order keeps a group together."""
    columns = read_columns(task.spells, NEEDED)
    rows = int(np.searchsorted(columns["person"], task.persons))
    grouped = set(task.rules.numbers("strongest"))
    found: list[Document] = [
        {"day": AS_OF, **{f"i{number}": [] for number in range(len(task.rules.indicators))}}
        for _ in range(task.persons)
    ]
    before = None
    for person, indicator, group, value, start, end in zip(
        *(columns[name][:rows].tolist() for name in NEEDED), strict=True
    ):
        spells = found[person][f"i{indicator}"]
        if indicator in grouped:
            if before != (person, indicator, group):
                spells.append([])
            spells = spells[-1]
        spells.append([start, end, abs(value)])
        before = (person, indicator, group)
    return found


def decision(rules: Rules) -> dict[str, Any]:
    """Input, expressions, the index alone, output."""
    index = [("index_milli", "index_milli")]
    nodes = [
        {"id": "given", "type": "inputNode", "name": "given"},
        expression_node("ledger", list(expressions(rules))),
        expression_node("answer", index),
        {"id": "told", "type": "outputNode", "name": "told"},
    ]
    ids = [str(node["id"]) for node in nodes]
    edges = [{"id": f"to_{end}", "sourceId": start, "targetId": end} for start, end in pairwise(ids)]
    return {"nodes": nodes, "edges": edges}


def expression_node(name: str, written: list[tuple[str, str]]) -> dict[str, Any]:
    """A node that evaluates expressions in order."""
    return {
        "id": name,
        "type": "expressionNode",
        "name": name,
        "content": {"expressions": [{"id": key, "key": key, "value": value} for key, value in written]},
    }


def expressions(rules: Rules) -> Iterator[tuple[str, str]]:
    """From spells to the index, each with its name."""
    for number, each in enumerate(rules.indicators):
        strongest = each.reducer == "strongest"
        yield f"q{number}", f"sum(map(i{number}, {f'max(map(#, {LIVE}))' if strongest else LIVE}))"
        yield f"p{number}", points(each, f"$.q{number}")
    for number, (lowest, highest) in enumerate(rules.dimension_bounds_milli):
        members = [f"$.p{n}" for n, each in enumerate(rules.indicators) if each.dimension == number]
        yield f"d{number}", f"max([min([{' + '.join(members)}, {highest}]), {lowest}])"
    total = " + ".join([str(rules.base_milli), *(f"$.d{n}" for n in range(len(rules.dimension_bounds_milli)))])
    yield "total", f"max([min([{total}, {rules.highest_milli}]), {rules.lowest_milli}])"
    step = rules.rounding_milli
    yield "index_milli", f"floor((2 * $.total + {step}) / {2 * step}) * {step}"


def points(indicator: IndicatorRules, magnitude: str) -> str:
    """Signed points after bands and cap."""
    if indicator.reducer == "concave":
        bands = zip(indicator.paid_below(), indicator.edges_milli, indicator.prices_milli, strict=True)
        lines = ", ".join(f"{paid} + ({magnitude} - {edge}) * {price}" for paid, edge, price in bands)
        magnitude = f"floor((min([{lines}]) + 500) / 1000)"
    if indicator.cap_milli is not None:
        magnitude = f"min([{magnitude}, {abs(indicator.cap_milli)}])"
    return magnitude if indicator.sign > 0 else f"-({magnitude})"


def indices(result: object) -> Indices:
    """Every answer's index."""
    answers: Any = result
    return np.array([answer["data"]["result"]["index_milli"] for answer in answers], np.int32)


if __name__ == "__main__":
    contend(prepare)
