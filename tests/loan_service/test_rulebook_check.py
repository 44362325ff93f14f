"""`haixia rulebook check` and `test` say what they found, and end with 1 if something is wrong."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from loan_service import rulebook_cli
from scoring.loader import RULEBOOKS, edition_files

CASES = str(Path(__file__).parent.parent / "rulebook_cases")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook_cli.console, "width", 200)


def broken(folder: Path, file: str, old: str, new: str) -> str:
    folder.mkdir()
    for name, content in edition_files(RULEBOOKS / "2026-01").items():
        text = content.decode("utf-8")
        (folder / name).write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
    return str(folder)


def test_checking_without_a_name_checks_every_shipped_edition() -> None:
    done = CliRunner().invoke(rulebook_cli.app, ["check"])
    assert done.exit_code == 0, done.output
    for words in (
        "2026-01",
        "2027-01",
        "没有发现问题 / nothing found",
        "bedridden elder",
        "newcomer",
        "uncivil_conduct",
    ):
        assert words in done.output
    assert "最低 / lowest 0（实证 / shown 0）" in done.output
    assert "最高 / highest 200（实证 / shown 200）" in done.output


def test_an_error_is_named_and_ends_with_one(tmp_path: Path) -> None:
    folder = broken(tmp_path / "edition", "edition.yaml", "adult_years: 18", "adult_years: 16")
    done = CliRunner().invoke(rulebook_cli.app, ["check", folder])
    assert done.exit_code == 1
    assert "edition.yaml:17: 16" in done.output
    assert "at least 18" in done.output
    assert "未试运行 / not run" in done.output


def test_a_warning_is_named_and_ends_well(tmp_path: Path) -> None:
    folder = broken(tmp_path / "edition", "1_law_abiding.yaml", "[0, -1, -2]", "[0, -1, -2, -2]")
    done = CliRunner().invoke(rulebook_cli.app, ["check", folder])
    assert done.exit_code == 0
    assert "提醒 / warning 1_law_abiding.yaml:27" in done.output


def test_an_edition_that_shuts_somebody_out_ends_with_one(tmp_path: Path) -> None:
    folder = broken(tmp_path / "edition", "2_keeping_promises.yaml", "points: 4,", "points: 3,")
    done = CliRunner().invoke(rulebook_cli.app, ["check", folder])
    assert done.exit_code == 1
    assert "nobody_is_shut_out" in done.output


def test_an_edition_that_is_not_there_is_named() -> None:
    done = CliRunner().invoke(rulebook_cli.app, ["check", "1999-01"])
    assert done.exit_code == 1
    assert "rulebook file missing" in done.output


def test_the_owners_cases_hold_for_both_editions() -> None:
    done = CliRunner().invoke(rulebook_cli.app, ["test", "--cases", CASES])
    assert done.exit_code == 0, done.output
    assert done.output.count("不符 / mismatches 0") == 2


def test_a_case_that_fails_ends_with_one_and_is_named(tmp_path: Path) -> None:
    story = '- case: "起点"\n  index: {2026-02-01: 99}\n'
    (tmp_path / "story.yaml").write_text(story, encoding="utf-8")
    done = CliRunner().invoke(rulebook_cli.app, ["test", "2026-01", "--cases", str(tmp_path)])
    assert done.exit_code == 1
    assert "story.yaml:1 「起点」 2026-01 2026-02-01 index: 应为 / expected 99.0, 实为 / found 100.0" in done.output
    assert "没有案例 / no case" in done.output


def test_a_value_no_case_asks_about_ends_with_one(tmp_path: Path) -> None:
    story = '- case: "起点"\n  index: {2026-02-01: 100}\n'
    (tmp_path / "story.yaml").write_text(story, encoding="utf-8")
    done = CliRunner().invoke(rulebook_cli.app, ["test", "2026-01", "--cases", str(tmp_path)])
    assert done.exit_code == 1
    assert "不符 / mismatches 0" in done.output
    assert "没有案例 / no case" in done.output


def test_every_value_can_be_listed_with_its_ground() -> None:
    done = CliRunner().invoke(rulebook_cli.app, ["check", "2027-01", "--values"])
    assert done.exit_code == 0
    for words in ("method.ladder.2", "-7.5 points", "8 hours", "SEED", "DEMO-1.1", "consent: volunteering"):
        assert words in done.output


def test_a_folder_without_cases_ends_with_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(rulebook_cli.app, ["test", "--cases", str(tmp_path)])
    assert done.exit_code == 1
