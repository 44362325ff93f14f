"""What an intake run did, file by file and why: the figures people are shown."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol


class Progress(Protocol):
    """Told after every chunk, so that somebody watching sees it move."""

    def __call__(self, file_name: str, rows_done: int, /) -> None:
        """`rows_done` rows of this file have been read so far."""


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file: every row read is landed, repeated, quarantined, refused or left out for want of consent.

    Attributes:
        file_errors: codes of what is wrong with the file as a whole.
        reasons: rows per code of what was wrong with them; a row may have several.
        refusals: rows per rule of the subjects that must not land.
        unchanged: the file had been loaded before; the figures are those of that time.
    """

    source_code: str
    file_name: str
    delivered_on: date | None
    rows_read: int = 0
    rows_landed: int = 0
    rows_repeated: int = 0
    rows_quarantined: int = 0
    rows_refused: int = 0
    rows_without_consent: int = 0
    file_errors: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    refusals: Mapping[str, int] = field(default_factory=dict)
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class IntakeSummary:
    """All files of a run; summaries of several stages add up.

    Attributes:
        missing: sources of which no file was delivered (`file.missing`).
        undeclared: names of files that no source has agreed to send (`file.undeclared`); nobody opened them.
        references_waiting: landed revocations, repairs and the like whose record has not arrived yet.
    """

    files: tuple[FileSummary, ...] = ()
    missing: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    references_waiting: int = 0

    def __add__(self, other: "IntakeSummary") -> "IntakeSummary":
        return IntakeSummary(
            self.files + other.files,
            self.missing + other.missing,
            self.undeclared + other.undeclared,
            self.references_waiting + other.references_waiting,
        )

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_landed(self) -> int:
        """Rows that became records, register entries or consent acts."""
        return sum(file.rows_landed for file in self.files)

    @property
    def rows_repeated(self) -> int:
        """Rows that had come before with the same content."""
        return sum(file.rows_repeated for file in self.files)

    @property
    def rows_quarantined(self) -> int:
        """Rows with an error."""
        return sum(file.rows_quarantined for file in self.files)

    @property
    def rows_refused(self) -> int:
        """Rows of banned subjects, refused before landing."""
        return sum(file.rows_refused for file in self.files)

    @property
    def rows_without_consent(self) -> int:
        """Rows left out because the person did not consent."""
        return sum(file.rows_without_consent for file in self.files)

    @property
    def files_unchanged(self) -> int:
        """Files that had been loaded before."""
        return sum(file.unchanged for file in self.files)

    @property
    def reasons(self) -> Counter[str]:
        """Rows per error code, and files per file error."""
        total = +Counter({"file.missing": len(self.missing), "file.undeclared": len(self.undeclared)})
        for file in self.files:
            total.update(file.reasons)
            total.update(set(file.file_errors) - set(file.reasons))  # a cut file is told by its cut row
        return total

    @property
    def refusals(self) -> Counter[str]:
        """Rows per rule of the banned subjects."""
        total: Counter[str] = Counter()
        for file in self.files:
            total.update(file.refusals)
        return total
