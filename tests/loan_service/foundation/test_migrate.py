from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text

from loan_service.foundation.migrate import ensure_database
from loan_service.schema import migrate
from loan_service.settings import Settings


def test_two_databases_of_one_server_are_prepared_at_once(settings: Settings, owner: Engine, owner_url: str) -> None:
    beside = ensure_database(owner_url, f"{owner.url.database}_beside")
    try:
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda url: migrate(settings, url), [owner_url, beside] * 6))
    finally:
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE {owner.url.database}_beside"))
