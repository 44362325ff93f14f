"""How the simulated bank decides on applications: its own rules first, then its habits."""

from typing import Literal, NamedTuple

from bank_adapters.messages import Application, BankDecision
from bank_adapters.simulator.draft import Draft
from bank_adapters.simulator.state import ApplicationFile


class Verdict(NamedTuple):
    """A decision on an application."""

    decision: Literal["approve", "counter", "decline", "refer"]
    limit_fen: int
    reason_codes: tuple[str, ...]


def decide(draft: Draft, request: Application, *, after_referral: bool) -> Verdict:
    """Decide on an application by the bank's own rules and habits.

    Args:
        draft: The bank.
        request: The application.
        after_referral: A person has looked: no second referral.
    """
    if reason := _obstacle(draft, request):
        return Verdict("decline", 0, (reason,))
    habits = draft.habits
    if not after_referral and draft.happens(habits.refer_milli, "refer", request.application_id):
        return Verdict("refer", 0, ("manual_review",))
    if draft.happens(habits.decline_milli, "decline", request.application_id):
        return Verdict("decline", 0, ("bank_assessment",))
    offered_fen = draft.offers[request.offer_id].limit_fen
    if draft.happens(habits.counter_milli, "counter", request.application_id):
        wished_fen = min(request.requested_limit_fen, offered_fen)
        return Verdict("counter", max(1, wished_fen * habits.counter_share_milli // 1000), ("bank_assessment",))
    if request.requested_limit_fen > offered_fen:
        return Verdict("counter", offered_fen, ("above_offer",))
    return Verdict("approve", request.requested_limit_fen, ())


def announce(draft: Draft, request: Application, verdict: Verdict) -> None:
    """File a verdict and say it in the feed."""
    draft.applications[request.application_id] = ApplicationFile(
        request=request, decision=verdict.decision, decided_limit_fen=verdict.limit_fen
    )
    draft.say(
        BankDecision(
            **draft.head("bank_decision", request.application_id, verdict.decision),
            application_id=request.application_id,
            decision=verdict.decision,
            limit_fen=verdict.limit_fen,
            reason_codes=verdict.reason_codes,
        )
    )


def _obstacle(draft: Draft, request: Application) -> str | None:
    household_ref = request.household_ref
    if household_ref in draft.contract_of_household:
        return "household_has_contract"
    if draft.offers[request.offer_id].expires_on <= draft.today:
        return "offer_expired"
    open_id = draft.application_of_household.get(household_ref)
    if open_id is None or open_id == request.application_id:
        return None
    open_offer = draft.offers[draft.applications[open_id].request.offer_id]
    # An approval nobody made use of lapses with its offer and then hinders no new application.
    is_open = draft.applications[open_id].decision != "decline" and open_offer.expires_on > draft.today
    return "application_open" if is_open else None
