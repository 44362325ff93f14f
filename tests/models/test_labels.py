"""Who defaulted: the three conditions, the twelve months, and our own contracts told by what the bank reported."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from models.errors import MissingColumnError, UnreadableColumnError
from models.feature_spec import declared_features
from models.labels import OUTCOMES, default_labels, joined_loans, label_rows, months_later, own_loans
from models.samples import sample_of
from models.training_errors import FaultyRecordError

DRAWN = date(2025, 1, 10)
AS_OF = date(2026, 6, 15)
FEATURES = {name: [None] for name in declared_features("baseline").columns if name != "sector"}


def loans_with(**outcomes: list[int | None]) -> pa.Table:
    return pa.table({name: pa.array(outcomes.get(name, [0]), pa.int64()) for name in OUTCOMES})


def contract(**changes: Any) -> pa.Table:
    row = {
        "loan_ref": "C1", "village_code": "V001", "drawn_on": DRAWN, "matured_on": date(2026, 1, 10),
        "grade_at_start": "A", "sector": "trade", **dict.fromkeys(FEATURES),
    }  # fmt: skip
    dates = {name: pa.array([(row | changes)[name]], pa.date32()) for name in ("drawn_on", "matured_on")}
    return pa.table({name: [value] for name, value in (row | changes).items()} | dates)


def reported(*events: tuple[date, int | None, str | None], loan_ref: str = "C1") -> pa.Table:
    days, overdue, classes = zip(*events, strict=True) if events else ((), (), ())
    return pa.table(
        {
            "loan_ref": pa.array([loan_ref] * len(events), pa.string()),
            "business_date": pa.array(days, pa.date32()),
            "days_past_due": pa.array(overdue, pa.int32()),
            "loan_classification": pa.array(classes, pa.string()),
        }
    )


def own_label(*events: tuple[date, int | None, str | None], **changes: Any) -> list[int]:
    rows = label_rows(own_loans(contract(**changes), reported(*events), AS_OF), AS_OF)
    return rows.column("label").to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("outcome", "value", "label"),
    [
        ("days_past_due_max_12m", 89, 0.0),
        ("days_past_due_max_12m", 90, 1.0),
        ("written_off_within_12m", 1, 1.0),
        ("distressed_restructuring_within_12m", 1, 1.0),
    ],
)
def test_ninety_days_a_write_off_or_a_distressed_restructuring_is_a_default(
    outcome: str, value: int, label: float
) -> None:
    assert default_labels(loans_with(**{outcome: [value]}))[0] == label


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_unknown_outcome_gives_no_label(outcome: str) -> None:
    assert np.isnan(default_labels(loans_with(**{outcome: [None]}))[0])


@pytest.mark.parametrize(
    ("events", "label"),
    [
        ([], 0),
        ([(date(2025, 6, 1), 89, None)], 0),
        ([(date(2025, 6, 1), 90, None)], 1),
        ([(date(2025, 6, 1), 30, None), (date(2025, 6, 2), 0, None)], 0),
        ([(date(2025, 6, 1), None, "written_off")], 1),
        ([(date(2025, 6, 1), 5, "distressed_restructuring")], 1),
        ([(date(2025, 6, 1), None, "doubtful")], 0),
    ],
)
def test_what_the_bank_reported_about_our_contract_decides_its_label(events: Any, label: int) -> None:
    assert own_label(*events) == [label]


@pytest.mark.parametrize(
    ("day", "days_past_due", "label"),
    [
        (date(2026, 1, 9), 90, 1),  # the last day of the twelve months
        (date(2026, 1, 10), 90, 0),  # the ninetieth day is the first day after them
        (date(2026, 1, 12), 93, 1),  # reported late: the ninetieth day was 9 January
        (date(2026, 3, 1), 95, 0),
    ],
)
def test_the_twelve_months_are_half_open_and_a_late_report_is_taken_back(
    day: date, days_past_due: int, label: int
) -> None:
    assert own_label((day, days_past_due, None)) == [label]


def test_a_write_off_after_the_twelve_months_is_none_of_theirs() -> None:
    assert own_label((date(2026, 1, 9), None, "written_off")) == [1]
    assert own_label((date(2026, 1, 10), None, "written_off")) == [0]


def test_a_contract_never_drawn_or_not_matured_or_not_watched_for_a_year_gives_no_label() -> None:
    assert own_label(drawn_on=None) == []
    assert own_label(matured_on=date(2026, 6, 16)) == []
    assert own_label(drawn_on=date(2025, 6, 16), matured_on=date(2025, 12, 16)) == []
    assert own_label(drawn_on=date(2025, 6, 15), matured_on=date(2025, 12, 16)) == [0]


def test_what_the_bank_reported_after_the_day_of_training_is_not_known_yet() -> None:
    early = own_loans(contract(), reported((date(2025, 6, 1), 120, None)), date(2025, 5, 31))
    assert early.column("days_past_due_max_12m").to_pylist() == [0]


def test_own_contracts_and_the_bank_s_file_become_one_table_with_their_origin(past_loans: pa.Table) -> None:
    own = own_loans(contract(), reported((date(2025, 6, 1), 120, None)), AS_OF)
    rows = label_rows(joined_loans(past_loans, own), AS_OF)
    mine = rows.filter(pa.compute.equal(rows["origin"], "own_contracts"))
    assert mine.select(["loan_ref", "label"]).to_pylist() == [{"loan_ref": "C1", "label": 1}]
    assert set(rows["origin"].to_pylist()) == {"bank_file", "own_contracts"}
    assert sample_of(rows.drop_columns(["label"]), declared_features("full")).rows.values.shape[0] == rows.num_rows


def test_a_loan_in_both_files_counts_once_as_the_bank_tells_it(past_loans: pa.Table) -> None:
    known = past_loans["loan_ref"][0].as_py()
    own = own_loans(contract(loan_ref=known), reported(), AS_OF)
    assert joined_loans(past_loans, own).num_rows == past_loans.num_rows


def test_overrides_are_kept_beside_the_features_and_are_none_of_them(past_loans: pa.Table) -> None:
    own = own_loans(contract(override="accepted_against_model", near_cut_off=True), reported(), AS_OF)
    rows = label_rows(joined_loans(past_loans, own), AS_OF)
    assert rows.filter(pa.compute.equal(rows["loan_ref"], "C1"))["override"].to_pylist() == ["accepted_against_model"]
    assert rows["near_cut_off"].null_count == rows.num_rows - 1
    assert not {"override", "override_reason_code", "near_cut_off"} & set(declared_features("full").columns)


@pytest.mark.parametrize(
    ("contracts", "events", "field"),
    [
        (contract(), reported((DRAWN, 3, None), loan_ref="C2"), "loan_ref"),
        (contract(), reported((date(2025, 1, 9), 3, None)), "business_date"),
        (contract(), reported((DRAWN, -3, None)), "days_past_due"),
        (contract(), reported((DRAWN, None, "bad")), "loan_classification"),
        (pa.concat_tables([contract(), contract()]), reported(), "loan_ref"),
    ],
)
def test_an_impossible_record_is_named_with_its_field_and_the_remedy(
    contracts: pa.Table, events: pa.Table, field: str
) -> None:
    with pytest.raises(FaultyRecordError) as caught:
        own_loans(contracts, events, AS_OF)
    assert (caught.value.field, caught.value.record) == (field, "C2" if "C2" in str(caught.value) else "C1")
    assert caught.value.remedy[0] in str(caught.value)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("drawn_on", None),
        ("matured_on", date(2020, 1, 1)),
        ("days_past_due_max_12m", -1),
        ("written_off_within_12m", 2),
        ("loan_ref", "L0000002"),
    ],
)
def test_an_impossible_loan_in_the_bank_s_file_is_named(past_loans: pa.Table, column: str, value: Any) -> None:
    few = past_loans.slice(0, 10)
    values = few.column(column).to_pylist()
    values[7] = value
    spoilt = few.set_column(few.column_names.index(column), column, pa.array(values, few.column(column).type))
    with pytest.raises(FaultyRecordError) as caught:
        label_rows(spoilt)
    assert caught.value.field == column
    assert caught.value.record == ("L0000002" if column == "loan_ref" else "L0000007")


def test_a_missing_or_mistyped_column_of_our_own_tables_is_named() -> None:
    with pytest.raises(MissingColumnError):
        own_loans(contract().drop_columns(["matured_on"]), reported(), AS_OF)
    with pytest.raises(MissingColumnError):
        own_loans(contract(), reported().drop_columns(["loan_classification"]), AS_OF)
    with pytest.raises(UnreadableColumnError):
        own_loans(contract(), reported().set_column(2, "days_past_due", pa.array([], pa.string())), AS_OF)


def test_months_end_where_the_month_does() -> None:
    days = np.array([date(2024, 2, 29), date(2025, 1, 31), date(2025, 1, 10)], dtype="datetime64[D]").astype(np.int64)
    later = months_later(days, 12).astype("datetime64[D]").astype(object).tolist()
    assert later == [date(2025, 2, 28), date(2026, 1, 31), date(2026, 1, 10)]
    assert months_later(days[1:2], 1).astype("datetime64[D]")[0].astype(object) == date(2025, 2, 28)
