"""Everything that can go wrong in scoring, as one tree whose leaves carry their facts.

ScoringError
├── RulebookError                 an edition cannot be used
│   ├── RulebookMissingError      the folder or one of its files is not there
│   └── RulebookValueError        one or more findings: file, line, value, problem, remedy
├── FrameError                    a column frame breaks its declared shape
│   ├── ColumnMissingError
│   ├── ColumnTypeError
│   ├── ColumnNullError
│   └── DuplicateKeyError
└── PersonWithoutIndexError       an explanation was asked for somebody who has no row
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class ScoringError(Exception):
    """Root of the tree."""


class RulebookError(ScoringError):
    """An edition of the rulebook cannot be used."""


class RulebookMissingError(RulebookError):
    """A folder or file of an edition is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"计分办法文件不存在 / rulebook file missing: {path}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a rulebook file, where it stands and how to mend it.

    Attributes:
        severity: an edition with an `error` cannot be used; a `warning` is for its owners to think about.
        check: name of the check that found it.
    """

    file: str
    line: int
    value: str
    problem: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    check: str = "shape"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.value} : {self.problem}; 修改办法 / remedy: {self.remedy}"


class RulebookValueError(RulebookError):
    """The files of an edition were read but hold values that cannot stand."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class FrameError(ScoringError):
    """A column frame breaks its declared shape."""

    def __init__(self, frame: str, column: str, problem: str) -> None:
        super().__init__(f"{frame}.{column}: {problem}")
        self.frame = frame
        self.column = column


class ColumnMissingError(FrameError):
    """A declared column is not in the table."""

    def __init__(self, frame: str, column: str) -> None:
        super().__init__(frame, column, "缺少此列 / the column is missing")


class ColumnTypeError(FrameError):
    """A column has another Arrow type than declared."""

    def __init__(self, frame: str, column: str, found: str, wanted: str) -> None:
        super().__init__(frame, column, f"类型应为 {wanted}，实为 {found} / wanted {wanted}, found {found}")
        self.found = found
        self.wanted = wanted


class ColumnNullError(FrameError):
    """A column that may not be empty holds nulls."""

    def __init__(self, frame: str, column: str, nulls: int) -> None:
        super().__init__(frame, column, f"有 {nulls} 个空值 / {nulls} nulls where none are allowed")
        self.nulls = nulls


class DuplicateKeyError(FrameError):
    """Two rows claim the same key."""

    def __init__(self, frame: str, column: str, example: int) -> None:
        super().__init__(frame, column, f"键重复，如 {example} / duplicate key, for example {example}")
        self.example = example


class PersonWithoutIndexError(ScoringError):
    """Only enrolled adults have an index; this person has no row on that day."""

    def __init__(self, person_id: int) -> None:
        super().__init__(f"此人当日没有诚信文明分 / this person has no civility index that day: {person_id}")
        self.person_id = person_id
