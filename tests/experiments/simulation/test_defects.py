from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow.parquet as pq
import pytest
from stdnum.cn import ric

Delivered: TypeAlias = Callable[[str], list[dict[str, Any]]]
Deliveries: TypeAlias = Callable[[str], list[Path]]
RowsOf: TypeAlias = Callable[[Path], list[dict[str, Any]]]
TableOf: TypeAlias = Callable[[Path], tuple[list[str], list[list[Any]]]]

Identities: TypeAlias = list[tuple[str, str, str, str]]
SOURCES = [
    "municipal_credit",
    "district_grid",
    "permit_commitments",
    "ebike_control",
    "neighborhood_points",
    "grassroots_platforms",
    "court_litigation",
    "volunteering",
    "household_hygiene",
    "village_compact",
    "self_discipline",
]
pytestmark = pytest.mark.usefixtures("written")


@pytest.fixture(scope="module")
def planted(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / "truth" / "defects.parquet").to_pylist()
    return rows


@pytest.fixture(scope="module")
def register(delivered: Delivered) -> dict[str, str]:
    return {row["身份证号"]: row["姓名"] for row in delivered("resident_register")}


@pytest.fixture(scope="module")
def identities(delivered: Delivered) -> list[tuple[str, str, str, str]]:
    """Source, record number, identity number and name of every delivered row that names a person."""
    found = []
    for source in SOURCES:
        for row in delivered(source):
            number = row.get("身份证号") or row.get("id_number")
            if number:
                found.append((source, next(iter(row.values())), number, row.get("姓名") or row.get("name")))
    return found


def _of(planted: list[dict[str, Any]], *kinds: str) -> set[tuple[str, str]]:
    return {(row["source_code"], row["record_no"]) for row in planted if row["defect"] in kinds}


def test_exactly_the_declared_identity_numbers_have_a_wrong_check_digit(
    planted: list[dict[str, Any]], identities: Identities
) -> None:
    wrong = {row[:2] for row in identities if row[2][-1] != ric.calc_check_digit(row[2])}
    assert wrong == _of(planted, "wrong_check_digit")
    assert wrong


def test_exactly_the_declared_rows_carry_another_name_than_the_register(
    planted: list[dict[str, Any]], register: dict[str, str], identities: Identities
) -> None:
    other = {row[:2] for row in identities if register.get(row[2], row[3]) != row[3]}
    assert other == _of(planted, "name_mismatch")
    assert other


def test_exactly_the_declared_rows_name_a_stranger(
    planted: list[dict[str, Any]], register: dict[str, str], identities: Identities
) -> None:
    unknown = {row[:2] for row in identities if row[2] not in register}
    of_feeds = [row for row in planted if row["source_code"] in SOURCES]
    assert unknown == _of(of_feeds, "not_in_register", "wrong_check_digit")


def test_the_shares_of_defects_are_the_configured_ones(
    planted: list[dict[str, Any]], delivered: Delivered, identities: Identities
) -> None:
    rows = sum(len(delivered(source)) for source in SOURCES)
    named = len(identities)
    counts = Counter(row["defect"] for row in planted)
    assert counts["duplicate"] / rows == pytest.approx(0.03, abs=0.008)
    assert counts["wrong_check_digit"] / named == pytest.approx(0.01, abs=0.005)
    assert counts["name_mismatch"] / named == pytest.approx(0.02, abs=0.006)
    assert counts["late"] / rows == pytest.approx(0.005, abs=0.003)


def test_a_duplicate_says_word_for_word_what_was_said_before(
    planted: list[dict[str, Any]], delivered: Delivered
) -> None:
    again = _of(planted, "duplicate")
    assert again
    for source in SOURCES:
        seen: dict[str, dict[str, Any]] = {}
        for row in delivered(source):
            number = next(iter(row.values()))
            assert seen.setdefault(number, row) == row
            assert (source, number) in again or seen[number] is row


def test_late_rows_come_more_than_thirty_days_after_the_delivery_they_belong_to(
    folder: Path, planted: list[dict[str, Any]], rows_of: RowsOf, deliveries: Deliveries
) -> None:
    late = [row for row in planted if row["defect"] == "late" and row["source_code"] == "ebike_control"]
    assert late
    days = sorted(path.name.split("_")[2] for path in deliveries("ebike_control"))
    for defect in late:
        path = folder / "district" / defect["file"]
        row = rows_of(path)[defect["row_number"] - 2]
        assert row["记录编号"] == defect["record_no"]
        due = next(day for day in days if row["告知日期"].replace("-", "") <= day)
        assert defect["file"].split("_")[2] > due


def test_public_security_penalties_are_delivered_and_listed(
    planted: list[dict[str, Any]], delivered: Delivered
) -> None:
    rows = [row for row in delivered("municipal_credit") if row["类别"] == "治安处罚"]
    assert {("municipal_credit", row["记录编号"]) for row in rows} == _of(planted, "banned_class")
    assert rows


def test_future_dates_lie_after_the_demo_day(folder: Path, planted: list[dict[str, Any]], rows_of: RowsOf) -> None:
    future = [row for row in planted if row["defect"] == "future_date"]
    assert {row["source_code"] for row in future} == {"ebike_control", "household_hygiene", "municipal_credit"}
    for defect in future:
        row = rows_of(folder / "district" / defect["file"])[defect["row_number"] - 2]
        assert (row.get("发生日期") or row.get("检查日期")) > "2026-06-15"


def test_decimal_commas_stand_in_the_points_and_nowhere_else(
    planted: list[dict[str, Any]], delivered: Delivered
) -> None:
    rows = delivered("neighborhood_points")
    with_comma = {("neighborhood_points", row["记录编号"]) for row in rows if "," in row["积分"]}
    assert with_comma == _of(planted, "decimal_comma")
    assert with_comma


def test_one_small_file_has_an_unknown_column(folder: Path, table_of: TableOf) -> None:
    header, rows = table_of(folder / "district" / "ebike_control_20260614_02.csv")
    assert header[-1] == "车牌号"
    assert rows


def test_one_small_file_breaks_off_in_the_middle_of_a_row(folder: Path) -> None:
    *whole, last = (folder / "district" / "grassroots_platforms_20260614_02.jsonl").read_text().split("\n")
    assert all(line.endswith("}") for line in whole)
    assert last.startswith("{")
    assert not last.endswith("}")


def test_one_small_file_is_in_the_wrong_encoding(folder: Path) -> None:
    path = folder / "district" / "volunteering_20260614_02.csv"
    with pytest.raises(UnicodeDecodeError):
        path.read_bytes().decode()
    assert path.read_bytes().decode("gb18030").startswith("记录编号,身份证号")


def test_overlapping_terms_are_listed_with_their_row(
    folder: Path, planted: list[dict[str, Any]], rows_of: RowsOf
) -> None:
    rows = rows_of(folder / "district" / "legal_representatives_20260614_01.csv")
    overlaps = [row for row in planted if row["defect"] == "overlapping_terms"]
    assert overlaps
    for defect in overlaps:
        second = rows[defect["row_number"] - 2]
        (first,) = [row for row in rows if row["统一社会信用代码"] == second["统一社会信用代码"] and row is not second]
        assert second["任职日期"] < first["离任日期"]
