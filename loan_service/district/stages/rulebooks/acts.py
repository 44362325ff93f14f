"""The three acts of publishing a rulebook edition: one proposes, another approves, anyone in charge backs out."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from loan_service.district.stages.rulebooks.examination import Examination, read
from loan_service.district.stages.rulebooks.refusals import require_demo_for_placeholders
from loan_service.district.store.rulebooks import LEDGER, Published
from loan_service.district.views.rulebooks import WORDS, rulebook_by_hash
from loan_service.foundation.editions import acts
from loan_service.foundation.editions.acts import Life, Proposal
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing
from scoring import Rulebook

LIFE: Final[Life[Published, Rulebook]] = Life(LEDGER, WORDS, rulebook_by_hash, require_demo_for_placeholders)


def publish(
    wing: Wing,
    files: Mapping[str, bytes],
    author: str,
    today: date,
    examination: Examination,
    assessment: bytes | None = None,
) -> Published:
    """Examines and proposes an edition; it takes force once somebody else approves it.

    Args:
        wing: the district.
        files: the edition, bytes by file name.
        author: who answers for it.
        today: the business date.
        examination: how to examine it. It runs outside transactions: it may take long.
        assessment: the impact assessment, where it was made elsewhere.

    Raises:
        RefusedError: the edition cannot be published as it is, or not here, or not on this day.
        ConflictError: the name stands for other bytes, or the edition was proposed by somebody else.
    """
    return acts.publish(LIFE, wing, proposal(files, author, today), examination, assessment)


def proposal(files: Mapping[str, bytes], author: str, today: date) -> Proposal[Published, Rulebook]:
    """The edition these files are, as its author brings it.

    Raises:
        RefusedError: nobody is named, or the files cannot be read.
    """
    author, rulebook = person(author), read(files)
    edition = rulebook.edition
    published = Published(
        content_hash=rulebook.content_hash,
        edition=edition.edition,
        effective_from=edition.effective_from,
        placeholder_catalogue=edition.placeholder_catalogue,
        author=author,
        proposed_on=today,
    )
    return Proposal(published, rulebook, files, edition.replaces)


def approve(wing: Wing, edition: str, approver: str, today: date) -> Published:
    """The second person's yes; refusals as in `foundation.editions.acts.approve`."""
    return acts.approve(LIFE, wing, edition, approver, today)


def back_out(wing: Wing, edition: str, by: str, reason: str, today: date) -> Published:
    """Takes an edition out of force from today on; refusals as in `foundation.editions.acts.back_out`."""
    return acts.back_out(LIFE, wing, edition, by, reason, today)
