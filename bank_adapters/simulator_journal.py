"""The simulated bank's memory: an append-only file of everything it was told, one JSON line each, durable per line.

The file is the bank: its state is what comes of taking the lines in order, so a restart replays them. A line that a
crash cut short was never answered and is cut off; any other damage is an error, never skipped.
"""

import os
from collections.abc import Iterator
from datetime import date
from io import FileIO
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from bank_adapters.messages import BankCode, Batch, Message
from bank_adapters.simulator.intentions import Intention
from bank_adapters.simulator.state import FaultProfile, Habits


class JournalDamaged(RuntimeError):  # noqa: N818 - reads as what it is where it is raised
    """A line inside the journal is unreadable or out of order.

    Attributes:
        line: Its number, from 1.
    """

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"银行模拟器日志第{line}行损坏 / simulator journal damaged at line {line}: {path}")
        self.line = line


class Opened(Message):
    """The bank opened its books; always the first entry."""

    entry: Literal["opened"] = "opened"
    bank_code: BankCode
    business_date: date


class SettingsChanged(Message):
    """From here on the bank decides by these habits and suffers these faults."""

    entry: Literal["settings_changed"] = "settings_changed"
    habits: Habits
    faults: FaultProfile


class IntentionsHeard(Message):
    """From here on households mean to do this, and nothing of what they meant before."""

    entry: Literal["intentions_heard"] = "intentions_heard"
    intentions: tuple[Intention, ...]


class BatchReceived(Message):
    """A batch was taken, repeats included: they count for the faults."""

    entry: Literal["batch_received"] = "batch_received"
    business_date: date
    batch: Batch


class DaysAdvanced(Message):
    """Days passed, up to and including `to_date`."""

    entry: Literal["days_advanced"] = "days_advanced"
    to_date: date


JournalEntry: TypeAlias = Opened | SettingsChanged | IntentionsHeard | BatchReceived | DaysAdvanced
_ENTRY: Final[TypeAdapter[JournalEntry]] = TypeAdapter(Annotated[JournalEntry, Field(discriminator="entry")])


class Journal:
    """One journal file, held by one process at a time; read it to the end before appending."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it, and cut off a last line that was never finished."""
        self._path = path
        is_new = not path.exists()
        self._file = path.open("a+b", buffering=0)
        self._cut_unfinished_line()
        self._entries = 0
        if is_new:
            _sync_folder(path.parent)

    def read(self) -> Iterator[JournalEntry]:
        """Every entry in order.

        Raises:
            JournalDamaged: A line is unreadable or not the next one.
        """
        self._entries = 0
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield self._parse(number, line)
                self._entries = number

    def append(self, entry: JournalEntry) -> None:
        """Write one entry; on return it is on the disk, on an error it is not in the file.

        Raises:
            OSError: The disk refuses.
        """
        # A line is its number, a space and the entry: a lost or doubled line cannot go unnoticed.
        body = orjson.dumps(_ENTRY.dump_python(entry, mode="json"), option=orjson.OPT_SORT_KEYS)
        line = b"%d %s\n" % (self._entries + 1, body)
        length = self._file.tell()
        try:
            _write_whole(self._file, line)
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(length)
            raise
        self._entries += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _parse(self, number: int, line: bytes) -> JournalEntry:
        position, _, body = line.partition(b" ")
        if position != b"%d" % number:
            raise JournalDamaged(self._path, number)
        try:
            return _ENTRY.validate_json(body)
        except ValidationError:
            raise JournalDamaged(self._path, number) from None

    def _cut_unfinished_line(self) -> None:
        content = self._path.read_bytes()
        finished = content.rfind(b"\n") + 1
        if finished < len(content):
            self._file.truncate(finished)
            os.fsync(self._file.fileno())
        self._file.seek(0, os.SEEK_END)


def _write_whole(file: FileIO, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[file.write(rest) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
