import pyarrow as pa
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import ProgrammingError

from loan_service.bank.store import tables as bank_tables
from loan_service.district.store import tables as district_tables
from loan_service.foundation.clock import business_date, demo_clock, start_demo_clock
from loan_service.foundation.database import append, content_hashes, read, transaction
from loan_service.foundation.migrate import OWN_SCHEMAS
from loan_service.foundation.wing import Wing
from loan_service.schema import all_metadata

REFUSED = pa.table(
    {"file_sha256": ["a", "b"], "row_number": pa.array([1, 2], pa.int32()), "rule": ['say "no", 治安', ""]}
)


def test_appending_the_same_rows_again_changes_nothing(district: Wing) -> None:
    with transaction(district.engine) as connection:
        assert append(connection, district_tables.refused_rows, REFUSED) == 2
        before = content_hashes(connection, [district_tables.refused_rows])
    with transaction(district.engine) as connection:
        assert append(connection, district_tables.refused_rows, REFUSED) == 0
        assert content_hashes(connection, [district_tables.refused_rows]) == before


def test_rows_come_back_as_they_were_sent(district: Wing) -> None:
    table = district_tables.refused_rows
    with transaction(district.engine) as connection:
        append(connection, table, REFUSED)
        query = select(table.c.file_sha256, table.c.row_number, table.c.rule).where(table.c.rule.not_like("%absent%"))
        assert read(connection, query.order_by(table.c.row_number), REFUSED.schema).equals(REFUSED)


def test_a_query_without_rows_gives_an_empty_table_of_its_schema(district: Wing) -> None:
    table = district_tables.refused_rows
    with transaction(district.engine) as connection:
        query = select(table.c.file_sha256, table.c.row_number, table.c.rule)
        assert read(connection, query, REFUSED.schema).equals(REFUSED.schema.empty_table())


@pytest.mark.parametrize("table", [t.fullname for t in all_metadata().sorted_tables if t.schema == "bank"])
def test_the_district_cannot_read_the_bank(district: Wing, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(district.engine) as connection:
        connection.exec_driver_sql(f"SELECT * FROM {table}")


@pytest.mark.parametrize("table", [t.fullname for t in all_metadata().sorted_tables if t.schema == "district"])
def test_the_bank_cannot_read_the_district(bank: Wing, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(bank.engine) as connection:
        connection.exec_driver_sql(f"SELECT * FROM {table}")


def test_wings_do_read_their_own_tables(district: Wing, bank: Wing) -> None:
    for wing, table in ((district, district_tables.persons), (bank, bank_tables.offers)):
        with transaction(wing.engine) as connection:
            assert connection.execute(select(table)).all() == []


def test_the_migrations_build_exactly_the_declared_tables(owner: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with owner.connect() as connection:
        options = {"include_schemas": True, "include_name": lambda n, k, _p: k != "schema" or n in OWN_SCHEMAS}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), all_metadata()) == []


def test_the_demo_clock_starts_on_its_first_day_and_is_shared(district: Wing, bank: Wing, owner: Engine) -> None:
    start_demo_clock(owner)
    start_demo_clock(owner)
    for wing in (district, bank):
        with transaction(wing.engine) as connection:
            assert business_date(connection, demo=True).isoformat() == "2026-06-15"
            assert len(connection.execute(select(demo_clock)).all()) == 1
