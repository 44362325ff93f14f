"""What the simulated bank does, one sentence at a time."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bank_adapters import (
    AnyEvent,
    Arrears,
    BankDecision,
    Batch,
    ChannelApplication,
    ChannelDrawdownRequest,
    Closure,
    DrawdownPosted,
    DrawdownRefused,
    DrawdownRequest,
    ItemResult,
    ProtocolViolation,
    Repayment,
    SigningReceipt,
    contract_of,
    terms_of,
)
from bank_adapters.simulator import Habits, IntentionsUnreadable, advance, handle, parse_intentions

Make = Callable[..., Any]
HOUSEHOLD = "HH-1"


@pytest.fixture
def signed_up(open_bank: Make, call: Make, prescreen: Make, plan: Make) -> Make:
    """A bank where household HH-1 has applied, signed, and goes on as the plan says."""

    def sign_up(*, days: int = 2, limit_fen: int = 8_000_000, habits: Habits | None = None, **changes: object) -> Any:
        bank = open_bank(habits)
        caller = call(bank)
        plans = {HOUSEHOLD: plan(HOUSEHOLD, **changes)}
        caller.send([prescreen(HOUSEHOLD, limit_fen)])
        for _ in range(days):
            bank.advance(1, plans)
            caller.exchange()
        return bank, caller, plans

    return sign_up


def draw(bank: Any, drawdown_id: str, amount_fen: int, channel_reference: str | None = None) -> DrawdownRequest:
    contract_no = bank.state.contract_of_household[HOUSEHOLD]
    return DrawdownRequest(
        drawdown_id=drawdown_id, contract_no=contract_no, amount_fen=amount_fen, channel_reference=channel_reference
    )


def answers(results: tuple[ItemResult, ...]) -> list[str]:
    return [result.code or result.status for result in results]


def said(bank: Any, kind: type[AnyEvent]) -> list[Any]:
    return [event for event in bank.feed if isinstance(event, kind)]


def test_a_household_applies_signs_draws_and_repays_as_it_means_to(signed_up: Make) -> None:
    bank, caller, _ = signed_up(
        days=40,
        draws=[{"on_day": 1, "share_of_limit": 0.5}, {"on_day": 3, "share_of_limit": 0.25}],
        repays=[{"on_day": 10, "share_of_outstanding": 0.5}, {"on_day": 20, "share_of_outstanding": 1.0}],
    )
    assert [event.kind for event in bank.feed] == [
        "channel_application",
        "bank_decision",
        "signing_receipt",
        "channel_drawdown_request",
        "drawdown_posted",
        "channel_drawdown_request",
        "drawdown_posted",
        "repayment",
        "repayment",
        "repayment",
    ]
    assert [event.business_date.day for event in bank.feed] == [16, 16, 17, 18, 18, 20, 20, 28, 8, 8]
    assert caller.drawn_fen() == {HOUSEHOLD: 6_000_000}
    assert caller.outstanding_fen() == {}
    assert caller.rejected == []


def test_a_household_waits_for_its_day_and_for_an_offer(
    open_bank: Make, call: Make, prescreen: Make, plan: Make
) -> None:
    bank, plans = open_bank(), {HOUSEHOLD: plan(HOUSEHOLD, applies_on="2026-06-20")}
    bank.advance(3, plans)
    call(bank).send([prescreen(HOUSEHOLD)])
    bank.advance(1, plans)
    assert said(bank, ChannelApplication) == []
    bank.advance(1, plans)
    assert [event.business_date for event in said(bank, ChannelApplication)] == [date(2026, 6, 20)]


def test_an_offer_that_comes_after_the_day_is_taken_up_the_next_day(
    open_bank: Make, call: Make, prescreen: Make, plan: Make
) -> None:
    bank, plans = open_bank(), {HOUSEHOLD: plan(HOUSEHOLD)}
    bank.advance(10, plans)
    call(bank).send([prescreen(HOUSEHOLD)])
    bank.advance(5, plans)
    assert [event.business_date for event in said(bank, ChannelApplication)] == [date(2026, 6, 26)]


def test_a_household_applies_once_however_many_offers_it_gets(
    open_bank: Make, call: Make, prescreen: Make, plan: Make
) -> None:
    bank, plans = open_bank(), {HOUSEHOLD: plan(HOUSEHOLD)}
    first = prescreen(HOUSEHOLD)
    call(bank).send([first, first.model_copy(update={"offer_id": "O-2", "limit_fen": 9_000_000})])
    bank.advance(5, plans)
    assert [(event.offer_id, event.requested_limit_fen) for event in said(bank, ChannelApplication)] == [
        ("O-2", 9_000_000)
    ]


def test_a_household_that_applied_on_our_page_does_not_apply_again_in_the_channel(
    open_bank: Make, call: Make, prescreen: Make, application: Make, plan: Make
) -> None:
    bank = open_bank()
    call(bank).send([prescreen(HOUSEHOLD), application(HOUSEHOLD)])
    bank.advance(5, {HOUSEHOLD: plan(HOUSEHOLD)})
    assert said(bank, ChannelApplication) == []


@pytest.mark.parametrize("refusal", [{"accepts": False}, {"signs": False}])
def test_a_household_that_does_not_sign_leaves_the_terms_lying(signed_up: Make, refusal: dict[str, bool]) -> None:
    bank, _, _ = signed_up(days=30, **refusal)
    assert [decision.decision for decision in said(bank, BankDecision)] == ["approve"]
    assert said(bank, SigningReceipt) == []


def test_terms_a_household_let_lie_make_room_for_others(
    open_bank: Make, call: Make, prescreen: Make, application: Make, signing_request: Make, plan: Make
) -> None:
    bank = open_bank()
    caller = call(bank)
    caller.send([prescreen(HOUSEHOLD), application(HOUSEHOLD)])
    first, second = (
        signing_request(bank.bank_code, name, f"A-{HOUSEHOLD}", HOUSEHOLD, 8_000_000) for name in ("S-1", "S-2")
    )
    caller.send([first])
    bank.advance(1, {})
    assert answers(caller.send([second])) == ["accepted"]
    bank.advance(1, {HOUSEHOLD: plan(HOUSEHOLD)})
    assert [receipt.signing_id for receipt in said(bank, SigningReceipt)] == ["S-2"]


def test_a_household_without_a_plan_does_nothing(open_bank: Make, call: Make, prescreen: Make) -> None:
    bank = open_bank()
    call(bank).send([prescreen(HOUSEHOLD)])
    bank.advance(30, {})
    assert bank.feed == []


def test_the_receipt_proves_the_terms_that_were_asked_for(signed_up: Make) -> None:
    bank, _, _ = signed_up()
    (receipt,) = said(bank, SigningReceipt)
    asked = bank.state.signings[receipt.signing_id].request
    assert contract_of(terms_of(bank.bank_code, asked), receipt).document_hash == receipt.document_hash
    assert receipt.matures_on == date(2029, 6, 17)


def test_a_term_that_ends_on_no_day_of_its_month_ends_on_the_last(
    open_bank: Make, call: Make, prescreen: Make, application: Make, signing_request: Make, plan: Make
) -> None:
    bank, caller = open_bank(), None
    plans = {HOUSEHOLD: plan(HOUSEHOLD, applies_on="2030-01-01")}
    bank.advance((date(2026, 8, 30) - bank.state.business_date).days, plans)
    caller = call(bank)
    request = signing_request(bank.bank_code, "S-1", f"A-{HOUSEHOLD}", HOUSEHOLD, 8_000_000)
    request = request.model_copy(update={"term_months": 6})
    request = request.model_copy(update={"terms_hash": terms_of(bank.bank_code, request).terms_hash})
    assert answers(caller.send([prescreen(HOUSEHOLD), application(HOUSEHOLD), request])) == ["accepted"] * 3
    bank.advance(1, plans)
    assert [(r.signed_on, r.matures_on) for r in said(bank, SigningReceipt)] == [(date(2026, 8, 31), date(2027, 2, 28))]


def test_an_application_above_the_offer_is_countered_with_the_offer(
    open_bank: Make, call: Make, prescreen: Make, application: Make
) -> None:
    bank = open_bank()
    call(bank).send([prescreen(HOUSEHOLD), application(HOUSEHOLD, 8_000_001)])
    (decision,) = said(bank, BankDecision)
    assert (decision.decision, decision.limit_fen, decision.reason_codes) == ("counter", 8_000_000, ("above_offer",))


@pytest.mark.parametrize(
    ("habits", "decisions"),
    [
        (Habits(decline_milli=1000), ["decline"]),
        (Habits(counter_milli=1000), ["counter"]),
        (Habits(refer_milli=1000), ["refer", "approve"]),
        (Habits(refer_milli=1000, decline_milli=1000), ["refer", "decline"]),
    ],
)
def test_a_bank_declines_counters_and_refers_by_its_habits(
    open_bank: Make, call: Make, prescreen: Make, application: Make, habits: Habits, decisions: list[str]
) -> None:
    bank = open_bank(habits)
    call(bank).send([prescreen(HOUSEHOLD), application(HOUSEHOLD)])
    bank.advance(habits.referral_days, {})
    assert [event.decision for event in said(bank, BankDecision)] == decisions


def test_a_countered_limit_is_the_habitual_share_of_the_wish(
    open_bank: Make, call: Make, prescreen: Make, application: Make
) -> None:
    bank = open_bank(Habits(counter_milli=1000, counter_share_milli=650))
    call(bank).send([prescreen(HOUSEHOLD), application(HOUSEHOLD, 1_000_000)])
    assert [event.limit_fen for event in said(bank, BankDecision)] == [650_000]


def test_habits_are_shares_of_many(open_bank: Make, call: Make, prescreen: Make, application: Make) -> None:
    bank = open_bank(Habits(seed=7, decline_milli=200))
    households = [f"HH-{number}" for number in range(250)]
    call(bank).send([prescreen(household) for household in households])
    call(bank).send([application(household) for household in households])
    declined = sum(event.decision == "decline" for event in said(bank, BankDecision))
    assert 30 <= declined <= 70


def test_the_same_request_again_is_a_duplicate_and_does_nothing(signed_up: Make) -> None:
    bank, caller, _ = signed_up()
    assert answers(caller.send([draw(bank, "D-1", 100), draw(bank, "D-1", 100)])) == ["accepted", "duplicate"]
    before = bank.state
    assert answers(caller.send([draw(bank, "D-1", 100)])) == ["duplicate"]
    assert bank.state.contracts == before.contracts
    assert len(said(bank, DrawdownPosted)) == 1


def test_the_same_key_with_another_body_is_rejected_and_does_nothing(signed_up: Make) -> None:
    bank, caller, _ = signed_up()
    assert answers(caller.send([draw(bank, "D-1", 100), draw(bank, "D-1", 101)])) == ["accepted", "key_reused"]
    (result,) = caller.send([draw(bank, "D-1", 101)])
    assert (result.message_zh, result.message_en) == ("同一编号的内容不同", "the same key came with another body")
    assert caller.bank.state.contracts[draw(bank, "D-1", 1).contract_no].outstanding_fen == 100


def test_a_rejected_request_gets_the_same_answer_for_ever(
    open_bank: Make, call: Make, prescreen: Make, application: Make
) -> None:
    bank = open_bank()
    caller = call(bank)
    first = caller.send([application(HOUSEHOLD)])
    assert answers(first) == ["offer_unknown"]
    caller.send([prescreen(HOUSEHOLD)])
    assert caller.send([application(HOUSEHOLD)]) == first


def test_one_rejected_item_hinders_no_other(open_bank: Make, call: Make, prescreen: Make, application: Make) -> None:
    bank = open_bank()
    results = call(bank).send([application("HH-2"), prescreen(HOUSEHOLD), application(HOUSEHOLD)])
    assert answers(results) == ["offer_unknown", "accepted", "accepted"]


def test_a_draw_to_the_last_fen_is_posted_and_one_more_refused(signed_up: Make) -> None:
    bank, caller, _ = signed_up()
    assert answers(caller.send([draw(bank, "D-1", 8_000_000), draw(bank, "D-2", 1)])) == ["accepted", "accepted"]
    assert [event.drawdown_id for event in said(bank, DrawdownPosted)] == ["D-1"]
    assert [(event.drawdown_id, event.reason_code) for event in said(bank, DrawdownRefused)] == [
        ("D-2", "limit_exceeded")
    ]


def test_what_was_repaid_may_be_drawn_again(signed_up: Make) -> None:
    bank, caller, plans = signed_up(repays=[{"on_day": 5, "share_of_outstanding": 0.5}])
    caller.send([draw(bank, "D-1", 8_000_000)])
    bank.advance(5, plans)
    caller.send([draw(bank, "D-2", 4_000_000), draw(bank, "D-3", 1)])
    assert [event.drawdown_id for event in said(bank, DrawdownPosted)] == ["D-1", "D-2"]


def test_a_channel_wish_is_answered_once(signed_up: Make) -> None:
    bank, caller, plans = signed_up(draws=[{"on_day": 1, "share_of_limit": 0.5}])
    bank.advance(1, plans)
    (wish,) = said(bank, ChannelDrawdownRequest)
    results = caller.send(
        [
            draw(bank, "D-0", wish.amount_fen + 1, wish.channel_reference),
            draw(bank, "D-1", wish.amount_fen, wish.channel_reference),
            draw(bank, "D-2", wish.amount_fen, wish.channel_reference),
            draw(bank, "D-3", wish.amount_fen, "CH-unheard-of"),
        ]
    )
    assert answers(results) == ["amount_differs", "accepted", "channel_reference_used", "channel_reference_unknown"]
    assert [event.drawdown_id for event in said(bank, DrawdownPosted)] == ["D-1"]


def test_a_household_has_one_contract(
    signed_up: Make, application: Make, prescreen: Make, signing_request: Make
) -> None:
    bank, caller, plans = signed_up()
    second = prescreen(HOUSEHOLD).model_copy(update={"offer_id": "O-2"})
    again = application(HOUSEHOLD, application_id="A-2").model_copy(update={"offer_id": "O-2"})
    first_id = bank.state.application_of_household[HOUSEHOLD]
    renewed = signing_request(bank.bank_code, "S-2", first_id, HOUSEHOLD, 8_000_000)
    assert answers(caller.send([second, again, renewed])) == ["accepted", "accepted", "household_has_contract"]
    assert said(bank, BankDecision)[-1].reason_codes == ("household_has_contract",)
    bank.advance(10, plans)
    assert len(said(bank, SigningReceipt)) == 1


def test_a_household_has_one_open_application_and_one_set_of_terms(
    open_bank: Make, call: Make, prescreen: Make, application: Make, signing_request: Make
) -> None:
    bank = open_bank()
    caller = call(bank)
    caller.send([prescreen(HOUSEHOLD), application(HOUSEHOLD), application(HOUSEHOLD, application_id="A-2")])
    assert [event.decision for event in said(bank, BankDecision)] == ["approve", "decline"]
    terms = [signing_request(bank.bank_code, name, f"A-{HOUSEHOLD}", HOUSEHOLD, 8_000_000) for name in ("S-1", "S-2")]
    assert answers(caller.send(terms)) == ["accepted", "signing_open"]


def test_an_approval_nobody_used_lapses_with_its_offer(
    open_bank: Make, call: Make, prescreen: Make, application: Make
) -> None:
    bank = open_bank()
    caller = call(bank)
    caller.send([prescreen(HOUSEHOLD, days=5), application(HOUSEHOLD)])
    bank.advance(5, {})
    later = prescreen(HOUSEHOLD).model_copy(update={"offer_id": "O-2"})
    caller.send([later, application(HOUSEHOLD, application_id="A-2").model_copy(update={"offer_id": "O-2"})])
    assert [event.decision for event in said(bank, BankDecision)] == ["approve", "approve"]


def test_an_expired_offer_is_neither_taken_nor_honoured(
    open_bank: Make, call: Make, prescreen: Make, application: Make
) -> None:
    bank = open_bank()
    caller = call(bank)
    caller.send([prescreen(HOUSEHOLD, days=1)])
    bank.advance(1, {})
    assert answers(caller.send([prescreen("HH-2", days=1), application(HOUSEHOLD)])) == ["offer_expired", "accepted"]
    assert said(bank, BankDecision)[0].reason_codes == ("offer_expired",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"application_id": "A-9"}, "application_unknown"),
        ({"household_ref": "HH-9"}, "household_differs"),
        ({"limit_fen": 8_000_001}, "limit_above_decision"),
        ({"rate_bp": 484}, "rate_differs"),
        ({"term_months": 12}, "terms_hash_differs"),
        ({"template_id": "OTHER"}, "terms_hash_differs"),
    ],
)
def test_terms_other_than_those_decided_are_rejected(
    open_bank: Make,
    call: Make,
    prescreen: Make,
    application: Make,
    signing_request: Make,
    change: dict[str, object],
    code: str,
) -> None:
    bank = open_bank()
    caller = call(bank)
    caller.send([prescreen(HOUSEHOLD), application(HOUSEHOLD)])
    right = signing_request(bank.bank_code, "S-1", f"A-{HOUSEHOLD}", HOUSEHOLD, 8_000_000)
    assert answers(caller.send([right.model_copy(update=change)])) == [code]


@pytest.mark.parametrize(
    ("rate_bp", "answer"), [(454, "rate_differs"), (455, "accepted"), (485, "accepted"), (486, "rate_differs")]
)
def test_terms_may_take_back_a_discount_but_never_more(
    open_bank: Make,
    call: Make,
    prescreen: Make,
    application: Make,
    signing_request: Make,
    rate_bp: int,
    answer: str,
) -> None:
    bank = open_bank()
    offered = prescreen(HOUSEHOLD).model_copy(update={"rate_bp": 455, "base_rate_bp": 485})
    caller = call(bank)
    caller.send([offered, application(HOUSEHOLD)])
    kept = signing_request(bank.bank_code, "S-1", f"A-{HOUSEHOLD}", HOUSEHOLD, 8_000_000)
    terms = replace(terms_of(bank.bank_code, kept), rate_bp=rate_bp)
    changed = kept.model_copy(update={"rate_bp": rate_bp, "terms_hash": terms.terms_hash})
    assert answers(caller.send([changed])) == [answer]


@pytest.mark.parametrize(
    ("takes_bonus", "share", "asked"),
    [(True, 1.0, (8_000_000, True)), (True, 0.5, (4_000_000, False)), (False, 1.0, (6_000_000, False))],
)
def test_a_household_goes_beyond_the_baseline_only_if_it_chose_the_bonus(
    open_bank: Make,
    call: Make,
    prescreen: Make,
    plan: Make,
    *,
    takes_bonus: bool,
    share: float,
    asked: tuple[int, bool],
) -> None:
    bank = open_bank()
    call(bank).send([prescreen(HOUSEHOLD).model_copy(update={"baseline_limit_fen": 6_000_000})])
    bank.advance(1, {HOUSEHOLD: plan(HOUSEHOLD, takes_bonus=takes_bonus, wants_limit_share=share)})
    (wish,) = said(bank, ChannelApplication)
    assert (wish.requested_limit_fen, wish.takes_bonus) == asked


def test_terms_after_a_decline_are_rejected(
    open_bank: Make, call: Make, prescreen: Make, application: Make, signing_request: Make
) -> None:
    bank = open_bank(Habits(decline_milli=1000))
    terms = signing_request(bank.bank_code, "S-1", f"A-{HOUSEHOLD}", HOUSEHOLD, 8_000_000)
    results = call(bank).send([prescreen(HOUSEHOLD), application(HOUSEHOLD), terms])
    assert answers(results) == ["accepted", "accepted", "not_approved"]


def test_an_application_for_another_households_offer_is_rejected(
    open_bank: Make, call: Make, prescreen: Make, application: Make
) -> None:
    stranger = application("HH-2").model_copy(update={"offer_id": f"O-{HOUSEHOLD}"})
    assert answers(call(open_bank()).send([prescreen(HOUSEHOLD), stranger])) == ["accepted", "household_differs"]


def test_interest_is_actual_days_over_360_to_the_fen(signed_up: Make) -> None:
    bank, caller, plans = signed_up(repays=[{"on_day": 30, "share_of_outstanding": 1.0}])
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance(30, plans)
    # 10,000.00 yuan x 4.85 % x 30 / 360 = 40.41666... yuan
    (repayment,) = said(bank, Repayment)
    assert (repayment.principal_fen, repayment.interest_fen, repayment.penalty_fen) == (1_000_000, 4_042, 0)


def test_interest_runs_on_what_is_left(signed_up: Make) -> None:
    bank, caller, plans = signed_up(
        repays=[{"on_day": 30, "share_of_outstanding": 0.5}, {"on_day": 66, "share_of_outstanding": 1.0}]
    )
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance(66, plans)
    assert [(event.principal_fen, event.interest_fen) for event in said(bank, Repayment)] == [
        (500_000, 4_042),
        (500_000, 2_425),  # 5,000.00 x 4.85 % x 36 / 360 = 24.25
    ]


def test_the_oldest_note_is_repaid_first(signed_up: Make) -> None:
    bank, caller, plans = signed_up(repays=[{"on_day": 3, "share_of_outstanding": 0.75}])
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance(1, plans)
    caller.send([draw(bank, "D-2", 1_000_000)])
    bank.advance(2, plans)
    assert [(event.loan_note_no[-2:], event.principal_fen) for event in said(bank, Repayment)] == [
        ("01", 1_000_000),
        ("02", 500_000),
    ]


def test_arrears_stop_draws_and_cost_penalty_until_a_repayment_ends_them(signed_up: Make) -> None:
    bank, caller, plans = signed_up(
        arrears=[{"on_day": 40, "days_past_due": 10}, {"on_day": 60, "days_past_due": 30}],
        repays=[{"on_day": 60, "share_of_outstanding": 0.5}],
    )
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance(50, plans)
    caller.send([draw(bank, "D-2", 1)])
    assert said(bank, DrawdownRefused)[0].reason_code == "in_arrears"
    bank.advance(10, plans)
    # The day's acts follow the plan: the repayment meets the 10 days reported before it.
    (repayment,) = said(bank, Repayment)
    # half of 4.85 % for 10 of 360 days on 10,000.00 yuan
    assert repayment.penalty_fen == 674
    assert [event.days_past_due for event in said(bank, Arrears)] == [10, 0, 30]


def test_a_household_that_owes_nothing_is_never_in_arrears(signed_up: Make) -> None:
    bank, caller, plans = signed_up(
        arrears=[{"on_day": 30, "days_past_due": 10}], repays=[{"on_day": 20, "share_of_outstanding": 1.0}]
    )
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance(60, plans)
    assert said(bank, Arrears) == []


def test_a_settled_contract_closes_at_maturity_and_takes_no_more_draws(signed_up: Make) -> None:
    bank, caller, plans = signed_up()
    bank.advance((date(2029, 6, 16) - bank.state.business_date).days, plans)
    assert said(bank, Closure) == []
    bank.advance(1, plans)
    assert [event.business_date for event in said(bank, Closure)] == [date(2029, 6, 17)]
    caller.send([draw(bank, "D-1", 1)])
    assert said(bank, DrawdownRefused)[0].reason_code == "contract_closed"


def test_a_contract_unpaid_at_maturity_is_past_due_until_paid_and_then_closes(signed_up: Make) -> None:
    bank, caller, plans = signed_up(repays=[{"on_day": 1140, "share_of_outstanding": 1.0}])
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance(1200, plans)
    assert [event.days_past_due for event in said(bank, Arrears)] == [1, 31, 0]
    assert [event.business_date for event in said(bank, Closure)] == [date(2026, 6, 17) + timedelta(days=1140)]


def test_a_matured_unpaid_contract_takes_no_more_draws(signed_up: Make) -> None:
    bank, caller, plans = signed_up()
    caller.send([draw(bank, "D-1", 1_000_000)])
    bank.advance((date(2029, 6, 17) - bank.state.business_date).days, plans)
    caller.send([draw(bank, "D-2", 1)])
    assert said(bank, DrawdownRefused)[0].reason_code == "contract_matured"


def test_a_draw_on_an_unknown_contract_is_rejected(open_bank: Make, call: Make) -> None:
    stray = DrawdownRequest(drawdown_id="D-1", contract_no="C-unheard-of", amount_fen=1)
    assert answers(call(open_bank()).send([stray])) == ["contract_unknown"]


def test_a_batch_for_another_bank_or_day_is_a_violation(open_bank: Make, prescreen: Make) -> None:
    state = open_bank().state
    for bank_code, days in (("harbour_city", 0), ("island_rural", 1), ("island_rural", -1)):
        batch = Batch(bank_code=bank_code, items=(prescreen(HOUSEHOLD),))
        with pytest.raises(ProtocolViolation):
            handle(state, batch, state.business_date + timedelta(days=days))


def test_days_never_go_back(open_bank: Make) -> None:
    state = open_bank().state
    assert advance(state, state.business_date, {}).state == state
    with pytest.raises(ProtocolViolation):
        advance(state, state.business_date - timedelta(days=1), {})


def test_a_step_leaves_the_state_it_began_with_untouched(signed_up: Make, prescreen: Make) -> None:
    bank, _, plans = signed_up(
        draws=[{"on_day": 1, "share_of_limit": 0.5}], repays=[{"on_day": 5, "share_of_outstanding": 0.5}]
    )
    before, kept = bank.state, deepcopy(bank.state)
    items = (prescreen("HH-2"), draw(bank, "D-1", 100))
    handle(before, Batch(bank_code=bank.bank_code, items=items), before.business_date)
    advance(before, before.business_date + timedelta(days=20), plans)
    assert before == kept


def test_intentions_are_read_line_by_line_and_errors_name_the_line() -> None:
    row = (
        b'{"household_ref": "HH-1", "applies_on": "2026-06-16", "wants_purpose": "fishing_gear", '
        b'"wants_limit_share": 0.7351234567, "accepts": true, "signs": true, '
        b'"draws": [{"on_day": 2, "share_of_limit": 1}], "repays": [], "arrears": []}\n'
    )
    plans = parse_intentions([row, b"\n"])
    assert str(plans["HH-1"].wants_limit_share) == "0.735123"
    for broken in (
        row.replace(b"0.7351234567", b"1.2"),
        row.replace(b'"signs": true', b'"signs": 1'),
        row.replace(b'"repays": []', b'"repay": []'),
        row.replace(b"2026-06-16", b"2026-06-31"),
        row,
        b"{",
    ):
        with pytest.raises(IntentionsUnreadable, match="line 3") as error:
            parse_intentions([row, b"\n", broken])
        assert error.value.line == 3
