"""Two editions differ in what they mean, each change said in words, with its unit and for whose good."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from scoring import Dimension, Edition, Rulebook, load_rulebook, rulebook
from scoring.difference import Change, difference
from scoring.difference_fields import FIELDS, IDENTITY, PARTS
from scoring.loader import RULEBOOKS
from scoring.yaml_source import YamlSource

Edit = Callable[..., Rulebook]

LAW, PROMISES, CONDUCT, GIVING, VILLAGE = (
    "1_law_abiding",
    "2_keeping_promises",
    "3_civil_conduct",
    "4_social_contribution",
    "5_village_life",
)


def as_written(folder: Path) -> Rulebook:
    """An edition of the right shape, whether or not it could be published."""
    sources = {path.stem: YamlSource(path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))}
    first = sources.pop("edition").read_as(Edition)
    return Rulebook(first, tuple(source.read_as(Dimension) for source in sources.values()), "unpublished")


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The shipped edition with some text of one file replaced; edits of one test add up."""

    def edit(file: str, *replacements: tuple[str, str]) -> Rulebook:
        folder = tmp_path / "copy"
        if not folder.exists():
            shutil.copytree(RULEBOOKS / "2026-01", folder)
        path = folder / f"{file}.yaml"
        text = path.read_text("utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
        return as_written(folder)

    return edit


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str, str]]:
    return [(each.code.split("/", 1)[1], each.old.en, each.new.en, each.direction) for each in changes]


def test_an_edition_does_not_differ_from_itself_nor_from_a_reformatted_copy(rulebook: Rulebook, edited: Edit) -> None:
    assert difference(rulebook, rulebook) == ()
    assert difference(rulebook, edited(LAW, ("lowest: -40\n", "lowest: -40.0   # a comment\n\n"))) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (PROMISES, "cap: 35", "cap: 30", ("contract_keeping/cap_milli", "35 points", "30 points", "stricter")),
        (LAW, "cap: -30", "cap: -20", ("administrative_penalty/cap_milli", "-30 points", "-20 points", "kinder")),
        (LAW, "cap: -30", "cap: null", ("administrative_penalty/cap_milli", "-30 points", "no cap", "stricter")),
        (
            GIVING,
            "cap: 6",
            "cap: null",
            ("mutual_aid/cap_milli", "6 points", "no cap", "kinder"),
        ),
        (
            LAW,
            "grace_days: 7",
            "grace_days: 14",
            ("hazard_overdue/hazard_overdue/grace_days", "7 days", "14 days", "kinder"),
        ),
        (
            LAW,
            "ladder: [0, -1, -2]",
            "ladder: [0, -1, -3]",
            ("ebike_violation/ebike_violation/ladder_milli/3", "-2 points", "-3 points", "stricter"),
        ),
        (
            GIVING,
            "daily_limit: 8",
            "daily_limit: 6",
            ("volunteering/volunteering/daily_limit_milli", "8 hours", "6 hours", "stricter"),
        ),
        (
            LAW,
            "        ended_by_own: [safety_course_completed]\n",
            "",
            ("ebike_violation/ebike_violation/ended_by_own", "safety course completed", "nothing", "stricter"),
        ),
        (
            VILLAGE,
            "combine: {kind: strongest, within: quarter}\n    cap: 8\n    rules:\n      - rule: compact_review",
            "combine: {kind: sum}\n    cap: 8\n    rules:\n      - rule: compact_review",
            ("village_compact/combine", "within each quarter", "all add up", "kinder"),
        ),
        (
            PROMISES,
            "        levels: [organiser]\n",
            "",
            ("malicious_ring/malicious_ring_organiser/levels", "organiser", "all", "stricter"),
        ),
        (
            VILLAGE,
            "needed_without_table: 100",
            "needed_without_table: 80",
            (
                "neighborhood_points/neighborhood_points/needed_without_table_milli",
                "100 neighbour points",
                "80 neighbour points",
                "kinder",
            ),
        ),
        ("edition", "from_points: 120", "from_points: 118", ("AA/from_milli", "120 points", "118 points", "kinder")),
        (
            "edition",
            "look_through_factor: 0.5",
            "look_through_factor: 0.4",
            ("look_through_factor_milli", "50%", "40%", "mixed"),
        ),
    ],
)
def test_a_changed_value_is_told_with_its_unit_and_for_whose_good(
    rulebook: Rulebook, edited: Edit, file: str, old: str, new: str, expected: tuple[str, ...]
) -> None:
    assert told(difference(rulebook, edited(file, (old, new)))) == [expected]


def test_the_same_change_read_backwards_means_the_opposite(rulebook: Rulebook) -> None:
    newer = load_rulebook("2027-01")
    there, back = difference(rulebook, newer), difference(newer, rulebook)
    turned = {"kinder": "stricter", "stricter": "kinder"}
    assert there
    assert {each.code: (each.old, each.new) for each in there} == {each.code: (each.new, each.old) for each in back}
    assert {each.code: turned.get(each.direction, each.direction) for each in there} == {
        each.code: each.direction for each in back
    }


def test_the_second_edition_takes_points_by_one_change_only(rulebook: Rulebook) -> None:
    changes = difference(rulebook, load_rulebook("2027-01"))
    assert [each.code for each in changes if each.direction in {"stricter", "mixed"}] == [
        "civil_conduct/household_hygiene/cap_milli"
    ]
    (cap,) = (each for each in changes if each.direction == "stricter")
    assert cap.sentence.zh == "3 文明行为·3.1 环境卫生·上限：由8分改为6分，对居民更严。"
    assert cap.sentence.en == (
        "3 civil conduct, 3.1 household hygiene, cap: 8 points becomes 6 points; stricter to citizens."
    )


HONOUR = """        levels: [city]
        method: {kind: fixed, points: 8, fade_months: 12}
        validity_months: 36
        look_through"""


@pytest.mark.parametrize(
    ("method", "directions"),
    [
        ("points: 8, fade_months: 24}\n        validity_months: 36", {"fade_months": "stricter"}),
        (
            "points: 8, fade_months: 24}\n        validity_months: 48",
            {"fade_months": "kinder", "validity_months": "kinder"},
        ),
        (
            "points: 8, fade_months: 36}\n        validity_months: 48",
            {"fade_months": "mixed", "validity_months": "mixed"},
        ),
        (
            "points: 7, fade_months: 12}\n        validity_months: 48",
            {"points_milli": "mixed", "validity_months": "mixed"},
        ),
    ],
)
def test_points_validity_and_fading_of_one_rule_are_judged_together(
    rulebook: Rulebook, edited: Edit, method: str, directions: dict[str, str]
) -> None:
    new = HONOUR.replace("points: 8, fade_months: 12}\n        validity_months: 36", method)
    changes = difference(rulebook, edited(CONDUCT, (HONOUR, new)))
    assert {each.code.rsplit("/")[-1]: each.direction for each in changes} == directions
    assert {each.path[-2].en for each in changes} == {"city"}


def test_bands_beyond_the_last_edge_are_judged_by_what_one_more_unit_is_worth(rulebook: Rulebook, edited: Edit) -> None:
    open_band = "{upto: null, points_per_unit: 0.05}"
    (change,) = difference(rulebook, edited(GIVING, (open_band, "{upto: null, points_per_unit: 0.04}")))
    assert change.direction == "stricter"


@pytest.mark.parametrize(
    ("upto", "price", "direction"), [("40", "0.2", "kinder"), ("20", "0.15", "stricter"), ("60", "0.15", "mixed")]
)
def test_bands_are_judged_by_what_every_quantity_is_worth(
    rulebook: Rulebook, edited: Edit, upto: str, price: str, direction: str
) -> None:
    band = "{upto: 20, points_per_unit: 0.2}"
    new = edited(GIVING, (band, f"{{upto: {upto}, points_per_unit: {price}}}"))
    (change,) = difference(rulebook, new)
    assert change.direction == direction
    assert f"{price} up to {upto} hours" in change.new.en
    assert f"{upto}小时内每小时{price}分" in change.new.zh


MEMBER = """      - rule: malicious_ring_member
        event_type: malicious_ring
        levels: [member]
        method: {kind: fixed, points: 0}
        validity_months: 36
        severity: serious
        document_classes: [刑事判决书, 民事判决书]
        catalogue_item: DEMO-2.2
        sentence:
          zh: 呈会的普通会员和受害人不扣分。
          en: Ordinary members and victims of a credit ring lose no points.
"""


def test_rules_come_and_go_for_whom_they_give_or_take_points(rulebook: Rulebook, edited: Edit) -> None:
    without = edited(PROMISES, (MEMBER, ""))
    (gone,) = difference(rulebook, without)
    assert (gone.act, gone.old.en, gone.new.en, gone.direction) == ("removed", "0 points", "nothing", "neutral")
    patrol = load_rulebook("2026-01").rules
    assert "patrol" in {rule.rule for _, rule in patrol}
    start = "      - rule: patrol\n"
    text = (RULEBOOKS / "2026-01" / f"{VILLAGE}.yaml").read_text("utf-8")
    block = text[text.index(start) : text.index("      - rule: grid_help")]
    fewer = edited(VILLAGE, (block, ""))
    (removed,) = difference(without, fewer)
    (added,) = difference(fewer, without)
    assert (removed.act, removed.direction, added.act, added.direction) == ("removed", "stricter", "added", "kinder")
    assert removed.sentence.zh == "5 村社治理·5.3 议事、巡防和网格协助·巡防：取消（0.5分），对居民更严。"


def test_an_indicator_that_goes_takes_its_rules_along_each_on_a_line(rulebook: Rulebook, edited: Edit) -> None:
    text = (RULEBOOKS / "2026-01" / f"{CONDUCT}.yaml").read_text("utf-8")
    block = text[text.index('  - indicator: "3.2"') : text.index('  - indicator: "3.3"')]
    changes = difference(rulebook, edited(CONDUCT, (block, "")))
    assert [(each.code, each.act, each.direction) for each in changes] == [
        ("civil_conduct/uncivil_conduct", "removed", "kinder"),
        ("civil_conduct/uncivil_conduct/uncivil_conduct", "removed", "kinder"),
    ]


def test_a_renumbered_indicator_is_changed_and_not_removed_and_added(rulebook: Rulebook, edited: Edit) -> None:
    changes = difference(rulebook, edited(CONDUCT, ('indicator: "3.2"', 'indicator: "3.4"')))
    assert told(changes) == [("uncivil_conduct/indicator", "3.2", "3.4", "neutral")]


def test_an_indicator_that_moves_to_another_dimension_says_so(rulebook: Rulebook, edited: Edit) -> None:
    text = (RULEBOOKS / "2026-01" / f"{CONDUCT}.yaml").read_text("utf-8")
    start = text.index('  - indicator: "3.2"')
    block = text[start : text.index('  - indicator: "3.3"')]
    edited(CONDUCT, (block, ""))
    moved = edited(LAW, ("indicators:\n", f"indicators:\n{block}"))
    assert [(each.code, each.old.en, each.new.en) for each in difference(rulebook, moved)] == [
        ("law_abiding/uncivil_conduct/dimension", "civil conduct", "keeping the law")
    ]


def models() -> dict[str, type[BaseModel]]:
    kinds: dict[str, Any] = vars(rulebook)
    return {
        name: kind
        for name, kind in kinds.items()
        if isinstance(kind, type) and issubclass(kind, rulebook.Strict) and kind is not rulebook.Strict
    }


def test_every_field_of_an_edition_has_words_or_is_looked_into() -> None:
    inside = {"Sentence", "Name", "LegalBasis", "Sum", "Strongest", "Concave", "Band"}
    fields = {
        (name, field)
        for name, kind in models().items()
        if name not in inside
        for field in kind.model_fields
        if field not in {"kind", "dimensions"}
    }
    assert fields == (set(FIELDS) | IDENTITY | PARTS) - {("Concave", "bands")}
