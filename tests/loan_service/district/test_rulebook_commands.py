import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from loan_service import rulebook_cli
from loan_service.errors import HaixiaError
from loan_service.foundation.wing import Wing
from loan_service.rulebook_cli import app
from loan_service.settings import Settings
from scoring.loader import RULEBOOKS, edition_files

Ask = Callable[..., Result]
PASSES = "- case: nothing happened\n  index: {2027-06-15: 100}\n"


@pytest.fixture
def ask(settings: Settings, district: Wing, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Types a command on this worker's database."""
    monkeypatch.setenv("HAIXIA_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("HAIXIA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setattr(rulebook_cli.console, "width", 200)  # its own would be that of whoever imported it first
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "nothing.yaml").write_text(PASSES)
    return folder


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def code(result: Result) -> str:
    assert isinstance(result.exception, HaixiaError)
    return result.exception.code


def test_an_edition_goes_from_a_name_to_force_and_out_again(ask: Ask, cases: Path, tmp_path: Path) -> None:
    assert "proposed" in told(ask("publish", "2026-01", "--author", "An", "--cases", str(cases)))
    assert code(ask("approve", "2026-01", "--by", "an")) == "rulebook.same_person"
    assert "in force" in told(ask("approve", "2026-01", "--by", "Bo"))
    assert "proposed" in told(ask("publish", "2027-01", "--author", "An", "--cases", str(cases)))
    assert "not yet in force" in told(ask("approve", "2027-01", "--by", "Bo"))
    out = told(ask("back-out", "2027-01", "--by", "Cy", "--reason", "[wrong] ladder"))
    assert "backed out" in out
    assert "[wrong] ladder" in out
    listed = told(ask("list"))
    assert listed.index("2026-01") < listed.index("2027-01")
    assert "cases passed: 1" in listed


def test_the_approver_can_read_what_was_assessed(ask: Ask, cases: Path, tmp_path: Path) -> None:
    for words in (("publish", "2026-01", "--author", "An"), ("publish", "2027-01", "--author", "An")):
        told(ask(*words, "--cases", str(cases)))
        ask("approve", "2026-01", "--by", "Bo")
    told(ask("assessment", "2027-01", "--out", str(tmp_path / "told.json")))
    document = json.loads((tmp_path / "told.json").read_bytes())
    assert (document["old_edition"], document["new_edition"]) == ("2026-01", "2027-01")
    assert json.loads(told(ask("assessment", "2027-01"))) == document
    assert code(ask("assessment", "2030-01")) == "rulebook.unknown"


def test_a_folder_is_published_with_an_assessment_made_elsewhere(ask: Ask, cases: Path, tmp_path: Path) -> None:
    folder, brought = tmp_path / "edition", tmp_path / "assessment.json"
    folder.mkdir()
    for name, content in edition_files(RULEBOOKS / "2026-01").items():
        (folder / name).write_bytes(content)
    brought.write_text('{"by": "hand"}')
    words = ("publish", str(folder), "--author", "An", "--assessment", str(brought), "--cases", str(cases))
    assert "2026-01" in told(ask(*words))
    assert json.loads(told(ask("assessment", "2026-01"))) == {"by": "hand"}


@pytest.mark.parametrize("missing", ["edition", "cases"])
def test_what_is_not_there_is_named(ask: Ask, cases: Path, tmp_path: Path, missing: str) -> None:
    edition = "2030-01" if missing == "edition" else "2026-01"
    folder = tmp_path / "nowhere" if missing == "cases" else cases
    result = ask("publish", edition, "--author", "An", "--cases", str(folder))
    assert result.exit_code == 1
    assert "missing" in result.output


def test_an_edition_that_fails_its_cases_is_not_proposed(ask: Ask, cases: Path) -> None:
    (cases / "nothing.yaml").write_text(PASSES.replace("100", "99"))
    result = ask("publish", "2026-01", "--author", "An", "--cases", str(cases))
    assert code(result) == "rulebook.cases_failed"
    assert "nothing.yaml:1" in str(result.exception)
    assert "2026-01" not in told(ask("list"))
