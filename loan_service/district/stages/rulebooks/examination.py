"""How a rulebook edition is examined before anybody may propose it: static checks, cases, impact assessment."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from loan_service.district.store.tables import log
from loan_service.district.views.comparison import compared
from loan_service.district.views.rulebooks import parsed
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.editions import examination
from loan_service.foundation.editions.examination import CasesRun
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from scoring import Rulebook, RulebookError
from scoring.cases import run_cases
from scoring.loader import check_edition, load_cases

__all__ = ["CasesRun", "Examination", "filed_cases", "over_the_population", "read", "static_errors"]

Examination = examination.Examination[Rulebook]


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
