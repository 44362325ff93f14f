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


# file, passage, what it becomes, the check that must have nothing to say about it
ON_THE_LINE = [
    ("edition.yaml", "base_points: 100", "base_points: 200", "scale_is_open"),
    ("edition.yaml", "base_points: 100", "base_points: 0", "scale_is_open"),
    ("edition.yaml", "AAA, from_points: 140", "AAA, from_points: 200", "grades_leave_no_gap"),
    ("edition.yaml", "AAA, from_points: 140", "AAA, from_points: 200", "grades_can_be_reached"),
    ("edition.yaml", "general, longest_months: 12", "general, longest_months: 36", "severities_lengthen"),
    ("edition.yaml", "negative_limit_months: 60", "negative_limit_months: 36", "negative_limit_is_lawful"),
    ("edition.yaml", "factor: 0.5", "factor: 0.001", "factor_lets_something_through"),
    ("3_civil_conduct.yaml", "severity: minor", "", "validity_is_lawful"),
    ("4_social_contribution.yaml", "points_per_unit: 0.1}", "points_per_unit: 0.2}", "bands_pay_ever_less"),
    ("4_social_contribution.yaml", "points_per_unit: 0.05}", "points_per_unit: 0}", "bands_pay_ever_less"),
    ("4_social_contribution.yaml", "cap: 20", "cap: null", "bands_lie_below_the_cap"),
    ("4_social_contribution.yaml", "validity_months: 36", "validity_months: 36\n        document_classes: [奖状]",
     "documents_have_legal_effect"),
    ("4_social_contribution.yaml", "        validity_months: 36", ("        validity_months: null\n"
     "        ended_by: [debtor_delisted]"), "an_award_ends"),
    ("2_keeping_promises.yaml", "        ended_by: [debtor_delisted]\n", "", "an_award_ends"),
    ("2_keeping_promises.yaml", "points: -40", "points: 0", "strongest_has_something_to_choose"),
    ("1_law_abiding.yaml", "first_points: -3, then_points: -2, grace_days: 7, every_days: 30, steps: 7",
     "first_points: -16, then_points: -16, grace_days: 7, every_days: 30, steps: 1", "escalation_steps_can_matter"),
    ("1_law_abiding.yaml", ("combine: {kind: sum}\n    cap: -6\n    rules:\n      - rule: ebike_violation\n        "
     "event_type: ebike_violation\n        method: {kind: ordinal, ladder: [0, -1, -2]"),
     ("combine: {kind: strongest, within: indicator}\n    cap: -6\n    rules:\n      - rule: ebike_violation\n        "
     "event_type: ebike_violation\n        method: {kind: ordinal, ladder: [-5, -6, -7]"), "ladder_steps_can_matter"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "check"), ON_THE_LINE)
def test_what_lies_just_on_the_line_is_fine(file: str, old: str, new: str, check: str) -> None:
    files = changed_files({"file": file, "old": old, "new": new})
    read = read_edition(files, yardstick())
    assert read.rulebook is not None, [str(finding) for finding in read.findings]
    assert check in STATIC_CHECKS
    assert check not in {finding.check for finding in read.findings}


def test_real_catalogue_ids_are_no_placeholders() -> None:
    files = {name: text.replace(b"DEMO-", b"QG-") for name, text in edition_files(RULEBOOKS / "2026-01").items()}
    (finding,) = read_edition(files, yardstick()).findings
    assert (finding.check, finding.severity) == ("placeholders_are_declared", "warning")
    files["edition.yaml"] = files["edition.yaml"].replace(
        b"placeholder_catalogue: true", b"placeholder_catalogue: false"
    )
    assert read_edition(files, yardstick()).findings == ()


def test_a_grade_nobody_can_fall_to_is_named() -> None:
    files = edition_files(RULEBOOKS / "2026-01")
    files["2_keeping_promises.yaml"] = files["2_keeping_promises.yaml"].replace(b"lowest: -60", b"lowest: -5")
    for from_points, said in ((30, True), (29, True), (31, False)):  # the lowest index is 30
        grade = f"B, from_points: {from_points},".encode()
        other = files | {"edition.yaml": files["edition.yaml"].replace(b"B, from_points: 80,", grade)}
        problems = [each.problem for each in read_edition(other, yardstick()).findings]
        assert any("nobody can fall so low" in problem for problem in problems) is said, from_points


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
