"""Files come as columns in bounded chunks, with row numbers as a person sees them."""

from pathlib import Path

import pytest
import xlsxwriter

from loan_service.district.contracts import CONTRACTS
from loan_service.district.files.reading import (
    RawChunk,
    UnreadableFileError,
    delivered_files,
    delivered_on,
    open_source,
)

VOLUNTEERING = CONTRACTS["volunteering"]
HEADER = ",".join(column.header for column in VOLUNTEERING.columns)
ROW = "ZY1,11010519491231002X,陈海霞,净滩行动,2026-03-01 08:00,2026-03-01 10:00"


def written(tmp_path: Path, content: str | bytes, name: str = "volunteering_20260601_01.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def chunks(path: Path, chunk_rows: int = 100, source_code: str = "volunteering") -> list[RawChunk]:
    return list(open_source(path, CONTRACTS[source_code], chunk_rows).chunks)


def test_the_first_row_below_the_header_is_row_two(tmp_path: Path) -> None:
    (chunk,) = chunks(written(tmp_path, f"{HEADER}\n{ROW}\n"))
    assert chunk.row_numbers.tolist() == [2]
    assert chunk.columns[2] == ("陈海霞",)


def test_chunks_are_never_larger_than_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n" + f"{ROW}\n" * 25)
    assert [len(chunk.row_numbers) for chunk in chunks(path, 10)] == [10, 10, 5]


def test_rows_are_read_only_as_they_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n" + f"{ROW}\n" * 30 + "cut")
    source = open_source(path, VOLUNTEERING, 10)
    next(source.chunks)
    assert source.defects == []
    list(source.chunks)
    assert [defect.code for defect in source.defects] == ["file.truncated"]


def test_a_quoted_line_break_does_not_shift_the_numbers_a_spreadsheet_shows(tmp_path: Path) -> None:
    (chunk,) = chunks(
        written(
            tmp_path, f"{HEADER}\n{ROW.replace('净滩行动', chr(34) + '净滩' + chr(10) + '行动' + chr(34))}\n{ROW}\n"
        )
    )
    assert chunk.row_numbers.tolist() == [2, 3]


def test_windows_line_ends_and_a_missing_final_one_are_fine(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, f"{HEADER}\r\n{ROW}"), VOLUNTEERING)
    (chunk,) = source.chunks
    assert (chunk.broken, source.defects) == ((), [])


def test_a_byte_order_mark_more_or_less_is_no_error(tmp_path: Path) -> None:
    assert open_source(written(tmp_path, f"\ufeff{HEADER}\n{ROW}\n"), VOLUNTEERING).defects == []


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    assert chunks(written(tmp_path, f"{HEADER}\n")) == []


def test_gaps_in_a_workbook_keep_their_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "household_hygiene_20260601_01.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.header for column in CONTRACTS["household_hygiene"].columns])
        sheet.write_row(3, 0, ["MT1", "H1", "V001", "2026-03-01", 2, "a", "b"])
    (chunk,) = chunks(path, source_code="household_hygiene")
    assert chunk.row_numbers.tolist() == [4]
    assert chunk.columns[4] == ("2",)


def test_a_line_of_json_lines_is_its_row(tmp_path: Path) -> None:
    path = written(tmp_path, '{"record_no": "WG1"}\n\n{"record_no": "WG2"}\n', "district_grid_20260601_01.jsonl")
    (chunk,) = chunks(path, source_code="district_grid")
    assert chunk.row_numbers.tolist() == [1, 3]
    assert chunk.columns[0] == ("WG1", "WG2")


def test_files_come_in_the_order_of_delivery_and_of_their_source_only(tmp_path: Path) -> None:
    names = [
        "village_compact_20260101_02.jsonl",
        "village_compact_20260101_01.jsonl",
        "village_compact_20250101_10.jsonl",
    ]
    for name in [*names, "village_compact_notes_20260101_01.jsonl", "village_compact.jsonl"]:
        written(tmp_path, "", name)
    found = [path.name for path in delivered_files(tmp_path, CONTRACTS["village_compact"])]
    assert found == [names[2], names[1], names[0]]


@pytest.mark.parametrize("name", ["volunteering_20261301_01.csv", "volunteering.csv"])
def test_a_name_without_a_calendar_day_tells_no_delivery(name: str) -> None:
    assert delivered_on(Path(name)) is None


def test_nothing_is_read_of_a_file_in_no_known_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"file\.wrong_encoding"):
        open_source(written(tmp_path, f"{HEADER}\n".encode("utf-16")), VOLUNTEERING)
