"""The demonstration takes models as far as their gates let them, by demo people, and never twice."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loan_service.bank import model_pipeline
from loan_service.bank.stages import model_life
from loan_service.bank.stages.model_life import Act
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.promotions import live
from loan_service.bank.views.models import history, versions
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.registry import ModelVersion, Registry

DAY = date(2026, 6, 15)
BANK = "island_rural"


@pytest.fixture
def lived(bank: Wing, loans: Path, registry: Registry) -> dict[str, model_pipeline.BankModels]:
    return model_pipeline.live_through(bank, registry, DAY)


def test_models_that_pass_their_gates_serve_and_the_ledger_says_who_did_it(
    bank: Wing, registry: Registry, lived: dict[str, model_pipeline.BankModels]
) -> None:
    assert lived[BANK].blocked == {}
    assert lived[BANK].trained.refusal == ""
    with transaction(bank.engine) as connection:
        serving = live(connection, BANK, DAY)
        told = history(connection, f"{BANK}.full")
        assert live(connection, BANK, DAY - timedelta(days=1)) == {}
    trained = lived[BANK].trained.versions
    assert {kind: one.version for kind, one in serving.items()} == trained
    people = [(move.state, move.moved_by) for move in told.moves]
    assert people == [
        ("developed", "demo-developer"),
        ("tested", "demo-developer"),
        ("reviewed", "demo-validator"),
        ("live", "demo-risk-committee"),
    ]
    assert {gate.name for gate in told.moves[1].gates} > {
        "matured_defaults", "discrimination", "calibration_slope", "stability", "fairness", "monotone", "latency",
        "training_data_origin", "dossier", "impact_assessment", "findings",
    }  # fmt: skip
    for one in serving.values():
        assert registry.version_of(one.model_name).version == int(one.model_version)


def test_the_expert_card_leads_first_and_then_watches_the_model_that_took_over(
    bank: Wing, lived: dict[str, model_pipeline.BankModels]
) -> None:
    with transaction(bank.engine) as connection:
        assert [one.stamp for one in ledger.challengers(connection, BANK, DAY)] == [f"{BANK}.baseline/1"]
        expert, trained = (history(connection, f"{BANK}.baseline/{number}").moves for number in (1, 2))
    assert [move.state for move in expert] == ["developed", "tested", "reviewed", "live", "retired", "shadow"]
    assert {gate.outcome for gate in expert[1].gates} <= {"passed", "undecided"}
    against = {gate.name: gate.outcome for gate in trained[1].gates if "champion" in gate.name}
    assert set(against) == {"discrimination_against_champion", "log_loss_against_champion"}


def test_a_rollback_in_the_demonstration_brings_the_expert_card_back(
    bank: Wing, registry: Registry, lived: dict[str, model_pipeline.BankModels]
) -> None:
    model_life.roll_back(bank, f"{BANK}.baseline/2", Act("Lin", "drill", DAY), registry.point)
    with transaction(bank.engine) as connection:
        assert live(connection, BANK, DAY)["baseline"].version == f"{BANK}.baseline/1"
    assert registry.version_of(f"{BANK}.baseline").version == 1
    assert model_pipeline.live_through(bank, registry, DAY)[BANK].states[f"{BANK}.baseline/1"] == "live"


def test_living_through_again_changes_nothing_and_mends_the_registry(
    bank: Wing, registry: Registry, lived: dict[str, model_pipeline.BankModels], look: Any
) -> None:
    before = look.hashes()
    name = f"{BANK}.full"
    registry.promote(ModelVersion(name, 1, ""), "elsewhere")
    again = model_pipeline.live_through(bank, registry, DAY)
    assert again[BANK].states == lived[BANK].states
    assert look.hashes() == before
    assert registry.version_of(name).version == 1


def test_a_bank_with_too_few_matured_defaults_is_told_and_its_expert_card_serves(
    bank: Wing, loans: Path, registry: Registry
) -> None:
    lines = loans.read_text().splitlines()
    loans.write_text("\n".join([lines[0], *lines[1::2]]) + "\n")  # 50 defaults in both parts, fewer than 300 in all
    lived = model_pipeline.live_through(bank, registry, DAY)
    name = f"{BANK}.full"
    assert "matured_defaults" in lived[BANK].blocked[lived[BANK].trained.versions["full"]]
    with transaction(bank.engine) as connection:
        assert ledger.live_moves(connection, name) == []
        line = next(one for one in versions(connection, DAY) if one.model.startswith(name))
        serving = live(connection, BANK, DAY)
        people = [move.moved_by for move in history(connection, f"{BANK}.baseline/1").moves]
    assert line.state == "tested"
    assert "matured_defaults" in line.failed_gates
    assert {kind: one.version for kind, one in serving.items()} == {"baseline": f"{BANK}.baseline/1"}
    assert people[0] == "模拟编制人 / simulated author"
    assert people[2] == "模拟复核人 / simulated reviewer"


def test_a_bank_that_cannot_train_at_all_lends_by_its_expert_card(bank: Wing, loans: Path, registry: Registry) -> None:
    loans.write_text("\n".join(loans.read_text().splitlines()[:200]) + "\n")
    lived = model_pipeline.live_through(bank, registry, DAY)
    assert lived[BANK].states == {f"{BANK}.baseline/1": "live"}
    with transaction(bank.engine) as connection:
        (move,) = ledger.live_moves(connection, f"{BANK}.baseline")
    accepted = {one["name"]: one["accepted_because"] for one in move.evidence if "accepted_because" in one}
    assert accepted == {"figures": model_pipeline.ACCEPTED_BECAUSE}


def test_the_registry_loads_what_a_rollback_brings_back(
    bank: Wing, registry: Registry, lived: dict[str, model_pipeline.BankModels]
) -> None:
    from models.candidates import EXPERT, Candidate

    name = f"{BANK}.full"
    first = registry.load_scorecard(name)
    key = {"data_hash": "", "feature_spec_hash": "other", "kind": "full", "seed": "", "training_data_origin": "own"}
    other = registry.register(name, Candidate(EXPERT, first, key, {}, {}))
    with transaction(bank.engine) as connection:
        card = ledger.card_of(connection, name, "1")
        assert card
        known = vars(card) | {"model_version": str(other.version), "run_id": other.run_id}
        ledger.append_developed(connection, ledger.ModelCard(**known), "by hand")
    stamp, act = f"{name}/{other.version}", Act("Lin", "why", DAY)
    model_life.record_test(bank, stamp, [], "Chen", DAY)
    model_life.review(bank, stamp, act, {})
    model_life.promote(bank, stamp, act, registry.point)
    assert registry.version_of(name) == other
    model_life.roll_back(bank, stamp, act, registry.point)
    assert registry.version_of(name).version == 1
