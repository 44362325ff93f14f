"""How a policy is examined before anybody may propose it: static checks, owners' cases, impact on its households."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from loan_service.bank.store.tables import log
from loan_service.bank.views.policies import LPR_FILE, POLICY_FILE
from loan_service.bank.views.policy_comparison import ComparedEditions, compared
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.editions import examination
from loan_service.foundation.editions.examination import CasesRun
from loan_service.foundation.editions.ledger import Files
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from models.policy_case_coverage import Facet, not_asked, policy_coverage
from models.policy_case_files import cases_sha256, load_policy_cases
from models.policy_cases import FiledCase, Mismatch, cases_of, run_policy_cases
from models.policy_loader import PolicyEdition, PolicyFile, checked_policy, read_policy
from models.terms_errors import BrokenPolicyError, TermsError

Examination = examination.Examination[PolicyEdition]

_UNREADABLE: Final = "mend what is named and try again; `haixia policy check FILE` shows the same"


def read(files: Files) -> PolicyEdition:
    """The policy these files are; unreadable files are refused with every finding."""
    try:
        return read_policy(*_both(files))
    except BrokenPolicyError as error:
        raise RefusedError("policy.unreadable", str(error), f"信贷政策文件有误：{error}", _UNREADABLE) from error


def static_errors(today: date) -> Callable[[Files], list[str]]:
    """What the static checks find from today on, one line each with file and line."""

    def errors(files: Files) -> list[str]:
        try:
            checked_policy(*_both(files), today)
        except BrokenPolicyError as broken:
            return [str(error) for error in broken.errors]
        return []

    return errors


class Answered(NamedTuple):
    """What a policy says to its owners' cases; `facets` are its values, looked at only where every answer is right."""

    asked: list[FiledCase]
    wrong: list[Mismatch]
    facets: tuple[Facet, ...]


def answered(filed: Iterable[FiledCase], edition: PolicyEdition) -> Answered:
    """Runs those of the cases that hold for a policy."""
    asked = cases_of(filed, edition.policy)
    wrong = run_policy_cases(asked, edition.policy, edition.lpr)
    facets = policy_coverage(asked, edition.policy, edition.lpr) if asked and not wrong else ()
    return Answered(asked, wrong, facets)


def filed_cases(folder: Path) -> Callable[[PolicyEdition], CasesRun]:
    """Runs every case of a folder that holds for the policy; a value no case asks about fails too.

    Raises:
        RefusedError: there is no case file, or one cannot be read (`policy.cases_unreadable`).
    """
    try:
        filed, sha256 = load_policy_cases(folder), cases_sha256(folder)
    except TermsError as error:
        raise RefusedError(
            "policy.cases_unreadable", str(error), f"用例文件有误：{error}", "name the folder with --cases"
        ) from error

    def run(edition: PolicyEdition) -> CasesRun:
        asked, wrong, facets = answered(filed, edition)
        cases = {id(mismatch.filed) for mismatch in wrong}
        lacking = [f"no case asks about {facet}" for facet in not_asked(facets)]
        return CasesRun(len(asked) - len(cases), [*map(str, wrong), *lacking], sha256)

    return run


def compare_over_households(wing: Wing, before: PolicyEdition, after: PolicyEdition, today: date) -> ComparedEditions:
    """The comparison over the bank's own households, as known at the newest fact."""
    with transaction(wing.engine) as connection:
        position = seal(connection, log, wing.signer)
    with transaction(wing.engine) as connection:
        return compared(connection, wing.settings, before, after, today, position)


def over_the_households(wing: Wing, today: date) -> Callable[[PolicyEdition, PolicyEdition], bytes]:
    """The impact assessment: that comparison as its approver reads it."""
    return lambda before, after: compare_over_households(wing, before, after, today).to_json()


def _both(files: Files) -> tuple[PolicyFile, PolicyFile]:
    return PolicyFile(POLICY_FILE, files[POLICY_FILE]), PolicyFile(LPR_FILE, files[LPR_FILE])
