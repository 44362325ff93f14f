"""The cases the owners of the rules wrote (`tests/rulebook_cases/*.yaml`) hold, and leave no value unasked."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from scoring import RulebookMissingError, RulebookValueError, load_rulebook
from scoring.case_coverage import coverage, lacking
from scoring.cases import CaseRun, FiledCase, run_case, run_cases
from scoring.loader import editions, load_cases

CASES = Path(__file__).parent.parent / "rulebook_cases"


@cache
def runs(edition: str) -> Sequence[CaseRun]:
    return tuple(run_cases(load_cases(CASES), load_rulebook(edition)))


def written(folder: Path, text: str) -> FiledCase:
    (folder / "written.yaml").write_text(text, encoding="utf-8")
    return load_cases(folder)[0]


@pytest.mark.parametrize("edition", editions())
def test_the_edition_answers_as_its_owners_wrote(edition: str) -> None:
    assert [str(mismatch) for run in runs(edition) for mismatch in run.mismatches] == []


@pytest.mark.parametrize("edition", editions())
def test_every_rule_step_band_limit_cap_and_boundary_has_a_case(edition: str) -> None:
    facets = coverage(runs(edition), load_rulebook(edition))
    assert [str(facet) for facet in lacking(facets)] == []
    assert len(facets) > 250


@pytest.mark.parametrize("edition", editions())
def test_without_the_cases_of_a_file_something_is_unasked(edition: str) -> None:
    files = {run.filed.file for run in runs(edition)}
    for file in files:
        others = [run for run in runs(edition) if run.filed.file != file]
        assert lacking(coverage(others, load_rulebook(edition))) or file in REPEATING, file


REPEATING = {"5_village_life.yaml"}
"""Files whose every facet another file shows too: they tell a whole story instead."""


def test_a_case_that_fails_tells_file_case_day_expected_and_found(tmp_path: Path) -> None:
    filed = written(
        tmp_path,
        "# a story\n"
        '- case: "等级"\n'
        "  events: [{type: administrative_penalty, level: general, day: 2025-01-20}]\n"
        "  index: {2025-01-20: 94, 2025-01-19: 100}\n"
        "  grade: {2025-01-20: A}\n",
    )
    (mismatch,) = run_case(filed, load_rulebook("2026-01")).mismatches
    told = str(mismatch)
    for words in ("written.yaml:2", "等级", "2026-01", "2025-01-20", "expected 94", "found 95"):
        assert words in told


@pytest.mark.parametrize(
    ("expectation", "what"),
    [
        ("grade: {2025-01-20: AAA}", "grade"),
        ('rows: {2025-01-20: {"1.2": -4}}', "rows 1.2"),
        ("rows: {2025-01-20: {administrative_penalty_general: -4}}", "rows administrative_penalty_general"),
        ("row_counts: {2025-01-20: {point: 2}}", "row_counts point"),
        ("index: {2014-01-01: 100}", "index"),
    ],
)
def test_every_kind_of_expectation_can_fail(tmp_path: Path, expectation: str, what: str) -> None:
    events = "  events: [{type: administrative_penalty, level: general, day: 2025-01-20}]\n"
    filed = written(tmp_path, f'- case: "等级"\n{events}  {expectation}\n')
    assert [mismatch.what for mismatch in run_case(filed, load_rulebook("2026-01")).mismatches] == [what]


def test_a_case_that_expects_nothing_proves_nothing(tmp_path: Path) -> None:
    filed = written(tmp_path, '- case: "空"\n  index: {"2027-01": {2025-01-20: 100}}\n')
    assert run_case(filed, load_rulebook("2026-01")).mismatches
    assert not run_case(filed, load_rulebook("2027-01")).mismatches


def test_a_case_holds_for_the_editions_it_names(tmp_path: Path) -> None:
    filed = written(tmp_path, '- case: "新版"\n  editions: ["2027-01"]\n  index: {2025-01-20: 100}\n')
    assert list(run_cases([filed], load_rulebook("2026-01"))) == []
    assert len(list(run_cases([filed], load_rulebook("2027-01")))) == 1


def test_a_case_is_read_as_known_at_its_position(tmp_path: Path) -> None:
    event = "  events: [{type: administrative_penalty, level: general, day: 2025-01-20, position: 7}]\n"
    filed = written(tmp_path, f'- case: "当时所知"\n  known_position: 6\n{event}  index: {{2025-01-20: 100}}\n')
    assert run_case(filed, load_rulebook("2026-01")).mismatches == ()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('- case: "a"\n  index: {2025-01-01: 1}\n- case: "b"\n  indexx: {2025-01-01: 1}\n', 4, "spelling"),
        ('- case: "a"\n  events: [{typ: patrol, day: 2025-01-01}]\n', 2, "add this field"),
        ('- case: "a"\n  events: [{type: patrol, day: 2025-02-30}]\n', 2, "mend the YAML"),
        ('- case: "a"\n  index: {2025-01-01: "100"}\n', 2, "unquoted"),
    ],
)
def test_a_misspelt_case_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(RulebookValueError) as caught:
        written(tmp_path, text)
    assert any(words in finding.remedy for finding in caught.value.findings)
    assert {(finding.file, finding.line) for finding in caught.value.findings} == {("written.yaml", line)}


def test_a_folder_without_cases_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulebookMissingError):
        load_cases(tmp_path)


def test_a_repeated_event_keeps_to_the_ends_of_months(tmp_path: Path) -> None:
    text = '- case: "a"\n  events: [{type: patrol, day: 2024-01-31, repeat: {times: 3, months: 1}}]\n'
    (event,) = written(tmp_path, text).case.events
    assert list(event.occasions()) == [dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 31)]
