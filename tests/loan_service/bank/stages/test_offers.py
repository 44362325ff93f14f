import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bank_adapters import PrescreenList
from loan_service.bank.files import HOUSEHOLDS
from loan_service.bank.stages import offers
from loan_service.bank.stages.households import import_households
from loan_service.bank.store import outbox, tables
from loan_service.bank.store.household_figures import FIGURES
from loan_service.bank.store.households import offer_inputs
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.database import content_hashes, transaction
from loan_service.foundation.transparency import sealed_position
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition

DAY = date(2026, 6, 15)
BANK = "island_rural"
Row = dict[str, str]


@pytest.fixture
def bring(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row], promote: Callable[..., None]
) -> Callable[..., None]:
    """Brings households in (one mapping of changes each) and puts a model to work."""

    def bring_in(*changes: dict[str, object]) -> None:
        promote()
        path = household_file(household_row(number, **change) for number, change in enumerate(changes))
        assert import_households(bank, BANK, path, DAY).rows_quarantined == 0

    return bring_in


def all_offers(wing: Wing) -> list[Any]:
    with transaction(wing.engine) as connection:
        query = select(tables.offers).order_by(tables.offers.c.household_ref, tables.offers.c.leaf_id)
        return list(connection.execute(query).all())


def token(changes: dict[str, object], who: str = "borrower") -> str:
    return str(changes[f"{who}_binding_token"])


CASES: list[dict[str, object]] = [
    {"borrower_binding_token": f"{number:032x}", **changes}
    for number, changes in enumerate(
        [
            {},
            {"sector": "fishery", "income_stability": "0.4", "owns_vessel": 1},
            {"annual_income_fen": 1_500_000},
            {"annual_income_fen": 90_000_000},
            {"authorised_bureau": 0},
            {"authorised_income": 0},
            {"unsecured_debt_fen": 9_000_000, "other_lenders": 3},
            {"unsecured_debt_fen": 29_000_000},
            {"max_days_past_due_24m": 45},
            {"max_days_past_due_24m": 12},
            {"borrower_birth_on": "1955-01-01"},
            {"sector": "tourism", "monthly_income_share_07": "0.3", "monthly_income_share_01": ""},
            {"other_lenders": 6},
            {"prior_loans": 0, "prior_loans_repaid_on_time": 0, "months_with_bank": ""},
            {"adults": 6, "minors": 4},
        ],
        start=1,
    )
]


def many(count: int) -> list[dict[str, object]]:
    """Households of all kinds: sectors, incomes, debts, arrears, missing authorisations, ages; always the same ones."""
    draw = random.Random(20260615)
    return [
        {
            "borrower_binding_token": f"{1000 + number:032x}",
            "sector": draw.choice(["fishery", "aquaculture", "tourism", "wage", "trade", "other"]),
            "annual_income_fen": round(draw.lognormvariate(16.2, 0.9)),
            "income_stability": f"{draw.random():.3f}",
            "unsecured_debt_fen": draw.choice([0, draw.randrange(40_000_000)]),
            "max_days_past_due_24m": draw.choice([0, 0, 0, 5, 29, 31, 90]),
            "deposit_average_12m_fen": draw.randrange(20_000_000),
            "authorised_bureau": draw.choice([0, 1, 1, 1]),
            "authorised_income": draw.choice([0, 1, 1, 1]),
            "other_lenders": draw.randrange(7),
            "adults": draw.randrange(1, 6),
            "minors": draw.randrange(5),
            "borrower_birth_on": f"{draw.randrange(1945, 2006)}-05-05",
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("grade", ["A", "AA", "AAA"])
def test_a_certificate_may_only_add(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition, grade: str
) -> None:
    cases = CASES + many(400)
    bring(*cases)
    without = offers.issue(bank, edition, DAY)
    assert without.issued == len(cases)
    door.certify_all([token(case) for case in cases], grade)
    assert offers.issue(bank, edition, DAY).issued == len(cases)
    rows = all_offers(bank)
    added = 0
    for before, after in zip(rows[::2], rows[1::2], strict=True):
        assert before.household_ref == after.household_ref
        assert (before.grade, after.grade) == ("none", grade)
        assert after.decision == before.decision
        assert after.baseline_limit_fen == before.baseline_limit_fen == before.limit_fen
        assert after.base_rate_bp == before.base_rate_bp == before.rate_bp
        assert after.default_probability == before.default_probability
        assert after.reasons == before.reasons
        assert after.limit_fen >= before.limit_fen
        assert after.rate_bp <= before.rate_bp
        assert after.replaces_offer_id == before.offer_id
        added += after.rate_bp < before.rate_bp
    assert added > 50
    assert {row.decision for row in rows} == {"offer", "refer", "decline"}


def test_the_same_inputs_give_the_same_offers_wherever_they_are_priced(
    bank: Wing, bring: Callable[..., None], edition: PolicyEdition
) -> None:
    bring(*CASES)
    offers.issue(bank, edition, DAY)
    first = [(row.offer_id, row.terms_ledger, row.default_probability) for row in all_offers(bank)]
    with transaction(bank.engine) as connection:
        connection.execute(delete(tables.offers))
    offers.issue(bank, edition, DAY + timedelta(days=3))
    assert [(row.offer_id, row.terms_ledger, row.default_probability) for row in all_offers(bank)] == first


def test_every_limit_and_rate_is_the_sum_of_its_ledger(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition
) -> None:
    bring(*CASES)
    for case in CASES[:5]:
        door.certify(token(case), "AAA")
    offers.issue(bank, edition, DAY)
    for row in all_offers(bank):
        assert sum(entry["amount_fen"] for entry in row.terms_ledger["limit"]) == row.limit_fen
        assert sum(entry["amount_bp"] for entry in row.terms_ledger["rate"]) == row.rate_bp
        assert row.limit_fen == row.baseline_limit_fen + row.limit_bonus_fen
        assert (row.decision == "offer") == (row.limit_fen > 0)
        assert {reason["about"] for reason in row.reasons} <= {"price" if row.limit_fen else "decision"}
        assert row.reasons or row.limit_fen


def test_running_again_changes_nothing(bank: Wing, bring: Callable[..., None], edition: PolicyEdition) -> None:
    bring(*CASES)
    offers.issue(bank, edition, DAY)
    watched = [tables.offers, tables.outbox, tables.log.leaves, tables.log.sealed, tables.log.heads]
    with transaction(bank.engine) as connection:
        offers.issue(bank, edition, DAY)  # seals the leaf of the first run
        before = content_hashes(connection, watched)
    assert offers.issue(bank, edition, DAY).issued == 0
    assert offers.issue(bank, edition, DAY + timedelta(days=1)).issued == 0
    with transaction(bank.engine) as connection:
        assert content_hashes(connection, watched) == before


def test_a_household_the_bank_no_longer_lists_is_offered_nothing_more(
    bank: Wing,
    bring: Callable[..., None],
    household_file: Callable[..., Path],
    household_row: Callable[..., Row],
    edition: PolicyEdition,
) -> None:
    bring({}, {})
    offers.issue(bank, edition, DAY)
    later = household_file(
        [household_row(1, as_of="2026-07-15", annual_income_fen=9_000_000)], "households_20260715.csv"
    )
    import_households(bank, BANK, later, date(2026, 7, 15))
    assert offers.issue(bank, edition, date(2026, 7, 14)).issued == 0
    issued = offers.issue(bank, edition, date(2026, 7, 15))
    assert (issued.households, issued.issued) == (1, 1)
    assert [row.household_ref for row in all_offers(bank)] == ["H000000", "H000001", "H000001"]


def test_an_expired_offer_is_made_anew(bank: Wing, bring: Callable[..., None], edition: PolicyEdition) -> None:
    bring({}, {})
    offers.issue(bank, edition, DAY)
    assert offers.issue(bank, edition, DAY + timedelta(days=89)).issued == 0
    assert offers.issue(bank, edition, DAY + timedelta(days=90)).issued == 2
    first, second = all_offers(bank)[:2]
    assert second.input_hash == first.input_hash
    assert second.offer_id != first.offer_id
    assert second.replaces_offer_id == first.offer_id


def test_a_revoked_certificate_leads_back_to_the_baseline_in_a_new_offer(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition
) -> None:
    bring(CASES[0])
    offers.issue(bank, edition, DAY)
    certificate = door.certify(token(CASES[0]), "AAA")
    offers.issue(bank, edition, DAY)
    door.revoke(certificate, DAY)
    offers.issue(bank, edition, DAY)
    plain, better, again = all_offers(bank)
    assert (plain.grade, better.grade, again.grade) == ("none", "AAA", "none")
    assert again.input_hash == plain.input_hash
    assert len({plain.offer_id, better.offer_id, again.offer_id}) == 3
    assert again.certificate_id is None
    assert (again.limit_fen, again.rate_bp) == (plain.limit_fen, plain.rate_bp)


def test_only_the_newest_certificate_counts_and_only_while_it_lives(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition
) -> None:
    bring(CASES[0], CASES[1], CASES[2])
    old = DAY - timedelta(days=60)
    door.certify(token(CASES[0]), "AAA", old)
    door.certify(token(CASES[0]), "A", DAY)
    door.certify(token(CASES[1]), "AAA", old)
    door.revoke(door.certify(token(CASES[1]), "AA", DAY), DAY)
    door.certify(token(CASES[2]), "AA", old)
    offers.issue(bank, edition, DAY)
    assert [row.grade for row in all_offers(bank)] == ["A", "none", "AA"]
    offers.issue(bank, edition, DAY + timedelta(days=30))
    assert [row.grade for row in all_offers(bank)] == ["A", "none", "AA", "none"]


def test_a_consenting_spouses_higher_grade_takes_the_borrowers_place(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition
) -> None:
    tokens = {"borrower_binding_token": "a" * 32, "spouse_binding_token": "b" * 32}
    silent = {"borrower_binding_token": "c" * 32, "spouse_binding_token": "d" * 32}
    higher = {"borrower_binding_token": "e" * 32, "spouse_binding_token": "f" * 32}
    bring(
        {**tokens, "spouse_consented": 1},
        {**silent, "spouse_consented": 0},
        {**higher, "spouse_consented": 1},
    )
    for letter, grade in {"a": "A", "b": "AA", "c": "A", "d": "AA", "e": "AAA", "f": "A"}.items():
        door.certify(letter * 32, grade)
    offers.issue(bank, edition, DAY)
    assert [row.grade for row in all_offers(bank)] == ["AA", "A", "AAA"]


def test_a_decision_reads_only_what_was_sealed(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition
) -> None:
    bring(CASES[0])
    offers.issue(bank, edition, DAY)
    door.certify(token(CASES[0]), "AAA")
    with transaction(bank.engine) as connection:
        position = sealed_position(connection, tables.log)
        assert offer_inputs(connection, BANK, DAY, position)["grade"].to_pylist() == [None]
    offers.issue(bank, edition, DAY)
    first, second = all_offers(bank)
    assert first.known_position == position
    assert second.known_position > position
    with transaction(bank.engine) as connection:
        assert offer_inputs(connection, BANK, DAY, second.known_position)["grade"].to_pylist() == ["AAA"]


def test_one_household_gets_the_very_offer_a_whole_run_would_make(
    bank: Wing, bring: Callable[..., None], door: Any, edition: PolicyEdition
) -> None:
    bring(*CASES)
    door.certify(token(CASES[3]), "AA")
    offer_id = offers.offer_for(bank, edition, "H000003", DAY)
    assert offers.offer_for(bank, edition, "H000003", DAY) == offer_id
    assert len(all_offers(bank)) == 1
    assert offers.issue(bank, edition, DAY).issued == len(CASES) - 1
    assert offers.offer_for(bank, edition, "H000003", DAY) == offer_id
    with pytest.raises(NotFoundError):
        offers.offer_for(bank, edition, "H999999", DAY)


def test_two_rows_of_one_household_are_seen_together_by_a_run_and_by_a_single_question(
    bank: Wing, bring: Callable[..., None], edition: PolicyEdition
) -> None:
    same = {"household_key": "9" * 32}
    bring(same, same, {})
    offers.offer_for(bank, edition, "H000000", DAY)
    assert [row.decision for row in all_offers(bank)] == ["refer"]
    offers.issue(bank, edition, DAY)
    assert [row.decision for row in all_offers(bank)] == ["refer", "refer", "offer"]
    assert [reason["code"] for reason in all_offers(bank)[1].reasons] == ["two_borrowers"]


def test_what_is_offered_stands_on_the_prescreen_list(
    bank: Wing, bring: Callable[..., None], edition: PolicyEdition
) -> None:
    bring(*CASES)
    offers.issue(bank, edition, DAY)
    with transaction(bank.engine) as connection:
        batch = outbox.next_batch(connection, BANK, 500)
    assert batch is not None
    lines = {line.offer_id: line for line in batch.items if isinstance(line, PrescreenList)}
    offered = [row for row in all_offers(bank) if row.decision == "offer"]
    assert len(lines) == len(batch.items) == len(offered)
    for row in offered:
        line = lines[row.offer_id]
        assert line.key in {item.key for item in batch.items}
        assert (line.limit_fen, line.rate_bp, line.expires_on) == (row.limit_fen, row.rate_bp, row.expires_on)


def test_a_new_model_makes_new_offers_and_stamps_them(
    bank: Wing, bring: Callable[..., None], promote: Callable[..., None], edition: PolicyEdition
) -> None:
    bring({})
    offers.issue(bank, edition, DAY)
    promote(version="2", log_odds=-4.0)
    promote(kind="full")
    offers.issue(bank, edition, DAY)
    first, second = all_offers(bank)
    assert (first.model_version, second.model_version) == ("island_rural.baseline/1", "island_rural.baseline/2")
    assert (first.full_default_probability, second.full_model_version) == (None, "island_rural.full/1")
    assert second.default_probability > first.default_probability
    assert second.policy_edition == edition.edition_id


def test_a_birthday_that_changes_the_age_changes_the_inputs(
    bank: Wing, bring: Callable[..., None], edition: PolicyEdition
) -> None:
    bring({"borrower_birth_on": "1960-07-01"})
    offers.issue(bank, edition, DAY)
    assert offers.issue(bank, edition, date(2026, 7, 1)).issued == 1
    assert [row.decision for row in all_offers(bank)] == ["offer", "refer"]


def test_without_a_live_model_nothing_is_offered(bank: Wing, edition: PolicyEdition) -> None:
    with pytest.raises(RefusedError, match="none_live"):
        offers.issue(bank, edition, DAY)


def test_the_files_figures_are_exactly_what_is_priced() -> None:
    assert {one.name for one in HOUSEHOLDS.fields if one.figure} == set(FIGURES.names)
