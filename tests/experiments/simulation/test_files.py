import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pytest

from experiments.simulation.files import csv_bytes, json_lines, write_xlsx

TableOf: TypeAlias = Callable[[Path], tuple[list[str], list[list[Any]]]]

ROWS = pa.table({"名": ["甲", None], "数": pa.array([1, None]), "半": [0.5, 2.0]})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_written_in_its_encoding_with_empty_texts_for_nothing(encoding: str) -> None:
    assert csv_bytes(ROWS, encoding).decode(encoding) == "名,数,半\n甲,1,0.5\n,,2\n"


def test_a_comma_inside_a_value_is_quoted() -> None:
    assert csv_bytes(pa.table({"a": ["1,5", "2"], "b": [1, 2]})) == b'a,b\n"1,5",1\n"2",2\n'


def test_json_lines_keep_types_and_say_null() -> None:
    lines = [json.loads(line) for line in json_lines(ROWS).splitlines()]
    assert lines == [{"名": "甲", "数": 1, "半": 0.5}, {"名": None, "数": None, "半": 2}]


def test_json_that_is_json_already_is_taken_over() -> None:
    table = pa.table({"list": pa.array([b'[{"a":1}]', b"[]"]), "yes": [True, False]})
    assert json_lines(table) == b'{"list":[{"a":1}],"yes":true}\n{"list":[],"yes":false}\n'


def test_an_empty_table_gives_an_empty_file() -> None:
    assert json_lines(ROWS.slice(0, 0)) == b""


def test_a_slice_of_a_table_writes_its_own_rows_only() -> None:
    assert json.loads(json_lines(ROWS.slice(1)))["半"] == 2


def test_a_workbook_is_the_same_to_the_byte_each_time(tmp_path: Path, table_of: TableOf) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_xlsx(tmp_path / name, ROWS)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert b"2026-06-14T18:00:00Z" in zipfile.ZipFile(tmp_path / "one.xlsx").read("docProps/core.xml")
    assert table_of(tmp_path / "one.xlsx") == (["名", "数", "半"], [["甲", 1.0, 0.5], ["", "", 2.0]])
