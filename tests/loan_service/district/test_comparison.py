"""Pictures of a comparison: both languages, nothing of a small group, and no drawing library before the first one."""

import datetime as dt
import re
import subprocess
import sys

import pytest

from loan_service.district.views.comparison import rule_impacts
from loan_service.district.views.comparison_charts import charts
from scoring import load_rulebook
from scoring.attribution import RulePart
from scoring.compare import Bar, Comparison, Grades, GroupMoves, Moves, Quantile, Transition


def comparison() -> Comparison:
    grades = ("AAA", "AA", "A", "B", "C")
    return Comparison(
        old_edition="2026-01",
        old_hash="0" * 64,
        new_edition="2027-01",
        new_hash="1" * 64,
        as_of=dt.date(2026, 6, 15),
        known_position=7,
        smallest_group=10,
        only_old=None,
        only_new=None,
        moves=Moves(5_432, 321, 5_000, 111),
        points_milli=12_345,
        change=(
            Bar(-20_000, None, None),
            Bar(-1_000, -2_000, 111),
            Bar(0, -500, None),
            Bar(0, 0, 5_000),
            Bar(0, 500, None),
            Bar(500, 1_000, 310),
            Bar(20_000, None, None),
        ),
        quantiles=(Quantile(500, 0),),
        grades=Grades(
            dict.fromkeys(grades),
            dict.fromkeys(grades),
            tuple(Transition(old, new, 4_321 if old == new == "A" else None) for old in grades for new in grades),
        ),
        rules=(
            RulePart("rule", "4", "4.1", "volunteering", 300, 60_500),
            RulePart("rule", "3", "3.3", "honour_family_city", 12, 900),
            RulePart("indicator_cap", "3", "3.1", "", 222, -40_000),
            RulePart("dimension_cap", "3", "", "", 30, -500),
            RulePart("rounding", "", "", "", 40, 17),
        ),
        other_rules=RulePart("others", "", "", "", None, None),
        groups={
            "age_band": (
                GroupMoves("18–29", Moves(432, 200, 180, 52), 1_000),
                GroupMoves("75+", Moves(None, None, None, None), None),
            )
        },
    )


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    impacts = rule_impacts(comparison(), load_rulebook("2027-01"), load_rulebook("2026-01"))
    return {name: " ".join(re.sub("<[^>]+>", " ", svg).split()) for name, svg in charts(comparison(), impacts).items()}


def test_four_pictures_tell_the_comparison_in_both_languages(drawn: dict[str, str]) -> None:
    assert list(drawn) == ["change", "grades", "rules", "age_bands"]
    for words in drawn.values():
        assert "2026-01 → 2027-01 · 2026-06-15 · 5,432 人 / persons" in words
    assert "变化（分）/ change in points" in drawn["change"]
    assert "5,000" in drawn["change"]
    assert "4,321" in drawn["grades"]
    assert "200" in drawn["age_bands"]


def test_rules_are_named_and_not_coded(drawn: dict[str, str]) -> None:
    words = drawn["rules"]
    caps = ("3.1 环境卫生·单项封顶", "文明行为·方面封顶")
    for name in ("4.1 志愿服务", "4.1 volunteering", "3.3 文明荣誉·家庭·市级", *caps, "取整", "其余合计"):
        assert name in words
    assert "+60.5 分 · 300 人" in words
    assert "volunteering_" not in words


def test_what_is_hidden_is_a_dash(drawn: dict[str, str]) -> None:
    assert drawn["grades"].split().count("—") == 24 + 1  # and the note that explains it
    assert drawn["change"].split().count("—") == 4 + 1


def test_bars_are_labelled_from_the_lower_to_the_higher_edge(drawn: dict[str, str]) -> None:
    assert "&lt;−20 −2～−1 −0.5～0 0 0～+0.5 +0.5～+1 &gt;+20" in drawn["change"]


def test_the_serving_process_and_the_command_line_draw_nothing_before_they_are_asked() -> None:
    looked = (
        "import sys, loan_service.app, loan_service.cli, loan_service.district.views.comparison_charts\n"
        "print([name for name in ('altair', 'vl_convert') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
