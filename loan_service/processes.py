"""Children of the demo: our own commands in processes of their own, ended by id when their parent is done."""

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
_PATIENCE = 1200  # looks at a starting server, one minute in all


@contextmanager
def child(settings: Settings, database_url: str, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `python -m <arguments>` with our settings; its output goes to `<data_dir>/logs/<name>.log`."""
    logs = settings.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=child_environment(settings, database_url),
            stdin=subprocess.PIPE,  # closed by the system when we die, however we die: see `end_with_parent`
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()


def end_with_parent() -> None:
    """Asks this process to end once its parent is gone, killed or not: its end of our standard input closes then."""

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, daemon=True).start()


def wait_until_serving(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Returns once `url` answers.

    Raises:
        SettingsError: the process ended or never answered.
    """
    for _ in range(_PATIENCE):
        try:
            httpx.get(url, timeout=5).raise_for_status()
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
