"""The referee's end of a comparison: each side is a process of its own, asked line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

from experiments.benchmarks.rounds import Taken

THREADS: Final = 2
"""What every side may use."""

PEERS_PYTHON: Final = Path("build/peers/scoring/bin/python")
THREAD_COUNTS: Final = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMEXPR_MAX_THREADS", "RAYON_NUM_THREADS")


def python_of(module: str) -> str:
    """Ours runs where the benchmark runs, peers (modules of a package `peers`) in their own environment."""
    return str(PEERS_PYTHON) if module.startswith("peers.") else sys.executable


@dataclass(frozen=True, slots=True)
class Asked:
    """A side that speaks `experiments.benchmarks.speaking`."""

    process: subprocess.Popen[str]

    def hear(self) -> Any:
        """Its next answer.

        Raises:
            SystemExit: it ended instead.
        """
        line = cast("IO[str]", self.process.stdout).readline()
        if not line:
            raise SystemExit(f"{self.process.args!r} ended with {self.process.wait()}")
        return json.loads(line)

    def run(self, row: str) -> Taken:
        """Lets it run one of its rows once."""
        asked = cast("IO[str]", self.process.stdin)
        asked.write(json.dumps(row) + "\n")
        asked.flush()
        return Taken(*self.hear())


@contextmanager
def speaking(module: str, arguments: Sequence[str], python: str = sys.executable) -> Iterator[subprocess.Popen[str]]:
    """The process of a module; it ends with its input.

    Args:
        module: full name of what is run.
        arguments: its command line.
        python: ours, or that of the peers' environment.
    """
    env = os.environ | dict.fromkeys(THREAD_COUNTS, str(THREADS))
    command = [python, "-m", module, *arguments]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
