"""Children of the demo: our own modules in processes of their own, which end when their parent does.

`python -m loan_service.processes <module> <arguments>` is how a child starts: it watches for its parent, then runs the
module as if it had been started itself.
"""

import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from loan_service.errors import SettingsError
from loan_service.settings import Settings, child_environment

_PACE_SECONDS = 0.05
_STANDARD_INPUT = 0
_PATIENCE = 1200  # looks at a starting server, one minute in all


@contextmanager
def child(settings: Settings, database_url: str, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a module and its arguments with our settings; its output goes to `<data_dir>/logs/<name>.log`.

    The child ends with the context, and with this process however that ends, killed or not.
    """
    logs = settings.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "loan_service.processes", *arguments],
            env=child_environment(settings, database_url),
            stdin=subprocess.PIPE,  # closed by the system when we die, however we die: see `_end_with_parent`
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()


def _end_with_parent() -> None:
    """Asks this process to end once its parent is gone, killed or not: its end of our standard input closes then."""

    def wait_for_the_end() -> None:
        os.read(_STANDARD_INPUT, 1)  # not sys.stdin: its lock, held here, would fail the interpreter's own shutdown
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, daemon=True).start()


def wait_until_serving(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Returns once `url` answers.

    Raises:
        SettingsError: the process ended or never answered.
    """
    # One client for all looks: a new one each time reads the machine's certificates anew, which costs the starting
    # server more processor time than it needs itself. Our own children speak plain HTTP on this machine.
    with httpx.Client(timeout=5, verify=False) as client:  # noqa: S501
        for _ in range(_PATIENCE):
            try:
                client.get(url).raise_for_status()
            except httpx.HTTPError:
                if _ended(process):
                    break
            else:
                return
    raise SettingsError(
        "process.not_serving", f"{url} does not answer", f"{url} 无响应", f"read {log}; is the port taken?"
    )


def finish(process: subprocess.Popen[bytes], what: str, log: Path) -> None:
    """Waits for a child that ends by itself.

    Raises:
        SettingsError: it failed.
    """
    if process.wait() != 0:
        raise SettingsError("process.failed", f"{what} failed", f"{what}失败", f"read {log}")


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process ended; looking takes a moment, which paces the caller's loop."""
    try:
        process.wait(timeout=_PACE_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _main() -> None:
    _end_with_parent()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
