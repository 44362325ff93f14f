"""In the demonstration alone: the rulebook editions that came with the program, published by invented staff."""

from datetime import date

from loan_service.district.stages.rulebooks.acts import LIFE, proposal
from loan_service.district.stages.rulebooks.examination import Examination, over_the_population, static_errors
from loan_service.district.store.rulebooks import Published
from loan_service.foundation.editions.shipped import AUTHOR, NO_CASES, publish_if_due
from loan_service.foundation.wing import Wing
from scoring.loader import RULEBOOKS, edition_files, editions


def publish_shipped(wing: Wing, today: date) -> list[Published]:
    """Publishes the shipped editions that are not published yet, in their order; outside demo mode none.

    Left alone: one whose day has passed, one a visitor proposed, one that would replace a visitor's own.
    """
    if not wing.settings.demo:
        return []
    assess = over_the_population(wing, today)
    examination = Examination(static_errors, lambda _: NO_CASES, assess, needs_cases=False)
    done = [
        publish_if_due(
            LIFE,
            wing,
            edition_files(RULEBOOKS / edition),
            lambda files: proposal(files, AUTHOR, today),
            examination,
            today,
        )
        for edition in editions()
    ]
    return [published for published in done if published]
