"""A side's own end of a comparison: it keeps its input in memory and runs a named row whenever it is told to.

Spoken over pipes, one JSON value per line: the side says `{"ready": [names]}`, and then answers each name it is sent
with the seconds one run took, so that runs of all sides can be interleaved.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping

Run = Callable[[], object]


def serve(rows: Mapping[str, Run]) -> None:
    """Runs the rows it is told, until nobody asks any more."""
    _say({"ready": list(rows)})
    for line in sys.stdin:
        _say(_seconds(rows[json.loads(line)]))


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _seconds(run: Run) -> tuple[float, float]:
    """What a run took: on the wall, and of processor time over all threads."""
    started, worked = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - started, time.process_time() - worked
