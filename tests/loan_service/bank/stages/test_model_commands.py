"""`haixia model` from a bank's file to a rollback, as people type it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from loan_service import model_cli
from loan_service.bank.store.tables import log
from loan_service.errors import HaixiaError
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings

Ask = Callable[..., Result]
BANK = "island_rural"


@pytest.fixture
def ask(settings: Settings, bank: Wing, in_force: None, loans: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Types a command on this worker's database and the bank's file of past loans."""
    monkeypatch.setenv("HAIXIA_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("HAIXIA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("HAIXIA_FILES_DIR", str(settings.files))
    monkeypatch.setattr(model_cli.console, "width", 240)  # its own would be that of whoever imported it first
    return lambda *words: CliRunner().invoke(model_cli.app, list(words))


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def read(result: Result) -> Any:
    return json.loads(told(result))


def code(result: Result) -> str:
    assert isinstance(result.exception, HaixiaError), result.output + repr(result.exception)
    return result.exception.code


def test_a_version_lives_from_training_to_rollback_by_commands(ask: Ask, bank: Wing, look: Any) -> None:
    (trained,) = read(ask("train", "--by", "Chen", "--json"))
    model, expert = (
        trained["versions"]["baseline"],
        next(line["model"] for line in read(ask("list", "--json")) if line["method"] == "expert"),
    )
    assert "此前已训练" in told(ask("train", "--by", "Chen"))
    for version in (expert, model):
        assert "2026-06-15" in told(ask("assess", version, "--by", "Wu", "--reference", "PIA-7"))
        assert told(ask("dossier", version, "--by", "Chen", "--no-pdf"))
        _reviewed(ask, version)
        assert "在用 live" in told(ask("promote", version, "--by", "Zhao", "--reason", "sharper"))
    before = look.hashes()
    assert "在用 live" in told(ask("promote", model, "--by", "Zhao", "--reason", "again"))
    assert look.hashes() == before
    with transaction(bank.engine) as connection:
        position = seal(connection, log, bank.signer)
    until = ("--until", "2026-12-01", "--by", "Lin", "--reason", "watch")
    assert "2026-12-01" in told(ask("shadow", expert, *until))
    assert "并排" in told(ask("shadow", expert)) or "side by side" in told(ask("shadow", expert))
    assert expert in told(ask("rollback", model, "--by", "Zhao", "--reason", "arrears [double]"))
    now, then = read(ask("history", "--json")), read(ask("history", "--position", str(position), "--json"))
    name = f"{BANK}.baseline"
    assert (now["live"][name]["model"], now["live"][name]["moved_by"]) == (expert, "Zhao")
    assert now["live"][name]["reason"] == "arrears [double]"
    assert then["live"][name]["model"] == model
    assert "arrears [double]" in told(ask("history", name))
    lines = {line["code"]: line for line in read(ask("inventory", "--json"))}
    assert lines["expert_card"]["versions"] == [expert]
    assert lines["default_risk_baseline"]["versions"] == []
    assert "专家评分卡" in told(ask("inventory"))


def _reviewed(ask: Ask, version: str) -> None:
    """Tested and reviewed: what the test left undecided is accepted in writing."""
    test = read(ask("test", version, "--by", "Chen", "--json"))
    assert test["state"] == "tested"
    assert not [gate for gate in test["gates"] if gate["outcome"] == "failed"], test
    undecided = [gate["name"] for gate in test["gates"] if gate["outcome"] == "undecided"]
    accepts = [word for name in undecided for word in ("--accept", f"{name}=few rows")]
    if undecided:
        assert code(ask("review", version, "--by", "Lin", "--reason", "read")) == "model.gate_undecided"
    review = told(ask("review", version, "--by", "Lin", "--reason", "read", *accepts))
    assert "已复核 reviewed" in review
    assert ("few rows" in review) == bool(undecided)


def test_a_high_finding_fails_the_test_until_it_is_closed(ask: Ask) -> None:
    (trained,) = read(ask("train", "--by", "Chen", "--json"))
    version = trained["versions"]["full"]
    words = ("--severity", "high", "--text", "income unchecked", "--owner", "Chen", "--due", "2026-09-01")
    assert "未关闭 / open" in told(ask("finding", version, "--by", "Lin", *words))
    assert told(ask("finding", version, "--by", "Lin", *words)).count("income unchecked") == 1
    gates = {gate["name"]: gate["outcome"] for gate in read(ask("test", version, "--by", "Chen", "--json"))["gates"]}
    assert gates["findings"] == gates["dossier"] == gates["impact_assessment"] == "failed"
    number = next(word for word in told(ask("findings")).split() if len(word) == 12 and word.isalnum())
    assert "tax records" in told(ask("close-finding", number, "--by", "Lin", "--evidence", "tax records"))
    gates = {gate["name"]: gate["outcome"] for gate in read(ask("test", version, "--by", "Chen", "--json"))["gates"]}
    assert gates["findings"] == "passed"
    assert code(ask("review", version, "--by", "Lin", "--reason", "read")) == "model.gate_failed"
    assert "未通过" in told(ask("list"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("test", f"{BANK}.baseline/99", "--by", "Chen"), "model.unknown"),
        (("test", "nonsense", "--by", "Chen"), "model.unknown"),
        (("promote", "nonsense", "--by", "Chen", "--reason", "x"), "model.unknown"),
        (("review", f"{BANK}.baseline/99", "--by", "Lin", "--reason", "x", "--accept", "slope"), "gate.accept_form"),
        (("close-finding", "nothing", "--by", "Lin", "--evidence", "x"), "model.unknown_finding"),
        (("shadow", f"{BANK}.baseline/99"), "model.unknown"),
        (("train", "--by", "Chen", "--bank", "nowhere"), "model.no_file"),
        (("train", "--by", " "), "person.unnamed"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_code(ask: Ask, words: tuple[str, ...], expected: str) -> None:
    assert code(ask(*words)) == expected
