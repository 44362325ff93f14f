import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from loan_service import policy_cli, policy_printing
from loan_service.bank.stages.households import import_households
from loan_service.errors import HaixiaError
from loan_service.foundation.clock import FIRST_DEMO_DAY
from loan_service.foundation.wing import Wing
from loan_service.policy_cli import app
from loan_service.settings import Settings
from models.policy_loader import POLICIES

BANK = "island_rural"
SHIPPED = POLICIES / f"{BANK}.yaml"
LPR = str(POLICIES / "lpr.yaml")
CASES = Path(__file__).parents[2] / "policy_cases"
Ask = Callable[..., Result]


@pytest.fixture
def ask(settings: Settings, bank: Wing, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Types a command on this worker's database."""
    monkeypatch.setenv("HAIXIA_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("HAIXIA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setattr(policy_cli.console, "width", 200)  # its own would be that of whoever imported it first
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def code(result: Result) -> str:
    assert isinstance(result.exception, HaixiaError), result.output
    return result.exception.code


def written(folder: Path, *pairs: tuple[str, str]) -> Path:
    """The shipped policy as a later edition."""
    text = SHIPPED.read_text("utf-8")
    head = (('edition: "2026-06"', 'edition: "2026-07"'), ("effective_from: 2021-08-01", "effective_from: 2026-07-01"))
    for old, new in (*head, *pairs):
        assert old in text
        text = text.replace(old, new)
    path = folder / "later.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_policy_goes_from_a_file_to_force_and_out_again(ask: Ask, tmp_path: Path) -> None:
    assert code(ask("publish", SHIPPED, "--author", "An", "--cases", CASES)) == "lpr.none_covers"
    assert "复核 / checked Bo" in told(ask("lpr", LPR, "--by", "An", "--checked-by", "Bo"))
    out = told(ask("publish", SHIPPED, "--author", "An", "--cases", CASES))
    assert "proposed" in out
    assert f"haixia policy approve {BANK}/2026-06" in out
    assert code(ask("approve", f"{BANK}/2026-06", "--by", "an")) == "policy.same_person"
    assert "in force" in told(ask("approve", f"{BANK}/2026-06", "--by", "Bo"))
    assert code(ask("back-out", f"{BANK}/2026-06", "--by", "Cy", "--reason", "x")) == "policy.last"
    assert json.loads(told(ask("assessment", f"{BANK}/2026-06")))["kind"] == "first_edition"
    assert "cases passed: 1" in told(ask("list", BANK))
    assert code(ask("assessment", f"{BANK}/2030-01")) == "policy.unknown"


def test_two_policies_are_compared_over_the_banks_households(
    ask: Ask,
    in_force: None,
    bank: Wing,
    household_file: Callable[..., Path],
    household_row: Callable[..., dict[str, str]],
    promote: Callable[..., None],
    tmp_path: Path,
) -> None:
    promote()
    rows = [household_row(number) for number in range(30)]
    assert import_households(bank, BANK, household_file(rows), FIRST_DEMO_DAY).rows_landed == 30
    later = written(tmp_path, ("spread_bp: 190", "spread_bp: 200"), ("spread_bp: 170", "spread_bp: 175"))
    out = told(ask("compare", BANK, later, "--out", tmp_path / "told.json"))
    assert f"{BANK} 2026-06 → 2026-07" in out
    assert "failed" in out
    assert "nobody's baseline falls" in out
    with policy_cli.console.capture() as shown:
        policy_printing.assessed(policy_cli.console, (tmp_path / "told.json").read_bytes())
    assert "nobody's baseline falls" in shown.get()
    assert "failed" in shown.get()
    document = json.loads((tmp_path / "told.json").read_bytes())
    assert (document["households"], document["rate"]["higher"]) == (30, 30)
    assert document["groups"]["sector"][0]["group"] == "wage"
    same = told(ask("compare", f"{BANK}/2026-06", BANK))
    assert "passed" in same
    assert code(ask("compare", f"{BANK}/1999-01", BANK)) == "policy.unknown"


def test_checking_lists_every_value_and_names_every_fault(ask: Ask, tmp_path: Path) -> None:
    out = told(ask("check", BANK))
    for words in ("2021-08-01", "funding_cost", "180 bp", "[P]", "没有发现问题"):
        assert words in out
    broken = written(tmp_path, ("until_ppm: 5000, outcome", "until_ppm: 4000, outcome"))
    result = ask("check", broken)
    assert result.exit_code == 1
    assert "later.yaml:" in result.output
    assert "BandGapError" in result.output
    assert ask("check", tmp_path / "nowhere.yaml").exit_code == 1


def test_cases_hold_for_every_shipped_policy_and_a_value_without_case_is_named(ask: Ask, tmp_path: Path) -> None:
    out = told(ask("test", "--cases", CASES))
    assert out.count("不符 / mismatches 0") == 3
    (tmp_path / "one.yaml").write_text(
        "bank_code: island_rural\ncases:\n  - case: 工薪户\n    day: 2026-06-15\n    probability: 0.012\n"
        "    expected: {decision: offer, limit: 112000}\n",
        "utf-8",
    )
    result = ask("test", BANK, "--cases", tmp_path)
    assert result.exit_code == 1
    assert "没有案例 / no case bands.R5.spread_bp = 305" in result.output
    (tmp_path / "one.yaml").write_text((tmp_path / "one.yaml").read_text("utf-8").replace("112000", "1"), "utf-8")
    assert "one.yaml:3 「工薪户」" in ask("test", BANK, "--cases", tmp_path).output


def test_an_acceptance_without_a_reason_is_refused(ask: Ask, in_force: None) -> None:
    asked: Any = ask("approve", f"{BANK}/2026-06", "--by", "Cy", "--accept", "non_participants_spread")
    assert code(asked) == "gate.accept_form"
