"""How an edition is examined before anybody may propose it: static checks, cases, impact assessment."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from loan_service.district.views.rulebooks import parsed
from loan_service.errors import RefusedError
from loan_service.foundation.database import to_json
from scoring import Rulebook, RulebookError

FIRST_EDITION: Final = to_json(
    {
        "kind": "first_edition",
        "reason_en": "first edition: nothing to compare with",
        "reason_zh": "首个版本，没有可比较的版本",
    }
).encode()


@dataclass(frozen=True)
class CasesRun:
    """What the rulebook's cases said of an edition.

    Attributes:
        failed: one line for each case that failed.
        sha256: over the case files.
    """

    passed: int
    failed: Sequence[str]
    sha256: str


@dataclass(frozen=True)
class Examination:
    """How an edition is examined before it is proposed.

    Attributes:
        errors: what the static checks find in the files, one line each.
        cases: runs the cases in the owners' language.
        assess: the impact assessment of replacing the first edition by the second.
        needs_cases: an edition for which no case ran was not examined; only the demonstration says otherwise.
    """

    errors: Callable[[Mapping[str, bytes]], Sequence[str]]
    cases: Callable[[Rulebook], CasesRun]
    assess: Callable[[Rulebook, Rulebook], bytes]
    needs_cases: bool = True


def read(files: Mapping[str, bytes]) -> Rulebook:
    """The edition these files are; unreadable files are refused with every finding."""
    try:
        return parsed(files)
    except RulebookError as error:
        raise RefusedError(
            "rulebook.unreadable", str(error), f"计分办法文件有误：{error}", "mend what is named and try again"
        ) from error


def examined(files: Mapping[str, bytes], rulebook: Rulebook, examination: Examination) -> CasesRun:
    """Refuses an edition with errors, with failing cases, or without any case."""
    errors = examination.errors(files)
    if errors:
        raise RefusedError(
            "rulebook.checks_failed",
            f"{len(errors)} static checks failed: " + "; ".join(errors),
            f"{len(errors)} 项静态检查未通过",
            "`haixia rulebook check` shows file, line and remedy of each",
        )
    cases = examination.cases(rulebook)
    if cases.failed or (examination.needs_cases and not cases.passed):
        raise RefusedError(
            "rulebook.cases_failed",
            f"{len(cases.failed)} cases failed, {cases.passed} passed: " + "; ".join(cases.failed),
            f"{len(cases.failed)} 个用例未通过，{cases.passed} 个通过",
            "`haixia rulebook test` shows each; mend the edition, or the case if the rule was meant to change",
        )
    return cases


def require_json(assessment: bytes) -> None:
    """An assessment brought along must be readable by those who decide on it."""
    try:
        json.loads(assessment)
    except ValueError as error:
        raise RefusedError(
            "rulebook.assessment_unreadable",
            f"the impact assessment is not JSON: {error}",
            "影响评估不是 JSON 文件",
            "bring the JSON that `haixia rulebook compare` writes, or leave --assessment out",
        ) from error
