"""How fast it is fitted beside an explainable boosting machine: fixed settings, no search, same rows and threads."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Final

from experiments.benchmarks.models.contenders import HERE, PEERS_PYTHON
from experiments.benchmarks.models.exchange import Part, read_part
from experiments.benchmarks.models.ours import fixed_learner
from experiments.benchmarks.models.runs import THREAD_COUNTS

THREADS: Final = 1
"""Of both: with more, what else the machine does decides."""


def fit_speed(folder: Path, rounds: int) -> dict[str, float]:
    """Seconds of both, by turns, and their ratio; the folder holds the table."""
    part = read_part(folder)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(our_seconds(part))
        theirs.append(ebm_seconds(folder))
    return {
        "fit_ratio_ebm": median(other / one for one, other in zip(ours, theirs, strict=True)),
        "fit_seconds_ours": median(ours),
        "fit_seconds_ebm": median(theirs),
    }


def our_seconds(part: Part) -> float:
    """One fit at the fixed settings: the whole bag with its held-out log-odds."""
    started = time.perf_counter()
    fixed_learner(part, THREADS).fit(part.values, part.labels)
    return time.perf_counter() - started


def ebm_seconds(folder: Path) -> float:
    """One fit as it comes, timed within the peers' environment."""
    command = [str(PEERS_PYTHON), "-m", f"{HERE}.peers.explainable_seconds", "--folder", str(folder)]
    env = os.environ | dict.fromkeys(THREAD_COUNTS, str(THREADS))
    done = subprocess.run([*command, "--threads", str(THREADS)], env=env, capture_output=True, check=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))
