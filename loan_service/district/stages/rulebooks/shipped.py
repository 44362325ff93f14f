"""In the demonstration alone: the editions that came with the program, published by two staff who do not exist."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Final

from loan_service.district.stages.rulebooks.acts import approve, publish
from loan_service.district.stages.rulebooks.examination import (
    CasesRun,
    Examination,
    over_the_population,
    static_errors,
)
from loan_service.district.store import rulebooks as store
from loan_service.district.store.rulebooks import Published
from loan_service.district.views.rulebooks import parsed
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from scoring.loader import RULEBOOKS, edition_files, editions

AUTHOR: Final = "demo-author"
APPROVER: Final = "demo-approver"

NO_CASES: Final = CasesRun(0, (), hashlib.sha256(b"").hexdigest())
"""The package does not carry its tests; where it was built they ran every case of these editions."""


def publish_shipped(wing: Wing, today: date) -> list[Published]:
    """Publishes the shipped editions that are not published yet, in their order; outside demo mode none.

    Left alone: one whose day has passed, one a visitor proposed, one that would replace a visitor's own.
    """
    if not wing.settings.demo:
        return []
    assess = over_the_population(wing, today)
    examination = Examination(static_errors, lambda _: NO_CASES, assess, needs_cases=False)
    done = [_published(wing, edition, today, examination) for edition in editions()]
    return [published for published in done if published]


def _published(wing: Wing, edition: str, today: date, examination: Examination) -> Published | None:
    with transaction(wing.engine) as connection:
        files = _due(connection, edition, today)
    if files is None:
        return None
    publish(wing, files, AUTHOR, today, examination)
    return approve(wing, edition, APPROVER, today)


def _due(connection: Connection, edition: str, today: date) -> Mapping[str, bytes] | None:
    """The files to publish: as proposed, where a run that was cut short proposed them already, else as shipped."""
    known = store.named(connection, edition)
    if known and (known.approved_on is not None or known.author != AUTHOR):
        return None
    files = store.files_of(connection, known.content_hash) if known else edition_files(RULEBOOKS / edition)
    rulebook = parsed(files)
    is_timely = store.is_first(connection) or rulebook.edition.effective_from >= today
    predecessor = store.in_force(connection, rulebook.edition.effective_from, beside=rulebook.content_hash)
    fits = rulebook.edition.replaces in (None, predecessor.edition if predecessor else None)
    return files if is_timely and fits else None
