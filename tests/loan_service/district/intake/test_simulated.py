"""A whole simulated district goes in: every defect its authors planted is found, and nothing else is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from experiments.simulation.config import load_config
from experiments.simulation.district import simulate
from experiments.simulation.truth import objections_table, persons_table
from experiments.simulation.writing import write_feeds, write_registers
from loan_service.district.contracts import FEEDS
from loan_service.district.files.sifting import SEPARATOR
from loan_service.district.pipeline import take_in
from loan_service.district.store import tables
from loan_service.district.store.history import read_history
from loan_service.foundation.database import transaction
from loan_service.foundation.identifiers import blind_id, stable_id
from loan_service.foundation.transparency import seal

if TYPE_CHECKING:
    from loan_service.district.files.summary import IntakeSummary
    from loan_service.foundation.wing import Wing

TODAY = dt.date(2026, 6, 15)
ROW_DEFECTS = {
    "name_mismatch": "person.name_disagrees",
    "wrong_check_digit": "person.wrong_check_digit",
    "not_in_register": "person.unregistered",
    "future_date": "date.future",
    "decimal_comma": "number.decimal_comma",
    "overlapping_terms": "representative.overlap",
}


class Simulated:
    """The files of a small district, how many rows were spoilt in which way, and the true persons."""

    def __init__(self, folder: Path) -> None:
        small = simulate(load_config(), seed=6, scale=0.01)
        written = write_feeds(small, folder) + write_registers(small, folder)
        self.folder = folder
        self.planted = Counter(defect for part in written for defect in part.defects["defect"].to_pylist())
        self.persons: list[dict[str, Any]] = persons_table(small).to_pylist()
        self.objections: list[dict[str, Any]] = objections_table(small).to_pylist()
        self.spoilt = {no for part in written for no in part.defects["record_no"].to_pylist()}

    def load(self, wing: Wing) -> IntakeSummary:
        """Loads everything."""
        return take_in(wing, self.folder, TODAY, lambda _name, _rows: None)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """One district for all tests here."""
    return Simulated(tmp_path_factory.mktemp("simulated"))


def test_the_planted_defects_are_found_and_nothing_else(district: Wing, simulated: Simulated) -> None:
    summary, planted = simulated.load(district), simulated.planted
    expected = {code: planted[name] for name, code in ROW_DEFECTS.items() if planted[name]}
    whole_files = {"file.unknown_column": 1, "file.truncated": 1, "file.wrong_encoding": 1}
    assert summary.reasons == expected | whole_files
    assert summary.refusals == {"public_security": planted["banned_class"]}
    assert summary.missing == ()


def test_every_row_is_accounted_for(district: Wing, simulated: Simulated) -> None:
    summary = simulated.load(district)
    for file in summary.files:
        parts = file.rows_landed + file.rows_repeated + file.rows_quarantined + file.rows_refused
        assert parts + file.rows_without_consent == file.rows_read, file
    with transaction(district.engine) as connection:
        records = connection.execute(select(func.count()).select_from(tables.source_records)).scalar_one()
        happened = connection.execute(select(func.count()).select_from(tables.events)).scalar_one()
    feeds = {contract.source_code for contract in FEEDS}
    landed = sum(file.rows_landed for file in summary.files if file.source_code in feeds)
    assert records == happened == landed > 1000


def test_enrolments_moves_and_deaths_reach_scoring_as_they_truly_were(district: Wing, simulated: Simulated) -> None:
    simulated.load(district)
    with transaction(district.engine) as connection:
        frames = read_history(connection, seal(connection, tables.log, district.signer))
    found = {
        (row["person_id"], row["enrolled_from"], row["enrolled_until"], row["died_on"], row["village_code"])
        for row in frames.persons.to_arrow().to_pylist()
    }
    expected = {
        (
            blind_id(district.blind_key, "person", person["id_number"]),
            person["enrolled_on"],
            min(filter(None, (person["withdrawn_on"], person["left_on"])), default=None),
            person["left_on"] if person["died"] else None,
            person["village_code"],
        )
        for person in simulated.persons
        if person["enrolled_on"]
    }
    assert found == expected
    assert len(found) > 500


def test_appeals_and_corrections_reach_scoring_as_they_truly_were(district: Wing, simulated: Simulated) -> None:
    simulated.load(district)
    with transaction(district.engine) as connection:
        frames = read_history(connection, seal(connection, tables.log, district.signer))
    events = frames.events.to_arrow().to_pylist()
    kind_of = {event["event_id"]: event["event_type"] for event in events}
    opened = [event for event in events if event["event_type"] == "appeal_opened"]
    closed = {event["about_event_id"]: event for event in events if event["event_type"] == "appeal_closed"}
    corrections = {
        (event["about_event_id"], event["occurred_on"])
        for event in events
        if kind_of.get(event["about_event_id"]) == event["event_type"]
    }
    expected = set()
    for row in simulated.objections:
        about = stable_id("record", f"{row['source_code']}{SEPARATOR}{row['record_no']}")
        if row["kind"] == "appeal":
            level = "not_representative" if row["not_representative"] else ""
            person_id = blind_id(district.blind_key, "person", row["id_number"])
            expected.add((about, person_id, level, row["from_on"], row["until_on"]))
        elif row["record_no"] not in simulated.spoilt:
            assert [day for event, day in corrections if event == about]
    assert len(expected) == len([row for row in simulated.objections if row["kind"] == "appeal"]) > 3
    assert expected == {
        (
            event["about_event_id"],
            event["person_id"],
            event["level"],
            event["effective_from"],
            closed[event["event_id"]]["effective_from"] if event["event_id"] in closed else None,
        )
        for event in opened
    }
    assert any(event["event_id"] not in closed for event in opened)
