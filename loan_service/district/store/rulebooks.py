"""Rows of the rulebooks' publication ledger: which edition is in force on a day, as known at a position."""

from dataclasses import dataclass
from typing import Final

from loan_service.district.store.rulebook_tables import rulebook_tables
from loan_service.district.store.tables import log
from loan_service.foundation.editions import ledger
from loan_service.foundation.editions.ledger import EditionLedger


@dataclass(frozen=True, kw_only=True)
class Published(ledger.Published):
    """A rulebook edition and how far its publication went.

    Attributes:
        placeholder_catalogue: its catalogue ids are invented, so it is publishable in demo mode only.
    """

    placeholder_catalogue: bool


LEDGER: Final = EditionLedger(rulebook_tables, log, Published, "rulebook")

in_force = LEDGER.in_force
all_published = LEDGER.all_published
named = LEDGER.named
is_first = LEDGER.is_first
files_of = LEDGER.files_of
newest_assessment = LEDGER.newest_assessment
append_approval = LEDGER.append_approval
