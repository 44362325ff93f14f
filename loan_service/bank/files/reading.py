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

from loan_service.bank.files.faults import Fault, empty_error, header_error, name_error
from loan_service.bank.files.fields import Contract

_FIRST_ROW = 2  # line 1 is the header
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Texts:
    """Well-shaped rows as columns of text, each with its line in the file, and what was set aside."""

    columns: pa.Table
    row_numbers: npt.NDArray[np.int64]
    faults: list[Fault]
    rows_read: int


def day_of(contract: Contract, path: Path) -> date:
    """The day a file speaks of, from its name.

    Raises:
        BankFileError: the name is not `<kind>_YYYYMMDD.csv` (`file.name`).
    """
    match = re.fullmatch(rf"{contract.kind}_(\d{{8}})\.csv", path.name)
    if match is None:
        raise name_error(path.name, contract.kind)
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        raise name_error(path.name, contract.kind) from None


def read_texts(contract: Contract, name: str, content: bytes) -> Texts:
    """Reads CSV bytes (UTF-8, header first) into columns of text.

    Raises:
        BankFileError: the header is not the declared one (`file.header`) or there are no rows (`file.empty`).
    """
    text = content.decode("utf-8-sig", errors="replace")
    head, _, rows = text.partition("\n")
    _check_header(contract, name, head.strip("\r"))
    if not rows.strip():
        raise empty_error(name)
    faults: list[Fault] = []
    columns = _parse(contract, rows.encode(), faults)
    read = columns.num_rows + len(faults)
    numbers = np.setdiff1d(np.arange(_FIRST_ROW, _FIRST_ROW + read), [fault.row_number for fault in faults])
    return _without_unreadable(Texts(columns, numbers, faults, read))


def _check_header(contract: Contract, name: str, head: str) -> None:
    found = tuple(column.strip('"') for column in head.split(","))
    if found == ("",):
        raise empty_error(name)
    if found != contract.header:
        raise header_error(name, set(contract.header) - set(found), set(found) - set(contract.header))


def _parse(contract: Contract, rows: bytes, faults: list[Fault]) -> pa.Table:
    def set_aside(row: Any) -> str:
        faults.append(Fault(row.number + _FIRST_ROW - 1, "row.columns", ""))
        return "skip"

    return pacsv.read_csv(
        io.BytesIO(rows),
        # One thread: only then are the lines of misshapen rows known.
        read_options=pacsv.ReadOptions(column_names=contract.header, use_threads=False, block_size=1 << 24),
        parse_options=pacsv.ParseOptions(invalid_row_handler=set_aside, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(contract.header, pa.string()), strings_can_be_null=False
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
