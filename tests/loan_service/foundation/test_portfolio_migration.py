"""A database that signed before there were caps keeps its signings, and counts them."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from loan_service.foundation.database import owner_engine
from loan_service.foundation.migrate import OWN_SCHEMAS, alembic_config, ensure_database
from loan_service.schema import all_metadata

NAME = "haixia_before_caps"
# Columns that may not be empty are filled with something; what the migration looks at is spelt out.
FILLED = """
    INSERT INTO bank.{table} SELECT (json_populate_record(NULL::bank.{table}, (
        SELECT json_object_agg(column_name, CASE
            WHEN data_type IN ('bigint', 'integer', 'double precision') THEN '0'::json
            WHEN data_type = 'date' THEN '"2026-06-15"'::json
            WHEN data_type = 'boolean' THEN 'false'::json
            WHEN data_type = 'jsonb' THEN '{{}}'::json
            ELSE '"x"'::json END)::jsonb || (:given)::jsonb
        FROM information_schema.columns
        WHERE table_schema = 'bank' AND table_name = '{table}' AND is_nullable = 'NO')::json)).*
"""


@pytest.fixture
def before(owner_url: str, owner: Engine) -> Iterator[Connection]:
    """A database of the revision before, without roles or rights."""
    engine = owner_engine(ensure_database(owner_url, NAME))
    with engine.connect() as connection:
        for schema in OWN_SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        command.upgrade(alembic_config(connection, all_metadata()), "0009")
        yield connection
        connection.rollback()
    engine.dispose()
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {NAME}"))


def fill(connection: Connection, table: str, given: str) -> None:
    connection.execute(text(FILLED.format(table=table)), {"given": given})


def test_signings_of_before_learn_their_baseline_bonus_and_place_from_their_offers(before: Connection) -> None:
    fill(before, "households", '{"bank_code": "b", "household_ref": "H", "sector": "trade"}')
    fill(
        before, "households", '{"bank_code": "b", "household_ref": "H", "sector": "wage", "snapshot_on": "2026-06-20"}'
    )
    fill(
        before,
        "offers",
        '{"offer_id": "O", "bank_code": "b", "village_code": "V001", "baseline_limit_fen": 80, "limit_fen": 100,'
        ' "affordability": {"incentive_gap_bp": 7}}',
    )
    fill(
        before,
        "applications",
        '{"application_id": "A", "bank_code": "b", "household_ref": "H", "offer_id": "O", "requested_limit_fen": 90}',
    )
    fill(
        before,
        "signings",
        '{"signing_id": "S", "bank_code": "b", "household_ref": "H", "application_id": "A", "limit_fen": 90}',
    )
    command.upgrade(alembic_config(before, all_metadata()), "0010")
    names = "village_code, sector, baseline_fen, bonus_fen, gap_bp, cuts"
    row = before.execute(text(f"SELECT {names} FROM bank.signings")).one()
    assert tuple(row) == ("V001", "wage", 80, 10, 7, [])
    assert before.execute(text("SELECT takes_bonus FROM bank.applications")).scalar_one() is True
