"""Both wings side by side, as the demo runs them: the whole flow once, and a clock that moves."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import httpx

from bank_adapters import CODECS, Bank, HttpBank
from loan_service.bank import pipeline as bank_pipeline
from loan_service.bank.pipeline import BankRun
from loan_service.district import pipeline as district_pipeline
from loan_service.district.pipeline import Crossing
from loan_service.district.stages.civility_index import IndexRun
from loan_service.district.stages.intake import IntakeSummary
from loan_service.errors import SettingsError
from loan_service.foundation.clock import business_date, move_demo_clock, start_demo_clock
from loan_service.foundation.database import BANK, DISTRICT, owner_engine, transaction
from loan_service.foundation.postgres import database_server
from loan_service.foundation.wing import Wing, open_wing
from loan_service.schema import migrate
from loan_service.settings import Settings

EXCHANGE_EVERY_DAYS = 7
"""The demo talks to its banks once a week; a bank's own days pass one by one in between."""


@dataclass(frozen=True)
class House:
    """Everything that runs: settings, the database's owner URL, both wings."""

    settings: Settings
    owner_url: str
    district: Wing
    bank: Wing

    @property
    def today(self) -> date:
        """The business date this deployment lives in."""
        with transaction(self.bank.engine) as connection:
            return business_date(connection, demo=self.settings.demo)


@dataclass(frozen=True)
class Streets:
    """The ways out of the house: to each bank's node (certificates) and to each bank's core (messages)."""

    nodes: dict[str, httpx.Client]
    banks: dict[str, Bank]
    simulator: httpx.Client


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    """A migrated database and both wings on it."""
    if not settings.demo:
        raise SettingsError(
            "flow.demo_only", "both wings run side by side in demo mode only", "两侧合并运行仅限演示", "run each wing"
        )
    with ExitStack() as stack:
        owner_url = stack.enter_context(database_server(settings))
        migrate(settings, owner_url)
        owner = owner_engine(owner_url)
        start_demo_clock(owner)
        owner.dispose()
        wings = [stack.enter_context(open_wing(settings, owner_url, name)) for name in (DISTRICT, BANK)]
        yield House(settings, owner_url, *wings)


@contextmanager
def open_streets(settings: Settings) -> Iterator[Streets]:
    """Connections to the demo's own servers, which must be running."""
    with ExitStack() as stack:
        core = f"http://{settings.host}:{settings.simulator_port}"
        yield Streets(
            nodes={
                code: stack.enter_context(httpx.Client(base_url=f"http://{settings.host}:{settings.port}", timeout=60))
                for code in CODECS
            },
            banks={code: stack.enter_context(HttpBank.connect(code, f"{core}/{code}")) for code in CODECS},
            simulator=stack.enter_context(httpx.Client(base_url=core, timeout=120)),
        )
