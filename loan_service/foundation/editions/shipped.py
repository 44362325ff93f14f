"""In the demonstration alone: editions that came with the program, published by two staff who do not exist."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Final

from sqlalchemy import Connection

from loan_service.foundation.database import transaction
from loan_service.foundation.editions.acts import Life, Proposal, approve, publish
from loan_service.foundation.editions.examination import C, CasesRun, Examination
from loan_service.foundation.editions.ledger import Files, P
from loan_service.foundation.wing import Wing

AUTHOR: Final = "demo-author"
APPROVER: Final = "demo-approver"

NO_CASES: Final = CasesRun(0, (), hashlib.sha256(b"").hexdigest())
"""The package does not carry its tests; where it was built they ran every case of these editions."""


def publish_if_due(
    life: Life[P, C],
    wing: Wing,
    shipped: Files,
    proposed: Callable[[Files], Proposal[P, C]],
    examination: Examination[C],
    today: date,
) -> P | None:
    """Publishes an edition that came with the program, unless it is published already.

    Left alone: one whose day has passed, one a visitor proposed, one that would replace a visitor's own.

    Args:
        life: the kind of edition.
        wing: a demonstration's.
        shipped: the edition's files.
        proposed: reads files as the proposal `AUTHOR` makes today.
        examination: how to examine it.
        today: the business date.
    """
    with transaction(wing.engine) as connection:
        due = _due(life, connection, proposed(shipped), proposed, today)
    if due is None:
        return None
    published = publish(life, wing, due, examination)
    return approve(life, wing, published.edition, APPROVER, today, life.ledger.series_of(published))


def _due(
    life: Life[P, C],
    connection: Connection,
    shipped: Proposal[P, C],
    proposed: Callable[[Files], Proposal[P, C]],
    today: date,
) -> Proposal[P, C] | None:
    """What to publish: as proposed, where a run that was cut short proposed it already, else as shipped."""
    ledger, edition = life.ledger, shipped.published
    series = ledger.series_of(edition)
    known = ledger.named(connection, edition.edition, series)
    if known and (known.approved_on is not None or known.author != AUTHOR):
        return None
    due = proposed(ledger.files_of(connection, known.content_hash)) if known else shipped
    effective_from = due.published.effective_from
    is_timely = ledger.is_first(connection, series) or effective_from >= today
    before = ledger.in_force(connection, effective_from, beside=due.published.content_hash, series=series)
    fits = due.against in (None, before.edition if before else None)
    return due if is_timely and fits else None
