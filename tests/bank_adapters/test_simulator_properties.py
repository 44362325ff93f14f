"""Whatever is sent, repeated, reordered, lost or delayed: no limit is exceeded and no fen is doubled or lost."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import event as note
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_adapters import (
    AnyRequest,
    BankDecision,
    Batch,
    DrawdownPosted,
    DrawdownRefused,
    DrawdownRequest,
    Repayment,
    SigningReceipt,
)
from bank_adapters.simulator import FaultProfile, Habits, Intention, advance

Make = Callable[..., Any]
HOUSEHOLDS = ("HH-1", "HH-2", "HH-3")
LIMIT_FEN = 1_000_000
EVERY_FAULT = {"lost_answers_milli": 300, "repeated_events_milli": 300, "delayed_events_milli": 300}

numbers = st.integers(0, 4)
moves = st.one_of(
    st.tuples(st.just("apply"), st.sampled_from(HOUSEHOLDS), numbers, st.integers(1, 2 * LIMIT_FEN)),
    st.tuples(st.just("sign"), st.sampled_from(HOUSEHOLDS), numbers, st.integers(1, 2 * LIMIT_FEN)),
    st.tuples(st.just("draw"), st.sampled_from(HOUSEHOLDS), st.integers(0, 9), st.sampled_from([1, 250_000, 700_000])),
    st.tuples(st.just("draw"), st.sampled_from(HOUSEHOLDS), st.integers(0, 9), st.integers(1, LIMIT_FEN // 4)),
    st.tuples(st.just("days"), st.just(""), st.integers(1, 9), st.just(0)),
    st.tuples(st.just("again"), st.just(""), numbers, st.just(0)),
)
shares = st.integers(1, 10).map(lambda tenths: tenths / 10)


def payments(event: Any) -> tuple[str, int]:
    return event.loan_note_no, event.principal_fen


@settings(max_examples=120, deadline=None)
@given(
    played=st.lists(moves, min_size=15, max_size=50), repays=st.lists(st.tuples(st.integers(1, 30), shares), max_size=4)
)
def test_no_sequence_of_requests_exceeds_a_limit_or_doubles_a_fen(
    open_bank: Make,
    call: Make,
    prescreen: Make,
    application: Make,
    signing_request: Make,
    plan: Make,
    played: list[tuple[str, str, int, int]],
    repays: list[tuple[int, float]],
) -> None:
    """Requests of every kind with few ids: keys collide, bodies differ, orders are wrong; judged by the feed."""
    bank = open_bank(Habits(counter_milli=300))
    caller = call(bank)
    planned = [{"on_day": day, "share_of_outstanding": share} for day, share in repays]
    plans = {name: plan(name, applies_on="2030-01-01", repays=planned) for name in HOUSEHOLDS}
    sent: list[AnyRequest] = [prescreen(name, LIMIT_FEN) for name in HOUSEHOLDS]
    # Two of the three have terms to sign from the start, so that most stories come to money.
    for number, name in enumerate(HOUSEHOLDS[:2]):
        sent.append(application(name, LIMIT_FEN, f"A-{number}"))
        sent.append(signing_request(bank.bank_code, f"S-{number}", f"A-{number}", name, LIMIT_FEN * 7 // 10))
    caller.send(sent)
    bank.advance(1, plans)
    for act, household, number, amount_fen in played:
        request: AnyRequest | None = None
        if act == "apply":
            request = application(household, amount_fen, f"A-{number}")
        elif act == "sign":
            request = signing_request(bank.bank_code, f"S-{number}", f"A-{number}", household, amount_fen)
        elif act == "draw":
            contract_no = bank.state.contract_of_household.get(household, "C-none")
            request = DrawdownRequest(drawdown_id=f"D-{number}", contract_no=contract_no, amount_fen=amount_fen)
        elif act == "days":
            bank.advance(number, plans)
        else:
            caller.send(reversed(sent[-number - 1 :]))
        if request is not None:
            sent.append(request)
            caller.send([request])
        check_feed(bank)
    for event in {f"{event.kind} {getattr(event, 'reason_code', '')}" for event in bank.feed}:
        note(event)


def check_feed(bank: Any) -> None:
    """Rebuild every contract from the feed alone and hold it against the rules and against the bank's books."""
    assert [event.sequence for event in bank.feed] == list(range(1, len(bank.feed) + 1))
    assert len({event.message_id for event in bank.feed}) == len(bank.feed)
    decided: dict[str, int] = {}
    limits: dict[str, int] = {}
    drawn: Counter[str] = Counter()
    outstanding: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for event in bank.feed:
        match event:
            case BankDecision():
                assert event.limit_fen <= LIMIT_FEN
                decided[event.application_id] = event.limit_fen
            case SigningReceipt():
                request = bank.state.signings[event.signing_id].request
                assert request.limit_fen <= decided[request.application_id]
                limits[event.contract_no] = request.limit_fen
            case DrawdownPosted():
                answered[event.drawdown_id] += 1
                drawn[event.contract_no] += event.amount_fen
                outstanding[event.contract_no] += event.amount_fen
                assert outstanding[event.contract_no] <= limits[event.contract_no]
            case DrawdownRefused():
                answered[event.drawdown_id] += 1
            case Repayment():
                outstanding[event.contract_no] -= event.principal_fen
                assert outstanding[event.contract_no] >= 0
    assert set(answered.values()) <= {1}
    contracts = bank.state.contracts
    assert {no: contract.limit_fen for no, contract in contracts.items()} == limits
    assert {no: contract.drawn_cumulative_fen for no, contract in contracts.items() if contract.notes} == drawn
    assert {
        no: contract.outstanding_fen for no, contract in contracts.items() if contract.outstanding_fen
    } == +outstanding
    assert len({contract.household_ref for contract in contracts.values()}) == len(contracts)


@st.composite
def life(draw: st.DrawFn) -> dict[str, Any]:
    """A plan whose acts lie at least four days apart, so that a notice one day late reorders nothing."""
    draws = draw(st.lists(shares, min_size=1, max_size=3))
    repays = draw(st.lists(shares, max_size=3))
    first_repayment = 4 * len(draws) + 4
    return {
        "applies_on": "2026-06-16",
        "wants_limit_share": draw(shares),
        "draws": [{"on_day": 4 * place, "share_of_limit": share} for place, share in enumerate(draws)],
        "repays": [
            {"on_day": first_repayment + 4 * place, "share_of_outstanding": share} for place, share in enumerate(repays)
        ],
    }


@settings(max_examples=40, deadline=None)
@given(lives=st.lists(life(), min_size=1, max_size=4), seed=st.integers(0, 10_000))
def test_faults_do_not_change_final_balances_when_the_caller_retries(
    open_bank: Make, call: Make, prescreen: Make, plan: Make, lives: list[dict[str, Any]], seed: int
) -> None:
    plans = {f"HH-{number}": plan(f"HH-{number}", **life) for number, life in enumerate(lives)}
    balances = []
    for faults in (FaultProfile(), FaultProfile(seed=seed, **EVERY_FAULT)):
        bank = open_bank(Habits(seed=3, refer_milli=300, counter_milli=300), faults)
        caller = call(bank)
        caller.send(prescreen(name, LIMIT_FEN) for name in plans)
        for _ in range(60):
            bank.advance(1, plans)
            caller.exchange()
        booked = {name: bank.state.contracts[no] for name, no in bank.state.contract_of_household.items()}
        assert caller.drawn_fen() == {name: c.drawn_cumulative_fen for name, c in booked.items() if c.notes}
        assert caller.outstanding_fen() == {n: c.outstanding_fen for n, c in booked.items() if c.outstanding_fen}
        assert caller.rejected == []
        balances.append((caller.drawn_fen(), caller.outstanding_fen()))
    assert balances[0] == balances[1]


def test_the_faults_do_happen(open_bank: Make, call: Make, prescreen: Make, plan: Make) -> None:
    plans = {f"HH-{number}": plan(f"HH-{number}") for number in range(40)}
    bank = open_bank(None, FaultProfile(seed=1, **EVERY_FAULT))
    caller = call(bank)
    caller.send(prescreen(name) for name in plans)
    late = repeated = 0
    for _ in range(8):
        bank.advance(1, plans)
        fresh = bank.poll(caller.after_sequence, 500)
        late += sum(event.business_date < bank.state.business_date for event in fresh)
        repeated += sum(event.message_id in caller.booked for event in fresh)
        caller.exchange()
    assert caller.lost_answers > 0
    assert late > repeated > 0
    assert len(caller.of(SigningReceipt)) == len(plans)


def test_the_same_story_twice_is_the_same_bank_to_the_id(
    open_bank: Make, call: Make, prescreen: Make, plan: Make
) -> None:
    def tell() -> Any:
        bank = open_bank(Habits(refer_milli=300), FaultProfile(seed=5, **EVERY_FAULT))
        caller = call(bank)
        plans = {f"HH-{number}": plan(f"HH-{number}") for number in range(10)}
        caller.send(prescreen(name) for name in plans)
        for _ in range(10):
            bank.advance(1, plans)
            caller.exchange()
        return bank

    first, second = tell(), tell()
    assert first.feed == second.feed
    assert first.state == second.state


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(1, 20), max_size=6), life=life())
def test_days_pass_alike_in_one_call_or_in_several(
    open_bank: Make, call: Make, prescreen: Make, plan: Make, cuts: list[int], life: dict[str, Any]
) -> None:
    bank = open_bank(None, FaultProfile(seed=2, repeated_events_milli=300, delayed_events_milli=300))
    caller = call(bank)
    plans: dict[str, Intention] = {"HH-1": plan("HH-1", **life)}
    caller.send([prescreen("HH-1")])
    for _ in range(5):
        bank.advance(1, plans)
        caller.exchange()
    start, said = bank.state, len(bank.feed)
    for days in cuts:
        bank.advance(days, plans)
    whole = advance(start, start.business_date + timedelta(days=sum(cuts)), plans)
    assert whole.events == tuple(bank.feed[said:])
    assert whole.state == bank.state


def test_a_reordered_batch_gives_the_same_books(
    open_bank: Make, prescreen: Make, application: Make, signing_request: Make
) -> None:
    """Within a day, the order of different households' requests changes no household's outcome."""
    outcomes = []
    for step in (1, -1):
        bank = open_bank(Habits(seed=1, decline_milli=200, counter_milli=200))
        names = [f"HH-{number}" for number in range(30)][::step]
        for make in (prescreen, application):
            bank.send(Batch(bank_code=bank.bank_code, items=tuple(make(name) for name in names)))
        outcomes.append({event.application_id: (event.decision, event.limit_fen) for event in bank.feed})
    assert outcomes[0] == outcomes[1]
