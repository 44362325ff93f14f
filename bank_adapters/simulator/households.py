"""Days at the simulated bank: households apply, sign, draw and repay as they mean to; the core minds its calendar."""

import calendar
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from bank_adapters.contract import SignedContract, terms_of
from bank_adapters.errors import ProtocolViolation
from bank_adapters.messages import (
    BEIJING,
    Arrears,
    Authorisation,
    ChannelApplication,
    ChannelDrawdownRequest,
    Closure,
    PrescreenList,
    Repayment,
    SigningReceipt,
    SigningRequest,
)
from bank_adapters.simulator.decisions import announce, decide
from bank_adapters.simulator.draft import Draft
from bank_adapters.simulator.intentions import Intention, Intentions, part_of
from bank_adapters.simulator.loan_notes import PenaltyTerms, repay
from bank_adapters.simulator.state import Act, ActName, BankState, ChannelWish, Contract, Step

# When households visit the bank's channel; a fixed hour, for the day is what counts.
_VISIT: Final = time(10, 0, tzinfo=BEIJING)
# How often the core reports an unpaid contract again after its maturity.
_REPORT_EVERY: Final = timedelta(days=30)


def advance(state: BankState, to_date: date, intentions: Intentions) -> Step:
    """Let days pass, one after the other, up to and including `to_date`.

    Passing the days in one call or in several comes to the same. On each day: events held back enter the feed, then
    the day's acts are done in the order they were noted.

    Args:
        state: The bank before.
        to_date: The bank's accounting day afterwards.
        intentions: What households mean to do; a household without a row does nothing.

    Raises:
        ProtocolViolation: The bank's day is later already.
    """
    if to_date < state.business_date:
        raise ProtocolViolation(
            state.bank_code,
            zh=f"会计日期已是{state.business_date}，不能倒退",
            en=f"the business day is {state.business_date} already and never goes back",
        )
    draft = Draft(state)
    while draft.today < to_date:
        draft.begin_day()
        for act in draft.due_acts():
            _PERFORMERS[act.name](draft, act, intentions)
    return draft.close((), batches=0)


def _consider_offer(draft: Draft, act: Act, intentions: Intentions) -> None:
    household_ref = act.subject
    plan = intentions.get(household_ref)
    offer = draft.offers[draft.offer_of_household[household_ref]]
    reference = draft.own_id("channel_application", household_ref)
    if plan is None or offer.expires_on <= draft.today or reference in draft.wishes:
        return
    if plan.applies_on > draft.today:
        draft.note(act, plan.applies_on)
        return
    if household_ref in draft.application_of_household:
        return
    wished_fen, takes_bonus = _wish(offer, plan)
    draft.wishes[reference] = ChannelWish(household_ref, None, wished_fen, None)
    draft.say(
        ChannelApplication(
            **draft.head("channel_application", reference),
            channel_reference=reference,
            offer_id=offer.offer_id,
            household_ref=household_ref,
            requested_limit_fen=wished_fen,
            purpose=plan.wants_purpose,
            authorisations=_authorise(draft.habits.authorisation_kinds, draft.habits.text_version, draft.today),
            takes_bonus=takes_bonus,
        )
    )


def _wish(offer: PrescreenList, plan: Intention) -> tuple[int, bool]:
    """How much is asked for, and whether with the bonus: who wants no more than the baseline has nothing to choose."""
    wished_fen = max(1, part_of(offer.limit_fen, plan.wants_limit_share))
    baseline_fen = offer.limit_fen if offer.baseline_limit_fen is None else offer.baseline_limit_fen
    takes_bonus = plan.takes_bonus and wished_fen > baseline_fen
    return (wished_fen if takes_bonus else min(wished_fen, baseline_fen)), takes_bonus


# All who apply on one day sign the same texts.
@lru_cache(maxsize=64)
def _authorise(kinds: tuple[str, ...], text_version: str, day: date) -> tuple[Authorisation, ...]:
    moment = datetime.combine(day, _VISIT)
    return tuple(Authorisation(kind=kind, text_version=text_version, signed_at=moment) for kind in kinds)


def _resolve_referral(draft: Draft, act: Act, _intentions: Intentions) -> None:
    request = draft.applications[act.subject].request
    announce(draft, request, decide(draft, request, after_referral=True))


def _consider_signing(draft: Draft, act: Act, intentions: Intentions) -> None:
    file = draft.signings[act.subject]
    request = file.request
    plan = intentions.get(request.household_ref)
    # Signed or not, the terms no longer lie open: a household that let them pass may be offered others.
    draft.signing_of_household.pop(request.household_ref)
    if plan is None or not (plan.accepts and plan.signs) or request.household_ref in draft.contract_of_household:
        return
    contract = _sign(draft, request)
    draft.signings[act.subject] = replace(file, contract_no=contract.contract_no)
    draft.note(Act("mature", contract.contract_no), contract.matures_on)
    for place, wish in enumerate(plan.draws):
        draft.note(Act("draw", contract.contract_no, place), draft.today + timedelta(days=wish.on_day))


def _sign(draft: Draft, request: SigningRequest) -> Contract:
    contract = Contract(
        contract_no=f"{draft.bank_code.upper()}-{draft.today.year}-{len(draft.contracts.rows) + 1:06d}",
        signing_id=request.signing_id,
        household_ref=request.household_ref,
        limit_fen=request.limit_fen,
        rate_bp=request.rate_bp,
        signed_on=draft.today,
        matures_on=_months_later(draft.today, request.term_months),
    )
    draft.contracts[contract.contract_no] = contract
    draft.contract_of_household[request.household_ref] = contract.contract_no
    document = SignedContract(
        terms=terms_of(draft.bank_code, request),
        contract_no=contract.contract_no,
        signed_on=contract.signed_on,
        starts_on=contract.signed_on,
        matures_on=contract.matures_on,
    )
    draft.say(
        SigningReceipt(
            **draft.head("signing_receipt", request.signing_id),
            signing_id=request.signing_id,
            contract_no=contract.contract_no,
            document_hash=document.document_hash,
            signed_on=contract.signed_on,
            starts_on=contract.signed_on,
            matures_on=contract.matures_on,
        )
    )
    return contract


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _draw(draft: Draft, act: Act, intentions: Intentions) -> None:
    contract = draft.contracts[act.subject]
    plan = intentions.get(contract.household_ref)
    if plan is None or act.place >= len(plan.draws):
        return
    wished_fen = min(part_of(contract.limit_fen, plan.draws[act.place].share_of_limit), contract.available_fen)
    if wished_fen <= 0 or contract.closed or draft.today >= contract.matures_on:
        return
    reference = draft.own_id("channel_drawdown", contract.contract_no, str(act.place))
    draft.wishes[reference] = ChannelWish(contract.household_ref, contract.contract_no, wished_fen, None)
    draft.say(
        ChannelDrawdownRequest(
            **draft.head("channel_drawdown_request", reference),
            channel_reference=reference,
            contract_no=contract.contract_no,
            amount_fen=wished_fen,
        )
    )


def _begin_usage(draft: Draft, act: Act, intentions: Intentions) -> None:
    contract = draft.contracts[act.subject]
    plan = intentions.get(contract.household_ref)
    if plan is None:
        return
    # This act was noted for the day after the first draw.
    first_drawn_on = draft.today - timedelta(days=1)
    for place, repayment in enumerate(plan.repays):
        draft.note(Act("repay", contract.contract_no, place), first_drawn_on + timedelta(days=repayment.on_day))
    for place, arrears in enumerate(plan.arrears):
        draft.note(Act("report_arrears", contract.contract_no, place), first_drawn_on + timedelta(days=arrears.on_day))


def _repay(draft: Draft, act: Act, intentions: Intentions) -> None:
    contract = draft.contracts[act.subject]
    plan = intentions.get(contract.household_ref)
    if plan is None or act.place >= len(plan.repays):
        return
    principal_fen = part_of(contract.outstanding_fen, plan.repays[act.place].share_of_outstanding)
    if principal_fen == 0:
        return
    penalty = PenaltyTerms(contract.days_past_due, contract.rate_bp * draft.habits.penalty_share_milli)
    notes, payments = repay(contract.notes, principal_fen, draft.today, contract.rate_bp, penalty)
    draft.contracts[contract.contract_no] = replace(contract, notes=notes)
    for payment in payments:
        draft.say(
            Repayment(
                **draft.head("repayment", payment.loan_note_no, str(payment.ordinal)),
                contract_no=contract.contract_no,
                loan_note_no=payment.loan_note_no,
                principal_fen=payment.principal_fen,
                interest_fen=payment.interest_fen,
                penalty_fen=payment.penalty_fen,
                fee_fen=0,
            )
        )
    # A household that pays is taken to have paid what was overdue first.
    _report_days_past_due(draft, contract.contract_no, 0)
    _close_if_settled(draft, contract.contract_no)


def _report_arrears(draft: Draft, act: Act, intentions: Intentions) -> None:
    contract = draft.contracts[act.subject]
    plan = intentions.get(contract.household_ref)
    if plan is not None and act.place < len(plan.arrears) and contract.outstanding_fen:
        _report_days_past_due(draft, contract.contract_no, plan.arrears[act.place].days_past_due)


def _mature(draft: Draft, act: Act, _intentions: Intentions) -> None:
    contract = draft.contracts[act.subject]
    _close_if_settled(draft, act.subject)
    if contract.outstanding_fen:
        days_over = (draft.today - contract.matures_on).days
        _report_days_past_due(draft, act.subject, max(days_over, contract.days_past_due))
        draft.note(act, draft.today + (_REPORT_EVERY if days_over else timedelta(days=1)))


def _report_days_past_due(draft: Draft, contract_no: str, days_past_due: int) -> None:
    contract = draft.contracts[contract_no]
    if contract.days_past_due == days_past_due:
        return
    report_no = contract.arrears_reports + 1
    draft.contracts[contract_no] = replace(contract, days_past_due=days_past_due, arrears_reports=report_no)
    head = draft.head("arrears", contract_no, str(report_no))
    draft.say(Arrears(**head, contract_no=contract_no, days_past_due=days_past_due))


def _close_if_settled(draft: Draft, contract_no: str) -> None:
    contract = draft.contracts[contract_no]
    if contract.closed or draft.today < contract.matures_on or contract.outstanding_fen:
        return
    draft.contracts[contract_no] = replace(contract, closed=True)
    draft.say(Closure(**draft.head("closure", contract_no), contract_no=contract_no, reason_code="matured"))


_PERFORMERS: Final[dict[ActName, Callable[[Draft, Act, Intentions], None]]] = {
    "consider_offer": _consider_offer,
    "resolve_referral": _resolve_referral,
    "consider_signing": _consider_signing,
    "draw": _draw,
    "begin_usage": _begin_usage,
    "repay": _repay,
    "report_arrears": _report_arrears,
    "mature": _mature,
}
