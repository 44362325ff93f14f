"""One test per way a file can be wrong: the error has a name, and whatever can be loaded is."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from loan_service.district.pipeline import take_in

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office


def file_of(summary: object, source_code: str) -> object:
    return next(file for file in summary.files if file.source_code == source_code)


def test_a_source_that_sent_nothing_is_named(office: Office) -> None:
    office.deliver(*office.one(office.violation(office.chen)))
    summary = office.load()
    assert "volunteering" in summary.missing
    assert "ebike_control" not in summary.missing
    assert summary.reasons["file.missing"] == len(summary.missing) == 12


def test_without_any_folder_every_source_is_missing(office: Office) -> None:
    summary = take_in(office.wing, office.folder / "nowhere", dt.date(2026, 6, 15), lambda _name, _rows: None)
    assert (len(summary.missing), summary.files) == (14, ())


def test_a_file_of_no_declared_source_is_named_and_not_opened(office: Office) -> None:
    (office.folder / "volunteers_20260601_01.csv").write_bytes(b"\xff")
    (office.folder / "volunteering_june.csv").write_bytes(b"\xff")
    summary = office.load()
    assert summary.undeclared == ("volunteering_june.csv", "volunteers_20260601_01.csv")
    assert summary.reasons["file.undeclared"] == 2


def test_a_table_cut_within_its_last_row_lands_up_to_the_cut(office: Office) -> None:
    path = office.deliver("ebike_control", [office.violation(office.chen, f"DD{n}")[1] for n in range(3)])
    path.write_bytes(path.read_bytes()[:-25])
    summary = office.load()
    assert file_of(summary, "ebike_control").file_errors == ("file.truncated",)
    assert office.quarantined() == [
        ("ebike_control", 0, "file.truncated", ""),
        ("ebike_control", 4, "file.truncated", ""),
    ]
    assert sorted(row["record_no"] for row in office.rows_of("source_records")) == ["DD0", "DD1"]
    assert (summary.rows_quarantined, summary.reasons["file.truncated"]) == (1, 1)


def test_json_lines_cut_within_a_row_land_up_to_the_cut(office: Office) -> None:
    path = office.deliver("district_grid", [office.hazard(record_no=f"WG{n}")[1] for n in range(3)])
    path.write_bytes(path.read_bytes()[:-37])
    summary = office.load()
    assert file_of(summary, "district_grid").file_errors == ("file.truncated",)
    assert ("district_grid", 3, "file.truncated", "") in office.quarantined()
    assert sorted(row["record_no"] for row in office.rows_of("source_records")) == ["WG0", "WG1"]


def test_a_workbook_cut_short_loads_nothing_and_stops_nobody(office: Office) -> None:
    path = office.deliver(*office.one(office.inspection(office.chen)))
    path.write_bytes(path.read_bytes()[:1000])
    office.deliver(*office.one(office.violation(office.chen)))
    summary = office.load()
    assert file_of(summary, "household_hygiene").file_errors == ("file.truncated",)
    assert file_of(summary, "ebike_control").rows_landed == 1


def test_a_workbook_that_is_none_is_unreadable(office: Office) -> None:
    office.bytes("household_hygiene", "记录编号,户号\n".encode())
    assert file_of(office.load(), "household_hygiene").file_errors == ("file.unreadable",)


@pytest.mark.parametrize("source_code", ["ebike_control", "district_grid", "household_hygiene"])
def test_an_empty_file_is_named(office: Office, source_code: str) -> None:
    office.bytes(source_code, office.xlsx([]) if source_code == "household_hygiene" else b"")
    assert file_of(office.load(), source_code).file_errors == ("file.empty",)


@pytest.mark.parametrize(
    ("source_code", "builder", "encoding"),
    [
        ("volunteering", "session", "gb18030"),
        ("municipal_credit", "penalty", "utf-8"),
        ("district_grid", "hazard", "gb18030"),
    ],
)
def test_the_other_usual_encoding_is_named_and_read_all_the_same(
    office: Office, source_code: str, builder: str, encoding: str
) -> None:
    office.consents(office.consent(office.chen, "volunteering"))
    path = office.deliver(source_code, [getattr(office, builder)(office.chen)[1]])
    declared = "gb18030" if encoding == "utf-8" else "utf-8"
    path.write_bytes(path.read_bytes().decode(declared).encode(encoding))
    loaded = file_of(office.load(), source_code)
    assert (loaded.file_errors, loaded.rows_landed) == (("file.wrong_encoding",), 1)


def test_an_encoding_that_hides_the_header_loads_nothing(office: Office) -> None:
    path = office.deliver(*office.one(office.violation(office.chen)))
    path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("utf-16"))
    loaded = file_of(office.load(), "ebike_control")
    assert (loaded.file_errors, loaded.rows_read) == (("file.wrong_encoding",), 0)


@pytest.mark.parametrize(("builder", "row_number"), [("session", 2), ("hazard", 1)])
def test_a_row_with_bytes_of_no_encoding_is_named_alone(office: Office, builder: str, row_number: int) -> None:
    office.consents(office.consent(office.chen, "volunteering"))
    source_code, row = getattr(office, builder)(office.chen)
    number = "record_no" if "record_no" in row else "记录编号"
    path = office.deliver(source_code, [row | {number: "BAD"}, row | {number: "GOOD"}])
    path.write_bytes(path.read_bytes().replace(b'BAD"' if builder == "hazard" else b"BAD", b"BAD\xff\xfe", 1))
    office.load()
    assert [(n, code) for _, n, code, _ in office.quarantined()] == [(row_number, "row.wrong_encoding")]
    assert [row["record_no"] for row in office.rows_of("source_records")] == ["GOOD"]


def test_an_unknown_column_is_named_and_never_lands(office: Office) -> None:
    path = office.deliver(*office.one(office.violation(office.chen)))
    header, row = path.read_text("utf-8-sig").splitlines()
    path.write_text(f"{header},宗教信仰\n{row},无\n", "utf-8-sig")
    loaded = file_of(office.load(), "ebike_control")
    assert (loaded.file_errors, loaded.rows_landed) == (("file.unknown_column",), 1)
    assert office.quarantined() == [("ebike_control", 0, "file.unknown_column", "宗教信仰")]
    assert "宗教信仰" not in office.rows_of("source_records")[0]["payload"]


def test_an_unknown_key_in_json_lines_is_named_and_never_lands(office: Office) -> None:
    office.deliver("district_grid", [office.hazard()[1] | {"photo": "x"}])
    loaded = file_of(office.load(), "district_grid")
    assert (loaded.file_errors, loaded.rows_landed) == (("file.unknown_column",), 1)
    assert "photo" not in office.rows_of("source_records")[0]["payload"]


def test_a_missing_column_no_row_needs_is_named_and_the_rows_land(office: Office) -> None:
    path = office.deliver(*office.one(office.penalty(office.chen)))
    table = [line.split(",") for line in path.read_text("gb18030").splitlines()]
    path.write_text("\n".join(",".join(line[:-1]) for line in table) + "\n", "gb18030")
    loaded = file_of(office.load(), "municipal_credit")
    assert (loaded.file_errors, loaded.rows_landed) == (("file.missing_column",), 1)
    assert office.quarantined() == [("municipal_credit", 0, "file.missing_column", "关联记录编号")]


def test_a_missing_column_every_row_needs_loads_nothing(office: Office) -> None:
    office.bytes("ebike_control", "记录编号,类别,姓名\nDD1,违法,陈海霞\n".encode("utf-8-sig"))
    loaded = file_of(office.load(), "ebike_control")
    assert (loaded.file_errors, loaded.rows_read) == (("file.missing_column",), 0)
    ((_, row_number, code, missing),) = office.quarantined()
    assert (row_number, code) == (0, "file.missing_column")
    assert missing.split(", ")[:2] == ["身份证号", "发生日期"]


def test_columns_in_another_order_mean_the_same(office: Office) -> None:
    path = office.deliver(*office.one(office.violation(office.chen)))
    table = [line.split(",") for line in path.read_text("utf-8-sig").splitlines()]
    path.write_text("\n".join(",".join(reversed(line)) for line in table) + "\n", "utf-8-sig")
    assert file_of(office.load(), "ebike_control").rows_landed == 1


def test_ragged_rows_are_named_and_blank_lines_are_nothing(office: Office) -> None:
    path = office.deliver(*office.one(office.violation(office.chen)))
    path.write_text(path.read_text("utf-8-sig") + "DD8,违法\n\n" + "," * 20 + "\n", "utf-8-sig")
    summary = office.load()
    assert [(n, code) for _, n, code, _ in office.quarantined()] == [
        (3, "row.too_few_fields"),
        (5, "row.too_many_fields"),
    ]
    assert file_of(summary, "ebike_control").rows_read == 3


def test_a_line_that_is_no_object_is_malformed(office: Office) -> None:
    path = office.deliver(*office.one(office.hazard()))
    path.write_bytes(b"[1]\n{broken\n" + path.read_bytes())
    office.load()
    assert [(n, code) for _, n, code, _ in office.quarantined()] == [(1, "row.malformed"), (2, "row.malformed")]
    assert len(office.rows_of("events")) == 1


def test_a_file_of_tomorrow_waits_for_its_day(office: Office) -> None:
    office.deliver(*office.one(office.violation(office.chen)), day="20260616")
    assert file_of(office.load(), "ebike_control").file_errors == ("file.from_the_future",)
    assert office.rows_of("events") == []
    assert file_of(office.load(dt.date(2026, 6, 16)), "ebike_control").rows_landed == 1


def test_every_row_read_is_accounted_for_once(office: Office) -> None:
    office.consents(office.consent(office.chen, "volunteering"))
    good = office.session(office.chen)[1]
    office.deliver(
        "volunteering",
        [
            good,
            good,
            good | {"记录编号": "ZY2", "活动名称": "无偿献血"},
            good | {"记录编号": "ZY3", "签退时间": "never"},
            office.session(office.lin, "ZY4")[1],
        ],
    )
    file = file_of(office.load(), "volunteering")
    parts = (file.rows_landed, file.rows_repeated, file.rows_refused, file.rows_quarantined, file.rows_without_consent)
    assert (file.rows_read, parts) == (5, (1, 1, 1, 1, 1))
