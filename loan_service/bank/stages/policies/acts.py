"""The three acts of publishing a policy: one proposes, another approves, anyone in charge backs out."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from loan_service.bank.stages.policies.examination import Examination, read
from loan_service.bank.stages.policies.refusals import require_known_bank, require_passed_gates
from loan_service.bank.store import policy_editions as store
from loan_service.bank.store.policy_editions import LEDGER, Published
from loan_service.bank.views.policies import LPR_FILE, POLICY_FILE, WORDS, NoLprError, policy_by_hash
from loan_service.foundation.database import transaction
from loan_service.foundation.editions import acts
from loan_service.foundation.editions.acts import Life, Proposal
from loan_service.foundation.editions.ledger import Files
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition

LIFE: Final[Life[Published, PolicyEdition]] = Life(
    LEDGER, WORDS, policy_by_hash, require_known_bank, require_passed_gates
)


def publish(wing: Wing, policy: bytes, author: str, today: date, examination: Examination) -> Published:
    """Examines and proposes a policy; it takes force once somebody else approves it.

    The impact assessment is always made here: it holds the gate an approver cannot pass over.

    Args:
        wing: the bank wing.
        policy: the YAML file's bytes.
        author: who answers for it.
        today: the business date.
        examination: how to examine it.

    Raises:
        RefusedError: the policy cannot be published as it is, or not on this day; or no LPR table covers the day.
        ConflictError: the name stands for another content, or the edition was proposed by somebody else.
    """
    return acts.publish(LIFE, wing, proposal(with_lpr(wing, policy, today), author, today), examination)


def with_lpr(wing: Wing, policy: bytes, today: date) -> Files:
    """The policy's files: itself, and the LPR table that prices today, which it is checked against.

    Raises:
        RefusedError: no LPR table covers the day (`lpr.none_covers`).
    """
    with transaction(wing.engine) as connection:
        lpr = store.lpr_on(connection, today)
    if lpr is None:
        raise NoLprError(today)
    return {POLICY_FILE: policy, LPR_FILE: lpr.content}


def proposal(files: Files, author: str, today: date) -> Proposal[Published, PolicyEdition]:
    """The policy these files are, as its author brings it.

    Raises:
        RefusedError: nobody is named, or the files cannot be read.
    """
    author, edition = person(author), read(files)
    published = Published(
        content_hash=edition.content_hash,
        bank_code=edition.policy.bank_code,
        edition=edition.policy.edition,
        effective_from=edition.policy.effective_from,
        author=author,
        proposed_on=today,
    )
    return Proposal(published, edition, files, edition.policy.replaces)


def approve(
    wing: Wing,
    bank_code: str,
    edition: str,
    approver: str,
    today: date,
    accepted: Mapping[str, str] = MappingProxyType({}),
) -> Published:
    """The second person's yes; refusals as in `foundation.editions.acts.approve`, and where a gate fails.

    Args:
        wing: the bank wing.
        bank_code: whose policy it is.
        edition: its name.
        approver: who approves; not the author.
        today: the business date.
        accepted: why the approver accepts an undecided gate, by its name.
    """
    return acts.approve(LIFE, wing, edition, approver, today, bank_code, accepted)


def back_out(wing: Wing, bank_code: str, edition: str, by: str, reason: str, today: date) -> Published:
    """Takes an edition out of force from today on; offers made under it are honoured until they expire.

    Refusals as in `foundation.editions.acts.back_out`.
    """
    return acts.back_out(LIFE, wing, edition, by, reason, today, bank_code)
