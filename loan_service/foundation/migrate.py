"""Prepares a database: schemas, one role per wing, tables to the newest revision, rights; repeatable."""

from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import sql
from psycopg.errors import DuplicateObject, InternalError_, UniqueViolation
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.engine import make_url

from loan_service.foundation.database import BANK, DISTRICT, WINGS, raw, role_of

DEMO = "demo"
OWN_SCHEMAS = (DISTRICT, BANK, DEMO)
_LOCK = "haixia-migrate"
_RIVALS = 20


def alembic_config(connection: Connection, declared: MetaData) -> Config:
    """Alembic's configuration for an open connection and the tables the code declares."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = declared
    return config


def prepare(owner: Engine, declared: MetaData, passwords: dict[str, str]) -> None:
    """Brings the database to the newest revision and gives each wing's role its rights.

    Args:
        owner: engine of a role that may create roles and schemas.
        declared: every table of the service.
        passwords: the wings' passwords, by wing.
    """
    with owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": _LOCK})
        for wing in WINGS:
            _ensure_role_in_turn(connection, role_of(wing), passwords[wing])
        for schema in OWN_SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        command.upgrade(alembic_config(connection, declared), "head")
        _grant(connection)


def _ensure_role_in_turn(connection: Connection, role: str, password: str) -> None:
    """Roles belong to the whole server, our lock to one database: who was overtaken by another database's turn repeats.

    PostgreSQL lets the second writer of a role wait for the first and then fail, so each repetition has one rival less.
    """
    for _ in range(_RIVALS):
        with suppress(InternalError_, UniqueViolation, DuplicateObject), connection.begin_nested():
            _ensure_role(connection, role, password)
            return
    _ensure_role(connection, role, password)


def _ensure_role(connection: Connection, role: str, password: str) -> None:
    cursor = raw(connection).cursor()
    exists = cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = sql.SQL("ALTER" if exists else "CREATE")
    cursor.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            verb, sql.Identifier(role), sql.Literal(password)
        )
    )


def _grant(connection: Connection) -> None:
    connection.execute(text("REVOKE ALL ON SCHEMA public FROM PUBLIC"))
    for wing in WINGS:
        role = role_of(wing)
        for schema, rights in ((wing, "SELECT, INSERT, UPDATE, DELETE"), (DEMO, "SELECT, INSERT, UPDATE")):
            connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {role}"))
            connection.execute(text(f"GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {role}"))
            connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"))


def ensure_database(owner_url: str, name: str) -> str:
    """Creates a database beside ours where it is missing (MLflow keeps its own) and returns its URL."""
    url = make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        cursor = raw(connection).cursor()
        if not cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
