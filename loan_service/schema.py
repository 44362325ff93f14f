"""All tables of the service in one place, for migrations, tests and content checks."""

from sqlalchemy import MetaData

from loan_service.bank.store import household_tables, model_tables, monitoring_tables, policy_tables, portfolio_tables
from loan_service.bank.store import tables as bank_tables
from loan_service.district.store import rulebook_tables
from loan_service.district.store import tables as district_tables
from loan_service.foundation import clock
from loan_service.foundation.database import WINGS, metadata, owner_engine
from loan_service.foundation.keys import secret
from loan_service.foundation.migrate import prepare
from loan_service.settings import Settings


def all_metadata() -> MetaData:
    """Every table of the service: importing the modules declared them."""
    wings = {bank_tables.offers, model_tables.model_cards, district_tables.events, rulebook_tables.rulebook_editions}
    own = wings | {monitoring_tables.model_figures, policy_tables.policy_editions, clock.demo_clock}
    own |= {portfolio_tables.portfolio_entries, household_tables.household_changes}
    assert own <= set(metadata.tables.values())  # noqa: S101
    return metadata


def migrate(settings: Settings, owner_url: str) -> None:
    """Brings the database up to date and gives the wings' roles their passwords and rights."""
    engine = owner_engine(owner_url)
    try:
        prepare(engine, all_metadata(), {wing: secret(settings.keys_dir, f"{wing}-database") for wing in WINGS})
    finally:
        engine.dispose()
