"""A model's life: legal moves only, two persons, failed gates block, one version serves, and the ledger knows why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from loan_service.bank.stages import model_life
from loan_service.bank.stages.model_life import Act
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.store.model_papers import Finding, append_closing, append_finding
from loan_service.bank.store.promotions import live
from loan_service.bank.store.tables import log
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from models.gates import GateResult, Outcome

BANK = "island_rural"
NAME = f"{BANK}.baseline"
DAY = date(2026, 6, 15)

Develop = Callable[..., str]


@pytest.fixture
def develop(bank: Wing) -> Develop:
    """Puts a version into the ledger as developed; returns its stamp."""

    def put(version: str = "1", author: str = "Chen", origin: str = "own") -> str:
        card = ModelCard(
            model_name=NAME,
            model_version=version,
            bank_code=BANK,
            kind="baseline",
            method="trained",
            run_id=f"run-{version}",
            scorecard_sha256=version * 64,
            scorecard="{}",
            data_sha256="0" * 64,
            code_version="0.1.0",
            training_data_origin=origin,
            parameters={},
            metrics={"auc": 0.7},
            authored_by=author,
            registered_on=DAY,
        )
        with transaction(bank.engine) as connection:
            ledger.append_developed(connection, card, "trained on past_loans_20260601.csv")
        return card.stamp

    return put


def gate(outcome: Outcome = "passed", name: str = "auc") -> GateResult:
    return GateResult(name, outcome, 0.7, "at least 0.6", "区分度", "discrimination")


def act(by: str = "Lin", reason: str = "read, rerun, sound", today: date = DAY) -> Act:
    return Act(by, reason, today)


def follow_nobody(_name: str, _version: str) -> None:
    return


@pytest.fixture
def reviewed(bank: Wing, develop: Develop) -> Callable[..., str]:
    def put(version: str = "1", **wishes: Any) -> str:
        stamp = develop(version, **wishes)
        model_life.record_test(bank, stamp, [gate()], "Chen", DAY)
        model_life.review(bank, stamp, act(), {})
        return stamp

    return put


@pytest.fixture
def serving(bank: Wing, reviewed: Callable[..., str]) -> Callable[..., str]:
    def put(version: str = "1", today: date = DAY) -> str:
        stamp = reviewed(version)
        model_life.promote(bank, stamp, act(today=today), follow_nobody)
        return stamp

    return put


def states(bank: Wing) -> list[tuple[str, str | None, str]]:
    with transaction(bank.engine) as connection:
        return [(one.stamp, one.from_state, one.state) for one in ledger.moves(connection)]


def now_live(bank: Wing, day: date = DAY) -> str:
    with transaction(bank.engine) as connection:
        return live(connection, BANK, day)["baseline"].version


def refused(code: str) -> Any:
    return pytest.raises(RefusedError, check=lambda error: error.code == code)


def test_a_version_goes_from_developed_to_live_and_every_step_is_kept(bank: Wing, reviewed: Callable[..., str]) -> None:
    stamp, followed = reviewed(), []
    model_life.promote(bank, stamp, act(reason="better than expert"), lambda *where: followed.append(where))
    assert states(bank) == [
        (stamp, None, "developed"),
        (stamp, "developed", "tested"),
        (stamp, "tested", "reviewed"),
        (stamp, "reviewed", "live"),
    ]
    assert followed == [(NAME, "1")]
    assert now_live(bank) == stamp


def test_repeating_every_act_changes_nothing(bank: Wing, serving: Callable[..., str], look: Any) -> None:
    stamp = serving()
    before, followed = look.hashes(), []
    model_life.record_test(bank, stamp, [gate("failed")], "Chen", DAY)
    model_life.review(bank, stamp, act(), {})
    model_life.promote(bank, stamp, act(), lambda *where: followed.append(where))
    assert look.hashes() == before
    assert followed == [(NAME, "1")]


def test_only_legal_moves_are_made(bank: Wing, develop: Develop) -> None:
    stamp = develop()
    with refused("model.illegal_move"):
        model_life.review(bank, stamp, act(), {})
    with refused("model.illegal_move"):
        model_life.promote(bank, stamp, act(), follow_nobody)
    with refused("model.not_live"):
        model_life.roll_back(bank, stamp, act(), follow_nobody)
    with refused("model.illegal_move"):
        model_life.shadow(bank, stamp, act(), DAY + timedelta(days=30), at_most_days=180)
    assert len(states(bank)) == 1


def test_the_database_itself_refuses_a_jump_and_one_person_alone(bank: Wing, develop: Develop) -> None:
    develop()
    with transaction(bank.engine) as connection:
        (first,) = ledger.moves(connection)
    jump = replace(first, move_number=2, from_state="developed", state="live", moved_by="Lin")
    alone = replace(first, move_number=2, from_state="tested", state="reviewed", moved_by="CHEN")
    other = replace(first, move_number=2, from_state="tested", state="reviewed", moved_by="Lin", authored_by="Lin")
    for wrong in (jump, alone, other):
        with pytest.raises(IntegrityError), transaction(bank.engine) as connection:
            ledger.append_move(connection, wrong)


@pytest.mark.parametrize("table", ["model_cards", "model_moves", "promotions"])
def test_nothing_of_the_ledger_can_be_changed_or_deleted(
    serving: Callable[..., str], owner: Engine, table: str
) -> None:
    serving()
    for statement in (f"DELETE FROM bank.{table}", f"UPDATE bank.{table} SET bank_code = 'other'"):
        with pytest.raises(DBAPIError, match="append-only"), owner.begin() as connection:
            connection.execute(text(statement))


def test_the_author_cannot_review_under_another_spelling(bank: Wing, develop: Develop) -> None:
    stamp = develop(author="Chen Lan")
    model_life.record_test(bank, stamp, [gate()], "Chen Lan", DAY)
    with refused("model.same_person"):
        model_life.review(bank, stamp, act(by="  ＣＨＥＮ  lan "), {})


def test_a_failed_gate_blocks_whatever_a_reviewer_accepts(bank: Wing, develop: Develop) -> None:
    stamp = develop()
    model_life.record_test(bank, stamp, [gate(), gate("failed", "fairness")], "Chen", DAY)
    with refused("model.gate_failed"):
        model_life.review(bank, stamp, act(), {"fairness": "small groups"})


def test_an_undecided_gate_needs_the_reviewers_reason_and_keeps_it(bank: Wing, develop: Develop) -> None:
    stamp = develop()
    model_life.record_test(bank, stamp, [gate(), gate("undecided", "slope")], "Chen", DAY)
    with refused("model.gate_undecided"):
        model_life.review(bank, stamp, act(), {"slope": "  "})
    with refused("model.nothing_to_accept"):
        model_life.review(bank, stamp, act(), {"slope": "few defaults", "auc": "fine"})
    move = model_life.review(bank, stamp, act(), {"slope": "few defaults"})
    assert {one["name"]: one.get("accepted_because") for one in move.evidence} == {"auc": None, "slope": "few defaults"}


def test_another_outcome_is_another_test_and_ends_the_review(bank: Wing, reviewed: Callable[..., str]) -> None:
    stamp = reviewed()
    model_life.record_test(bank, stamp, [replace(gate(), measured=0.71)], "Chen", DAY)
    assert states(bank)[-1] == (stamp, "tested", "reviewed")
    model_life.record_test(bank, stamp, [gate("failed")], "Chen", DAY)
    assert states(bank)[-1] == (stamp, "reviewed", "tested")
    with refused("model.illegal_move"):
        model_life.promote(bank, stamp, act(), follow_nobody)


def test_what_learned_from_simulated_data_is_live_in_the_demo_only(bank: Wing, reviewed: Callable[..., str]) -> None:
    stamp = reviewed(origin="simulated")
    declared = {"operator": "bank", "role_of_parties": "bank", "agreement_reference": "A-1"}
    settings = bank.settings.model_copy(update={"deployment": "bank", **declared})
    with refused("model.foreign_data"):
        model_life.promote(replace(bank, settings=settings), stamp, act(), follow_nobody)
    model_life.promote(bank, stamp, act(), follow_nobody)


def test_a_high_finding_raised_after_the_review_still_blocks_until_closed(
    bank: Wing, reviewed: Callable[..., str]
) -> None:
    stamp = reviewed()
    finding = Finding("F1", NAME, "1", "high", "income not verified", "Chen", DAY, "Wu", DAY)
    with transaction(bank.engine) as connection:
        append_finding(connection, finding)
    with refused("model.open_finding"):
        model_life.promote(bank, stamp, act(), follow_nobody)
    with transaction(bank.engine) as connection:
        append_closing(connection, "F1", "Wu", DAY, "verified against tax records")
    model_life.promote(bank, stamp, act(), follow_nobody)
    assert now_live(bank) == stamp


def test_the_version_before_is_retired_when_another_serves(bank: Wing, serving: Callable[..., str]) -> None:
    first, second = serving("1"), serving("2")
    assert states(bank)[-2:] == [(first, "live", "retired"), (second, "reviewed", "live")]
    assert now_live(bank) == second


def test_a_rollback_brings_the_version_before_back_once_however_often_it_is_repeated(
    bank: Wing, serving: Callable[..., str], look: Any
) -> None:
    first, second = serving("1"), serving("2")
    move = model_life.roll_back(bank, second, act(reason="arrears double"), follow_nobody)
    assert (move.stamp, move.from_state, move.reason) == (first, "retired", "arrears double")
    assert now_live(bank) == first
    before, followed = look.hashes(), []
    again = model_life.roll_back(bank, second, act(), lambda *where: followed.append(where))
    assert again == move
    assert look.hashes() == before
    assert followed == [(NAME, "1")]
    with refused("model.nothing_before"):
        model_life.roll_back(bank, first, act(), follow_nobody)


def test_a_rollback_passes_over_what_was_rolled_back_before(bank: Wing, serving: Callable[..., str]) -> None:
    first, second = serving("1"), serving("2")
    model_life.roll_back(bank, second, act(), follow_nobody)
    third = serving("3")
    assert model_life.roll_back(bank, third, act(), follow_nobody).stamp == first


def test_a_promotion_killed_before_the_registry_followed_is_mended_by_repeating(
    bank: Wing, reviewed: Callable[..., str]
) -> None:
    stamp, followed = reviewed(), []

    def killed(_name: str, _version: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model_life.promote(bank, stamp, act(), killed)
    assert now_live(bank) == stamp
    model_life.promote(bank, stamp, act(), lambda *where: followed.append(where))
    assert followed == [(NAME, "1")]
    assert len(states(bank)) == 4


def test_what_was_live_is_known_by_position(bank: Wing, serving: Callable[..., str]) -> None:
    first = serving("1")
    with transaction(bank.engine) as connection:
        position = seal(connection, log, bank.signer)
    second = serving("2")
    with transaction(bank.engine) as connection:
        seal(connection, log, bank.signer)
        then, now = ledger.live_moves(connection, NAME, position), ledger.live_moves(connection, NAME)
        assert ledger.live_moves(connection, NAME, 0) == []
    assert (then[-1].stamp, now[-1].stamp) == (first, second)
    assert (then[-1].moved_by, then[-1].reason) == ("Lin", "read, rerun, sound")
    assert then[-1].position is not None
    assert then[-1].position <= position


def test_a_challenger_scores_until_its_day_and_keeps_its_state(bank: Wing, reviewed: Callable[..., str]) -> None:
    stamp, until = reviewed(), DAY + timedelta(days=30)
    model_life.shadow(bank, stamp, act(), until, at_most_days=180)
    model_life.shadow(bank, stamp, act(), until, at_most_days=180)
    with transaction(bank.engine) as connection:
        assert [one.stamp for one in ledger.challengers(connection, BANK, until - timedelta(days=1))] == [stamp]
        assert ledger.challengers(connection, BANK, until) == []
        assert ledger.challengers(connection, "harbour_city", DAY) == []
    model_life.shadow(bank, stamp, act(reason="seen enough"), DAY, at_most_days=180)
    with transaction(bank.engine) as connection:
        assert ledger.challengers(connection, BANK, DAY) == []
    model_life.promote(bank, stamp, act(), follow_nobody)
    with refused("model.illegal_move"):
        model_life.shadow(bank, stamp, act(), until, at_most_days=180)


def test_a_challenger_cannot_run_for_ever(bank: Wing, reviewed: Callable[..., str]) -> None:
    stamp = reviewed()
    for until in (DAY + timedelta(days=181), DAY - timedelta(days=1)):
        with refused("model.shadow_expiry"):
            model_life.shadow(bank, stamp, act(), until, at_most_days=180)


def test_a_version_that_does_not_serve_can_be_retired_and_tested_again(
    bank: Wing, reviewed: Callable[..., str]
) -> None:
    stamp = reviewed()
    model_life.retire(bank, stamp, act())
    model_life.retire(bank, stamp, act())
    model_life.record_test(bank, stamp, [gate()], "Chen", DAY)
    assert states(bank)[-2:] == [(stamp, "reviewed", "retired"), (stamp, "retired", "tested")]


def test_what_nobody_developed_is_not_known(bank: Wing) -> None:
    for stamp in ("island_rural.baseline/9", "nonsense"):
        with pytest.raises(NotFoundError):
            model_life.retire(bank, stamp, act())


def test_an_act_needs_a_person_and_a_reason() -> None:
    with refused("person.unnamed"):
        Act("  ", "why", DAY)
    with refused("model.no_reason"):
        Act("Lin", " \n", DAY)
