"""An unsound rulebook is answered with file, line, value and remedy; a sound one is exactly its files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import scoring
from scoring import Rulebook, RulebookMissingError, RulebookValueError, load_rulebook_folder
from scoring.rulebook_checks import BANNED_SUBJECTS

SHIPPED = Path(scoring.__file__).parent / "rulebooks" / "2026-01"
Change = Callable[[str, str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """A copy of the shipped edition in which one passage of one file reads differently."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "edition"
        shutil.copytree(SHIPPED, folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return change


def line_of(path: Path, words: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


EBIKE = "{kind: ordinal, ladder: [0, -1, -2], window_months: 3}"
LAW, PROMISES, CONDUCT = "1_law_abiding.yaml", "2_keeping_promises.yaml", "3_civil_conduct.yaml"
GIVING, VILLAGE = "4_social_contribution.yaml", "5_village_life.yaml"

# file, passage, what it becomes, words on the line that must be named, words of the remedy
WRONG = [
    ("edition.yaml", "base_points: 100", "base_points: '100'", "base_points", "unquoted"),
    ("edition.yaml", "base_points: 100", "base_points: 100.00001", "base_points", "three decimals"),
    ("edition.yaml", "base_points: 100", "base_points: 250", "base_points", "inside"),
    ("edition.yaml", "adult_years: 18", "adult_years: 18\n\nadult_years: 16", "adult_years: 16", "keep one"),
    ("edition.yaml", "{grade: B, from_points: 80,", "{grade: B, from_points: 95,", "grade: B", "highest grade first"),
    ("edition.yaml", "{grade: C, from_points: 0,", "{grade: C, from_points: 10,", "grade: C", "lowest_points"),
    (LAW, "cap: -6", "kap: -6", "kap: -6", "spelling"),
    (LAW, "cap: -6", "cap: 6", "cap: 6", "sign"),
    (LAW, EBIKE, EBIKE.replace("ordinal", "ordinary"), "ordinary", "listed kinds"),
    (LAW, EBIKE, EBIKE.replace("-2", "-0.5"), "-0.5", "at least the one before"),
    (LAW, EBIKE, EBIKE.replace("-2", "2"), "kind: ordinal", "sign"),
    (LAW, "document_classes: [道路交通安全违法行为处罚决定书]", "", "rule: ebike", "document_classes"),
    (LAW, "catalogue_item: DEMO-1.1", "", "rule: ebike", "catalogue_item"),
    (LAW, "severity: minor", "severity: petty", "severity: petty", "listed words"),
    (LAW, "validity_months: 3", "validity_months: 4", "validity_months: 4", "shorten"),
    (LAW, "event_type: ebike_violation", "event_type: jaywalking", "jaywalking", "EVENT_TYPES"),
    (LAW, "zh: 电动自行车违法,", "zh: 治安处罚,", "zh: 治安处罚", "remove the indicator"),
    (LAW, "zh: 骑电动自行车违法，首次只提醒。", "zh: " + "很" * 31, "很很", "30 characters"),
    (LAW, "en: E-bike violation;", "en: " + "very " * 20, "very very", "20 words"),
    (LAW, "levels: [serious]", "levels: [general]", "rule: administrative_penalty_serious", "keep one"),
    (PROMISES, "ended_by: [debtor_delisted]", "", "validity_months: null", "ended_by"),
    (PROMISES, "consent_source: self_discipline", "", 'indicator: "2.4"', "consent_source"),
    (CONDUCT, "combine: {kind: sum}", "combine: {kind: concave, bands: []}", "bands: []", "message"),
    (CONDUCT, "fade_months: 12", "fade_months: 40", "fade_months: 40", "shorten the fade"),
    (
        CONDUCT,
        "severity: minor",
        "severity: minor\n        shared_with_household: true",
        "severity: minor",
        "remove it",
    ),
    (GIVING, "points_per_unit: 0.067", "points_per_unit: 0.5", "bands:", "prices fall"),
    (GIVING, "upto: 80", "upto: 20", "bands:", "rise"),
    (GIVING, "upto: 80", "upto: null", "bands:", "only the last one open"),
    (VILLAGE, "direction: award", "direction: deduction", "direction: deduction", "make it an award"),
]


@pytest.mark.parametrize(("file", "old", "new", "stands_at", "remedy"), WRONG)
def test_a_wrong_value_is_named_with_file_line_and_remedy(
    changed: Change, file: str, old: str, new: str, stands_at: str, remedy: str
) -> None:
    folder = changed(file, old, new)
    with pytest.raises(RulebookValueError) as caught:
        load_rulebook_folder(folder)
    finding = next(found for found in caught.value.findings if remedy in found.remedy)
    assert finding.file == file
    assert abs(finding.line - line_of(folder / file, stands_at)) <= 1  # a list item begins on its first field's line


def test_broken_yaml_names_its_line(changed: Change) -> None:
    folder = changed("edition.yaml", "tag: P", "tag: [P")
    with pytest.raises(RulebookValueError) as caught:
        load_rulebook_folder(folder)
    assert caught.value.findings[0].line >= line_of(folder / "edition.yaml", "tag: [P")


def test_another_encoding_is_named(changed: Change) -> None:
    folder = changed("edition.yaml", "tag: P", "tag: P")
    (folder / "edition.yaml").write_bytes("# 计分".encode("gb18030"))
    with pytest.raises(RulebookValueError, match="UTF-8"):
        load_rulebook_folder(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulebookMissingError) as caught:
        load_rulebook_folder(tmp_path)
    assert caught.value.path.name == "edition.yaml"


def test_the_content_hash_follows_every_byte(changed: Change, rulebook: Rulebook) -> None:
    assert load_rulebook_folder(SHIPPED).content_hash == rulebook.content_hash
    other = load_rulebook_folder(changed("5_village_life.yaml", "# Dimension 5", "# dimension 5"))
    assert other.content_hash != rulebook.content_hash


def test_the_catalogue_is_whole(rulebook: Rulebook) -> None:
    assert [len(dimension.indicators) for dimension in rulebook.dimensions] == [4, 4, 3, 3, 4]
    seeded = {indicator.indicator for _, indicator in rulebook.indicators if indicator.origin == "SEED"}
    assert seeded == {"1.1", "1.4", "2.1", "2.2", "2.4", "3.1", "4.1", "5.1", "5.2"}
    assert all(indicator.tag == "P" and indicator.usable_for for _, indicator in rulebook.indicators)
    assert rulebook.edition.placeholder_catalogue


def test_nothing_banned_is_in_the_catalogue(rulebook: Rulebook) -> None:
    words = " ".join(
        f"{indicator.code} {indicator.name.zh} {indicator.name.en} {rule.rule} {rule.event_type}"
        for indicator, rule in rulebook.rules
    )
    assert [subject for subject in BANNED_SUBJECTS if subject in words.lower()] == []
