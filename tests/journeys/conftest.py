"""A small district run by the real commands in processes of their own, each in a folder of its own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, text

from loan_service.foundation.database import owner_engine
from loan_service.foundation.postgres import embedded_server
from loan_service.schema import all_metadata

SCALE = "0.02"
PASSING = {"recorded_at", "leaf_id", "known_position", "attempts", "answered_at", "order_number"}
"""Columns that tell when and in which order rows were written, not what was decided."""
MEASURED = {
    "model_cards": {"run_id"},  # MLflow's own number
    "model_moves": {"evidence"},  # a stop-watch stands in it; how many gates passed stands in the reason
    "model_papers": {"reference", "sha256"},  # of a dossier, which tells the run and the leaf it speaks of
}
"""Columns of one table each that no second run can repeat to the letter."""
BOOKKEEPING = {"log_leaves", "sealed_leaves", "tree_heads", "index_runs", "idempotency_keys"}


@dataclass(frozen=True)
class Demo:
    """A demo's folder and how its commands are run."""

    data_dir: Path

    def environment(self) -> dict[str, str]:
        """Every run gets ports of its own, so that tests may run side by side."""
        ports = {"HAIXIA_PORT": str(free_port()), "HAIXIA_SIMULATOR_PORT": str(free_port())}
        return os.environ | ports | {"HAIXIA_DATA_DIR": str(self.data_dir), "HAIXIA_SCALE": SCALE, "COLUMNS": "200"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "loan_service", *arguments]

    def run(self, *arguments: str) -> str:
        """Runs a command to its end and returns what it printed."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """The demo's database behind its roles, started for the time being."""
        with embedded_server(self.data_dir) as url:
            engine = owner_engine(url)
            try:
                yield engine
            finally:
                engine.dispose()


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder outside pytest's own, which another run may close while PostgreSQL works in it as somebody else."""
    with tempfile.TemporaryDirectory(prefix="haixia-journey-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def contents(engine: Engine) -> dict[str, str]:
    """One digest per table over every column of every row."""
    return {table.fullname: _digest(engine, table.fullname, "t::text") for table in all_metadata().sorted_tables}


def decided(engine: Engine) -> dict[str, str]:
    """One digest per business table over what was decided, whenever and in whichever order it was written."""
    tables = [table for table in all_metadata().sorted_tables if table.name not in BOOKKEEPING]
    return {
        table.fullname: _digest(
            engine,
            table.fullname,
            "concat_ws('|', " + ", ".join(f"t.{name}::text" for name in _repeated(table)) + ")",
        )
        for table in tables
    }


def _repeated(table: Table) -> list[str]:
    passing = PASSING | MEASURED.get(table.name, set())
    return [column.name for column in table.columns if column.name not in passing]


def _digest(engine: Engine, table: str, row: str) -> str:
    query = (
        f"SELECT count(*) || ':' || coalesce(md5(string_agg(md5({row}), '' ORDER BY md5({row}))), '') FROM {table} t"
    )
    with engine.connect() as connection:
        return str(connection.execute(text(query)).scalar_one())


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The small district after its first weeks."""
    with own_folder() as folder:
        done = Demo(folder)
        done.run("demo", "--no-serve")
        yield done


@pytest.fixture
def fresh(demo: Demo) -> Iterator[Demo]:
    """The same district with the same keys and files, before anything was taken in."""
    with own_folder() as folder:
        for name in ("keys", "files"):
            shutil.copytree(demo.data_dir / name, folder / name)
        yield Demo(folder)


def number_after(label: str, printed: str) -> int:
    """The count that stands in a printed table behind a label."""
    found = re.search(rf"{re.escape(label)}[^│]*│\s*([\d,]+)", printed)
    assert found, f"{label} is not in\n{printed}"
    return int(found.group(1).replace(",", ""))
