"""What one resident costs in districts of different size: a process for each, asked by turns."""

from __future__ import annotations

import sys

from experiments.benchmarks.scoring.contest import Row, serve
from experiments.benchmarks.scoring.ours import District, spell_columns, warm_up
from experiments.benchmarks.scoring.population import population
from experiments.benchmarks.scoring.spell_columns import NEEDED


def main() -> None:
    """Makes a district of so many residents and computes everybody's index as often as asked."""
    persons = int(sys.argv[1])
    warm_up()
    district = District(spell_columns(population(persons, NEEDED), persons))
    district.index()
    serve({"index": Row(district.index, None)})


if __name__ == "__main__":
    main()
