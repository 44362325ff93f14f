"""How an edition is examined before anybody may propose it: static checks, cases, impact assessment."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from loan_service.errors import RefusedError
from loan_service.foundation.database import to_json
from loan_service.foundation.editions.ledger import Files
from loan_service.foundation.editions.words import Words

_SHOWN: Final = 5

FIRST_EDITION: Final = to_json(
    {
        "kind": "first_edition",
        "reason_en": "first edition: nothing to compare with",
        "reason_zh": "首个版本，没有可比较的版本",
    }
).encode()

C = TypeVar("C")
"""What an edition's files say, as read."""


@dataclass(frozen=True)
class CasesRun:
    """What the owners' cases said of an edition.

    Attributes:
        failed: one line for each answer that is not the expected one.
        sha256: over the case files.
    """

    passed: int
    failed: Sequence[str]
    sha256: str


@dataclass(frozen=True)
class Examination(Generic[C]):
    """How an edition is examined before it is proposed.

    Attributes:
        errors: what the static checks find in the files, one line each.
        cases: runs the cases in the owners' language.
        assess: the impact assessment of replacing the first edition by the second.
        needs_cases: an edition for which no case ran was not examined; only the demonstration says otherwise.
    """

    errors: Callable[[Files], Sequence[str]]
    cases: Callable[[C], CasesRun]
    assess: Callable[[C, C], bytes]
    needs_cases: bool = True


def examined(words: Words, files: Files, content: C, examination: Examination[C]) -> CasesRun:
    """Refuses an edition with errors, with failing cases, or without any case."""
    errors = examination.errors(files)
    if errors:
        raise RefusedError(
            f"{words.code}.checks_failed",
            f"{len(errors)} static checks failed:" + _first(errors),
            f"{len(errors)} 项静态检查未通过",
            f"`{words.command} check` shows file, line and remedy of each",
        )
    cases = examination.cases(content)
    if cases.failed or (examination.needs_cases and not cases.passed):
        raise RefusedError(
            f"{words.code}.cases_failed",
            f"{cases.passed} cases passed, {len(cases.failed)} answers differ:" + _first(cases.failed),
            f"{cases.passed} 个用例通过，{len(cases.failed)} 处与预期不符",
            f"`{words.command} test` shows each; mend the edition, or the case if the rule was meant to change",
        )
    return cases


def _first(lines: Sequence[str]) -> str:
    rest = f"\n... {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "".join(f"\n{line}" for line in lines[:_SHOWN]) + rest


def require_about(words: Words, assessment: bytes, content_hash: str, replaces: str | None) -> None:
    """An assessment brought along can be read by those who decide on it, and is not about other editions."""
    try:
        told = json.loads(assessment)
    except ValueError as error:
        raise RefusedError(
            f"{words.code}.assessment_unreadable",
            f"the impact assessment is not JSON: {error}",
            "影响评估不是 JSON 文件",
            f"bring the JSON that `{words.command} compare` writes, or leave --assessment out",
        ) from error
    wanted = {"old_hash": replaces, "new_hash": content_hash}
    if isinstance(told, dict) and any(told.get(name, content) != content for name, content in wanted.items()):
        raise RefusedError(
            f"{words.code}.assessment_of_others",
            f"the impact assessment compares {told.get('old_edition')} with {told.get('new_edition')}, as other bytes",
            f"影响评估比较的是 {told.get('old_edition')} 与 {told.get('new_edition')}，内容与本版本不符",
            f"`{words.command} compare` the edition in force with this one, or leave --assessment out",
        )
