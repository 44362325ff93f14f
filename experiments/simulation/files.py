"""Writers of the delivered formats: CSV in three encodings, JSON Lines and XLSX; the same rows give the same bytes."""

import datetime as dt
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import xlsxwriter

_MADE_ON = dt.datetime(2026, 6, 14, 18, 0, 0)  # noqa: DTZ001 - XLSX properties know no zone
_BOM = b"\xef\xbb\xbf"


def csv_bytes(table: pa.Table, encoding: str = "utf-8") -> bytes:
    """A table with header row; texts are quoted only in tables in which one needs it; null becomes empty text.

    Args:
        table: columns in the order of the contract.
        encoding: `utf-8`, `utf-8-sig` (with byte order mark) or `gb18030`.
    """
    style = "needed" if _needs_quotes(table) else "none"
    buffer = io.BytesIO()
    buffer.write((",".join(table.column_names) + "\n").encode())
    pyarrow.csv.write_csv(table, buffer, pyarrow.csv.WriteOptions(include_header=False, quoting_style=style))
    return encoded(buffer.getvalue(), encoding)


def encoded(text: bytes, encoding: str) -> bytes:
    """UTF-8 bytes in another encoding."""
    if encoding == "utf-8":
        return text
    return _BOM + text if encoding == "utf-8-sig" else text.decode().encode(encoding)


def json_lines(table: pa.Table) -> bytes:
    """One JSON object per row, keys in the order of the columns, null where absent.

    Texts must not need escapes; columns of type binary hold JSON that is taken over as it is.
    """
    members = [_json_members(name, table.column(name).combine_chunks()) for name in table.column_names]
    return _concatenated(pc.binary_join_element_wise("{", pc.binary_join_element_wise(*members, ","), "}\n", ""))


def _json_members(name: str, column: pa.Array) -> pa.Array:
    quote = '"' if pa.types.is_string(column.type) else ""
    texts = column if quote else column.cast(pa.string())  # binary columns hold JSON already
    return pc.coalesce(pc.binary_join_element_wise(f'"{name}":{quote}', texts, quote, ""), f'"{name}":null')


def _concatenated(lines: pa.Array) -> bytes:
    """All texts of a column without nulls as one piece, without touching single rows."""
    if len(lines) == 0:
        return b""
    bounds = pa.Array.from_buffers(pa.int32(), len(lines) + 1, [None, lines.buffers()[1]], offset=lines.offset)
    first, last = bounds[0].as_py(), bounds[len(lines)].as_py()
    return bytes(memoryview(lines.buffers()[2])[first:last])


def _needs_quotes(table: pa.Table) -> bool:
    texts = [column for column in table.columns if pa.types.is_string(column.type)]
    return any(pc.any(pc.match_substring_regex(column, '[,"\n]')).as_py() for column in texts)


def write_xlsx(path: Path, table: pa.Table) -> None:
    """One sheet, header row first; constant memory, fixed creation time."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": _MADE_ON, "author": "simulation"})
    sheet = book.add_worksheet("数据")
    for column, name in enumerate(table.column_names):
        sheet.write_string(0, column, name)
    numeric = [not pa.types.is_string(field.type) for field in table.schema]
    columns = [column.to_pylist() for column in table.columns]
    for row, values in enumerate(zip(*columns, strict=True), start=1):  # the format leaves no other way
        for column, value in enumerate(values):
            if value is None:
                continue
            if numeric[column]:
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, value)
    book.close()


def write_table(path: Path, table: pa.Table, encoding: str = "utf-8") -> None:
    """Write a table in the format its file name's extension tells."""
    if path.suffix == ".xlsx":
        write_xlsx(path, table)
    else:
        path.write_bytes(json_lines(table) if path.suffix == ".jsonl" else csv_bytes(table, encoding))


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a truth table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(table, path, compression="zstd")
