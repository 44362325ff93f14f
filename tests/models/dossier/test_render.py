"""Pages only format: page one warns, every table is drawn, the validator's part stays empty until somebody writes."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from models.dossier import Case, DossierFacts, facts_of
from models.dossier.loader import rules, scenarios
from models.dossier.render import facts_within, render
from models.dossier.wording import ORIGINS, sections
from models.training import BankModels, TrainedModel

MakeCase = Callable[..., Case]
DAY = date(2026, 6, 15)


@pytest.mark.slow
def test_equal_facts_give_equal_bytes_and_carry_themselves(facts: DossierFacts, page: str) -> None:
    again = render(DossierFacts.from_text(facts.text))
    assert again.decode() == page
    assert facts_within(again).sha256 == facts.sha256
    assert facts.sha256 in page


def test_page_one_says_that_nothing_is_evidence_about_dongtou_and_where_the_data_come_from(page: str) -> None:
    cover = page[: page.index("</header>")]
    assert "本档案中的任何数字都不是关于真实洞头借款人的证据" in cover
    assert "No figure in this dossier is evidence about real Dongtou borrowers" in cover
    assert "Data origin: simulated" in cover
    assert "数据来源：模拟" in cover


@pytest.mark.parametrize("origin", sorted(ORIGINS))
def test_every_origin_is_told_in_both_languages(facts: DossierFacts, plots: dict[str, str], origin: str) -> None:
    identity = facts.tree["identity"] | {"training_data_origin": origin}
    told = render(DossierFacts({**facts.tree, "identity": identity}), plots).decode()
    assert ORIGINS[origin].name_zh in told
    assert f"Data origin: {ORIGINS[origin].name_en}" in told


def test_every_section_stands_once_in_order_with_chinese_and_english(page: str) -> None:
    found = re.findall(r'<h2 id="(\w+)">', page)
    assert found == list(sections())
    for one in sections().values():
        assert one.zh in page
        assert one.en.replace("'", "&#39;") in page


def test_every_feature_and_every_interaction_has_its_picture(facts: DossierFacts, page: str) -> None:
    shapes = page[page.index('<h2 id="shapes">') : page.index('<h2 id="interactions">')]
    assert shapes.count("<svg") == 1 + len(facts.tree["shapes"])
    for shape in facts.tree["shapes"]:
        assert f"<code>{shape['name']}</code>" in shapes
    drawn = page[page.index('<h2 id="interactions">') : page.index('<h2 id="performance">')]
    assert drawn.count("<svg") >= len(facts.tree["interactions"])
    assert drawn.count('<section class="interaction') == len(facts.tree["interactions"])


def test_an_empty_validators_part_says_so_and_a_written_one_is_printed_whole(
    make_case: MakeCase, baseline: TrainedModel, plots: dict[str, str], page: str
) -> None:
    assert "尚无验证人在此书写" in page
    assert "No validator has written here yet" in page
    finding: dict[str, Any] = {
        "finding_id": "F-7", "severity": "high", "text": "<b>fishery</b> is under-predicted", "owner": "Lin",
        "due_on": DAY, "raised_by": "Zhao", "raised_on": DAY,
        "closing": {"closed_by": "Zhao", "closed_on": DAY, "evidence": "refitted, see run 12"},
    }  # fmt: skip
    findings = [finding, {**finding, "finding_id": "F-8", "closing": None}]
    told = render(facts_of(make_case(baseline, findings=findings)), plots).decode()
    assert "No validator has written here yet" not in told
    for text in ("F-7", "&lt;b&gt;fishery&lt;/b&gt; is under-predicted", "refitted, see run 12", "未关闭 open", "Lin"):
        assert text in told
    assert "<b>fishery</b>" not in told[: told.index('id="facts"')]


def test_nothing_that_was_not_read_is_printed_with_an_article_number(page: str) -> None:
    """Tags of the domain notes: S and M duties stand without numbers, and every duty shows its tag."""
    for rule in rules():
        for duty in rule.duties:
            assert f"[{duty.tag}]" in page
            if duty.tag != "V":
                assert not re.search(
                    r"第[一二三四五六七八九十百\d]+条|[Aa]rt(icle|\.) ?\d", duty.duty_zh + duty.duty_en
                )
    assert {rule.code for rule in rules()} >= {"sr_26_2", "internet_loans", "jrt_0221", "eu_annex_iv"}


def test_every_duty_names_sections_that_exist() -> None:
    for rule in rules():
        for duty in rule.duties:
            assert set(duty.sections) <= set(sections()), duty.duty_en


def test_the_three_asked_scenarios_are_there(page: str) -> None:
    assert {one.code for one in scenarios()} >= {"fishing_ban", "typhoon_year", "tourism_slump"}
    for one in scenarios():
        assert one.title_zh in page
        assert one.title_en in page
        assert one.origin.startswith("[P]")


@pytest.mark.slow
def test_the_model_with_the_grade_has_pages_too(make_case: MakeCase, both: BankModels) -> None:
    assert both.full is not None
    told = render(facts_of(make_case(both.full, both.baseline))).decode()
    assert "本模型不定价" in told
    assert "训练时所记" in told


def test_the_page_needs_nothing_else(page: str) -> None:
    body = page[: page.index('id="facts"')]
    assert not re.search(r'(src|href)="(?!#)', body)
    assert "@import" not in body
    assert "url(" not in body


def test_a_page_without_facts_is_refused() -> None:
    with pytest.raises(ValueError, match="no facts"):
        facts_within(b"<html></html>")
