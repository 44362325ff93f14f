from typing import Any

import pytest

from loan_service.foundation.wing import Wing


@pytest.fixture
def rows(load_rows: Any, bank: Wing) -> Any:
    module = load_rows("bank_rows")
    module.fill_bank(bank)
    return module


def test_offers_are_listed_by_household_and_page_by_cursor(client: Any, rows: Any) -> None:
    first = client.get("/bank/island_rural/offers?limit=2").json()
    second = client.get("/bank/island_rural/offers", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [line["household_ref"] for line in first["items"] + second["items"]] == ["H000001", "H000002", "H000003"]
    assert second["next_cursor"] is None
    assert [line["decision"] for line in first["items"]] == ["offer", "decline"]


def test_offers_of_another_village_or_bank_are_not_among_them(client: Any, rows: Any) -> None:
    assert client.get("/bank/island_rural/offers?village_code=V018").json()["items"] == []
    assert len(client.get("/bank/island_rural/offers?village_code=V017").json()["items"]) == 3
    assert client.get("/bank/harbour_city/offers").json()["items"] == []


def test_an_offer_is_told_as_two_ledgers_that_sum_to_its_terms(client: Any, rows: Any) -> None:
    told = client.get(f"/bank/island_rural/households/{rows.SIGNED}/offer").json()
    assert sum(row["amount"] for row in told["limit_ledger"]) == told["limit_fen"]
    assert sum(row["amount"] for row in told["rate_ledger"]) == told["rate_bp"]
    assert told["certificate"]["grade"] == "AA"
    assert told["contract"]["contract_no"] == rows.CONTRACT_NO
    assert [each["step"] for each in told["timeline"]].count("movement") == 2


def test_a_bank_sees_no_person_behind_a_certificate(client: Any, rows: Any) -> None:
    text = client.get(f"/bank/island_rural/households/{rows.SIGNED}/offer").text
    for foreign in ("person_id", "points", "event", "consent_id", rows.PSEUDONYM):
        assert foreign not in text


def test_an_application_shows_authorisations_decisions_and_its_contract(client: Any, rows: Any) -> None:
    told = client.get("/bank/island_rural/applications/app-1").json()
    assert [given["kind"] for given in told["authorisations"]] == ["bureau_query", "income_query"]
    assert [decision["decision"] for decision in told["decisions"]] == ["approve"]
    assert told["contract_no"] == rows.CONTRACT_NO
    assert told["refusal"] is None


def test_a_contract_shows_what_is_available_and_every_booking(client: Any, rows: Any) -> None:
    told = client.get(f"/bank/island_rural/contracts/{rows.CONTRACT_NO}").json()
    assert (told["outstanding_fen"], told["available_fen"]) == (3_000_000, 4_000_000)
    assert [(m["kind"], m["principal_fen"]) for m in told["movements"]] == [
        ("drawdown", 4_000_000),
        ("repayment", 1_000_000),
    ]
    assert [(d["amount_fen"], d["outcome"]) for d in told["drawdowns"]] == [(4_000_000, "drawdown")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/bank/island_rural/households/H999/offer", "offer.unknown"),
        ("/bank/harbour_city/households/H000001/offer", "offer.unknown"),
        ("/bank/island_rural/applications/none", "application.unknown"),
        ("/bank/harbour_city/applications/app-1", "application.unknown"),
        ("/bank/island_rural/contracts/none", "contract.unknown"),
        ("/bank/harbour_city/contracts/HX2026-000001", "contract.unknown"),
        ("/bank/no_such_bank/offers", "bank.unknown"),
    ],
)
def test_what_is_another_banks_is_not_found(client: Any, rows: Any, path: str, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    "path",
    [
        "/bank/island_rural/households/%00/offer",
        "/bank/island_rural/contracts/%00",
        "/bank/island_rural/applications/%E2%80%AE",
        "/bank/island_rural/offers?village_code=V1%00",
        "/bank/island_rural/offers?cursor=WyJcdTAwMDAiXQ",
        "/bank/%00/offers",
    ],
)
def test_characters_no_key_has_are_refused_before_the_database(client: Any, path: str) -> None:
    assert client.get(path).status_code in {400, 404, 422}


def test_the_report_says_published_simulated_and_that_it_is_fitted(client: Any, rows: Any) -> None:
    report = client.get("/bank/report").json()
    assert (report["label_zh"], report["label_en"]) == ("拟合所得，并非预测", "fitted, not predicted")
    figures = {each["figure"]: each for each in report["figures"]}
    assert figures["households_signed"]["published"] == 5914
    assert figures["signed_fen"]["published"] == 43_692_000_000
    assert figures["signed_fen"]["simulated"] == 7_000_000
    assert figures["outstanding_fen"]["simulated"] == 3_000_000
    assert [each["fitted"] for each in figures.values()] == [True, True, True, True, False]
    assert figures["households_signed"]["difference"] == pytest.approx(1 / (5914 * report["scale"]) - 1)


def test_the_report_before_any_contract_is_all_nought(client: Any) -> None:
    report = client.get("/bank/report").json()
    assert {each["difference"] for each in report["figures"]} == {-1.0}
    assert report["by_bank"] == {}


def test_the_funnel_counts_by_bank(client: Any, rows: Any) -> None:
    funnel = client.get("/bank/funnel").json()
    assert set(funnel["by_bank"]) == {"island_rural"}
    assert (funnel["total"]["offered"], funnel["total"]["declined"], funnel["total"]["signed"]) == (2, 1, 1)


def test_the_portfolio_shows_every_cap_of_the_policy_in_force(client: Any, rows: Any, in_force: None) -> None:
    told = client.get("/bank/island_rural/portfolio").json()
    pots = {pot["scope"]: pot for pot in told["pots"]}
    assert pots.keys() == {"programme", "bonus", "incentive"}
    assert all(pot["free_fen"] == pot["cap_fen"] > 0 for pot in pots.values())
    assert told["waiting"] == {}


def test_a_bank_without_a_policy_in_force_has_no_caps_to_show(client: Any, rows: Any) -> None:
    answer = client.get("/bank/island_rural/portfolio")
    assert answer.status_code == 422
    assert answer.json()["code"] == "policy.none_in_force"
