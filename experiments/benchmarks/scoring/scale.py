"""What one resident costs in districts of different size: a process for each, asked by turns."""

from __future__ import annotations

import sys

from experiments.benchmarks.scoring.ours import District, edition_arithmetic, many_spells, warm_up
from experiments.benchmarks.speaking import serve


def main() -> None:
    """Makes a district of so many residents and computes everybody's index as often as asked."""
    persons = int(sys.argv[1])
    warm_up()
    rules = edition_arithmetic()
    district = District(many_spells(persons, rules), rules)
    district.indices()
    serve({"index": district.indices})


if __name__ == "__main__":
    main()
