from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from loan_service.bank.stages.households import import_households
from loan_service.bank.store.tables import applications, drawdowns, idempotency_keys, offers, outbox
from loan_service.certificate import (
    CertificateBody,
    Delivery,
    RevocationBody,
    SignedCertificate,
    SignedRevocation,
    certificate_id,
    sign_batch,
)
from loan_service.foundation.signing import wing_signer
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
ISLAND = "island_rural"
ALLOWED = [
    {"kind": kind, "text_version": "2026-01", "signed_at": "2026-06-15T10:00:00+08:00"}
    for kind in ("bureau_query", "income_query")
]


@pytest.fixture
def rows(load_rows: Any, bank: Wing, in_force: None) -> Any:
    module = load_rows("bank_rows")
    module.fill_bank(bank)
    return module


def wish(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "channel_reference": f"counter-{number}",
        "offer_id": "offer-H000003",
        "household_ref": "H000003",
        "requested_limit_fen": 5_000_000,
        "purpose": "fishing_gear",
        "authorisations": ALLOWED,
        **changes,
    }


def post(client: Any, path: str, body: dict[str, Any], key: str = "k1") -> Any:
    return client.post(f"/bank/{ISLAND}{path}", json=body, headers={"Idempotency-Key": key})


def count(wing: Wing, table: Any) -> int:
    with wing.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


# --- applications -----------------------------------------------------------------------------------------------------
def test_an_application_is_kept_and_put_on_its_way(client: Any, rows: Any, bank: Wing) -> None:
    answer = post(client, "/applications", {"applications": [wish()]})
    assert answer.status_code == 201
    [result] = answer.json()["results"]
    assert (result["result"], result["refusal"]) == ("sent", None)
    told = client.get(f"/bank/{ISLAND}/applications/{result['application_id']}").json()
    assert (told["requested_limit_fen"], told["applied_on"]) == (5_000_000, "2026-06-15")
    assert count(bank, outbox) == 1


def test_repeating_a_batch_repeats_its_answer_and_nothing_else(client: Any, rows: Any, bank: Wing) -> None:
    batch = {"applications": [wish()]}
    first, second = post(client, "/applications", batch), post(client, "/applications", batch)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    other_key = post(client, "/applications", batch, "k2")
    assert other_key.json() == first.json()  # the channel's own reference stands for the same application
    assert (count(bank, applications), count(bank, outbox)) == (2, 1)


def test_each_application_of_a_batch_has_its_own_result(client: Any, rows: Any) -> None:
    batch = [
        wish(1, requested_limit_fen=9_000_000),
        wish(2, offer_id="nothing"),
        wish(3, authorisations=ALLOWED[:1]),
        wish(4, household_ref="H000001"),
        wish(5),
        wish(6),
    ]
    results = post(client, "/applications", {"applications": batch}).json()["results"]
    assert [each["channel_reference"] for each in results] == [f"counter-{n}" for n in range(1, 7)]
    codes = [each["refusal"] and each["refusal"]["code"] for each in results]
    assert codes == [
        "limit_above_offer",
        "offer_unknown",
        "authorisation_missing",
        "offer_of_another_household",
        None,
        "application_open",
    ]
    assert results[0]["refusal"]["zh"] == "申请额度高于预授信"


def test_a_reference_used_for_another_wish_is_refused(client: Any, rows: Any) -> None:
    post(client, "/applications", {"applications": [wish()]})
    changed = {"applications": [wish(requested_limit_fen=4_000_000)]}
    [result] = post(client, "/applications", changed, "k2").json()["results"]
    assert (result["result"], result["refusal"]["code"]) == ("refused", "reference_used")


@pytest.mark.parametrize(
    "body",
    [
        {"applications": []},
        {"applications": [wish()] * 501},
        {"applications": [wish(requested_limit_fen=0)]},
        {"applications": [wish(requested_limit_fen=1.5)]},
        {"applications": [wish(requested_limit_fen=10**13)]},
        {"applications": [wish(household_ref="H\u0000")]},
        {"applications": [wish(household_ref="\u202e")]},
        {"applications": [wish(channel_reference="x y")]},
        {"applications": [wish(extra=1)]},
        {"applications": [wish(authorisations=[{**ALLOWED[0], "signed_at": "2026-06-15T10:00:00"}])]},
        {},
        [],
    ],
)
def test_a_malformed_batch_changes_nothing(client: Any, rows: Any, bank: Wing, body: Any) -> None:
    answer = post(client, "/applications", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert count(bank, applications) == 1
    assert count(bank, idempotency_keys) == 0


# --- drawdowns --------------------------------------------------------------------------------------------------------
def draw(client: Any, rows: Any, amount_fen: int, reference: str = "app-1", key: str = "k1") -> Any:
    wished = {"channel_reference": reference, "amount_fen": amount_fen}
    return post(client, f"/contracts/{rows.CONTRACT_NO}/drawdowns", wished, key)


def test_a_drawdown_is_reserved_once_and_never_beyond_what_is_available(client: Any, rows: Any, bank: Wing) -> None:
    first = draw(client, rows, 3_000_000)
    assert (first.status_code, first.json()["refusal"]) == (201, None)
    assert draw(client, rows, 3_000_000).json() == first.json()
    assert draw(client, rows, 2_000_000, "app-2", "k2").json()["refusal"]["code"] == "above_available"
    told = client.get(f"/bank/{ISLAND}/contracts/{rows.CONTRACT_NO}").json()
    assert (told["reserved_fen"], told["available_fen"]) == (3_000_000, 1_000_000)
    assert (count(bank, drawdowns), count(bank, outbox)) == (3, 1)


def test_a_drawdown_reference_stands_for_one_amount(client: Any, rows: Any) -> None:
    draw(client, rows, 1_000_000)
    answer = draw(client, rows, 1_500_000, key="k2")
    assert (answer.status_code, answer.json()["code"]) == (409, "drawdown.reference_used")


def test_nothing_is_drawn_on_a_contract_that_is_not_there(client: Any, rows: Any, bank: Wing) -> None:
    answer = post(client, "/contracts/NONE-1/drawdowns", {"channel_reference": "app-1", "amount_fen": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "contract.unknown")
    assert count(bank, idempotency_keys) == 0


# --- offers -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def priced(
    bank: Wing,
    in_force: None,
    household_file: Callable[..., Path],
    household_row: Callable[..., dict[str, str]],
    promote: Any,
) -> None:
    """Three households of two villages, and a model at work."""
    promote()
    villages = {1: "V017", 2: "V017", 3: "V018"}
    path = household_file(household_row(number, village_code=village) for number, village in villages.items())
    assert import_households(bank, ISLAND, path, DAY).rows_landed == 3


def test_one_household_gets_an_offer_once(client: Any, priced: None, bank: Wing) -> None:
    answer = post(client, "/offers", {"household_ref": "H000001"})
    assert answer.status_code == 201
    [line] = answer.json()["items"]
    assert (line["household_ref"], line["decision"], line["grade"]) == ("H000001", "offer", "none")
    again = post(client, "/offers", {"household_ref": "H000001"}, "k2")
    assert again.json() == answer.json()
    assert count(bank, offers) == 1


def test_a_village_gets_offers_and_its_neighbours_do_not(client: Any, priced: None) -> None:
    items = post(client, "/offers", {"village_code": "V017"}).json()["items"]
    assert [line["household_ref"] for line in items] == ["H000001", "H000002"]
    assert client.get(f"/bank/{ISLAND}/offers?village_code=V018").json()["items"] == []


def test_an_unknown_household_gets_no_offer(client: Any, priced: None) -> None:
    answer = post(client, "/offers", {"household_ref": "H999999"})
    assert (answer.status_code, answer.json()["code"]) == (404, "household.unknown")


def test_without_a_live_model_nothing_is_priced(client: Any, rows: Any, bank: Wing) -> None:
    answer = post(client, "/offers", {"household_ref": "H000001"})
    assert (answer.status_code, answer.json()["code"]) == (422, "model.none_live")
    assert count(bank, idempotency_keys) == 0


@pytest.mark.parametrize("body", [{}, {"household_ref": "H1", "village_code": "V017"}, {"village_code": "X"}])
def test_a_wish_names_one_household_or_one_village(client: Any, bank: Wing, body: dict[str, str]) -> None:
    assert post(client, "/offers", body).status_code == 422


# --- certificates -----------------------------------------------------------------------------------------------------
def certificate(**changes: Any) -> CertificateBody:
    return CertificateBody(
        **{
            "bank_code": ISLAND,
            "pseudonym": "ab" * 16,
            "grade": "AA",
            "reason_codes": ("2.4",),
            "edition": "2026-01",
            "as_of": DAY,
            "expires_on": date(2026, 9, 13),
            "consent_id": "1",
            **changes,
        }
    )


def test_certificates_cross_the_door_once_and_are_answered_one_by_one(client: Any, bank: Wing) -> None:
    signer = wing_signer(bank.settings.keys_dir, "district")
    good, foreign = certificate(), certificate(bank_code="harbour_city")
    ended = RevocationBody(bank_code=ISLAND, pseudonym="ab" * 16, certificate_id=certificate_id(good), revoked_on=DAY)
    bodies = [good, foreign]
    delivery = Delivery(
        certificates=tuple(
            SignedCertificate(body=body, proof=proof)
            for body, proof in zip(bodies, sign_batch(bodies, signer), strict=True)
        ),
        revocations=(SignedRevocation(body=ended, proof=sign_batch([ended], signer)[0]),),
    )

    def deliver() -> list[tuple[str, str]]:
        answer = client.post(f"/bank/{ISLAND}/certificates", json=delivery.model_dump(mode="json"))
        assert answer.status_code == 200
        return [(each["result"], each["code"]) for each in answer.json()["results"]]

    assert deliver() == [("accepted", ""), ("rejected", "certificate.other_bank"), ("accepted", "")]
    assert deliver() == [("duplicate", ""), ("rejected", "certificate.other_bank"), ("duplicate", "")]
