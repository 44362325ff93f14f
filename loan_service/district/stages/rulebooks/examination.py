"""How an edition is examined before anybody may propose it: static checks, cases, impact assessment."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from loan_service.district.store.tables import log
from loan_service.district.views.comparison import compared
from loan_service.district.views.rulebooks import parsed
from loan_service.errors import RefusedError
from loan_service.foundation.database import to_json, transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from scoring import Rulebook, RulebookError
from scoring.cases import run_cases
from scoring.loader import check_edition, load_cases

_SHOWN: Final = 5

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
        failed: one line for each answer that is not the expected one.
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


def static_errors(files: Mapping[str, bytes]) -> list[str]:
    """What the static checks find, one line each; warnings do not stand in the way."""
    return [str(finding) for finding in check_edition(files).findings if finding.severity == "error"]


def filed_cases(folder: Path) -> Callable[[Rulebook], CasesRun]:
    """Runs every case of a folder that holds for the edition.

    Raises:
        RulebookError: there is no case file, or one cannot be read.
    """
    cases = load_cases(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(f"{path.name}\x00{path.stat().st_size}\x00".encode())
        digest.update(path.read_bytes())

    def run(rulebook: Rulebook) -> CasesRun:
        runs = list(run_cases(cases, rulebook))
        failed = [str(mismatch) for each in runs for mismatch in each.mismatches]
        return CasesRun(sum(not each.mismatches for each in runs), failed, digest.hexdigest())

    return run


def over_the_population(wing: Wing, today: date) -> Callable[[Rulebook, Rulebook], bytes]:
    """The comparison over everybody with an index today, as known at the newest fact."""

    def assess(before: Rulebook, after: Rulebook) -> bytes:
        with transaction(wing.engine) as connection:
            seal(connection, log, wing.signer)
        with transaction(wing.engine) as connection:
            return compared(connection, before, after, today).to_json()

    return assess


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
            f"{len(errors)} static checks failed:" + _first(errors),
            f"{len(errors)} 项静态检查未通过",
            "`haixia rulebook check` shows file, line and remedy of each",
        )
    cases = examination.cases(rulebook)
    if cases.failed or (examination.needs_cases and not cases.passed):
        raise RefusedError(
            "rulebook.cases_failed",
            f"{cases.passed} cases passed, {len(cases.failed)} answers differ:" + _first(cases.failed),
            f"{cases.passed} 个用例通过，{len(cases.failed)} 处与预期不符",
            "`haixia rulebook test` shows each; mend the edition, or the case if the rule was meant to change",
        )
    return cases


def _first(lines: Sequence[str]) -> str:
    rest = f"\n... {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "".join(f"\n{line}" for line in lines[:_SHOWN]) + rest


def require_about(assessment: bytes, rulebook: Rulebook, replaces: str | None) -> None:
    """An assessment brought along can be read by those who decide on it, and is not about other editions."""
    try:
        told = json.loads(assessment)
    except ValueError as error:
        raise RefusedError(
            "rulebook.assessment_unreadable",
            f"the impact assessment is not JSON: {error}",
            "影响评估不是 JSON 文件",
            "bring the JSON that `haixia rulebook compare` writes, or leave --assessment out",
        ) from error
    wanted = {"old_hash": replaces, "new_hash": rulebook.content_hash}
    if isinstance(told, dict) and any(told.get(name, content) != content for name, content in wanted.items()):
        raise RefusedError(
            "rulebook.assessment_of_others",
            f"the impact assessment compares {told.get('old_edition')} with {told.get('new_edition')}, as other bytes",
            f"影响评估比较的是 {told.get('old_edition')} 与 {told.get('new_edition')}，内容与本版本不符",
            "`haixia rulebook compare` the edition in force with this one, or leave --assessment out",
        )
