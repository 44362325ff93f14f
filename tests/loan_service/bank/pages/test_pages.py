import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bank_adapters import CODECS
from loan_service.bank import pages
from loan_service.foundation.wing import Wing
from loan_service.web.language import Language, words
from models.household_changes import KINDS
from models.policy_loader import load_policy


@pytest.fixture
def rows(load_rows: Any, bank: Wing) -> Any:
    module = load_rows("bank_rows")
    module.fill_bank(bank)
    return module


def household(client: Any, ref: str, query: str = "") -> str:
    answer = client.page(f"/bank/island_rural/households/{ref}{query}")
    assert answer.status_code == 200
    return str(answer.text)


def test_an_offer_is_told_in_yuan_with_its_whole_cost_beside_the_rate(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED)
    for text in ("74,000 元", "4.55%", "每万元每年 455 元", "4.65%", "综合融资成本", "36 个月", "演示参数"):
        assert text in page
    assert "不计诚信加成，额度为 62,000 元" in page
    assert "不计诚信优惠，利率为 4.85%" in page


def test_three_lines_tell_what_a_grade_is_worth_in_yuan_a_year(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED)
    lines = page[page.index('id="lines"') : page.index('id="limit"')]
    for text in ("不加入时", "3,007 元", "今天", "2,821 元", "一年少付 186 元", "额度多 12,000 元", "再升一级"):
        assert text in lines
    for text in ("2,635 元", "一年少付 372 元", "按不加入时的额度 62,000 元 用满一整年计算"):
        assert text in lines
    english = household(client, rows.SIGNED, "?lang=en")
    assert "RMB 186 less a year" in english
    assert "100 元。" not in lines


def test_a_grade_that_saves_under_a_hundred_yuan_a_year_says_so(client: Any, rows: Any) -> None:
    page = household(client, rows.OFFERED)
    lines = page[page.index('id="lines"') : page.index('id="limit"')]
    assert "一年少付 62 元" in lines
    assert "一年不到 100 元。" in lines


def test_an_offer_says_why_its_rate_is_not_the_lowest(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED)
    rate = page[page.index('id="rate"') : page.index('id="certificate"')]
    assert "利率没到最低的原因" in rate
    assert "从业年限较短" in rate


def test_without_an_offer_a_grade_is_told_to_be_worth_nothing(client: Any, rows: Any) -> None:
    page = household(client, rows.DECLINED)
    assert "<strong>0 元</strong> 没有预授信时，等级在这里不起作用" in page


def test_both_ledgers_show_every_row_and_mark_what_the_index_adds(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED)
    for text in ("72,500 元", "−10,000 元", "+12,000 元", "+1.85%", "−0.30%"):
        assert text in page
    assert page.count('class="bonus"') == 2


def test_the_certificate_is_shown_as_the_bank_knows_it(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED)
    assert "诚信自律、志愿服务" in page
    for foreign in (rows.PSEUDONYM, rows.CERTIFICATE, "person", "/district", "诚信文明分为"):
        assert foreign not in page


def test_contract_and_usage_stand_in_their_order(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED)
    timeline = page[page.index('id="timeline"') :]
    steps = ["预授信", "提出申请", "银行批准", "发起签约", "签订合同", "申请用信", "放款", "归还本金"]
    places = [timeline.index(f"\n      <span>{step}") for step in steps]
    assert places == sorted(places)
    assert rows.CONTRACT_NO in page


@pytest.mark.parametrize("language", list(Language))
def test_every_change_of_a_household_and_every_plan_has_a_word(language: Language) -> None:
    spoken = words(language, (Path(pages.__file__).parent,))
    for kind in set(KINDS) - {"withdrawn"}:  # a row that takes another back is itself no happening
        assert spoken.term("happening", f"household.{kind}") != f"household.{kind}".replace("_", " ")
    day = date(2026, 6, 15)
    plans = {plan.code for bank in CODECS for plan in load_policy(bank, day).policy.repayment_plans.on(day)}
    for code in plans:
        assert spoken.term("plan", code) != code.replace("_", " ")


def test_a_decline_gives_its_reasons_and_keeps_the_index_out_of_it(client: Any, rows: Any) -> None:
    page = household(client, rows.DECLINED)
    assert "暂不能提供额度" in page
    assert "两年内最长逾期超过30天" in page
    assert "以上都与诚信文明分无关" in page
    assert "为什么是这个额度" not in page


def test_without_a_certificate_the_baseline_stands(client: Any, rows: Any) -> None:
    page = household(client, rows.OFFERED)
    assert "没有凭证：按基础额度" in page
    assert 'class="bonus"' not in page


def test_english_reads_as_english(client: Any, rows: Any) -> None:
    page = household(client, rows.SIGNED, "?lang=en")
    for text in ("RMB 74,000", "Contract signed", "Income carries", "RMB 455 per 10,000 a year", "36 months"):
        assert text in page


def test_households_are_found_by_village_and_by_number(client: Any, rows: Any) -> None:
    listed = client.page("/bank/island_rural/households?village=V017").text
    assert re.findall(r'class="ref">(\w+)<', listed) == ["H000001", "H000002", "H000003"]
    assert "这里还没有预授信" in client.page("/bank/island_rural/households?village=V018").text
    found = client.page("/bank/island_rural/households?household_ref=H000002")
    assert (found.status_code, found.headers["location"]) == (303, "/bank/island_rural/households/H000002")
    odd = client.page("/bank/island_rural/households", params={"household_ref": "a/b?c=1"})
    assert odd.headers["location"] == "/bank/island_rural/households/a%2Fb%3Fc%3D1"


@pytest.mark.parametrize(
    "path", ["/bank/island_rural/households/H999", "/bank/nowhere/households", "/bank/nowhere/households/H000001"]
)
def test_what_is_not_there_is_said_kindly(client: Any, path: str) -> None:
    page = client.page(path)
    assert page.status_code == 404
    assert "没有" in page.text


def test_a_node_without_rows_has_pages_all_the_same(client: Any) -> None:
    assert "海岛农商银行·模拟" in client.page("/bank").text
    assert "这里还没有预授信" in client.page("/bank/island_rural/households").text
