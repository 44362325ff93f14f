"""A visitor walks from the first page to a household's offer and to a person's ledger, with a phone in the hand."""

from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Page]
PAGES = ["", "bank", "bank/island_rural/households", "bank/island_rural/households/H000001"]


@pytest.mark.parametrize("options", [{}, {"script": False}], ids=["with script", "without script"])
def test_from_the_first_page_to_a_households_offer(
    visit: Visit, households: ModuleType, options: dict[str, bool]
) -> None:
    page = visit("/", **options)
    expect(page.get_by_role("heading", level=1)).to_contain_text("今日流程")
    page.get_by_role("link", name="选择银行").click()
    page.get_by_role("link", name="查找家庭").first.click()
    page.get_by_label("村社").select_option("V017")
    page.get_by_role("button", name="查看").click()
    page.get_by_role("link", name=households.SIGNED).click()
    expect(page.locator(".offer-limit")).to_have_text("74,000 元")
    expect(page.locator(".ledger .bonus")).to_have_count(2)
    page.get_by_text("银行明细").click()
    expect(page.get_by_text("违约概率")).to_be_visible()


def test_from_the_first_page_to_a_persons_ledger(visit: Visit, people: ModuleType) -> None:
    page = visit("/")
    page.get_by_role("link", name="按编号查分").click()
    page.get_by_label("个人编号").fill(str(people.PERSON))
    page.get_by_role("button", name="查看诚信文明分").click()
    expect(page.locator(".index-value")).to_have_text("126.5")
    record = page.get_by_text("EB-0007")
    expect(record).to_be_hidden()
    page.get_by_text("这条从哪里来？").first.click()
    expect(record).to_be_visible()


def test_a_wrong_number_is_told_beside_the_field(visit: Visit) -> None:
    page = visit("/district/persons")
    page.get_by_label("个人编号").fill("三号")
    page.get_by_role("button", name="查看诚信文明分").click()
    expect(page.get_by_label("个人编号")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("编号只含数字")).to_be_visible()


def test_the_clock_moves_with_a_click(visit: Visit, moves: list[Any]) -> None:
    page = visit("/")
    page.get_by_role("button", name="前进一个月").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("今日流程")
    assert moves == [(date(2026, 6, 15), date(2026, 7, 15))]


def test_english_is_one_click_away_and_stays(visit: Visit) -> None:
    page = visit("/")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today's flow")
    page.get_by_role("link", name="Choose a bank").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Banks")


def test_everything_can_be_reached_with_the_keyboard(visit: Visit) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="前进一天")).to_be_focused()


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_no_page_is_wider_than_its_window(visit: Visit, people: ModuleType, width: int) -> None:
    page = visit("/", width)
    home = page.url
    for path in [*PAGES, "district/persons", "district/intake", f"district/persons/{people.PERSON}", "docs"]:
        for language in ("zh", "en"):
            page.goto(f"{home}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)


def test_the_style_comes_and_a_script_would_not(visit: Visit) -> None:
    page = visit("/")
    answer = page.reload()
    assert answer
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 243, 236)"
