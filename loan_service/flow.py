"""Both wings side by side, as the demo runs them: the whole flow once, and a clock that moves."""

import calendar
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import pyarrow.parquet as pq

from bank_adapters import CODECS, Bank, open_http_bank
from loan_service.bank import pipeline as bank_pipeline
from loan_service.bank.pipeline import BankRun
from loan_service.bank.store.exports import living_offers
from loan_service.bank.store.timelines import household_known_by
from loan_service.bank.views.offer import OfferView, household_offer
from loan_service.bank.views.recourse import HouseholdRecourse, household_recourse
from loan_service.district import pipeline as district_pipeline
from loan_service.district.files.summary import IntakeSummary
from loan_service.district.pipeline import Crossing
from loan_service.district.stages import intake
from loan_service.district.stages.civility_index import IndexRun
from loan_service.district.store.certificates import BONUS_GRADES, pseudonyms_of
from loan_service.district.views import recourse as recourses
from loan_service.district.views.explanation import IndexExplanation, explanation
from loan_service.errors import NotFoundError, RefusedError, SettingsError
from loan_service.foundation.clock import business_date, move_demo_clock, start_demo_clock
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import BANK, DISTRICT, owner_engine, transaction
from loan_service.foundation.identifiers import blind_id
from loan_service.foundation.postgres import database_server
from loan_service.foundation.wing import Wing, open_wing
from loan_service.schema import migrate
from loan_service.settings import Settings
from models.recourse_answer import Wish
from scoring.recourse_answer import Recourse

Tell = Callable[[str, int], None]
"""Is told what is being done, and how far it is."""

Wait = Callable[[], None]
"""Returns when something that runs beside us is done."""

IDENTITY_DIGITS = 18
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
def open_house(settings: Settings, database_url: str | None = None) -> Iterator[House]:
    """A migrated database and both wings on it.

    Args:
        settings: the demo's.
        database_url: a server that runs already; none: the configured or embedded one is opened for the time being.
    """
    if not settings.demo:
        raise SettingsError(
            "flow.demo_only", "both wings run side by side in demo mode only", "两侧合并运行仅限演示", "run each wing"
        )
    with ExitStack() as stack:
        owner_url = database_url or stack.enter_context(database_server(settings))
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
            banks={code: stack.enter_context(open_http_bank(code, f"{core}/{code}")) for code in CODECS},
            simulator=stack.enter_context(httpx.Client(base_url=core, timeout=120)),
        )


@dataclass(frozen=True)
class FlowRun:
    """What one run of both wings did."""

    intake: IntakeSummary
    index: IndexRun
    crossing: Crossing
    banks: BankRun


def run(house: House, streets: Streets, tell: Tell, before_offers: Wait = lambda: None) -> FlowRun:
    """The whole flow on today's business date; a second run changes nothing.

    Args:
        house: both wings.
        streets: the ways to the banks' nodes and cores.
        tell: watches.
        before_offers: waits for what offers need besides, such as models still being trained.
    """
    today, files = house.today, house.settings.files
    taken_in = district_pipeline.take_in(house.district, files / "district", today, tell)
    index = district_pipeline.evaluate(house.district, today)
    tell("civility indices", index.persons)
    crossing = district_pipeline.certify(house.district, today, streets.nodes)
    tell("certificates", crossing.delivered)
    before_offers()
    catch_up(streets, today)
    banks = bank_pipeline.run(house.bank, today, streets.banks, files, tell)
    return FlowRun(taken_in, index, crossing, banks)


@dataclass(frozen=True)
class MeasuredIntake:
    """An intake and the CPU seconds this process spent on it."""

    summary: IntakeSummary
    cpu_seconds: float


def take_in(house: House) -> MeasuredIntake:
    """Lands what agencies delivered, and nothing more."""
    folder = house.settings.files / "district"
    return _measured(lambda: district_pipeline.take_in(house.district, folder, house.today, lambda *_: None))


def check_intake(house: House) -> MeasuredIntake:
    """What landing would say, without writing anything."""
    return _measured(lambda: intake.check_intake(house.district, house.settings.files / "district", house.today))


def _measured(work: Callable[[], IntakeSummary]) -> MeasuredIntake:
    started = time.process_time()
    return MeasuredIntake(work(), time.process_time() - started)


def advance(house: House, streets: Streets, to: date, tell: Tell) -> None:
    """Moves the demo to a later day: its banks week by week, then both wings on the last day.

    Raises:
        ConflictError: the clock was moved by somebody else meanwhile.
    """
    today = house.today
    while today < to:
        step = min(today + timedelta(days=EXCHANGE_EVERY_DAYS), to)
        with transaction(house.bank.engine) as connection:
            move_demo_clock(connection, today, step)
        catch_up(streets, step)
        bank_pipeline.roll(house.bank, step, streets.banks, tell)
        today = step
    run(house, streets, tell)


def later(day: date, days: int, months: int) -> date:
    """`day` plus calendar months, clamped to month end, plus days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    clamped = min(day.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, clamped) + timedelta(days=days)


def catch_up(streets: Streets, day: date) -> None:
    """Lets the simulated banks live up to our business date; a bank that is there already does nothing."""
    streets.simulator.post("/advance", json={"to": day.isoformat()}).raise_for_status()


def explain(house: House, person: str, as_of: date) -> IndexExplanation:
    """One person's index on a day, by person id or by resident identity number.

    Raises:
        NotFoundError: there is no index; not enrolled, withdrawn and unknown look the same.
    """
    with transaction(house.district.engine) as connection:
        return explanation(connection, person_id_of(house, person), as_of)


def person_id_of(house: House, person: str) -> int:
    """A person's id, from itself or from an 18-digit resident identity number."""
    number = person.strip()
    is_identity = len(number) == IDENTITY_DIGITS
    return blind_id(house.district.blind_key, "person", number.upper()) if is_identity else int(number)


@dataclass(frozen=True)
class AtBank:
    """What a person's household hears at one bank.

    Attributes:
        bank_code: the bank.
        offer: its newest offer with the three lines; None: none was made yet.
        steps: what it can do there; None where nothing can be quoted, and then `trouble` says why.
        trouble: Chinese and English; empty where all is well.
    """

    bank_code: str
    offer: OfferView | None
    steps: HouseholdRecourse | None
    trouble: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class JoinedRecourse:
    """Both halves side by side; the wings met nowhere, the demo alone knows whose household is whose.

    Attributes:
        index: steps to the next grade a bank looks at; None: there is no index.
        banks: banks that know the person's household, of those at which the person agreed to be known.
        agreed: whether the person agreed to be known at any.
    """

    index: Recourse | None
    banks: tuple[AtBank, ...]
    agreed: bool = False


def recourse(house: House, person: str, can_do: Collection[str], wish: Wish, purposes: Sequence[str]) -> JoinedRecourse:
    """What a person can do for a better grade, what that is worth at each bank, and what can be done there.

    Args:
        house: both wings.
        person: person id or resident identity number.
        can_do: kinds of thing the person can do; no reason is asked for or kept.
        wish: what the household would ask its bank for.
        purposes: what else the money would really be for.
    """
    person_id, today = person_id_of(house, person), house.today
    with transaction(house.district.engine) as connection:
        index = _index_half(connection, person_id, today, can_do)
        pseudonyms = pseudonyms_of(connection, person_id, today) if index else {}
    with transaction(house.bank.engine) as connection:
        known = {code: household_known_by(connection, code, name, today) for code, name in pseudonyms.items()}
    asked = {code: ref for code, ref in known.items() if ref is not None}
    banks = tuple(_at_bank(house, today, code, ref, wish, purposes) for code, ref in asked.items())
    return JoinedRecourse(index, banks, agreed=bool(pseudonyms))


def _index_half(connection: Connection, person_id: int, today: date, can_do: Collection[str]) -> Recourse | None:
    """Steps to the next grade that a bank looks at: those below A are one to it."""
    try:
        told = recourses.recourse(connection, person_id, today, can_do)
    except NotFoundError:
        return None
    if told.target is None or told.target in BONUS_GRADES:
        return told
    return recourses.recourse(connection, person_id, today, can_do, BONUS_GRADES[0])


def _at_bank(
    house: House, today: date, bank_code: str, household_ref: str, wish: Wish, purposes: Sequence[str]
) -> AtBank:
    with transaction(house.bank.engine) as connection:
        try:
            offer = household_offer(connection, bank_code, household_ref, today)
        except NotFoundError:
            offer = None
        try:
            steps = household_recourse(
                connection,
                bank_code,
                household_ref,
                today,
                wish=wish,
                purposes=purposes,
                civility_input=house.settings.civility_input,
            )
        except (NotFoundError, RefusedError) as refused:
            return AtBank(bank_code, offer, None, (refused.chinese, refused.english))
    return AtBank(bank_code, offer, steps)


def export_offers(house: House, to: Path) -> int:
    """Writes every living offer to a Parquet file and returns their number."""
    with transaction(house.bank.engine) as connection:
        rows = living_offers(connection, house.today)
    pq.write_table(rows, to)
    return int(rows.num_rows)
