"""How fast it is fitted beside an explainable boosting machine: fixed settings, no search, same rows and threads."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from experiments.benchmarks.models.contenders import HERE, PEERS_PYTHON
from experiments.benchmarks.models.exchange import Part, read_part
from experiments.benchmarks.models.ours import learner
from experiments.benchmarks.models.runs import THREAD_COUNTS
from models.default_risk import Setting

THREADS: Final = 1
"""Of both: with more, what else the machine does decides."""


SETTING: Final = Setting(leaves=8, random_thresholds=False)
SHIPPED: Final[dict[str, Any]] = {"settings": [SETTING], "ratio_count": 0}
"""One setting instead of a search of shapes and ratios; the whole bag, its members and rounds as it ships."""

QUICK_RECIPE: Final[dict[str, Any]] = {**SHIPPED, "learning_rate": 0.2, "repeats": 1}
"""Half the members at twice the rate: what a bank's own models are trained by, near enough."""


def fit_speed(folder: Path, rounds: int) -> dict[str, float]:
    """Seconds of both, by turns, and their ratio; the folder holds the table."""
    part = read_part(folder)
    seconds = [
        (our_seconds(part, SHIPPED), our_seconds(part, QUICK_RECIPE), ebm_seconds(folder)) for _ in range(rounds)
    ]
    shipped, quick, theirs = zip(*seconds, strict=True)
    return {
        "fit_ratio_ebm": median(other / one for one, other in zip(shipped, theirs, strict=True)),
        "fit_ratio_ebm_quick_recipe": median(other / one for one, other in zip(quick, theirs, strict=True)),
        "fit_seconds_ours": median(shipped),
        "fit_seconds_ours_quick_recipe": median(quick),
        "fit_seconds_ebm": median(theirs),
    }


def our_seconds(part: Part, knobs: Mapping[str, Any]) -> float:
    """One fit, everything that these knobs ship included."""
    started = time.perf_counter()
    learner(part, num_threads=THREADS, **knobs).fit(part.values, part.labels)
    return time.perf_counter() - started


def ebm_seconds(folder: Path) -> float:
    """One fit as it comes, timed within the peers' environment."""
    command = [str(PEERS_PYTHON), "-m", f"{HERE}.peers.explainable_seconds", "--folder", str(folder)]
    env = os.environ | dict.fromkeys(THREAD_COUNTS, str(THREADS))
    done = subprocess.run([*command, "--threads", str(THREADS)], env=env, capture_output=True, check=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))
