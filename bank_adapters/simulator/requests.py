"""The simulated bank's counter: takes batches, remembers every answer, and enforces its own rules on each item."""

from dataclasses import replace
from datetime import date
from typing import Final

from bank_adapters.contract import terms_of
from bank_adapters.errors import ProtocolViolation
from bank_adapters.messages import (
    AnyRequest,
    Application,
    Batch,
    DrawdownPosted,
    DrawdownRefused,
    DrawdownRequest,
    ItemResult,
    PrescreenList,
    SigningRequest,
)
from bank_adapters.simulator.decisions import announce, decide
from bank_adapters.simulator.draft import Draft
from bank_adapters.simulator.state import Act, Answer, BankState, Contract, LoanNote, SigningFile, Step

REJECTIONS: Final = {
    "key_reused": ("同一编号的内容不同", "the same key came with another body"),
    "offer_expired": ("预授信已过期", "the offer has expired"),
    "offer_unknown": ("无此预授信", "no such offer"),
    "household_differs": ("户号与此前不符", "the household differs from the one before"),
    "channel_reference_unknown": ("无此渠道流水", "no such channel reference"),
    "channel_reference_used": ("该渠道流水已受理", "the channel reference has been answered already"),
    "amount_differs": ("金额与渠道申请不符", "the amount differs from the channel's"),
    "application_unknown": ("无此申请", "no such application"),
    "not_approved": ("申请未获批准", "the application is not approved"),
    "limit_above_decision": ("额度超过审批额度", "the limit is above the one decided"),
    "rate_differs": ("利率与预授信不符", "the rate differs from the offer's"),
    "terms_hash_differs": ("条款摘要不符", "the terms hash is not that of these terms"),
    "signing_open": ("该户已有待签合同", "the household has terms to sign already"),
    "household_has_contract": ("一户一贷：该户已有合同", "one contract per household: it has one"),
    "contract_unknown": ("无此合同", "no such contract"),
}
"""What a request may be rejected for: code, Chinese, English."""


def handle(state: BankState, batch: Batch, business_date: date) -> Step:
    """Take one batch.

    A key seen before is answered as before and does nothing; with another body it is rejected. Items are taken in the
    batch's order, each on its own: one rejection hinders no other.

    Args:
        state: The bank before.
        batch: What was received.
        business_date: The bank's accounting day; only `advance` moves it.

    Raises:
        ProtocolViolation: The batch is for another bank, or of another business day than the bank's.
    """
    if batch.bank_code != state.bank_code:
        raise ProtocolViolation(state.bank_code, zh="报文不是发给本行的", en="the batch is for another bank")
    if business_date != state.business_date:
        raise ProtocolViolation(
            state.bank_code,
            zh=f"会计日期须为{state.business_date}",
            en=f"the business day is {state.business_date}, not {business_date}",
        )
    draft = Draft(state)
    results = tuple(_answer(draft, item) for item in batch.items)
    return draft.close(results, batches=1)


def _answer(draft: Draft, item: AnyRequest) -> ItemResult:
    key = item.key
    earlier = draft.answers.get(key)
    if earlier is not None:
        return _answer_again(earlier, item)
    code = _take(draft, item)
    result = _rejected(key, code) if code else ItemResult(key=key, status="accepted")
    draft.answers[key] = Answer(item, result)
    return result


def _take(draft: Draft, item: AnyRequest) -> str | None:
    match item:
        case PrescreenList():
            return _take_prescreen(draft, item)
        case Application():
            return _take_application(draft, item)
        case SigningRequest():
            return _take_signing(draft, item)
        case DrawdownRequest():
            return _take_drawdown(draft, item)


def _answer_again(earlier: Answer, item: AnyRequest) -> ItemResult:
    key = earlier.result.key
    if earlier.request != item:
        return _rejected(key, "key_reused")
    if earlier.result.status == "rejected":
        return earlier.result
    return ItemResult(key=key, status="duplicate")


def _rejected(key: str, code: str) -> ItemResult:
    zh, en = REJECTIONS[code]
    return ItemResult(key=key, status="rejected", code=code, message_zh=zh, message_en=en)


def _take_prescreen(draft: Draft, item: PrescreenList) -> str | None:
    if item.expires_on <= draft.today:
        return "offer_expired"
    draft.offers[item.offer_id] = item
    draft.offer_of_household[item.household_ref] = item.offer_id
    draft.note(Act("consider_offer", item.household_ref), draft.in_days(1))
    return None


def _take_application(draft: Draft, item: Application) -> str | None:
    offer = draft.offers.get(item.offer_id)
    if offer is None:
        return "offer_unknown"
    if offer.household_ref != item.household_ref:
        return "household_differs"
    if item.channel_reference is not None:
        if code := _answer_wish(draft, item.channel_reference, item.household_ref, None, item.requested_limit_fen):
            return code
        _mark_answered(draft, item.channel_reference, item.application_id)
    verdict = decide(draft, item, after_referral=False)
    announce(draft, item, verdict)
    if verdict.decision != "decline":
        draft.application_of_household[item.household_ref] = item.application_id
    if verdict.decision == "refer":
        draft.note(Act("resolve_referral", item.application_id), draft.in_days(draft.habits.referral_days))
    return None


def _take_signing(draft: Draft, item: SigningRequest) -> str | None:
    if code := _signing_obstacle(draft, item):
        return code
    draft.signings[item.signing_id] = SigningFile(request=item)
    draft.signing_of_household[item.household_ref] = item.signing_id
    draft.note(Act("consider_signing", item.signing_id), draft.in_days(draft.habits.signing_days))
    return None


def _signing_obstacle(draft: Draft, item: SigningRequest) -> str | None:
    file = draft.applications.get(item.application_id)
    if file is None:
        return "application_unknown"
    request = file.request
    checks = (
        (item.household_ref != request.household_ref, "household_differs"),
        (file.decision not in {"approve", "counter"}, "not_approved"),
        (item.limit_fen > file.decided_limit_fen, "limit_above_decision"),
        (not _within_offer(draft.offers[request.offer_id], item.rate_bp), "rate_differs"),
        (item.terms_hash != terms_of(draft.bank_code, item).terms_hash, "terms_hash_differs"),
        (item.household_ref in draft.contract_of_household, "household_has_contract"),
        (item.household_ref in draft.signing_of_household, "signing_open"),
    )
    return next((code for broken, code in checks if broken), None)


def _within_offer(offer: PrescreenList, rate_bp: int) -> bool:
    """Terms keep the offered rate, or take back part of its discount; they never go above the rate without one."""
    return offer.rate_bp <= rate_bp <= (offer.rate_bp if offer.base_rate_bp is None else offer.base_rate_bp)


def _take_drawdown(draft: Draft, item: DrawdownRequest) -> str | None:
    contract = draft.contracts.get(item.contract_no)
    if contract is None:
        return "contract_unknown"
    reference = item.channel_reference
    if reference is not None:
        if code := _answer_wish(draft, reference, contract.household_ref, contract.contract_no, item.amount_fen):
            return code
        _mark_answered(draft, reference, item.drawdown_id)
    reason = _draw_obstacle(draft, contract, item.amount_fen)
    if reason:
        _refuse_draw(draft, item, reason)
    else:
        _post_draw(draft, contract, item)
    return None


def _draw_obstacle(draft: Draft, contract: Contract, amount_fen: int) -> str | None:
    if contract.closed:
        return "contract_closed"
    if draft.today >= contract.matures_on:
        return "contract_matured"
    if contract.days_past_due:
        return "in_arrears"
    return "limit_exceeded" if amount_fen > contract.available_fen else None


def _refuse_draw(draft: Draft, item: DrawdownRequest, reason: str) -> None:
    draft.say(
        DrawdownRefused(
            **draft.head("drawdown_refused", item.drawdown_id),
            drawdown_id=item.drawdown_id,
            contract_no=item.contract_no,
            amount_fen=item.amount_fen,
            reason_code=reason,
        )
    )


def _post_draw(draft: Draft, contract: Contract, item: DrawdownRequest) -> None:
    note = LoanNote(
        loan_note_no=f"{contract.contract_no}-{len(contract.notes) + 1:02d}",
        drawn_fen=item.amount_fen,
        outstanding_fen=item.amount_fen,
        interest_paid_until=draft.today,
    )
    if not contract.notes:
        draft.note(Act("begin_usage", contract.contract_no), draft.in_days(1))
    draft.contracts[contract.contract_no] = replace(contract, notes=(*contract.notes, note))
    draft.say(
        DrawdownPosted(
            **draft.head("drawdown_posted", item.drawdown_id),
            drawdown_id=item.drawdown_id,
            bank_reference=draft.own_id("posting", item.drawdown_id),
            contract_no=contract.contract_no,
            loan_note_no=note.loan_note_no,
            amount_fen=item.amount_fen,
        )
    )


def _answer_wish(
    draft: Draft, reference: str, household_ref: str, contract_no: str | None, amount_fen: int
) -> str | None:
    wish = draft.wishes.get(reference)
    if wish is None or (wish.household_ref, wish.contract_no) != (household_ref, contract_no):
        return "channel_reference_unknown"
    if wish.answered_by is not None:
        return "channel_reference_used"
    return None if wish.amount_fen == amount_fen else "amount_differs"


def _mark_answered(draft: Draft, reference: str, answered_by: str) -> None:
    draft.wishes[reference] = draft.wishes[reference]._replace(answered_by=answered_by)
