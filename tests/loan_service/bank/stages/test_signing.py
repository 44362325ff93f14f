from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bank_adapters import BEIJING, Authorisation, BankDecision, SigningReceipt, SigningRequest, contract_of, terms_of
from loan_service.bank.stages import applications, balances, contracts, decisions, receiving, sending, signing
from loan_service.bank.stages.applications import Purposes, Wish
from loan_service.bank.store import claims
from loan_service.bank.store.contracts import SigningRow, append_signings
from loan_service.errors import ConflictError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy_loader import load_policy

DAY = date(2026, 6, 15)
BANK, OTHER = "island_rural", "harbour_city"
BOTH = tuple(
    Authorisation(kind=kind, text_version="1", signed_at=datetime(2026, 6, 15, 10, tzinfo=BEIJING))
    for kind in ("bureau_query", "income_query")
)


@pytest.fixture
def applied(bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]]) -> Callable[..., str]:
    """Lets household 0 apply at a bank; returns the application."""

    def apply(bank_code: str = BANK, reference: str = "W-1", **changes: object) -> str:
        (offer_id,) = seed_offers(1, bank_code, **changes)
        wish = Wish(reference, offer_id, "H000000", 8_000_000, "household_consumption", BOTH, DAY)
        return applications.submit(bank, bank_code, purposes, wish)

    return apply


def decide(
    wing: Wing, script: Any, application_id: str, decision: str = "approve", limit_fen: int = 8_000_000, **more: Any
) -> None:
    reasons = () if decision == "approve" else ("bank_assessment",)
    content = {"application_id": application_id, "decision": decision, "limit_fen": limit_fen}
    script.say(BankDecision, **content, reason_codes=reasons, **more)
    receiving.receive(wing, script)
    decisions.receive(wing, script.bank_code)


def request_signing(wing: Wing, bank_code: str = BANK) -> int:
    return signing.request(wing, bank_code, load_policy(bank_code, DAY).policy, DAY)


def sign(wing: Wing, script: Any, request: SigningRequest, contract_no: str = "C-1", **changes: Any) -> None:
    content = {"contract_no": contract_no, "signed_on": DAY, "starts_on": DAY, "matures_on": date(2029, 6, 15)}
    head = {"sequence": 1, "bank_code": script.bank_code, "business_date": DAY, "message_id": "0" * 32}
    blank = SigningReceipt(**head, signing_id=request.signing_id, document_hash="0" * 64, **content)
    document_hash = contract_of(terms_of(script.bank_code, request), blank).document_hash
    told = {"signing_id": request.signing_id, "document_hash": document_hash, **content, **changes}
    script.say(SigningReceipt, **told)
    receiving.receive(wing, script)
    contracts.receive(wing, script.bank_code)


def sent_terms(wing: Wing, script: Any) -> list[SigningRequest]:
    sending.send(wing, script)
    return [item for item in script.sent if isinstance(item, SigningRequest)]


def test_an_approval_becomes_terms_and_a_receipt_a_contract(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied(), limit_fen=7_000_000)
    assert request_signing(bank) == 1
    assert request_signing(bank) == 0
    (request,) = sent_terms(bank, script)
    assert (request.limit_fen, request.rate_bp, request.term_months) == (7_000_000, 455, 36)
    assert request.terms_hash == terms_of(BANK, request).terms_hash
    sign(bank, script, request)
    columns = ("contract_id", "household_ref", "grade", "limit_fen", "rate_bp", "signed_on")
    assert look.rows("contracts", *columns) == [(f"{BANK}/C-1", "H000000", "AA", 7_000_000, 455, DAY)]
    assert look.balance() == (0, 0)
    assert look.breaks() == []


def test_an_accepted_offer_is_honoured_though_the_grade_fell_meanwhile(
    bank: Wing, script: Any, applied: Callable[..., str], seed_offers: Callable[..., list[str]], look: Any
) -> None:
    application_id = applied()
    before = look.rows("offers", "offer_id")[0][0]
    seed_offers(1, offer_id="fallen", replaces_offer_id=before, grade="none", rate_bp=485, rate_discount_bp=0)
    decide(bank, script, application_id, day=DAY + timedelta(days=20))
    request_signing(bank)
    (request,) = sent_terms(bank, script)
    assert request.rate_bp == 455


def test_a_referral_is_followed_by_the_decision_that_counts(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    application_id = applied()
    decide(bank, script, application_id, "refer", 0)
    assert request_signing(bank) == 0
    decide(bank, script, application_id, "counter", 5_000_000)
    decide(bank, script, application_id, "decline", 0)
    assert request_signing(bank) == 1
    assert [request.limit_fen for request in sent_terms(bank, script)] == [5_000_000]
    assert look.breaks() == ["decision_changed"]
    assert look.count("bank_decisions") == 3


def test_a_decline_puts_no_terms_forward_and_lets_the_household_apply_again(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied(), "decline", 0)
    assert request_signing(bank) == 0
    applied(reference="W-2")
    assert look.rows("applications", "channel_reference", "refusal_code") == [("W-1", None), ("W-2", None)]


def test_a_decision_above_the_offer_waits_for_a_person(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied(), "counter", 10_000_001)
    request_signing(bank)
    assert sent_terms(bank, script) == []
    assert look.rows("signings", "refusal_code") == [("decision_above_offer",)]
    assert look.breaks() == ["decision_above_offer"]


def test_a_decision_after_the_offers_last_day_puts_no_terms_forward(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied(), day=DAY + timedelta(days=90))
    request_signing(bank)
    assert look.rows("signings", "refusal_code") == [("offer_expired",)]


def test_one_household_one_contract_across_banks(
    bank: Wing, open_script: Any, applied: Callable[..., str], look: Any
) -> None:
    here, there = open_script(BANK), open_script(OTHER)
    first, second = applied(BANK), applied(OTHER)
    decide(bank, here, first)
    decide(bank, there, second)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda code: request_signing(bank, code), (BANK, OTHER)))
    refusals = [row[0] for row in look.rows("signings", "refusal_code", order="refusal_code NULLS FIRST")]
    assert refusals == [None, "household_has_contract"]
    assert look.rows("household_queries", "asked_for", "answer") == [
        ("application", False),
        ("application", False),
        ("signing", False),
        ("signing", True),
    ]


def test_claims_are_made_one_transaction_at_a_time(bank: Wing, open_script: Any, applied: Callable[..., str]) -> None:
    there = open_script(OTHER)
    decide(bank, there, applied(OTHER))
    with ThreadPoolExecutor(1) as pool:
        with transaction(bank.engine) as connection:
            claims.one_at_a_time(connection)
            other = pool.submit(request_signing, bank, OTHER)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)
        assert other.result() == 1


def test_the_table_itself_refuses_a_second_claim_that_still_holds(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied())
    request_signing(bank)
    names = [one.name for one in fields(SigningRow)]
    (row,) = [SigningRow(*values) for values in look.rows("signings", *names)]
    careless = replace(row, signing_id="careless", application_id="careless")
    with pytest.raises(ConflictError), transaction(bank.engine) as connection:
        append_signings(connection, [careless], 1)


def test_unsigned_terms_hold_the_household_until_the_offer_expires(
    bank: Wing, script: Any, applied: Callable[..., str], purposes: Purposes, look: Any
) -> None:
    decide(bank, script, applied(BANK))
    request_signing(bank)
    applied(OTHER, "W-2", expires_on=DAY + timedelta(days=200))
    wish = Wish("W-3", look.rows("offers", "offer_id", "bank_code", order="bank_code")[0][0], "H000000", 8_000_000,
                "household_consumption", BOTH, DAY + timedelta(days=90))  # fmt: skip
    applications.submit(bank, OTHER, purposes, wish)
    assert look.rows("applications", "channel_reference", "refusal_code") == [
        ("W-1", None),
        ("W-2", "household_has_contract"),
        ("W-3", None),
    ]


def test_terms_the_bank_refused_at_its_door_hold_nobody(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied(BANK))
    request_signing(bank)
    script.refuses["signing_request"] = "signing_open"
    sending.send(bank, script)
    applied(OTHER, "W-2")
    assert look.rows("applications", "channel_reference", "refusal_code") == [("W-1", None), ("W-2", None)]


def test_a_document_of_other_terms_is_mirrored_and_a_break(
    bank: Wing, script: Any, applied: Callable[..., str], look: Any
) -> None:
    decide(bank, script, applied())
    request_signing(bank)
    (request,) = sent_terms(bank, script)
    sign(bank, script, request, document_hash="f" * 64)
    sign(bank, script, request, contract_no="C-2")
    assert look.rows("contracts", "contract_no") == [("C-1",)]
    assert look.breaks() == ["document_differs", "signed_twice"]


def test_a_second_contract_the_bank_signed_all_the_same_is_mirrored_and_a_break(
    bank: Wing, open_script: Any, applied: Callable[..., str], look: Any
) -> None:
    here, there = open_script(BANK), open_script(OTHER)
    first, second = applied(BANK), applied(OTHER)
    decide(bank, here, first)
    decide(bank, there, second)
    request_signing(bank)
    request_signing(bank, OTHER)
    (request,) = sent_terms(bank, here)
    sign(bank, here, request)
    (refused,) = [row[0] for row in look.rows("signings", "signing_id", "bank_code") if row[1] == OTHER]
    sign(bank, there, request.model_copy(update={"signing_id": refused, "application_id": second}))
    assert look.count("contracts") == 2
    assert look.breaks() == ["second_contract", "signed_unasked"]


def test_a_receipt_for_unknown_terms_waits_and_is_noted_the_next_day(bank: Wing, script: Any, look: Any) -> None:
    days = {"signed_on": DAY, "starts_on": DAY, "matures_on": date(2029, 6, 15)}
    script.say(SigningReceipt, signing_id="S-404", contract_no="C-9", document_hash="0" * 64, **days)
    receiving.receive(bank, script)
    assert contracts.receive(bank, BANK) == 0
    assert balances.reconcile(bank, BANK, DAY) == 0
    assert balances.reconcile(bank, BANK, DAY + timedelta(days=1)) == 1
    assert look.breaks() == ["event_unmatched"]
