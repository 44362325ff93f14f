"""From a file's bytes to columns of text: rows that do not even have the right shape are set aside with their line."""

import io
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from loan_service.bank.stages.households.contract import HEADER
from loan_service.bank.stages.households.faults import Fault, empty_error, header_error, name_error

_FIRST_ROW = 2  # line 1 is the header
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_NAME = re.compile(r"households_(\d{8})\.csv")


@dataclass(frozen=True)
class Texts:
    """Well-shaped rows as columns of text, each with its line in the file, and what was set aside."""

    columns: pa.Table
    row_numbers: npt.NDArray[np.int64]
    faults: list[Fault]
    rows_read: int


def day_of(path: Path) -> date:
    """The day a household file speaks of, from its name.

    Raises:
        BankFileError: the name is not `households_YYYYMMDD.csv` (`file.name`).
    """
    match = _NAME.fullmatch(path.name)
    try:
        return date.fromisoformat(match[1]) if match else _no_day(path.name)
    except ValueError:
        return _no_day(path.name)


def _no_day(name: str) -> date:
    raise name_error(name)


def read_texts(name: str, content: bytes) -> Texts:
    """Reads CSV bytes (UTF-8, header first) into columns of text.

    Raises:
        BankFileError: the header is not the declared one (`file.header`) or there are no rows (`file.empty`).
    """
    text = content.decode("utf-8-sig", errors="replace")
    head, _, rows = text.partition("\n")
    _check_header(name, head.strip("\r"))
    if not rows.strip():
        raise empty_error(name)
    faults: list[Fault] = []
    columns = _parse(rows.encode(), faults)
    read = columns.num_rows + len(faults)
    numbers = np.setdiff1d(np.arange(_FIRST_ROW, _FIRST_ROW + read), [fault.row_number for fault in faults])
    return _without_unreadable(Texts(columns, numbers, faults, read))


def _check_header(name: str, head: str) -> None:
    found = tuple(column.strip('"') for column in head.split(","))
    if found == ("",):
        raise empty_error(name)
    if found != HEADER:
        raise header_error(name, set(HEADER) - set(found), set(found) - set(HEADER))


def _parse(rows: bytes, faults: list[Fault]) -> pa.Table:
    def set_aside(row: Any) -> str:
        faults.append(Fault(row.number + _FIRST_ROW - 1, "row.columns", ""))
        return "skip"

    return pacsv.read_csv(
        io.BytesIO(rows),
        # One thread: only then are the lines of misshapen rows known.
        read_options=pacsv.ReadOptions(column_names=HEADER, use_threads=False, block_size=1 << 24),
        parse_options=pacsv.ParseOptions(invalid_row_handler=set_aside, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(HEADER, pa.string()), strings_can_be_null=False
        ),
    )


def _without_unreadable(texts: Texts) -> Texts:
    bad = np.zeros(texts.columns.num_rows, dtype=bool)
    for column in texts.columns.columns:
        found = pc.match_substring(column, _UNREADABLE)
        if pc.any(found).as_py():
            bad |= found.to_numpy()
    faults = [Fault(int(number), "row.encoding", "") for number in texts.row_numbers[bad]]
    if not faults:
        return texts
    return Texts(texts.columns.filter(pa.array(~bad)), texts.row_numbers[~bad], texts.faults + faults, texts.rows_read)
