"""History folded into spells, and one person's index explained: timed on a smaller district in a fresh process."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from statistics import median
from typing import Final

import numpy as np

from experiments.benchmarks.asking import THREADS
from experiments.benchmarks.scoring.history import history
from experiments.benchmarks.scoring.setting import AS_OF, EDITION
from scoring import Folded, evaluated, explain_person, fold, load_rulebook

EXPLAINED: Final = 400
FOLDS: Final = 3


def main() -> None:
    """Prints seconds of a fold, its events and spells, and milliseconds of an explanation."""
    rulebook = load_rulebook(EDITION)
    frames = history(rulebook, int(sys.argv[1]))
    seconds = []
    folded = fold(rulebook, frames, 1, THREADS)
    for _ in range(FOLDS):
        started = time.perf_counter()
        folded = fold(rulebook, frames, 1, THREADS)
        seconds.append(time.perf_counter() - started)
    told = {
        "fold_seconds": median(seconds),
        "events": len(frames.events),
        "spells": len(folded.spells),
        "explain_ms": explain_milliseconds(folded),
    }
    print(json.dumps(told))


def explain_milliseconds(folded: Folded) -> float:
    """The median over persons of computing and telling one person's index from folded history."""
    as_of = dt.date(1970, 1, 1) + dt.timedelta(AS_OF)
    ids = np.random.default_rng(0).choice(folded.residents.person_id, EXPLAINED + 1, replace=False)
    taken = []
    for person_id in ids.tolist():
        started = time.perf_counter()
        explain_person(evaluated(folded, as_of, np.array([person_id])), person_id, folded.rulebook)
        taken.append(time.perf_counter() - started)
    return 1000 * median(taken[1:])  # the first one warms up


if __name__ == "__main__":
    main()
