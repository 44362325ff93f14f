"""In the demonstration alone: policies and LPR table that came with the program, published by invented staff."""

from datetime import date

from bank_adapters import CODECS
from loan_service.bank.stages.policies.acts import LIFE, proposal, with_lpr
from loan_service.bank.stages.policies.examination import Examination, over_the_households, static_errors
from loan_service.bank.stages.policies.lpr import enter_lpr
from loan_service.bank.store import policy_editions as store
from loan_service.bank.store.policy_editions import Published
from loan_service.foundation.database import transaction
from loan_service.foundation.editions.shipped import APPROVER, AUTHOR, NO_CASES, publish_if_due
from loan_service.foundation.wing import Wing
from models.policy_loader import POLICIES, PolicyFile


def publish_shipped(wing: Wing, today: date) -> list[Published]:
    """Publishes each bank's shipped policy where it is not published yet; outside demo mode none.

    Left alone: one whose day has passed, one a visitor proposed, one that would replace a visitor's own.
    """
    if not wing.settings.demo:
        return []
    _enter_shipped_lpr(wing, today)
    examination = Examination(
        static_errors(today), lambda _: NO_CASES, over_the_households(wing, today), needs_cases=False
    )
    done = [
        publish_if_due(
            LIFE,
            wing,
            with_lpr(wing, (POLICIES / f"{bank_code}.yaml").read_bytes(), today),
            lambda files: proposal(files, AUTHOR, today),
            examination,
            today,
        )
        for bank_code in CODECS
    ]
    return [published for published in done if published]


def _enter_shipped_lpr(wing: Wing, today: date) -> None:
    with transaction(wing.engine) as connection:
        covered = store.lpr_on(connection, today) is not None
    if not covered:
        enter_lpr(wing, PolicyFile.of(POLICIES / "lpr.yaml"), AUTHOR, APPROVER, today)
