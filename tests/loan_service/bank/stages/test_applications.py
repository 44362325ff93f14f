from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bank_adapters import BEIJING, Application, Authorisation, ChannelApplication
from loan_service.bank.stages import applications, receiving, sending
from loan_service.bank.stages.applications import Purposes, Wish
from loan_service.bank.views.policies import policy_in_force
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
BANK = "island_rural"
BOTH = tuple(
    Authorisation(kind=kind, text_version="1", signed_at=datetime(2026, 6, 15, 10, tzinfo=BEIJING))
    for kind in ("bureau_query", "income_query")
)


def wish(offer_id: str, **changes: Any) -> Wish:
    plain = Wish(
        channel_reference="W-1",
        offer_id=offer_id,
        household_ref="H000000",
        requested_limit_fen=8_000_000,
        purpose="household_consumption",
        authorisations=BOTH,
        applied_on=DAY,
        from_bank_channel=False,
    )
    return replace(plain, **changes)


def submit(wing: Wing, purposes: Purposes, one: Wish) -> str:
    return applications.submit(wing, BANK, purposes, one)


def test_a_sound_application_goes_to_the_bank_with_its_authorisations(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any, script: Any
) -> None:
    (offer_id,) = seed_offers(1)
    submit(bank, purposes, wish(offer_id))
    sending.send(bank, script)
    (request,) = script.sent
    assert isinstance(request, Application)
    assert (request.offer_id, request.requested_limit_fen) == (offer_id, 8_000_000)
    assert request.authorisations == BOTH
    assert request.channel_reference is None
    assert look.rows("applications", "refusal_code", "term_months") == [(None, 36)]
    assert look.rows("household_queries", "asked_by", "asked_for", "answer") == [(BANK, "application", False)]
    assert look.count("authorisations") == 2


def test_an_older_edition_is_looked_up_once_for_all_its_offers(
    bank: Wing,
    in_force: None,
    purposes: Purposes,
    seed_offers: Callable[..., list[str]],
    script: Any,
    look: Any,
    statements: Callable[[Wing], list[str]],
) -> None:
    with transaction(bank.engine) as connection:
        older = policy_in_force(connection, BANK, DAY).edition_id
    newer = Purposes(purposes.policy.model_copy(update={"edition": "2027-01"}))
    for number, offer_id in enumerate(seed_offers(3, policy_edition=older)):
        content = wish(offer_id, channel_reference=f"W-{number}", household_ref=f"H{number:06d}")
        told = {name: value for name, value in vars(content).items() if name not in ("applied_on", "from_bank_channel")}
        script.say(ChannelApplication, **told)
    receiving.receive(bank, script)
    asked = statements(bank)
    assert applications.receive(bank, BANK, newer) == 3
    assert look.rows("applications", "refusal_code", "term_months") == [(None, 36)] * 3
    assert sum("policy_files" in statement for statement in asked) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"offer_id": "0" * 32}, "offer_unknown"),
        ({"household_ref": "H000001"}, "offer_of_another_household"),
        ({"applied_on": DAY + timedelta(days=90)}, "offer_expired"),
        ({"requested_limit_fen": 10_000_001}, "limit_above_offer"),
        ({"requested_limit_fen": 8_000_001}, "bonus_not_chosen"),
        ({"requested_limit_fen": 10_000_001, "takes_bonus": True}, "limit_above_offer"),
        ({"purpose": "yacht"}, "purpose_unknown"),
        ({"authorisations": BOTH[:1]}, "authorisation_missing"),
    ],
)
def test_what_is_wrong_stops_it_before_the_bank_and_is_told(
    bank: Wing,
    purposes: Purposes,
    seed_offers: Callable[..., list[str]],
    look: Any,
    changes: dict[str, Any],
    code: str,
) -> None:
    offer_id = seed_offers(2)[0]
    submit(bank, purposes, replace(wish(offer_id), **changes))
    assert look.rows("applications", "refusal_code") == [(code,)]
    assert look.count("outbox") == 0
    assert look.count("household_queries") == 0


@pytest.mark.parametrize(("asked_fen", "takes_bonus"), [(10_000_000, True), (8_000_000, False), (7_000_000, True)])
def test_the_bonus_goes_to_the_bank_as_the_household_chose_it(
    bank: Wing,
    purposes: Purposes,
    seed_offers: Callable[..., list[str]],
    look: Any,
    script: Any,
    *,
    asked_fen: int,
    takes_bonus: bool,
) -> None:
    (offer_id,) = seed_offers(1)
    submit(bank, purposes, replace(wish(offer_id), requested_limit_fen=asked_fen, takes_bonus=takes_bonus))
    sending.send(bank, script)
    (request,) = script.sent
    assert (request.requested_limit_fen, request.takes_bonus) == (asked_fen, takes_bonus)
    assert look.rows("applications", "takes_bonus", "refusal_code") == [(takes_bonus, None)]


def test_a_declined_household_has_nothing_to_apply_for(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any
) -> None:
    (offer_id,) = seed_offers(1, decision="decline")
    submit(bank, purposes, wish(offer_id))
    assert look.rows("applications", "refusal_code") == [("nothing_offered",)]


def test_online_consumption_stays_within_its_legal_cap_whatever_was_offered(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any
) -> None:
    (offer_id,) = seed_offers(1, limit_fen=30_000_000, limit_bonus_fen=0, baseline_limit_fen=30_000_000)
    submit(bank, purposes, wish(offer_id, requested_limit_fen=20_000_001))
    submit(bank, purposes, wish(offer_id, requested_limit_fen=20_000_000, channel_reference="W-2"))
    assert look.rows("applications", "channel_reference", "refusal_code") == [
        ("W-1", "limit_above_purpose_cap"),
        ("W-2", None),
    ]


@pytest.mark.parametrize(("days_later", "code"), [(0, None), (1, "offer_replaced")])
def test_an_offer_left_lying_gives_way_to_a_newer_one_from_the_next_day_on(
    bank: Wing,
    purposes: Purposes,
    seed_offers: Callable[..., list[str]],
    look: Any,
    days_later: int,
    code: str | None,
) -> None:
    (offer_id,) = seed_offers(1)
    seed_offers(1, offer_id="newer", replaces_offer_id=offer_id, grade="none", limit_fen=8_000_000, limit_bonus_fen=0)
    submit(bank, purposes, wish(offer_id, applied_on=DAY + timedelta(days=days_later)))
    assert look.rows("applications", "refusal_code") == [(code,)]


def test_an_offer_is_honoured_until_the_day_before_it_expires(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any
) -> None:
    (offer_id,) = seed_offers(1)
    submit(bank, purposes, wish(offer_id, applied_on=DAY + timedelta(days=89)))
    assert look.rows("applications", "refusal_code") == [(None,)]


def test_the_same_reference_is_the_same_application(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any
) -> None:
    (offer_id,) = seed_offers(1)
    first = submit(bank, purposes, wish(offer_id, purpose="yacht"))
    before = look.hashes()
    assert submit(bank, purposes, wish(offer_id)) == first
    assert look.rows("applications", "refusal_code") == [("purpose_unknown",)]
    assert look.hashes() == before


def test_a_household_applies_once_at_a_time(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any
) -> None:
    (offer_id,) = seed_offers(1)
    submit(bank, purposes, wish(offer_id))
    submit(bank, purposes, wish(offer_id, channel_reference="W-2"))
    assert look.rows("applications", "channel_reference", "refusal_code") == [
        ("W-1", None),
        ("W-2", "application_open"),
    ]


def test_two_applications_of_a_household_in_one_batch_are_taken_one_after_the_other(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any, script: Any
) -> None:
    (offer_id,) = seed_offers(1)
    content = {"offer_id": offer_id, "household_ref": "H000000", "requested_limit_fen": 8_000_000}
    for reference in ("W-1", "W-2"):
        script.say(
            ChannelApplication,
            channel_reference=reference,
            purpose="household_consumption",
            authorisations=BOTH,
            **content,
        )
    receiving.receive(bank, script)
    assert applications.receive(bank, BANK, purposes) == 2
    assert look.rows("applications", "channel_reference", "refusal_code") == [
        ("W-1", None),
        ("W-2", "application_open"),
    ]
    sending.send(bank, script)
    assert [request.channel_reference for request in script.sent] == ["W-1"]


def test_an_application_the_bank_refused_at_its_door_is_no_longer_open(
    bank: Wing, purposes: Purposes, seed_offers: Callable[..., list[str]], look: Any, script: Any
) -> None:
    (offer_id,) = seed_offers(1)
    submit(bank, purposes, wish(offer_id))
    script.refuses["application"] = "household_differs"
    sending.send(bank, script)
    submit(bank, purposes, wish(offer_id, channel_reference="W-2"))
    assert look.rows("applications", "channel_reference", "refusal_code") == [("W-1", None), ("W-2", None)]
    assert look.rows("rejections", "kind", "code") == [("application", "household_differs")]
