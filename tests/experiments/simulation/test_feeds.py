import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from experiments.simulation import District, Simulation

Delivered: TypeAlias = Callable[[str], list[dict[str, Any]]]
Deliveries: TypeAlias = Callable[[str], list[Path]]
RowsOf: TypeAlias = Callable[[Path], list[dict[str, Any]]]
TableOf: TypeAlias = Callable[[Path], tuple[list[str], list[list[Any]]]]

PAPERS = ["文书类型", "文书号", "生效日期", "目录编号", "告知日期"]
PERSON, UNIT = ["身份证号", "姓名"], ["统一社会信用代码", "单位名称"]
HAZARD = [
    "deadline_on",
    "verified_on",
    "document_class",
    "document_no",
    "effective_from",
    "catalogue_item",
    "notice_served_on",
    "related_record_no",
]
COLUMNS = {
    "municipal_credit": ["记录编号", "类别", *PERSON, *UNIT, "发生日期", "等级", *PAPERS, "关联记录编号"],
    "district_grid": ["record_no", "kind", "uscc", "entity_name", "id_number", "name", "ordered_on", *HAZARD],
    "permit_commitments": ["记录编号", "类别", *PERSON, *UNIT, "发生日期", *PAPERS, "关联记录编号"],
    "ebike_control": ["记录编号", "类别", *PERSON, "发生日期", *PAPERS, "关联记录编号"],
    "neighborhood_points": ["记录编号", "类别", *PERSON, "村社代码", "季度", "积分", "每分所需积分"],
    "grassroots_platforms": ["record_no", "kind", "id_number", "name", "uscc", "entity_name", "occurred_on", *HAZARD],
    "court_litigation": ["记录编号", "类别", *PERSON, *UNIT, "角色", "发生日期", *PAPERS, "关联记录编号"],
    "volunteering": ["记录编号", *PERSON, "活动名称", "签到时间", "签退时间"],
    "household_hygiene": ["记录编号", "户号", "村社代码", "检查日期", "星级", "检查员甲", "检查员乙"],
    "village_compact": [
        "record_no",
        "kind",
        "household_no",
        "id_number",
        "name",
        "village_code",
        "quarter",
        "month",
        "panel_points",
        "panellists",
        "confirmed_by",
    ],
    "self_discipline": ["记录编号", *PERSON, "合同类别", "季度", "结果", "违约文书号"],
    "resident_register": [
        *PERSON,
        "性别",
        "户号",
        "与户主关系",
        "村社代码",
        "入户日期",
        "离户日期",
        "离户原因",
        "有监护",
    ],
    "legal_representatives": [*UNIT, *PERSON, "任职日期", "离任日期"],
    "consents": [
        "act_no",
        "id_number",
        "name",
        "act",
        "purpose",
        "source_code",
        "recipient",
        "text_version",
        "acted_at",
        "channel",
        "binding_token",
    ],
}
FEEDS = [source for source in COLUMNS if source not in ("resident_register", "legal_representatives", "consents")]
NEGATIVE = {
    "municipal_credit": ("行政处罚", "涉渔涉海违法", "不文明行为"),
    "permit_commitments": ("未兑现承诺", "虚假承诺"),
    "ebike_control": ("违法",),
    "court_litigation": ("恶意呈会", "失信被执行人", "虚假诉讼"),
}
pytestmark = pytest.mark.usefixtures("written")


@pytest.mark.parametrize("source", COLUMNS)
def test_columns_are_exactly_those_of_the_contract(
    folder: Path, source: str, rows_of: RowsOf, table_of: TableOf, deliveries: Deliveries
) -> None:
    paths = deliveries(source)
    assert paths
    for path in paths:
        header = list(rows_of(path)[0]) if path.suffix == ".jsonl" else table_of(path)[0]
        assert header == COLUMNS[source], path.name


@pytest.mark.parametrize("source", COLUMNS)
def test_file_names_tell_source_day_and_number(folder: Path, source: str) -> None:
    names = [path.name for path in (folder / "district").glob(f"{source}_2*")]
    assert all(re.fullmatch(rf"{source}_20\d{{6}}_\d\d\.(csv|jsonl|xlsx)", name) for name in names)


@pytest.mark.parametrize(("source", "start"), [("ebike_control", b"\xef\xbb\xbf"), ("volunteering", "记录".encode())])
def test_utf8_files_begin_as_declared(source: str, start: bytes, deliveries: Deliveries) -> None:
    assert all(path.read_bytes().startswith(start) for path in deliveries(source))


@pytest.mark.parametrize("source", ["municipal_credit", "neighborhood_points", "self_discipline"])
def test_gb18030_files_are_no_utf8(source: str, deliveries: Deliveries) -> None:
    for path in deliveries(source):
        with pytest.raises(UnicodeDecodeError):
            path.read_bytes().decode()


@pytest.mark.parametrize("source", NEGATIVE)
def test_every_negative_shows_its_document_catalogue_item_and_notice(source: str, delivered: Delivered) -> None:
    rows = [row for row in delivered(source) if row["类别"] in NEGATIVE[source]]
    assert rows
    assert all(row[name] for row in rows for name in PAPERS)
    assert all(row["目录编号"].startswith("DEMO-") for row in rows)
    assert all(row["告知日期"] >= row["生效日期"] for row in rows)


@pytest.mark.parametrize("source", ["municipal_credit", "permit_commitments", "court_litigation"])
def test_a_related_record_was_delivered_before(
    source: str, rows_of: RowsOf, deliveries: Deliveries, delivered: Delivered
) -> None:
    delivered_on = {}
    for path in deliveries(source):
        for row in rows_of(path):
            delivered_on.setdefault(row["记录编号"], path.name)
    related = [(row["记录编号"], row["关联记录编号"]) for row in delivered(source) if row["关联记录编号"]]
    assert related
    late = [pair for pair in related if delivered_on[pair[1]] > delivered_on[pair[0]]]
    assert len(late) <= 2  # unless the earlier one itself came late


def test_hazards_name_a_unit_or_an_operator(delivered: Delivered) -> None:
    hazards = {"hazard_ordered", "hazard_fixed"}
    rows = [row for row in delivered("district_grid") if row["kind"] in hazards]
    assert {row["kind"] for row in rows} == hazards
    assert all((row["uscc"] is None) != (row["id_number"] is None) for row in rows)


def test_panels_are_about_households_and_aid_about_persons(delivered: Delivered) -> None:
    for row in delivered("village_compact"):
        review = row["kind"] == "compact_review"
        assert (row["household_no"] is not None) == (row["quarter"] is not None) == review
        assert (row["id_number"] is not None) == (row["month"] is not None) == (not review)
        assert not review or (0 <= row["panel_points"] <= 2 and row["panellists"] >= 3)


def test_volunteers_leave_after_they_came_and_on_the_same_day(delivered: Delivered) -> None:
    for row in delivered("volunteering"):
        start, end = (dt.datetime.fromisoformat(row[name]) for name in ("签到时间", "签退时间"))
        assert start < end
        assert start.date() == end.date()


def test_two_different_inspectors_give_whole_stars(delivered: Delivered) -> None:
    rows = delivered("household_hygiene")
    assert {float(row["星级"]) for row in rows} == {0.0, 1.0, 2.0}
    assert all(row["检查员甲"] != row["检查员乙"] for row in rows)


def test_a_village_has_one_conversion_table_a_quarter(delivered: Delivered) -> None:
    rows = [row for row in delivered("neighborhood_points") if row["类别"] == "换算表"]
    keys = {(row["村社代码"], row["季度"]): row["记录编号"] for row in rows}
    assert len(keys) == 84 * 18
    assert len(set(keys.values())) == len(keys)


def test_documented_breaches_and_only_they_carry_a_document(delivered: Delivered) -> None:
    rows = delivered("self_discipline")
    assert {row["结果"] for row in rows} == {"守约", "违约"}
    assert all(bool(row["违约文书号"]) == (row["结果"] == "违约") for row in rows)


def test_no_source_is_empty_and_sheets_stay_small_enough_to_write_row_by_row(written: Simulation) -> None:
    rows = {}
    for file in written.files:
        source = file.path.name.partition("_2")[0]
        rows[source] = rows.get(source, 0) + file.rows
    assert all(rows[source] > 0 for source in FEEDS)
    assert (
        sum(rows[source] for source in ("household_hygiene", "court_litigation", "permit_commitments")) < 35_000 * 0.03
    )


def test_the_full_district_delivers_the_published_number_of_records(full: District) -> None:
    counts = [getattr(full.behaviours, name).count for name in full.behaviours.__slots__]
    assert 175_000 < np.sum(counts) < 320_000
