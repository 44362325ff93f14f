"""Consent per source: which persons' consent-based records may be read on a day, and when that changes next."""

from __future__ import annotations

import numpy as np

from scoring.columns import Mask, Whole
from scoring.dated import live_on
from scoring.frames import SourceConsents
from scoring.joins import find
from scoring.residents import Residents


def consented(consents: SourceConsents, residents: Residents, sources: tuple[str, ...], day: int) -> Mask:
    """Whose consent for which source is live that day.

    Returns:
        bool [sources + 1, residents]; the last row is all true, for rules that need no source consent (number -1).
    """
    live = consents.take(live_on(day, consents.from_on, consents.until_on))
    person = find(residents.person_id, live.person_id)
    answers = np.zeros((len(sources) + 1, len(residents)), np.bool_)
    answers[-1] = True
    for number, source in enumerate(sources):
        answers[number, person[live.source_code.equals(source) & (person >= 0)]] = True
    return answers


def consent_boundaries(consents: SourceConsents, residents: Residents, day: int) -> tuple[Whole, Whole]:
    """Pairs (row of resident, later day on which a consent begins or ends)."""
    person = find(residents.person_id, consents.person_id)
    who = np.append(person, person)
    on = np.append(consents.from_on, consents.until_on).astype(np.int64)
    later = (who >= 0) & (on > day)
    return who[later], on[later]
