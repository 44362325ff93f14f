"""Bank files as a bank would write them, and simulated banks with households that apply, sign and draw."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from sqlalchemy import event, text

from bank_adapters import AnyEvent, AnyRequest, Batch, ItemResult, PrescreenList
from bank_adapters.simulated_bank import SimulatedBank
from bank_adapters.simulator import FaultProfile, Habits, Intention, PlannedDraw, PlannedRepayment
from loan_service.bank.files import HOUSEHOLD_CHANGES, HOUSEHOLDS
from loan_service.bank.stages.applications import Purposes
from loan_service.bank.stages.certificates import DoorRules, receive
from loan_service.bank.stages.households import Imported, import_household_changes
from loan_service.bank.stages.policies import publish_shipped
from loan_service.bank.store import outbox, tables
from loan_service.bank.store.promotions import Promotion, append_promotion
from loan_service.bank.store.rows import append_rows, batch_leaf
from loan_service.certificate import (
    CertificateBody,
    Delivery,
    Grade,
    RevocationBody,
    SignedCertificate,
    SignedRevocation,
    certificate_id,
    expiry,
    sign_batch,
)
from loan_service.foundation.database import content_hashes, transaction
from loan_service.foundation.identifiers import pseudonym
from loan_service.foundation.signing import Signer, wing_signer
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings
from models.feature_spec import Declaration, Kind, declared_features
from models.policy_loader import PolicyEdition, load_policy
from models.scorecard import UNITS_PER_LOG_ODDS, FeatureTable, Scorecard

BANK = "island_rural"
DAY = date(2026, 6, 15)

Row = dict[str, str]
HouseholdFile = Callable[..., Path]


def hex32(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def household_row(number: int, **changes: object) -> Row:
    """A sound wage-earning household with every authorisation; `changes` overwrite single columns."""
    row = {
        "household_ref": f"H{number:06d}",
        "household_key": hex32("household", number),
        "village_code": f"V{1 + number % 84:03d}",
        "sector": "wage",
        "borrower_ref": f"B{number:06d}",
        "borrower_birth_on": "1980-03-01",
        "borrower_sex": "female",
        "borrower_binding_token": hex32("borrower", number),
        "spouse_consented": "0",
        "spouse_binding_token": "",
        "adults": "2",
        "minors": "1",
        "annual_income_fen": str(12_000_000 + 1000 * number),
        "income_stability": "0.850",
        **{f"monthly_income_share_{month:02d}": "0.0833" for month in range(1, 13)},
        "months_with_bank": "60",
        "deposit_average_12m_fen": "2000000",
        "settlement_inflow_12m_fen": "9000000",
        "months_inflow_positive_12m": "12",
        "unsecured_debt_fen": "0",
        "other_lenders": "0",
        "max_days_past_due_24m": "0",
        "bureau_queries_6m": "1",
        "years_in_trade": "12",
        "owns_vessel": "0",
        "prior_loans": "2",
        "prior_loans_repaid_on_time": "2",
        "authorised_bureau": "1",
        "authorised_income": "1",
        "as_of": "2026-06-15",
    }
    return row | {name: str(value) for name, value in changes.items()}


@pytest.fixture
def household_file(tmp_path: Path) -> HouseholdFile:
    """Writes `households_20260615.csv` from rows and returns its path."""

    def write(rows: Iterable[Row], name: str = "households_20260615.csv") -> Path:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, HOUSEHOLDS.header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.write_bytes(buffer.getvalue().encode())
        return path

    return write


@pytest.fixture
def tell(bank: Wing, tmp_path: Path) -> Callable[..., Imported]:
    """Brings in a file of changes in households, one mapping per row, by default on the day; says what became of it."""

    def bring_in(*rows: Mapping[str, object], bank_code: str = BANK, day: date = DAY) -> Imported:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, HOUSEHOLD_CHANGES.header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / bank_code / f"household_changes_{day:%Y%m%d}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(buffer.getvalue().encode())
        return import_household_changes(bank, bank_code, path, day)

    return bring_in


@pytest.fixture(name="household_row")
def household_row_fixture() -> Callable[..., Row]:
    return household_row


@pytest.fixture
def purposes() -> Purposes:
    return Purposes(load_policy(BANK, DAY).policy)


@pytest.fixture
def seed_offers(bank: Wing) -> Callable[..., list[str]]:
    """Puts households and their offers into the tables, as if priced; returns the offer ids."""

    def seed(count: int, bank_code: str = BANK, **changes: object) -> list[str]:
        with transaction(bank.engine) as connection:
            append_rows(connection, tables.households, [_household(bank_code, n) for n in range(count)])
            rows = [offer_row(bank_code, n) | changes for n in range(count)]
            append_rows(connection, tables.offers, rows)
        return [str(row["offer_id"]) for row in rows]

    return seed


def _household(bank_code: str, number: int) -> dict[str, object]:
    return {
        "bank_code": bank_code,
        "household_ref": f"H{number:06d}",
        "snapshot_on": DAY,
        "household_key": hex32("household", number),
        "village_code": "V001",
        "sector": "wage",
        "borrower_ref": f"B{number:06d}",
        "borrower_birth_on": date(1980, 3, 1),
        "data": {},
        "leaf_id": 1,
    }


def offer_row(bank_code: str, number: int) -> dict[str, object]:
    """An offer as if priced; `changes` of a test are laid over it."""
    return {
        "offer_id": hex32("offer", bank_code, number),
        "bank_code": bank_code,
        "household_ref": f"H{number:06d}",
        "village_code": "V001",
        "decision": "offer",
        "grade": "AA",
        "default_probability": 0.01,
        "baseline_limit_fen": 8_000_000,
        "limit_bonus_fen": 2_000_000,
        "limit_fen": 10_000_000,
        "base_rate_bp": 485,
        "rate_discount_bp": 30,
        "rate_bp": 455,
        "all_in_annual_cost_bp": 465,
        "purpose": "household_consumption",
        "term_months": 36,
        "repayment_plan": "equal_monthly",
        "risk_band": "R2",
        "terms_ledger": {},
        "affordability": {},
        "reasons": [],
        "input_hash": "0",
        "model_version": "test/1",
        "policy_edition": f"{BANK}/2026-06@test",
        "known_position": 0,
        "priced_on": DAY,
        "expires_on": DAY + timedelta(days=90),
        "leaf_id": 1,
    }


class Sim(NamedTuple):
    """A simulated bank with the plans of its households."""

    port: SimulatedBank
    plans: dict[str, Intention]

    def pass_days(self, days: int = 1) -> None:
        self.port.advance(self.port.business_date + timedelta(days=days), self.plans)


@pytest.fixture
def open_bank(tmp_path: Path) -> Iterator[Callable[..., Sim]]:
    """Opens simulated banks whose households all apply on the next day, sign, draw and repay as told."""
    opened: list[SimulatedBank] = []

    def open_one(
        count: int,
        bank_code: str = BANK,
        *,
        habits: Habits | None = None,
        faults: FaultProfile | None = None,
        draws: tuple[PlannedDraw, ...] = (PlannedDraw(on_day=1, share_of_limit=Decimal("0.6")),),
        repays: tuple[PlannedRepayment, ...] = (),
    ) -> Sim:
        path = tmp_path / f"{bank_code}.journal"
        sim = SimulatedBank.open(path, bank_code, DAY, habits=habits, faults=faults)
        opened.append(sim)
        plans = {
            f"H{n:06d}": Intention(
                household_ref=f"H{n:06d}",
                applies_on=DAY + timedelta(days=1),
                wants_purpose="household_consumption",
                wants_limit_share=Decimal("0.8"),
                accepts=True,
                signs=True,
                draws=draws,
                repays=repays,
            )
            for n in range(count)
        }
        return Sim(sim, plans)

    yield open_one
    for sim in opened:
        sim.close()


@pytest.fixture
def prescreen(bank: Wing) -> Callable[..., None]:
    """Puts the offers' prescreen lines into the outbox."""

    def put(offer_ids: Iterable[str], bank_code: str = BANK) -> None:
        lines = [
            PrescreenList(
                offer_id=offer_id,
                household_ref=f"H{number:06d}",
                limit_fen=10_000_000,
                rate_bp=455,
                all_in_annual_cost_bp=465,
                expires_on=DAY + timedelta(days=90),
            )
            for number, offer_id in enumerate(offer_ids)
        ]
        with transaction(bank.engine) as connection:
            outbox.put(connection, bank_code, lines)

    return put


def scorecard(kind: Kind, log_odds: float = -4.6) -> Scorecard:
    """A small card made by hand: arrears speak against, deposits for; everybody else gets the intercept."""
    spec = declared_features(kind)
    return Scorecard(
        kind=kind,
        feature_spec_hash=spec.content_hash(),
        intercept=round(log_odds * UNITS_PER_LOG_ODDS),
        features=tuple(_feature_table(one) for one in spec.declarations),
    )


def _feature_table(one: Declaration) -> FeatureTable:
    steps = {"max_days_past_due_24m": ([0.0, 29.0], [0.0, 1.0, 2.5]), "deposit_average_12m_fen": ([1e6], [0.4, -0.2])}
    thresholds, points = steps.get(one.name, ([], [0.0] * (len(one.levels) or 1)))
    cells = [*points, 0.0, *(0.0 for _ in one.special_codes)]
    return FeatureTable(
        name=one.name,
        direction=0,
        levels=one.levels,
        special_codes=tuple(sorted(one.special_codes)),
        thresholds=np.array(thresholds, dtype=np.float64),
        cells=np.array([round(point * UNITS_PER_LOG_ODDS) for point in cells], dtype=np.int64),
        reference_rows=np.ones(len(cells), dtype=np.int64),
    )


@pytest.fixture
def promote(bank: Wing) -> Callable[..., None]:
    """Puts a hand-made baseline to work."""

    def put(bank_code: str = BANK, kind: Kind = "baseline", version: str = "1", log_odds: float = -4.6) -> None:
        text = scorecard(kind, log_odds).to_json()
        promotion = Promotion(
            bank_code=bank_code,
            kind=kind,
            model_name=f"{bank_code}.{kind}",
            model_version=version,
            alias="live",
            scorecard_sha256=hashlib.sha256(text.encode()).hexdigest(),
            scorecard=text,
            data_sha256="0" * 64,
            metrics={},
            promoted_on=DAY,
            reason="made by hand",
        )
        with transaction(bank.engine) as connection:
            leaf_id = batch_leaf(connection, "promotion", bank_code, [f"{kind}/{version}"], DAY)
            append_promotion(connection, promotion, leaf_id)

    return put


class Door(NamedTuple):
    """The district's side of the door, as far as a test needs it."""

    wing: Wing
    signer: Signer

    def certify(self, token: str, grade: Grade, as_of: date = DAY, bank_code: str = BANK) -> CertificateBody:
        """Sends one certificate for the person behind a binding token."""
        return self.certify_all([token], grade, as_of, bank_code)[0]

    def certify_all(
        self, tokens: Sequence[str], grade: Grade, as_of: date = DAY, bank_code: str = BANK
    ) -> list[CertificateBody]:
        """Sends one delivery of certificates, all of one grade."""
        bodies = [
            CertificateBody(
                bank_code=bank_code,
                pseudonym=pseudonym(bank_code, token),
                grade=grade,
                reason_codes=("5.1",),
                edition="2026-01",
                as_of=as_of,
                expires_on=expiry(as_of),
                consent_id="1",
            )
            for token in tokens
        ]
        proofs = sign_batch(bodies, self.signer)
        items = tuple(SignedCertificate(body=b, proof=proof) for b, proof in zip(bodies, proofs, strict=True))
        self._send(Delivery(certificates=items), bank_code, as_of)
        return bodies

    def revoke(self, body: CertificateBody, revoked_on: date) -> None:
        """Ends a certificate."""
        ending = RevocationBody(
            bank_code=body.bank_code,
            pseudonym=body.pseudonym,
            certificate_id=certificate_id(body),
            revoked_on=revoked_on,
        )
        item = SignedRevocation(body=ending, proof=sign_batch([ending], self.signer)[0])
        self._send(Delivery(revocations=(item,)), body.bank_code, revoked_on)

    def _send(self, delivery: Delivery, bank_code: str, day: date) -> None:
        results = receive(self.wing, DoorRules(bank_code, self.signer.public, day), delivery).results
        assert {item.result for item in results} == {"accepted"}


@pytest.fixture
def door(bank: Wing, settings: Settings) -> Door:
    return Door(bank, wing_signer(settings.keys_dir, "district"))


@pytest.fixture
def edition() -> PolicyEdition:
    return load_policy(BANK, DAY)


@pytest.fixture
def statements() -> Callable[[Wing], list[str]]:
    """A list that every statement a wing asks of its database from now on is added to."""

    def listen(wing: Wing) -> list[str]:
        asked: list[str] = []
        event.listen(wing.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        return asked

    return listen


@pytest.fixture
def in_force(bank: Wing) -> None:
    """Every bank prices by its shipped policy."""
    publish_shipped(bank, DAY)


class Scripted:
    """A bank that says what a test wrote and takes whatever it is sent, unless told to refuse or to break down."""

    def __init__(self, bank_code: str = BANK) -> None:
        self.bank_code = bank_code
        self.feed: list[AnyEvent] = []
        self.sent: list[AnyRequest] = []
        self.refuses: dict[str, str] = {}
        self.failures: list[BaseException] = []

    def say(self, kind: type[Any], *, message: str = "", day: date = DAY, **content: object) -> None:
        """Puts a happening into the feed; `message` names it, by default it is a new one."""
        sequence = len(self.feed) + 1
        head = {
            "sequence": sequence,
            "bank_code": self.bank_code,
            "business_date": day,
            "message_id": hex32("message", self.bank_code, message or sequence),
        }
        self.feed.append(kind(**head, **content))

    def reordered(self, order: Iterable[int]) -> "Scripted":
        """The same happenings told in another order."""
        other = Scripted(self.bank_code)
        for place, number in enumerate(order, start=1):
            other.feed.append(self.feed[number].model_copy(update={"sequence": place}))
        return other

    def send(self, batch: Batch) -> tuple[ItemResult, ...]:
        if self.failures:
            raise self.failures.pop(0)
        self.sent += batch.items
        return tuple(self._result(item) for item in batch.items)

    def poll(self, after_sequence: int, limit: int) -> tuple[AnyEvent, ...]:
        return tuple(self.feed[after_sequence : after_sequence + limit])

    def _result(self, item: AnyRequest) -> ItemResult:
        code = self.refuses.get(item.kind)
        return ItemResult(key=item.key, status="rejected" if code else "accepted", code=code)


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def open_script() -> type[Scripted]:
    return Scripted


@pytest.fixture
def seed_contract(bank: Wing) -> Callable[..., str]:
    """Puts a signed contract with an empty balance into the mirror; returns its number."""

    def seed(number: int = 1, limit_fen: int = 10_000_000, bank_code: str = BANK, **changes: object) -> str:
        contract_no = f"C-{number}"
        row = {
            "contract_id": f"{bank_code}/{contract_no}",
            "bank_code": bank_code,
            "contract_no": contract_no,
            "signing_id": hex32("signing", bank_code, number),
            "application_id": hex32("application", bank_code, number),
            "offer_id": hex32("offer", bank_code, number),
            "household_ref": f"H{number:06d}",
            "household_key": hex32("household", number),
            "village_code": "V001",
            "grade": "AA",
            "limit_fen": limit_fen,
            "rate_bp": 455,
            "document_hash": "0" * 64,
            "signed_on": DAY,
            "starts_on": DAY,
            "matures_on": DAY.replace(year=DAY.year + 3),
            "leaf_id": number,
        } | changes
        balance = {"contract_id": row["contract_id"], "limit_fen": limit_fen, "reserved_fen": 0, "outstanding_fen": 0}
        with transaction(bank.engine) as connection:
            append_rows(connection, tables.contracts, [row])
            append_rows(connection, tables.contract_balances, [balance])
        return contract_no

    return seed


class Look:
    """Short looks into the bank's tables."""

    def __init__(self, wing: Wing) -> None:
        self._engine = wing.engine

    def rows(self, name: str, *columns: str, order: str = "") -> list[tuple[Any, ...]]:
        """Some columns of a table, in an order that does not depend on how the rows came."""
        wanted = ", ".join(columns)
        with transaction(self._engine) as connection:
            query = text(f"SELECT {wanted} FROM bank.{name} ORDER BY {order or wanted}")
            return [tuple(row) for row in connection.execute(query)]

    def count(self, name: str, where: str = "true") -> int:
        with transaction(self._engine) as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM bank.{name} WHERE {where}")).scalar_one())

    def balance(self, contract_no: str = "C-1", bank_code: str = BANK) -> tuple[int, int]:
        """Reserved and outstanding."""
        return self.balance_of(f"{bank_code}/{contract_no}")

    def balance_of(self, contract_id: str) -> tuple[int, int]:
        rows = self.rows("contract_balances", "contract_id", "reserved_fen", "outstanding_fen")
        return {row[0]: (row[1], row[2]) for row in rows}[contract_id]

    def booked(self, contract_id: str) -> tuple[int, int, int]:
        """Number of movements, principal drawn, principal repaid."""
        rows = [row for row in self.rows("movements", "contract_id", "kind", "principal_fen") if row[0] == contract_id]
        drawn, repaid = (sum(fen for _, kind, fen in rows if kind == which) for which in ("drawdown", "repayment"))
        return len(rows), drawn, repaid

    def breaks(self) -> list[str]:
        return [row[0] for row in self.rows("breaks", "kind", "break_id")]

    def hashes(self) -> dict[str, str]:
        """One digest per table of the bank."""
        own = [table for table in tables.log.leaves.metadata.sorted_tables if table.schema == "bank"]
        with transaction(self._engine) as connection:
            return content_hashes(connection, own)


@pytest.fixture
def look(bank: Wing) -> Look:
    return Look(bank)
