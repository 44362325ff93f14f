"""One real PostgreSQL per run, one migrated template, one database per worker, emptied after each test that used it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url

from loan_service.foundation.database import BANK, DISTRICT, owner_engine
from loan_service.foundation.postgres import embedded_server
from loan_service.foundation.wing import Wing, open_wing
from loan_service.schema import all_metadata, migrate
from loan_service.settings import Settings

TEMPLATE = "haixia_template"

# A shared machine's pauses are no failures, and the same code is tried with the same examples everywhere: a commit that
# was green stays green. Who goes looking for more gives `--hypothesis-profile=explore`.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def run_dir() -> Path:
    """A folder all workers of this run share.

    Not pytest's own, which another run may close to others while PostgreSQL, running as somebody else, works in it; nor
    below a home, whose parents PostgreSQL's starter would open to all.
    """
    folder = Path(tempfile.gettempdir()) / f"haixia-tests-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server_url(run_dir: Path) -> Iterator[str]:
    """The owner's URL of the run's server; the last worker to leave stops it and removes the folder."""
    with embedded_server(run_dir / "server") as url:
        yield url
    if not (run_dir / "server" / "postgresql" / "postmaster.pid").exists():
        shutil.rmtree(run_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def owner_url(server_url: str, run_dir: Path, worker_id: str) -> Iterator[str]:
    """This worker's own database, copied from the migrated template."""
    name = f"haixia_test_{worker_id}"
    maintenance = create_engine(make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext('haixia-template'))"))
        known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": TEMPLATE}).first()
        if not known:
            connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
            template_url = _named(server_url, TEMPLATE)
            migrate(Settings(data_dir=run_dir, database_url=template_url), template_url)
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
        connection.execute(text("SELECT pg_advisory_unlock(hashtext('haixia-template'))"))
    yield _named(server_url, name)
    maintenance.dispose()


@pytest.fixture(scope="session")
def owner(owner_url: str) -> Iterator[Engine]:
    """The database owner's engine: for looking behind the wings' roles, never for the code under test."""
    engine = owner_engine(owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(run_dir: Path, owner_url: str, tmp_path: Path) -> Settings:
    """Demo settings whose files lie in the test's own folder."""
    return Settings(data_dir=run_dir, database_url=owner_url, files_dir=tmp_path / "files", scale=0.02)


@pytest.fixture
def empty_after(owner: Engine) -> Iterator[None]:
    """Empties every table that holds rows, so that the next test starts from the template's state.

    Truncating gives every table and index a new file: to do so for tables that are empty already would cost a tenth of
    a second per test.
    """
    yield
    with owner.begin() as connection:
        for statement in _emptying(connection):
            connection.execute(text(statement))


def _emptying(connection: Connection) -> Iterator[str]:
    tables = [table.fullname for table in all_metadata().sorted_tables]
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)
    filled = connection.execute(text(asked)).scalars().all()
    if filled:
        yield f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE"
    used = "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL"
    for sequence in connection.execute(text(used)).scalars().all():
        yield f"ALTER SEQUENCE {sequence} RESTART"


@pytest.fixture
def district(settings: Settings, owner_url: str, empty_after: None) -> Iterator[Wing]:
    """The district wing on this worker's database."""
    with open_wing(settings, owner_url, DISTRICT) as wing:
        yield wing


@pytest.fixture
def bank(settings: Settings, owner_url: str, empty_after: None) -> Iterator[Wing]:
    """The bank wing on this worker's database."""
    with open_wing(settings, owner_url, BANK) as wing:
        yield wing


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
