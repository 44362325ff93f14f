"""Books the bank's decisions on applications as it told them; the first that is no referral is final."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from bank_adapters import AnyEvent, BankDecision
from loan_service.bank.store import decisions as store
from loan_service.bank.store import inbox
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.foundation.wing import Wing

KINDS: Final = ("bank_decision",)


def receive(wing: Wing, bank_code: str) -> int:
    """Books every decision that waits in the bank's feed; one on an application we never sent keeps waiting."""

    def apply(connection: Connection, events: Sequence[AnyEvent]) -> list[int]:
        told = [event for event in events if isinstance(event, BankDecision)]
        limits = store.offered_limits(connection, bank_code, [event.application_id for event in told])
        known = [event for event in told if event.application_id in limits]
        append_breaks(connection, _disagreements(connection, known, limits))
        store.append_decisions(connection, known)
        return [event.sequence for event in known]

    return inbox.apply_waiting(wing, bank_code, KINDS, apply)


def _disagreements(
    connection: Connection, decisions: Sequence[BankDecision], offered_fen: dict[str, int]
) -> list[Break]:
    """A second final decision that differs from the first, and a limit above the one offered: a person has to look."""
    final = dict(store.final_verdicts(connection, [one.application_id for one in decisions]))
    found = []
    for one in decisions:
        if one.limit_fen > offered_fen[one.application_id]:
            found.append(_break("decision_above_offer", one, one.limit_fen - offered_fen[one.application_id]))
        if one.decision == "refer":
            continue
        verdict = store.Verdict(one.decision, one.limit_fen)
        if final.setdefault(one.application_id, verdict) != verdict:
            found.append(_break("decision_changed", one, one.limit_fen))
    return found


def _break(kind: str, decision: BankDecision, amount_fen: int) -> Break:
    return Break(
        kind=kind,
        bank_code=decision.bank_code,
        about=decision.message_id,
        found_on=decision.business_date,
        detail=f"application {decision.application_id}: {decision.decision}, {decision.limit_fen} fen",
        amount_fen=amount_fen,
    )
