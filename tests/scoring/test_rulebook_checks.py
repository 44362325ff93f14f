"""Every way to be wrong in `tests/broken_rulebooks/` is named with file, line, value and remedy.

A file there is one passage of a shipped edition that reads differently: `file`, `old`, `new`; then what must be said
about it: `check` (the function that finds it), `line_of` (words on the line that is named, or their n-th `occurrence`),
parts of `value`, `problem` and `remedy`. `severity: warning` where the edition can still be used.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring import Finding, RulebookValueError, load_rulebook
from scoring.edition_reading import ReadEdition, read_edition
from scoring.loader import RULEBOOKS, edition_files, editions, load_rulebook_files, yardstick
from scoring.rulebook_checks import STATIC_CHECKS

BROKEN = Path(__file__).parent.parent / "broken_rulebooks"
Overlay = dict[str, Any]
OVERLAYS: dict[str, Overlay] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(BROKEN.glob("*.yaml"))
}


def changed_files(overlay: Overlay) -> dict[str, bytes]:
    files = edition_files(RULEBOOKS / overlay.get("edition", "2026-01"))
    text = files[overlay["file"]].decode("utf-8")
    assert overlay["old"] in text, "the passage is not there any more"
    files[overlay["file"]] = text.replace(overlay["old"], overlay["new"], 1).encode("utf-8")
    return files


def file_named(overlay: Overlay) -> str:
    return str(overlay.get("found_in", overlay["file"]))


def line_named(files: dict[str, bytes], overlay: Overlay) -> int:
    text = files[file_named(overlay)].decode("utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if overlay["line_of"] in line]
    return lines[int(overlay.get("occurrence", 1)) - 1]


@cache
def findings_of(name: str) -> tuple[Finding, ...]:
    return read_edition(changed_files(OVERLAYS[name]), yardstick()).findings


@cache
def untouched(edition: str) -> ReadEdition:
    return read_edition(edition_files(RULEBOOKS / edition), yardstick())


def says(finding: Finding, overlay: Overlay) -> bool:
    words = ((finding.value, "value"), (finding.problem, "problem"), (finding.remedy, "remedy"))
    return finding.check == overlay["check"] and all(overlay[part] in said for said, part in words)


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_wrong_value_is_named_with_file_line_value_and_remedy(name: str) -> None:
    overlay = OVERLAYS[name]
    findings = findings_of(name)
    found = [finding for finding in findings if says(finding, overlay)]
    assert found, f"nothing says so; said was: {[str(finding) for finding in findings]}"
    place = (file_named(overlay), line_named(changed_files(overlay), overlay))
    assert place in [(finding.file, finding.line) for finding in found]
    assert {finding.severity for finding in found} == {overlay.get("severity", "error")}


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_passage_is_what_it_complains_about(name: str) -> None:
    overlay = OVERLAYS[name]
    assert not any(says(finding, overlay) for finding in untouched(overlay.get("edition", "2026-01")).findings)


def test_an_error_keeps_an_edition_from_being_used() -> None:
    with pytest.raises(RulebookValueError) as caught:
        load_rulebook_files(changed_files(OVERLAYS["a_gap_below_the_lowest_grade"]))
    assert [finding.severity for finding in caught.value.findings] == ["error"]


def test_a_warning_does_not_keep_an_edition_from_being_used() -> None:
    name = "a_step_twice"
    assert {finding.severity for finding in findings_of(name)} == {"warning"}
    assert load_rulebook_files(changed_files(OVERLAYS[name])).content_hash


def test_what_is_wrong_in_several_files_is_said_at_once() -> None:
    files = edition_files(RULEBOOKS / "2026-01")
    files["edition.yaml"] = files["edition.yaml"].replace(b"adult_years: 18", b"adult_years: '18'")
    files["5_village_life.yaml"] = files["5_village_life.yaml"].replace(b"highest: 20", b"highest: '20'")
    with pytest.raises(RulebookValueError) as caught:
        load_rulebook_files(files)
    assert {finding.file for finding in caught.value.findings} == {"edition.yaml", "5_village_life.yaml"}


@pytest.mark.parametrize("check", STATIC_CHECKS)
def test_every_check_has_a_broken_rulebook(check: str) -> None:
    assert check in {overlay["check"] for overlay in OVERLAYS.values()}


def test_there_are_many_ways_to_be_wrong() -> None:
    assert len(OVERLAYS) >= 100
    assert len({(overlay["file"], overlay["old"], overlay["new"]) for overlay in OVERLAYS.values()}) == len(OVERLAYS)


@pytest.mark.parametrize("edition", editions())
def test_a_shipped_edition_leaves_nothing_to_say(edition: str) -> None:
    assert [str(finding) for finding in untouched(edition).findings] == []
    assert load_rulebook(edition).edition.edition == edition
