"""What a table must look like before anything is computed."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from scoring import (
    NO_DAY,
    ColumnMissingError,
    ColumnNullError,
    ColumnTypeError,
    DuplicateKeyError,
    Events,
    Memberships,
    Persons,
    Rulebook,
)


def memberships(**columns: pa.Array) -> pa.Table:
    plain = {
        "household_id": pa.array([7], pa.int64()),
        "person_id": pa.array([1], pa.int64()),
        "from_on": pa.array([0], pa.int32()).cast(pa.date32()),
        "until_on": pa.array([None], pa.date32()),
    }
    return pa.table(plain | columns)


def test_an_open_end_is_no_day_and_comes_back_as_null() -> None:
    frame = Memberships.from_arrow(memberships())
    assert frame.until_on.tolist() == [NO_DAY]
    assert frame.to_arrow().cast(Memberships.arrow_schema()).equals(memberships())


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ColumnMissingError) as caught:
        Memberships.from_arrow(memberships().drop_columns(["from_on"]))
    assert (caught.value.frame, caught.value.column) == ("Memberships", "from_on")


def test_a_wrong_type_is_named() -> None:
    with pytest.raises(ColumnTypeError) as caught:
        Memberships.from_arrow(memberships(person_id=pa.array([1], pa.int32())))
    assert (caught.value.column, caught.value.found, caught.value.wanted) == ("person_id", "int32", "int64")


def test_a_null_where_none_may_be_is_counted() -> None:
    with pytest.raises(ColumnNullError) as caught:
        Memberships.from_arrow(memberships(from_on=pa.array([None], pa.date32())))
    assert (caught.value.column, caught.value.nulls) == ("from_on", 1)


@pytest.mark.parametrize("coding", ["plain", "dictionary"])
def test_text_survives_plain_or_dictionary_coded_and_chunked(coding: str) -> None:
    texts = [pa.array(["V002", "V001", None]), pa.array(["V003", "V001"])]
    column = pa.chunked_array([part.dictionary_encode() if coding == "dictionary" else part for part in texts])
    empty = Persons.arrow_schema().empty_table()
    columns = {name: pa.nulls(5, empty.schema.field(name).type) for name in empty.column_names}
    for name in ("person_id", "birth_on", "enrolled_from"):
        columns[name] = pa.array([1, 2, 3, 4, 5], pa.int64() if name == "person_id" else pa.int32())
        columns[name] = columns[name].cast(empty.schema.field(name).type)
    village = Persons.from_arrow(pa.table(columns | {"village_code": column})).village_code
    assert village.to_arrow().to_pylist() == ["V002", "V001", "", "V003", "V001"]


def test_an_empty_frame_has_no_rows() -> None:
    assert len(Events.empty()) == 0
    assert Events.empty().to_arrow().num_rows == 0


def test_the_same_event_twice_is_refused(citizen: Any, rulebook: Rulebook) -> None:
    day = dt.date(2025, 1, 1)
    citizen.event("uncivil_conduct", day, event_id=5).event("uncivil_conduct", day, event_id=5)
    with pytest.raises(DuplicateKeyError) as caught:
        citizen.on(day, rulebook)
    assert caught.value.example == 5


def test_two_enrolments_live_on_one_day_are_refused(citizen: Any, rulebook: Rulebook) -> None:
    citizen.person(1)
    with pytest.raises(DuplicateKeyError):
        citizen.on(dt.date(2025, 1, 1), rulebook)
