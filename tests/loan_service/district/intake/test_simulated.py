"""A whole simulated district goes in: every defect its authors planted is found, and nothing else is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from experiments.simulation.config import load_config
from experiments.simulation.district import simulate
from experiments.simulation.writing import write_feeds, write_registers
from loan_service.district.contracts import FEEDS
from loan_service.district.pipeline import take_in
from loan_service.district.store import tables
from loan_service.foundation.database import transaction

if TYPE_CHECKING:
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


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter[str]]:
    """The files of a small district, and how many rows were spoilt in which way."""
    small = simulate(load_config(), seed=6, scale=0.01)
    folder = tmp_path_factory.mktemp("simulated")
    written = write_feeds(small, folder) + write_registers(small, folder)
    return folder, Counter(defect for part in written for defect in part.defects["defect"].to_pylist())


def test_the_planted_defects_are_found_and_nothing_else(district: Wing, simulated: tuple[Path, Counter[str]]) -> None:
    folder, planted = simulated
    summary = take_in(district, folder, TODAY, lambda _name, _rows: None)
    expected = {code: planted[name] for name, code in ROW_DEFECTS.items() if planted[name]}
    whole_files = {"file.unknown_column": 1, "file.truncated": 1, "file.wrong_encoding": 1}
    assert summary.reasons == expected | whole_files
    assert summary.refusals == {"public_security": planted["banned_class"]}
    assert summary.missing == ()


def test_every_row_is_accounted_for(district: Wing, simulated: tuple[Path, Counter[str]]) -> None:
    summary = take_in(district, simulated[0], TODAY, lambda _name, _rows: None)
    for file in summary.files:
        parts = file.rows_landed + file.rows_repeated + file.rows_quarantined + file.rows_refused
        assert parts + file.rows_without_consent == file.rows_read, file
    with transaction(district.engine) as connection:
        records = connection.execute(select(func.count()).select_from(tables.source_records)).scalar_one()
        happened = connection.execute(select(func.count()).select_from(tables.events)).scalar_one()
    feeds = {contract.source_code for contract in FEEDS}
    landed = sum(file.rows_landed for file in summary.files if file.source_code in feeds)
    assert records == happened == landed > 1000
