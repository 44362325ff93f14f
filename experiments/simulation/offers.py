"""Offers as the real service makes them: its own command line on a folder of simulated files, in its own database."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def offers_for(files: Path) -> pa.Table:
    """Runs the pipeline on the files' first day and reads the living offers.

    Args:
        files: what `write` wrote: `district/`, one folder per bank, `channel/`.

    Returns:
        columns bank_code, household_ref, decision, limit_fen and more.

    Raises:
        subprocess.CalledProcessError: the service failed; its output is shown.
    """
    # /var/tmp rather than a home: as root PostgreSQL's starter opens the folders above its own.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="haixia-fit-") as folder:
        environment = os.environ | {
            "HAIXIA_DATA_DIR": folder,
            "HAIXIA_FILES_DIR": str(files),
            "HAIXIA_PORT": str(_free_port()),
            "HAIXIA_SIMULATOR_PORT": str(_free_port()),
        }
        target = Path(folder) / "offers.parquet"
        for arguments in (["pipeline"], ["offers", str(target)]):
            subprocess.run([sys.executable, "-m", "loan_service", *arguments], env=environment, check=True)
        return pq.read_table(target)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
