"""Peak memory of scoring with the whole ledger in a fresh process, beyond its imports and its input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import psutil

from experiments.benchmarks.scoring.ours import District
from scoring.kernel import SpellColumns


def main() -> None:
    """Prints bytes beyond the input: peak resident memory while scoring, less imports and input.

    The kernels' loading from Numba's cache counts as scoring. The input is read without temporary copies (raw columns),
    so that the peak is the scoring's own.
    """
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    imported = resident_bytes()
    spells = SpellColumns(*(np.load(folder / f"{name}.npy") for name in SpellColumns._fields))
    district = District(spells)
    reset_peak()
    made = district.ledgers()
    input_bytes = sum(column.nbytes for column in spells)
    print(json.dumps({"bytes_per_event": (peak_bytes() - imported - input_bytes) / rows, "slices": len(made)}))


def resident_bytes() -> int:
    """Resident memory now."""
    return int(psutil.Process().memory_info().rss)


def reset_peak() -> None:
    """Forgets the peak reached so far (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """The largest resident memory since the peak was reset (Linux)."""
    status = Path("/proc/self/status").read_text()
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kibibytes) * 1024


if __name__ == "__main__":
    main()
