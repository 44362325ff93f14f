import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from experiments.simulation.config import load_config
from experiments.simulation.district import District, households_of, past_loans_of, simulate
from experiments.simulation.drift import write_drift
from experiments.simulation.files import csv_bytes
from loan_service import monitoring_printing
from loan_service.bank.stages.households import import_households
from loan_service.bank.stages.monitoring import Monitored, monitor
from loan_service.bank.store import tables
from loan_service.bank.store.model_monitoring import keep_references
from loan_service.bank.store.promotions import Promotion, append_promotion
from loan_service.bank.store.rows import append_rows, batch_leaf
from loan_service.bank.views.model_monitoring import AlertSeen, MonitoringReport, monitoring_report
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.arrays import Floats
from models.card_tables import FeatureTable
from models.feature_spec import declared_features
from models.features import make_features
from models.monitoring import references_of
from models.policy_loader import PolicyEdition
from models.scorecard import UNITS_PER_LOG_ODDS, Calibration, Scorecard

BANK = "island_rural"
FILE_DAY = date(2026, 6, 14)
DAY = date(2026, 6, 15)
LATER = date(2026, 7, 14)
SPEC = declared_features("baseline")
SEEDS = (6, 7, 8)

BUREAU = {"unsecured_debt_fen", "debt_to_income", "other_lenders", "bureau_queries_6m"}


class Delivered(NamedTuple):
    """What one bank of one simulated district delivers: its household file, and its past loans as a sample."""

    households: bytes
    past_loans: bytes
    values: Floats
    drawn_on: Any


@pytest.fixture(scope="session")
def delivered() -> Callable[[int], Delivered]:
    made: dict[int, Delivered] = {}

    def deliver(seed: int) -> Delivered:
        if seed not in made:
            made[seed] = _delivered(simulate(load_config(), seed, 0.1))
        return made[seed]

    return deliver


def _delivered(district: District) -> Delivered:
    past = past_loans_of(district, BANK)
    file = households_of(district, BANK, past.intercept).table
    drawn_on = past.table["drawn_on"].cast(pa.int32()).to_numpy().astype(np.int64)
    return Delivered(csv_bytes(file), csv_bytes(past.table), make_features(past.table, SPEC).values, drawn_on)


def card_of(values: Floats) -> Scorecard:
    """A card with cells at the deciles of a sample, higher cells speaking more for a default."""
    tables_ = tuple(_table(one, values[:, place]) for place, one in enumerate(SPEC.declarations))
    hashed = SPEC.content_hash()
    return Scorecard("baseline", hashed, round(-4.2 * UNITS_PER_LOG_ODDS), tables_, (), Calibration())


def _table(one: Any, values: Floats) -> FeatureTable:
    codes = tuple(sorted(one.special_codes))
    plain = values[~np.isnan(values) & ~np.isin(values, codes)]
    edges = np.empty(0) if one.levels else np.unique(np.quantile(plain, np.arange(1, 10) / 10))
    points = np.r_[np.linspace(-0.3, 0.3, len(one.levels) or len(edges) + 1), np.zeros(1 + len(codes))]
    cells = np.round(points * UNITS_PER_LOG_ODDS).astype(np.int64)
    table = FeatureTable(one.name, 0, one.levels, codes, edges, cells, cells)
    return replace(table, reference_rows=np.bincount(table.cell_of(values), minlength=len(cells)))


class Bank:
    """A bank with a live card that has kept its references, and files that come on their days."""

    def __init__(
        self, wing: Wing, edition: PolicyEdition, folder: Path, first: Delivered, *, trained: bool = True
    ) -> None:
        self.wing, self.edition, self.folder = wing, edition, folder
        (folder / f"households_{FILE_DAY:%Y%m%d}.csv").write_bytes(first.households)
        self.card = card_of(first.values)
        self.promote(first, "1", data_sha256="0" * 64 if trained else "")

    def promote(self, first: Delivered, version: str, *, data_sha256: str) -> None:
        """Puts the card to work as a version, with the references of what it learned from, if anything."""
        told = self.card.to_json()
        promotion = Promotion(
            bank_code=BANK,
            kind="baseline",
            model_name=f"{BANK}.baseline",
            model_version=version,
            alias="live",
            scorecard_sha256=hashlib.sha256(told.encode()).hexdigest(),
            scorecard=told,
            data_sha256=data_sha256,
            metrics={},
            promoted_on=DAY,
            reason="made by hand",
        )
        with transaction(self.wing.engine) as connection:
            leaf_id = batch_leaf(connection, "promotion", BANK, [version], DAY)
            append_promotion(connection, promotion, leaf_id)
            kept = references_of(self.card, first.values, first.drawn_on) if data_sha256 else ()
            keep_references(connection, BANK, f"{BANK}.baseline", version, kept, leaf_id)

    def take(self, day: date, files: Path | None = None) -> Monitored:
        """Imports the file of the day before (or of the day) and monitors."""
        for path in sorted(self.folder.glob("households_*.csv")):
            if path.stem.removeprefix("households_") <= f"{day:%Y%m%d}":
                import_households(self.wing, BANK, path, day)
        return monitor(self.wing, self.edition, day, files)

    def report(self, day: date) -> MonitoringReport:
        with transaction(self.wing.engine) as connection:
            return monitoring_report(connection, BANK, day)

    def open_alerts(self, day: date) -> dict[str, AlertSeen]:
        return {f"{alert.kind}/{alert.subject}": alert for alert in self.report(day).open_alerts}


@pytest.fixture
def open_bank_of(bank: Wing, edition: PolicyEdition, tmp_path: Path, delivered: Any) -> Callable[..., Bank]:
    folder = tmp_path / BANK
    folder.mkdir()
    return lambda seed, **how: Bank(bank, edition, folder, delivered(seed), **how)


@pytest.fixture
def watched(open_bank_of: Callable[[int], Bank]) -> Bank:
    return open_bank_of(SEEDS[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_without_drift_neither_the_first_nor_a_later_file_raises_anything(
    open_bank_of: Callable[[int], Bank], seed: int
) -> None:
    watched = open_bank_of(seed)
    first = watched.take(DAY)
    assert first.figures > len(SPEC.names)
    write_drift(watched.folder, "none", seed=seed, day=LATER)
    later = watched.take(LATER)
    assert later.figures > 2 * len(SPEC.names)
    assert (first.turns, later.turns) == ({}, {})


def test_amounts_in_yuan_are_caught_and_the_column_is_named(watched: Bank) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "unit_error", seed=1, day=LATER)
    watched.take(LATER)
    alerts = watched.open_alerts(LATER)
    unit = alerts["unit_factor/deposit_average_12m_fen"]
    assert (unit.severity, unit.measured, unit.next_step) == ("high", 0.01, "resend_in_declared_unit")
    assert "近12个月平均存款" in unit.told.zh
    assert "0.01 times" in unit.told.en
    touched = {"deposit_average_12m_fen", "deposit_cover_months"}
    assert touched <= {alert.subject for alert in alerts.values()} <= {*touched, "default_probability"}


def test_a_field_that_stops_coming_is_caught_and_named(watched: Bank) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "bureau_missing", seed=1, day=LATER)
    watched.take(LATER)
    alerts = watched.open_alerts(LATER)
    assert {alert.subject for alert in alerts.values() if alert.kind == "missing_change"} == BUREAU
    assert {alert.subject.partition("/")[2] or alert.subject for alert in alerts.values()} <= BUREAU | {
        "default_probability"
    }


def test_a_longer_fishing_ban_is_caught_where_it_falls(watched: Bank) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "fishing_ban", seed=1, day=LATER)
    watched.take(LATER)
    subjects = {alert.subject for alert in watched.open_alerts(LATER).values()}
    assert {"seasonal_concentration", "fishery/annual_income_fen"} <= subjects
    assert all(subject.startswith("fishery/") for subject in subjects if "/" in subject)


def test_the_same_inputs_are_measured_once(watched: Bank, look: Any) -> None:
    first = watched.take(DAY)
    assert watched.take(DAY) == Monitored()
    assert monitor(watched.wing, watched.edition, DAY + timedelta(days=1)) == Monitored()
    assert look.count("model_figures") == first.figures


def test_an_alert_is_opened_once_and_closed_by_the_next_sound_file(watched: Bank, look: Any) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "unit_error", seed=1, day=LATER)
    watched.take(LATER)
    opened = watched.open_alerts(LATER)
    sound = LATER + timedelta(days=5)
    (watched.folder / f"households_{LATER:%Y%m%d}.csv").unlink()
    write_drift(watched.folder, "none", seed=2, day=sound)
    turned = watched.take(sound)
    # Back in fen the deposits jump once more against the file before: that is said, and nothing else stands.
    assert turned.turns["closed"] >= 1
    assert {alert.kind for alert in watched.open_alerts(sound).values()} <= {"jump", "unit_factor"}
    stability = opened["stability/deposit_average_12m_fen"]
    rows = look.rows("model_alerts", "alert_id", "turn", "severity", "first_seen_on", order="leaf_id")
    assert [row[1:] for row in rows if row[0] == stability.alert_id] == [
        ("opened", "high", LATER),
        ("closed", "", LATER),
    ]
    assert watched.open_alerts(LATER).keys() == opened.keys()


@pytest.mark.parametrize("table", ["model_figures", "model_alerts", "model_references"])
def test_what_was_measured_is_never_changed(watched: Bank, table: str) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "unit_error", seed=1, day=LATER)
    watched.take(LATER)
    with pytest.raises(DatabaseError, match="append-only"), transaction(watched.wing.engine) as connection:
        connection.execute(text(f"UPDATE bank.{table} SET bank_code = 'other'"))


def test_a_month_is_held_against_the_same_month_of_the_year_before(watched: Bank) -> None:
    last_july = date(2025, 7, 20)
    table = pacsv.read_csv(io.BytesIO((watched.folder / "households_20260614.csv").read_bytes()))
    place = table.column_names.index("as_of")
    year_ago = table.set_column(place, "as_of", pa.repeat(pa.scalar(last_july), table.num_rows))
    keep = pa.compute.less_equal(year_ago["borrower_birth_on"], pa.scalar(last_july))
    (watched.folder / f"households_{last_july:%Y%m%d}.csv").write_bytes(csv_bytes(year_ago.filter(keep)))
    watched.take(DAY)
    write_drift(watched.folder, "none", seed=1, day=LATER)
    watched.take(LATER)
    references = {one.reference_told.en for one in watched.report(LATER).figures if one.kind == "stability"}
    assert references == {"the same month last year 2025-07-20"}


def test_without_kept_references_the_card_and_the_first_population_are_the_measure(
    bank: Wing, edition: PolicyEdition, household_file: Any, household_row: Any, promote: Any
) -> None:
    promote()
    rows = [household_row(number) for number in range(320)]
    import_households(bank, BANK, household_file(rows), DAY)
    assert monitor(bank, edition, DAY).figures
    later_rows = [household_row(number, as_of="2026-07-14") for number in range(320)]
    import_households(bank, BANK, household_file(later_rows, "households_20260714.csv"), LATER)
    monitor(bank, edition, LATER)
    with transaction(bank.engine) as connection:
        figures = monitoring_report(connection, BANK, LATER).figures
    told = {one.reference_told.en for one in figures if one.kind == "stability"}
    assert told == {"the training rows", "the first population it scored 2026-06-15"}


def test_an_experts_card_is_measured_from_the_first_population_it_scored(open_bank_of: Callable[..., Bank]) -> None:
    watched = open_bank_of(SEEDS[0], trained=False)
    assert watched.take(DAY).turns == {}
    assert [one for one in watched.report(DAY).figures if one.kind == "stability"] == []
    write_drift(watched.folder, "unit_error", seed=1, day=LATER)
    watched.take(LATER)
    figures = [one for one in watched.report(LATER).figures if one.kind == "stability"]
    assert {one.reference_told.en for one in figures} == {"the first population it scored 2026-06-14"}
    assert "stability/deposit_average_12m_fen" in watched.open_alerts(LATER)


def test_open_alerts_of_one_subject_are_looked_at_together(watched: Bank) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "bureau_missing", seed=1, day=LATER)
    watched.take(LATER)
    concerns = watched.report(LATER).concerns
    assert {concern.subject for concern in concerns} >= BUREAU
    assert len({concern.subject for concern in concerns}) == len(concerns)
    assert all(concern.severity == "high" for concern in concerns if concern.subject in BUREAU)


def test_unknown_words_that_set_rows_aside_are_told(
    bank: Wing, edition: PolicyEdition, household_file: Any, household_row: Any, promote: Any
) -> None:
    promote()
    rows = [household_row(n, sector="shipping" if n % 10 == 0 else "wage") for n in range(300)]
    import_households(bank, BANK, household_file(rows), DAY)
    monitor(bank, edition, DAY)
    with transaction(bank.engine) as connection:
        alerts = monitoring_report(connection, BANK, DAY).open_alerts
    found = [alert for alert in alerts if alert.kind == "quarantined_share"]
    assert [(alert.subject, alert.measured, alert.severity) for alert in found] == [
        ("sector: level.unknown", pytest.approx(0.1), "high")
    ]


class Loan(NamedTuple):
    """A drawn contract: its offer's probability, its draw, and the day it was reported 90 days past due."""

    probability: float
    drawn_on: date
    overdue_on: date | None = None


def seed_loans(wing: Wing, seed_offers: Any, seed_contract: Any, loans: list[Loan]) -> None:
    offer_ids = seed_offers(len(loans), model_version=f"{BANK}.baseline/1", priced_on=loans[0].drawn_on)
    movements, arrears = [], []
    for number, (loan, offer_id) in enumerate(zip(loans, offer_ids, strict=True)):
        seed_contract(number, offer_id=offer_id)
        contract_id = f"{BANK}/C-{number}"
        common = {"contract_id": contract_id, "business_date": loan.drawn_on}
        movements.append(
            common | {"movement_id": f"{BANK}/m{number}", "bank_code": BANK, "kind": "drawdown", "principal_fen": 100,
                      "interest_fen": 0, "penalty_fen": 0, "fee_fen": 0, "leaf_id": 1}
        )  # fmt: skip
        if loan.overdue_on:
            arrears.append(
                {"message_key": f"{BANK}/a{number}", "contract_id": contract_id, "business_date": loan.overdue_on,
                 "days_past_due": 92}
            )  # fmt: skip
    with transaction(wing.engine) as connection:
        append_rows(connection, tables.movements, movements)
        append_rows(connection, tables.arrears_reports, arrears)


def test_outcomes_are_held_against_what_was_predicted_when_the_offer_was_made(
    bank: Wing, edition: PolicyEdition, promote: Any, seed_offers: Any, seed_contract: Any
) -> None:
    promote()
    drawn_on, end = date(2026, 7, 1), date(2027, 7, 2)
    late = [Loan(0.01, drawn_on, drawn_on + timedelta(days=200)) for _ in range(40)]
    too_late = [Loan(0.01, drawn_on, drawn_on + timedelta(days=366)) for _ in range(5)]
    seed_loans(bank, seed_offers, seed_contract, [*late, *too_late, *[Loan(0.01, drawn_on)] * 255])
    monitor(bank, edition, end)
    with transaction(bank.engine) as connection:
        report = monitoring_report(connection, BANK, end)
    told = {one.kind: one for one in report.figures if one.topic == "outcomes"}
    assert told["calibration_mean"].detail["actual"] == 40
    assert told["calibration_mean"].detail["expected"] == pytest.approx(3.0)
    assert told["actual_to_expected"].subject == "2026Q3"
    alerts = {alert.kind: alert.severity for alert in report.open_alerts if alert.topic == "outcomes"}
    assert alerts == {"calibration_mean": "high", "actual_to_expected": "high"}


def test_a_young_vintage_counts_only_what_may_have_shown(
    bank: Wing, edition: PolicyEdition, promote: Any, seed_offers: Any, seed_contract: Any
) -> None:
    promote()
    drawn_on = date(2026, 7, 1)
    seed_loans(bank, seed_offers, seed_contract, [Loan(0.01, drawn_on)] * 200)
    monitor(bank, edition, date(2027, 1, 10))
    with transaction(bank.engine) as connection:
        figures = monitoring_report(connection, BANK, date(2027, 1, 10)).figures
    vintage = [one for one in figures if one.kind == "actual_to_expected"]
    assert [(one.detail["months_on_book"], one.detail["expected"]) for one in vintage] == [(6.0, pytest.approx(0.58))]
    assert not [one for one in figures if one.kind == "calibration_mean"]


def test_loans_delivered_later_are_held_against_a_model_that_never_saw_them(watched: Bank, delivered: Any) -> None:
    content, end = delivered(SEEDS[0]).past_loans, date(2024, 6, 30)
    learned = replace_references(watched, delivered(SEEDS[0]), end)
    (watched.folder / f"past_loans_{FILE_DAY:%Y%m%d}.csv").write_bytes(content)
    watched.take(DAY, watched.folder)
    told = {one.kind: one for one in watched.report(DAY).figures if one.topic == "past_loans"}
    assert told["calibration_mean"].rows == learned
    assert told["actual_to_expected"].subject >= "2024Q3"
    assert watched.take(DAY, watched.folder) == Monitored()


def test_the_very_file_a_model_was_trained_from_tells_nothing_new_of_it(watched: Bank, delivered: Any) -> None:
    content = delivered(SEEDS[0]).past_loans
    watched.promote(delivered(SEEDS[0]), "2", data_sha256=hashlib.sha256(content).hexdigest())
    (watched.folder / f"past_loans_{FILE_DAY:%Y%m%d}.csv").write_bytes(content)
    watched.take(DAY, watched.folder)
    assert [one for one in watched.report(DAY).figures if one.topic == "past_loans"] == []


def replace_references(watched: Bank, sample: Delivered, end: date) -> int:
    """Puts version 2 to work, which learned only from loans drawn up to a day; returns how many came after."""
    older = sample.drawn_on <= (end - date(1970, 1, 1)).days
    part = sample._replace(values=sample.values[older], drawn_on=sample.drawn_on[older])
    watched.promote(part, "2", data_sha256="1" * 64)
    return int((~older).sum())


def test_decisions_that_differ_from_our_offers_are_counted(
    bank: Wing, edition: PolicyEdition, promote: Any, seed_offers: Any
) -> None:
    promote()
    offer_ids = seed_offers(100, model_version=f"{BANK}.baseline/1")
    with transaction(bank.engine) as connection:
        append_rows(connection, tables.applications, [_application(n, one) for n, one in enumerate(offer_ids)])
        rows = [_decision(n, "decline" if n < 40 else "approve") for n in range(100)]
        append_rows(connection, tables.bank_decisions, [*rows, *[_decision(n, "refer", 0) for n in range(10)]])
    monitor(bank, edition, DAY)
    with transaction(bank.engine) as connection:
        report = monitoring_report(connection, BANK, DAY)
    told = {f"{one.kind}/{one.subject}": one for one in report.figures}
    assert told["override_share/all"].measured == 0.4
    assert told["override_reason/declined_though_offered/bank_assessment"].detail["count"] == 40
    steps = {alert.next_step for alert in report.open_alerts if alert.topic == "overrides"}
    assert steps == {"review_overrides"}


def _application(number: int, offer_id: str) -> dict[str, object]:
    return {
        "application_id": f"A{number}",
        "bank_code": BANK,
        "channel_reference": f"R{number}",
        "offer_id": offer_id,
        "household_ref": f"H{number:06d}",
        "household_key": f"{number}",
        "requested_limit_fen": 8_000_000,
        "purpose": "household_consumption",
        "term_months": 36,
        "applied_on": DAY,
        "leaf_id": 1,
    }


def _decision(number: int, decision: str, sequence: int = 1) -> dict[str, object]:
    return {
        "application_id": f"A{number}",
        "message_key": f"{BANK}/{number}/{decision}",
        "sequence": 1000 * sequence + number,
        "decision": decision,
        "limit_fen": 8_000_000 if decision == "approve" else 0,
        "reason_codes": ["bank_assessment"] if decision == "decline" else [],
        "business_date": DAY,
    }


def test_the_command_line_tells_alerts_and_figures_in_both_languages(watched: Bank) -> None:
    watched.take(DAY)
    write_drift(watched.folder, "unit_error", seed=1, day=LATER)
    watched.take(LATER)
    console = Console(width=200, record=True, file=io.StringIO())
    monitoring_printing.report(console, watched.report(LATER), every_figure=False)
    printed = console.export_text()
    for words in ("疑为单位错误", "probably another unit", "下一步 / next step", "[P]", "严重 / high"):
        assert words in printed
