"""What officers see of caps and budgets, and what a household sees before it signs."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from rich.console import Console

from bank_adapters import BEIJING, Authorisation, BankDecision
from loan_service import portfolio_cli
from loan_service.bank.stages import applications, decisions, receiving, signing
from loan_service.bank.stages.applications import Purposes, Wish
from loan_service.bank.store.portfolio import Ledger
from loan_service.bank.store.timelines import timeline
from loan_service.bank.views.application import ApplicationView, application_view
from loan_service.bank.views.portfolio import PortfolioView, portfolio_view
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy import Policy
from models.policy_loader import load_policy
from models.portfolio import Pot

DAY = date(2026, 6, 15)
BANK = "island_rural"
BOTH = tuple(
    Authorisation(kind=kind, text_version="1", signed_at=datetime(2026, 6, 15, 10, tzinfo=BEIJING))
    for kind in ("bureau_query", "income_query")
)


def policy(village_yuan: int = 200_000, bonus_yuan: int = 30_000, programme_yuan: int = 10**9) -> Policy:
    content = orjson.loads(load_policy(BANK, DAY).policy.model_dump_json(by_alias=True))
    scopes = {"village": village_yuan, "programme": programme_yuan}
    caps = [{"scope": scope, "cap_yuan": cap_yuan, "origin": "[P]"} for scope, cap_yuan in scopes.items()]
    content["portfolio_caps"]["periods"][0]["value"] = caps
    content["bonus_budget"]["periods"][0]["value"]["annual_cap_yuan"] = bonus_yuan
    return Policy.model_validate_json(orjson.dumps(content))


@pytest.fixture
def approved(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], script: Any
) -> Callable[[], ApplicationView]:
    """Household 0, approved for 100,000 yuan of which 20,000 are bonus; gives its application as it stands."""
    (offer_id,) = seed_offers(1, affordability={"incentive_gap_bp": 20})
    wish = Wish("W-1", offer_id, "H000000", 10_000_000, "household_consumption", BOTH, DAY, takes_bonus=True)
    application_id = applications.submit(bank, BANK, purposes, wish)
    told = {"application_id": application_id, "decision": "approve", "limit_fen": 10_000_000, "reason_codes": ()}
    script.say(BankDecision, **told)
    receiving.receive(bank, script)
    decisions.receive(bank, BANK)

    def look() -> ApplicationView:
        with transaction(bank.engine) as connection:
            return application_view(connection, BANK, application_id)

    return look


def view_of(wing: Wing, rules: Policy, day: date = DAY) -> PortfolioView:
    with transaction(wing.engine) as connection:
        return portfolio_view(connection, BANK, rules, day)


def test_a_pot_tells_cap_reserved_signed_free_and_share(bank: Wing, seed_contract: Callable[..., str]) -> None:
    seed_contract(1, signing_id="S-1")
    with transaction(bank.engine) as connection:
        ledger = Ledger(connection, BANK, DAY)
        ledger.enter("reserved", "S-1", [(Pot("village", "V001"), 8_000_000)])
        ledger.enter("reserved", "S-2", [(Pot("village", "V001"), 7_000_000)])
        ledger.write()
    pots = {(pot.scope, pot.code): pot for pot in view_of(bank, policy()).pots}
    village = pots["village", "V001"]
    assert (village.cap_fen, village.reserved_fen, village.signed_fen) == (20_000_000, 7_000_000, 8_000_000)
    assert (village.free_fen, village.share) == (5_000_000, 0.75)
    assert pots["bonus", "honesty_bonus"].free_fen == 3_000_000
    assert ("sector", "") not in pots


def test_a_lowered_cap_shows_how_far_it_is_passed(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        ledger = Ledger(connection, BANK, DAY)
        ledger.enter("reserved", "S-1", [(Pot("village", "V001"), 8_000_000)])
        ledger.write()
    (village,) = [pot for pot in view_of(bank, policy(village_yuan=50_000)).pots if pot.scope == "village"]
    assert (village.free_fen, village.share) == (-3_000_000, 1.6)


def test_a_correction_is_shown_beside_what_is_out_for_signing(bank: Wing, seed_contract: Callable[..., str]) -> None:
    seed_contract(1, signing_id="S-1")
    with transaction(bank.engine) as connection:
        ledger = Ledger(connection, BANK, DAY)
        ledger.enter("reserved", "S-1", [(Pot("village", "V001"), 8_000_000)])
        ledger.enter("corrected", None, [(Pot("village", "V001"), -3_000_000)])
        ledger.write()
    view = view_of(bank, policy())
    (village,) = [pot for pot in view.pots if pot.scope == "village"]
    assert (village.reserved_fen, village.signed_fen, village.corrected_fen) == (0, 8_000_000, -3_000_000)
    assert village.free_fen == 15_000_000
    written = io.StringIO()
    portfolio_cli.show(Console(file=written, width=200), view, villages=3)
    assert "V001: 更正 / corrected -3.00" in written.getvalue()


def test_the_household_sees_what_a_spent_budget_took_back_before_it_signs(
    bank: Wing, approved: Callable[[], ApplicationView]
) -> None:
    assert approved().terms is None
    signing.request(bank, BANK, policy(bonus_yuan=5_000), DAY)
    terms = approved().terms
    assert terms is not None
    assert (terms.limit_fen, terms.baseline_fen, terms.bonus_fen) == (8_500_000, 8_000_000, 500_000)
    assert (terms.rate_bp, terms.all_in_annual_cost_bp) == (455, 465)
    (cut,) = terms.cuts
    assert (cut.why.code, cut.unit, cut.asked, cut.given) == ("bonus_budget_spent", "fen", 2_000_000, 500_000)
    assert len(cut.why.zh) <= 30
    assert cut.why.en != cut.why.code


def test_who_waits_is_told_where_and_since_when_and_is_counted(
    bank: Wing, approved: Callable[[], ApplicationView]
) -> None:
    later = DAY + timedelta(days=3)
    signing.request(bank, BANK, policy(village_yuan=79_999), DAY)
    signing.request(bank, BANK, policy(village_yuan=79_999), later)
    view = approved()
    assert view.terms is None
    assert view.waiting is not None
    assert (view.waiting.why.code, view.waiting.since_on) == ("village_cap_reached", DAY)
    assert view_of(bank, policy(), later).waiting == {"village_cap_reached": 1}
    assert view_of(bank, policy(), DAY + timedelta(days=90)).waiting == {}
    signing.request(bank, BANK, policy(), later)
    assert approved().waiting is None
    assert view_of(bank, policy(), later).waiting == {}


def test_who_is_held_up_by_one_cap_then_another_waits_at_the_last(
    bank: Wing, approved: Callable[[], ApplicationView]
) -> None:
    full_village, full_programme = policy(village_yuan=79_999), policy(programme_yuan=79_999)
    days = [DAY + timedelta(days=number) for number in range(4)]
    for rules, day in zip((full_village, full_programme, full_village, full_village), days, strict=True):
        signing.request(bank, BANK, rules, day)
    waits = approved().waiting
    assert waits is not None
    assert (waits.why.code, waits.since_on) == ("village_cap_reached", days[2])
    assert view_of(bank, policy(), days[3]).waiting == {"village_cap_reached": 1}
    assert view_of(bank, policy(), days[1]).waiting == {"programme_cap_reached": 1}


def test_the_table_shows_every_pot_and_who_waits(bank: Wing, approved: Callable[[], ApplicationView]) -> None:
    signing.request(bank, BANK, policy(village_yuan=79_999), DAY)
    assert approved().waiting
    written = io.StringIO()
    portfolio_cli.show(Console(file=written, width=200), view_of(bank, policy()), villages=3)
    assert "bonus 2026" in written.getvalue()
    assert "1 户等候" in written.getvalue()


def test_waiting_and_cuts_stand_in_the_households_timeline(bank: Wing, approved: Callable[[], ApplicationView]) -> None:
    later = DAY + timedelta(days=3)
    signing.request(bank, BANK, policy(village_yuan=79_999), DAY)
    signing.request(bank, BANK, policy(bonus_yuan=5_000), later)
    assert approved().terms
    with transaction(bank.engine) as connection:
        steps = [(row.happened_on, row.step, row.what) for row in timeline(connection, BANK, "H000000", later)]
    assert steps[-3:] == [
        (DAY, "waiting", "village_cap_reached"),
        (later, "signing", "sent"),
        (later, "terms_cut", "bonus_budget_spent"),
    ]
