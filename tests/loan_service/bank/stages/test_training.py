"""A file of past loans becomes registered versions, once; nothing serves by that."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from loan_service.bank.stages import training
from loan_service.bank.stages.training import trained as stage
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.promotions import live
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.registry import Registry
from models.samples import sample_of
from models.scorecard import Scorecard

DAY = date(2026, 6, 15)
BANK = "island_rural"
EXPERT = f"{BANK}.baseline/1"
STAMPS = {"baseline": f"{BANK}.baseline/2", "full": f"{BANK}.full/1"}


def test_a_file_is_trained_and_registered_as_developed_once(
    bank: Wing, loans: Path, registry: Registry, look: Any
) -> None:
    trained = training.train(bank, BANK, loans, DAY, registry, "Chen")
    assert trained.refusal == ""
    assert trained.file.faults == {"level.unknown": 1}
    assert trained.versions == STAMPS
    assert trained.metrics["baseline"]["auc"] > 0.6
    with transaction(bank.engine) as connection:
        cards, moves = ledger.cards(connection, BANK), ledger.moves(connection)
        assert live(connection, BANK, DAY) == {}
    assert [(one.stamp, one.state, one.moved_by) for one in moves] == [
        (EXPERT, "developed", "模拟编制人 / simulated author"),
        *((stamp, "developed", "Chen") for stamp in STAMPS.values()),
    ]
    expert, *cards = cards
    assert (expert.method, expert.training_data_origin, expert.data_sha256) == ("expert", "none", "")
    for card in cards:
        assert hashlib.sha256(card.scorecard.encode()).hexdigest() == card.scorecard_sha256
        kept = registry.load_scorecard(card.model_name, card.model_version)
        assert kept.to_json() == Scorecard.from_json(card.scorecard).to_json() == card.scorecard
        assert card.training_data_origin == "simulated"
        assert card.parameters["civility_input"] == "on"
    before = look.hashes()
    again = training.train(bank, BANK, loans, DAY, registry, "Chen")
    assert again == replace(trained, file=again.file, metrics={})
    assert look.hashes() == before


def test_the_registered_rows_give_the_sample_of_the_training_again(bank: Wing, loans: Path, registry: Registry) -> None:
    from models.feature_spec import declared_features

    training.train(bank, BANK, loans, DAY, registry, "Chen")
    with transaction(bank.engine) as connection:
        card = ledger.cards(connection, BANK)[1]
    sample = sample_of(registry.load_sample(card.model_name, card.model_version), declared_features("baseline"))
    assert len(sample.training) == int(card.parameters["rows"])
    served = Scorecard.from_json(card.scorecard).calibrated_log_odds(sample.test.values)
    from models.measures import area_under_curve

    assert area_under_curve(sample.test.labels, served) == pytest.approx(card.metrics["auc"], abs=1e-12)


def test_where_the_civility_input_is_off_only_a_baseline_is_trained(
    bank: Wing, loans: Path, registry: Registry
) -> None:
    off = replace(bank, settings=bank.settings.model_copy(update={"civility_input": False}))
    trained = training.train(off, BANK, loans, DAY, registry, "Chen")
    assert trained.versions == {"baseline": STAMPS["baseline"]}
    with transaction(bank.engine) as connection:
        _, card = ledger.cards(connection, BANK)
    assert card.parameters["civility_input"] == "off"


def test_two_trainings_of_one_file_at_once_register_it_once(
    bank: Wing, loans: Path, registry: Registry, look: Any
) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: training.train(bank, BANK, loans, DAY, registry, "Chen"), range(2))
    assert first.versions == second.versions == STAMPS
    assert look.count("model_cards") == 3


def test_a_training_killed_before_the_ledger_finds_its_versions_again(
    bank: Wing, loans: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stage, "_append", killed)
        with pytest.raises(KeyboardInterrupt):
            training.train(bank, BANK, loans, DAY, registry, "Chen")
    assert training.train(bank, BANK, loans, DAY, registry, "Chen").versions == STAMPS


def test_too_few_defaults_leave_the_expert_card_alone_and_are_told(
    bank: Wing, loans: Path, registry: Registry, look: Any
) -> None:
    lines = loans.read_text().splitlines()[:200]
    loans.write_text("\n".join(lines) + "\n")
    trained = training.train(bank, BANK, loans, DAY, registry, "Chen")
    assert "defaults" in trained.refusal
    assert trained.versions == {}
    with transaction(bank.engine) as connection:
        (card,) = ledger.cards(connection, BANK)
    assert (card.stamp, card.method) == (EXPERT, "expert")
    before = look.hashes()
    training.train(bank, BANK, loans, DAY, registry, "Chen")
    assert look.hashes() == before


def test_a_file_of_another_shape_trains_nothing_and_is_told(bank: Wing, loans: Path, registry: Registry) -> None:
    loans.write_text(loans.read_text().replace("rate_bp", "rate", 1))
    assert "file.header" in training.train(bank, BANK, loans, DAY, registry, "Chen").refusal


def test_a_training_needs_an_author(bank: Wing, loans: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="person"):
        training.train(bank, BANK, loans, DAY, Registry("postgresql://nobody@localhost/none", tmp_path), " ")
