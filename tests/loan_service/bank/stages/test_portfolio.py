"""Room in the portfolio is taken at signing, one at a time, and given back by dated entries."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bank_adapters import (
    BEIJING,
    Authorisation,
    BankDecision,
    Closure,
    SigningReceipt,
    SigningRequest,
    contract_of,
    terms_of,
)
from loan_service.bank.stages import applications, contracts, decisions, portfolio, receiving, sending, signing, usage
from loan_service.bank.stages.applications import Purposes, Wish
from loan_service.bank.store.portfolio import Ledger
from loan_service.errors import ConflictError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy import Policy
from models.policy_loader import load_policy
from models.portfolio import Pot, limits_on

DAY = date(2026, 6, 15)
BANK = "island_rural"
BOTH = tuple(
    Authorisation(kind=kind, text_version="1", signed_at=datetime(2026, 6, 15, 10, tzinfo=BEIJING))
    for kind in ("bureau_query", "income_query")
)
BASELINE, WITH_BONUS = 8_000_000, 10_000_000


def policy(*, village: int = 10**9, bonus: int = 10**9, gap: int = 10**9, later_village: int | None = None) -> Policy:
    """The shipped policy with these caps in yuan; a month on, villages may have another."""
    content = orjson.loads(load_policy(BANK, DAY).policy.model_dump_json(by_alias=True))
    tables: dict[str, list[Any]] = {
        "portfolio_caps": [_villages(village), _villages(village if later_village is None else later_village)],
        "bonus_budget": [{"code": "bonuses", "title_zh": "加额", "title_en": "bonuses", "annual_cap_yuan": bonus}] * 2,
    }
    for name, (first, second) in tables.items():
        periods = [
            {"from": "2021-08-01", "until": "2026-07-15", "value": first},
            {"from": "2026-07-15", "value": second},
        ]
        content[name] = {"unit": "table", "origin": "[P]", "periods": periods}
    content["incentive_budget"]["periods"][0]["value"] |= {"code": "gaps", "annual_cap_yuan": gap}
    return Policy.model_validate_json(orjson.dumps(content))


def _villages(cap_yuan: int) -> list[dict[str, Any]]:
    return [{"scope": "village", "cap_yuan": cap_yuan, "origin": "[P]"}]


@pytest.fixture
def approve(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], script: Any
) -> Callable[..., list[str]]:
    """So many households of one village with offers of 80,000 yuan, 100,000 with the bonus, all approved."""

    def run(count: int = 1, limit_fen: int = BASELINE, decided_fen: int = 0, **changes: object) -> list[str]:
        ids = []
        for number, offer_id in enumerate(seed_offers(count, **changes)):
            wish = Wish(f"W-{number}", offer_id, f"H{number:06d}", limit_fen, "household_consumption", BOTH, DAY)
            wish = Wish(**vars(wish) | {"takes_bonus": limit_fen > BASELINE})
            ids.append(applications.submit(bank, BANK, purposes, wish))
        for application_id in ids:
            content = {"application_id": application_id, "limit_fen": decided_fen or limit_fen}
            script.say(BankDecision, **content, decision="approve", reason_codes=())
        receiving.receive(bank, script)
        decisions.receive(bank, BANK)
        return ids

    return run


def requests(wing: Wing, script: Any) -> list[SigningRequest]:
    sending.send(wing, script)
    return [item for item in script.sent if isinstance(item, SigningRequest)]


def sign(wing: Wing, script: Any, request: SigningRequest, contract_no: str = "C-1", day: date = DAY) -> None:
    content = {"contract_no": contract_no, "signed_on": day, "starts_on": day, "matures_on": date(2029, 6, 15)}
    head = {"sequence": 1, "bank_code": BANK, "business_date": day, "message_id": "0" * 32}
    blank = SigningReceipt(**head, signing_id=request.signing_id, document_hash="0" * 64, **content)
    document_hash = contract_of(terms_of(BANK, request), blank).document_hash
    script.say(SigningReceipt, signing_id=request.signing_id, document_hash=document_hash, day=day, **content)
    receiving.receive(wing, script)
    contracts.receive(wing, BANK)


def close(wing: Wing, script: Any, contract_no: str = "C-1", day: date = DAY) -> None:
    script.say(Closure, contract_no=contract_no, reason_code="settled", day=day)
    receiving.receive(wing, script)
    usage.receive(wing, BANK)


def entries(look: Any, scope: str) -> list[tuple[Any, ...]]:
    columns = ("kind", "amount_fen", "total_fen", "entered_on")
    rows = look.rows("portfolio_entries", "scope", *columns, order="scope, code, year, entry_number")
    return [row[1:] for row in rows if row[0] == scope]


def test_terms_reserve_their_baseline_their_bonus_and_their_yearly_cost(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(limit_fen=WITH_BONUS, affordability={"incentive_gap_bp": 25})
    assert signing.request(bank, BANK, policy(village=100_000), DAY) == 1
    told = look.rows("portfolio_entries", "scope", "code", "year", "kind", "amount_fen", "cap_fen")
    assert told == [
        ("bonus", "bonuses", 2026, "reserved", 2_000_000, 100 * 10**9),
        ("incentive", "gaps", 0, "reserved", 25_000, 100 * 10**9),
        ("programme", "", 0, "reserved", BASELINE, None),
        ("sector", "wage", 0, "reserved", BASELINE, None),
        ("village", "V001", 0, "reserved", BASELINE, 10_000_000),
    ]


def test_a_full_village_waits_and_its_household_is_served_when_there_is_room(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    first, second = sorted(approve(2))
    tight = policy(village=80_000)
    assert signing.request(bank, BANK, tight, DAY) == 1
    assert look.rows("portfolio_waits", "application_id", "code", "since_on") == [(second, "village_cap_reached", DAY)]
    before = look.hashes()
    assert signing.request(bank, BANK, tight, DAY) == 0
    assert look.hashes() == before
    (request,) = requests(bank, script)
    assert request.application_id == first
    sign(bank, script, request)
    later = DAY + timedelta(days=9)
    close(bank, script, day=later)
    assert signing.request(bank, BANK, tight, later) == 1
    assert requests(bank, script)[1].application_id == second
    village = [
        ("reserved", BASELINE, BASELINE, DAY),
        ("ended", -BASELINE, 0, later),
        ("reserved", BASELINE, BASELINE, later),
    ]
    assert entries(look, "village") == village


def test_a_household_waits_no_longer_than_its_offer_holds(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(1)
    assert signing.request(bank, BANK, policy(village=0), DAY) == 0
    assert signing.request(bank, BANK, policy(village=0), DAY + timedelta(days=90)) == 1
    assert look.rows("signings", "refusal_code") == [("offer_expired",)]


def test_a_spent_bonus_budget_cuts_the_bonus_and_says_so_never_the_baseline(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(3, limit_fen=WITH_BONUS)
    signing.request(bank, BANK, policy(bonus=25_500), DAY)
    assert [request.limit_fen for request in requests(bank, script)] == [10_000_000, 8_500_000, BASELINE]
    cut = {"code": "bonus_budget_spent", "budget": "bonuses", "asked": 2_000_000}
    cuts = [row[0] for row in look.rows("signings", "cuts", order="limit_fen DESC")]
    assert cuts == [[], [cut | {"given": 500_000}], [cut | {"given": 0}]]


def test_a_spent_incentive_budget_takes_the_rate_back_to_cost(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(2, affordability={"incentive_gap_bp": 20})
    signing.request(bank, BANK, policy(gap=160), DAY)
    assert [request.rate_bp for request in requests(bank, script)] == [455, 475]
    assert [row[0] for row in look.rows("signings", "gap_bp", order="rate_bp")] == [20, 0]
    assert [row[0] for row in entries(look, "incentive")] == ["reserved"]


def test_a_household_without_the_bonus_has_its_discount_all_the_same(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(limit_fen=BASELINE)
    signing.request(bank, BANK, policy(bonus=0), DAY)
    (request,) = requests(bank, script)
    assert (request.limit_fen, request.rate_bp) == (BASELINE, 485 - 30)
    assert look.rows("signings", "bonus_fen", "cuts") == [(0, [])]


def test_nobody_gets_a_bonus_it_did_not_choose_even_from_the_bank(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    (application_id,) = approve(1, limit_fen=BASELINE, decided_fen=BASELINE + 1)
    signing.request(bank, BANK, policy(), DAY)
    assert look.rows("signings", "application_id", "refusal_code") == [(application_id, "decision_above_offer")]
    assert look.breaks() == ["decision_above_offer"]
    assert look.count("portfolio_entries") == 0


def test_two_processes_that_sign_at_the_same_moment_share_one_room(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(2)
    tight = policy(village=80_000)
    with ThreadPoolExecutor(4) as pool:
        signed = list(pool.map(lambda _: signing.request(bank, BANK, tight, DAY), range(8)))
    assert sum(signed) == 1
    assert entries(look, "village") == [("reserved", BASELINE, BASELINE, DAY)]
    assert look.count("portfolio_waits") == 1


def test_whoever_forgets_the_lock_is_stopped_by_the_ledgers_own_numbers(bank: Wing, look: Any) -> None:
    limits = limits_on(policy(village=80_000), DAY)

    def careless(name: str, ledger: Ledger) -> None:
        ledger.enter("reserved", name, [(Pot("village", "V001"), BASELINE)], limits)
        ledger.write()

    with ThreadPoolExecutor(1) as pool, transaction(bank.engine) as one, transaction(bank.engine) as other:
        ledgers = Ledger(one, BANK, DAY), Ledger(other, BANK, DAY)
        careless("first", ledgers[0])
        second = pool.submit(careless, "second", ledgers[1])
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        one.commit()
        with pytest.raises(ConflictError):
            second.result()
        other.rollback()
    assert [row[2] for row in entries(look, "village")] == [BASELINE]


def test_the_table_itself_refuses_to_pass_a_cap(bank: Wing) -> None:
    limits = limits_on(policy(village=80_000), DAY)
    with transaction(bank.engine) as connection:
        ledger = Ledger(connection, BANK, DAY)
        ledger.enter("reserved", "S-1", [(Pot("village", "V001"), BASELINE + 1)], limits)
        with pytest.raises(CheckViolation, match="within_cap"):
            ledger.write()
        connection.rollback()


def test_terms_nobody_signed_give_everything_back_on_the_day_they_lapse(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(limit_fen=WITH_BONUS)
    signing.request(bank, BANK, policy(), DAY)
    lapsed = DAY + timedelta(days=90)
    assert portfolio.reconcile(bank, BANK, policy(), lapsed - timedelta(days=1)) == 0
    assert len(entries(look, "bonus")) == 1
    assert portfolio.reconcile(bank, BANK, policy(), lapsed) == 0
    assert portfolio.reconcile(bank, BANK, policy(), lapsed) == 0
    assert entries(look, "bonus")[1:] == [("lapsed", -2_000_000, 0, lapsed)]
    assert entries(look, "programme")[1:] == [("lapsed", -BASELINE, 0, lapsed)]


def test_terms_the_bank_refused_at_its_door_give_everything_back(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    approve()
    signing.request(bank, BANK, policy(), DAY)
    script.refuses["signing_request"] = "signing_open"
    sending.send(bank, script)
    assert portfolio.reconcile(bank, BANK, policy(), DAY) == 0
    assert entries(look, "village")[1:] == [("rejected", -BASELINE, 0, DAY)]


def test_a_contract_that_ends_frees_caps_and_yearly_cost_but_not_the_years_bonuses(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(limit_fen=WITH_BONUS, affordability={"incentive_gap_bp": 25})
    signing.request(bank, BANK, policy(), DAY)
    sign(bank, script, requests(bank, script)[0])
    close(bank, script)
    assert portfolio.reconcile(bank, BANK, policy(), DAY) == 0
    assert {scope: entries(look, scope)[-1][2] for scope in ("village", "sector", "incentive", "bonus")} == {
        "village": 0,
        "sector": 0,
        "incentive": 0,
        "bonus": 2_000_000,
    }


def test_terms_that_lapsed_and_were_signed_all_the_same_count_whatever_the_cap(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    approve()
    signing.request(bank, BANK, policy(village=80_000), DAY)
    (request,) = requests(bank, script)
    lapsed = DAY + timedelta(days=90)
    portfolio.reconcile(bank, BANK, policy(), lapsed)
    sign(bank, script, request, day=lapsed)
    assert portfolio.reconcile(bank, BANK, policy(village=0), lapsed) == 0
    kinds = ["reserved", "lapsed", "signed_anyway"]
    assert [row[0] for row in entries(look, "village")] == kinds
    close(bank, script, day=lapsed)
    assert portfolio.reconcile(bank, BANK, policy(), lapsed) == 0
    assert entries(look, "village")[-1][:3] == ("ended", -BASELINE, 0)


def test_an_entry_that_stands_for_nothing_is_a_break_and_is_corrected(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve()
    signing.request(bank, BANK, policy(), DAY)
    with transaction(bank.engine) as connection:
        ledger = Ledger(connection, BANK, DAY)
        ledger.enter("reserved", "nobody", [(Pot("village", "V001"), 77)])
        ledger.write()
    assert portfolio.reconcile(bank, BANK, policy(), DAY) == 1
    assert look.rows("breaks", "kind", "amount_fen") == [("portfolio_differs", -77)]
    assert entries(look, "village")[-1][:3] == ("corrected", -77, BASELINE)
    assert portfolio.reconcile(bank, BANK, policy(), DAY) == 0


def test_a_ledger_ahead_of_the_business_date_is_rebuilt_on_its_own_day(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(2)
    lapsed = DAY + timedelta(days=90)
    signing.request(bank, BANK, policy(village=80_000), DAY)
    signing.request(bank, BANK, policy(village=80_000), lapsed)
    assert portfolio.reconcile(bank, BANK, policy(), lapsed - timedelta(days=1)) == 0
    assert entries(look, "village")[1:] == [("lapsed", -BASELINE, 0, lapsed)]


def test_a_break_tells_what_budgets_of_one_kind_and_year_hold_together(
    bank: Wing, approve: Callable[..., list[str]], look: Any
) -> None:
    approve(limit_fen=WITH_BONUS)
    signing.request(bank, BANK, policy(), DAY)
    with transaction(bank.engine) as connection:
        ledger = Ledger(connection, BANK, DAY)
        ledger.enter("reserved", "nobody", [(Pot("bonus", "renamed", 2026), 77)])
        ledger.write()
    assert portfolio.reconcile(bank, BANK, policy(), DAY) == 1
    ((detail,),) = look.rows("breaks", "detail")
    assert detail == "bonus/bonuses/2026: kept 2000077 fen; signings and contracts give 2000000"
    assert portfolio.reconcile(bank, BANK, policy(), DAY) == 0


def test_the_offers_day_decides_the_price_and_the_signings_day_the_room(
    bank: Wing, script: Any, approve: Callable[..., list[str]]
) -> None:
    approve()
    growing = policy(village=79_999, later_village=80_000)
    assert signing.request(bank, BANK, growing, date(2026, 7, 14)) == 0
    assert signing.request(bank, BANK, growing, date(2026, 7, 15)) == 1
    (request,) = requests(bank, script)
    assert (request.limit_fen, request.rate_bp) == (BASELINE, 455)


def test_history_cannot_be_rewritten(bank: Wing, approve: Callable[..., list[str]]) -> None:
    approve()
    signing.request(bank, BANK, policy(), DAY)
    with transaction(bank.engine) as connection:
        with pytest.raises(DatabaseError, match="append-only"):
            connection.execute(text("UPDATE bank.portfolio_entries SET amount_fen = 1"))
        connection.rollback()


def test_a_quarter_of_chance_leaves_no_break_and_passes_no_cap(
    bank: Wing, script: Any, approve: Callable[..., list[str]], look: Any
) -> None:
    chance, rules = random.Random(7), policy(village=700_000, bonus=80_000, gap=900)
    approve(24, limit_fen=WITH_BONUS, affordability={"incentive_gap_bp": 20})
    signed: list[SigningRequest] = []
    for day in (DAY + timedelta(days=12 * step) for step in range(9)):
        signing.request(bank, BANK, rules, day)
        script.refuses = {"signing_request": "signing_open"} if chance.random() < 0.3 else {}
        for request in requests(bank, script):  # some sign what had lapsed, or what the bank had refused at its door
            if request not in signed and chance.random() < 0.2:
                sign(bank, script, request, f"C-{request.signing_id}", day)
                signed.append(request)
        for request in chance.sample(signed, len(signed) // 4):
            close(bank, script, f"C-{request.signing_id}", day)
        assert portfolio.reconcile(bank, BANK, rules, day) == 0
    kinds = {row[0] for row in look.rows("portfolio_entries", "kind")}
    assert kinds == {"reserved", "lapsed", "rejected", "ended", "signed_anyway"}
    assert look.count("portfolio_waits") > 0
    taken = "kind = 'reserved' AND total_fen > cap_fen"
    assert look.count("portfolio_entries", taken) == 0
    assert look.breaks() == []
