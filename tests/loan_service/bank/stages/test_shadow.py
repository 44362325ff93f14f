"""Challengers score the same inputs as the offers that stand, and nothing of it reaches an offer."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, text

from loan_service.bank.stages import model_life, offers
from loan_service.bank.stages.households import import_households
from loan_service.bank.stages.model_life import Act
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store import tables
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.views.shadow import rank_correlation, side_by_side
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition
from models.scorecard import Scorecard

DAY = date(2026, 6, 15)
UNTIL = DAY + timedelta(days=30)
BANK = "island_rural"
STAMP = f"{BANK}.baseline/7"
ACT = Act("Lin", "to be compared", DAY)


@pytest.fixture
def households(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Any], promote: Callable[..., None]
) -> int:
    """Households of which every third was late, and a champion that serves."""
    promote()
    rows = [household_row(number, max_days_past_due_24m=45 * (number % 3 == 0)) for number in range(60)]
    assert import_households(bank, BANK, household_file(rows), DAY).rows_quarantined == 0
    return len(rows)


@pytest.fixture
def challenger(bank: Wing, in_force: None, households: int, promote: Callable[..., None]) -> str:
    """The champion's tables at twice the odds, tested, in shadow."""
    with transaction(bank.engine) as connection:
        champion = Scorecard.from_json(connection.execute(select(tables.promotions.c.scorecard)).scalar_one())
    told = replace(champion, intercept=champion.intercept + round(np.log(2.0) * 1e12)).to_json()
    name, _, version = STAMP.rpartition("/")
    card = ModelCard(
        model_name=name,
        model_version=version,
        bank_code=BANK,
        kind="baseline",
        method="trained",
        run_id="run",
        scorecard_sha256=hashlib.sha256(told.encode()).hexdigest(),
        scorecard=told,
        data_sha256="0" * 64,
        code_version="0",
        training_data_origin="own",
        parameters={},
        metrics={},
        authored_by="Chen",
        registered_on=DAY,
    )
    with transaction(bank.engine) as connection:
        ledger.append_developed(connection, card, "twice the odds")
    model_life.record_test(bank, STAMP, [], "Chen", DAY)
    model_life.shadow(bank, STAMP, ACT, UNTIL, at_most_days=180)
    return STAMP


def offer_rows(bank: Wing) -> list[Any]:
    with transaction(bank.engine) as connection:
        return list(connection.execute(select(tables.offers).order_by(tables.offers.c.offer_id)).all())


def test_a_challenger_is_scored_beside_every_offer_once_and_changes_none(
    bank: Wing, edition: PolicyEdition, households: int, challenger: str, look: Any
) -> None:
    offers.issue(bank, edition, DAY)
    before = offer_rows(bank)
    assert offers.score_shadows(bank, edition, DAY) == households
    assert offer_rows(bank) == before
    assert offers.score_shadows(bank, edition, DAY) == 0  # seals what the first time left
    kept = look.hashes()
    assert offers.score_shadows(bank, edition, DAY) == 0
    assert offers.issue(bank, edition, DAY).issued == 0
    assert look.hashes() == kept
    with transaction(bank.engine) as connection:
        told = side_by_side(connection, challenger, DAY)
    odds = {row.household_ref: row.default_probability for row in before}
    assert told.households == len(odds) == households
    assert told.champion_mean == pytest.approx(np.mean(list(odds.values())))
    assert told.challenger_mean is not None
    assert told.champion_mean < told.challenger_mean < 2 * told.champion_mean
    assert min(told.differences.values()) > 0
    assert told.rank_correlation == pytest.approx(1.0)
    assert sum(count for row in told.migrations.values() for count in row.values()) == households
    assert told.moved_share == 1.0 - sum(row.get(band, 0) for band, row in told.migrations.items()) / households
    assert told.outcomes.households == 0


def test_an_offer_of_other_inputs_is_not_compared_with_todays(
    bank: Wing, edition: PolicyEdition, households: int, challenger: str, promote: Callable[..., None]
) -> None:
    offers.issue(bank, edition, DAY)
    promote(version="2", log_odds=-3.0)  # another champion: until offers are made anew, none stands for today's inputs
    assert offers.score_shadows(bank, edition, DAY) == 0
    offers.issue(bank, edition, DAY)
    assert offers.score_shadows(bank, edition, DAY) == households


def test_after_its_last_day_a_challenger_is_silent(
    bank: Wing, edition: PolicyEdition, households: int, challenger: str
) -> None:
    offers.issue(bank, edition, DAY)
    assert offers.score_shadows(bank, edition, UNTIL) == 0
    assert offers.score_shadows(bank, edition, UNTIL - timedelta(days=1)) == households


def test_known_outcomes_say_who_was_closer(
    bank: Wing, edition: PolicyEdition, households: int, challenger: str
) -> None:
    offers.issue(bank, edition, DAY)
    offers.score_shadows(bank, edition, DAY)
    rows = offer_rows(bank)
    with transaction(bank.engine) as connection:
        for place, row in enumerate(rows[:10]):
            _draw(connection, f"C{place}", row.offer_id, late=place < 4)
    with transaction(bank.engine) as connection:
        early = side_by_side(connection, challenger, DAY + timedelta(days=200)).outcomes
        late = side_by_side(connection, challenger, DAY + timedelta(days=800)).outcomes
    assert (early.households, early.defaults) == (4, 4)  # a default is known at once, a good year only when it is over
    assert (late.households, late.defaults) == (10, 4)
    assert late.champion_log_loss is not None
    assert late.challenger_log_loss is not None
    assert late.challenger_log_loss < late.champion_log_loss  # four in ten: twice the odds come closer
    assert late.champion_auc == late.challenger_auc


def _draw(connection: Any, number: str, offer_id: str, *, late: bool) -> None:
    """A contract of an offer, drawn on the day; perhaps 95 days late within the year."""
    columns = {"bank_code": BANK, "contract_id": f"{BANK}/{number}", "number": number, "offer_id": offer_id, "day": DAY}
    contract = (
        "INSERT INTO bank.contracts (contract_id, bank_code, contract_no, signing_id, application_id, offer_id,"
        " household_ref, household_key, village_code, grade, limit_fen, rate_bp, document_hash, signed_on, starts_on,"
        " matures_on, leaf_id) VALUES (:contract_id, :bank_code, :number, :number, :number, :offer_id, :number,"
        " :number, 'V001', 'none', 1000, 400, 'hash', :day, :day, :day, 1)"
    )
    movement = (
        "INSERT INTO bank.movements (movement_id, contract_id, bank_code, kind, principal_fen, business_date, leaf_id)"
        " VALUES (:number, :contract_id, :bank_code, 'drawdown', 1000, :day, 1)"
    )
    connection.execute(text(contract), columns)
    connection.execute(text(movement), columns)
    if late:
        arrears = text("INSERT INTO bank.arrears_reports VALUES (:number, :contract_id, :on, 95)")
        connection.execute(arrears, columns | {"on": DAY + timedelta(days=150)})


def test_where_the_civility_input_is_off_a_certificate_moves_nothing(
    bank: Wing, edition: PolicyEdition, households: int, door: Any, household_row: Callable[..., Any]
) -> None:
    token = household_row(1)["borrower_binding_token"]
    door.certify(token, "AAA")
    off = replace(bank, settings=bank.settings.model_copy(update={"civility_input": False}))
    offers.issue(off, edition, DAY)
    rows = offer_rows(bank)
    assert {(row.grade, row.limit_bonus_fen, row.rate_discount_bp, row.certificate_id) for row in rows} == {
        ("none", 0, 0, None)
    }
    offers.issue(bank, edition, DAY)
    assert [row.grade for row in offer_rows(bank) if row.certificate_id] == ["AAA"]


def test_ranks_take_ties_at_their_middle() -> None:
    assert rank_correlation(np.array([1.0, 1.0, 2.0]), np.array([3.0, 3.0, 9.0])) == pytest.approx(1.0)
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == pytest.approx(-1.0)
    assert rank_correlation(np.array([1.0, 1.0]), np.array([1.0, 2.0])) is None
    assert rank_correlation(np.array([]), np.array([])) is None
