import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from loan_service.app import create_app
from loan_service.foundation.wing import Wing
from loan_service.home.flow import lanes
from loan_service.settings import Settings
from loan_service.web.language import Language, words

DAY = date(2026, 6, 15)


@pytest.fixture
def both(load_rows: Any, district: Wing, bank: Wing) -> tuple[Any, Any]:
    """Sample rows of both wings, each written by its own role."""
    people, households = load_rows("district_rows"), load_rows("bank_rows")
    people.fill_district(district)
    households.fill_bank(bank)
    return people, households


def test_the_first_page_shows_the_flow_from_records_to_money(client: Any, both: Any) -> None:
    page = client.page("/").text
    labels = re.findall(r'class="step-label">([^<]+)<', page)
    assert (labels[0], labels[-1]) == ("部门送达", "当前余额")
    values = re.findall(r'class="step-value">([^<]+)<', page)
    assert values[:2] == ["1,000", "920"]
    assert values[-3:] == ["7 万元", "4 万元", "3 万元"]
    assert "2026年6月15日" in page


def test_every_bar_is_as_long_as_its_share_of_the_longest(client: Any, both: Any) -> None:
    widths = [int(width) for width in re.findall(r'class="bar-fill" width="(\d+)"', client.page("/").text)]
    assert widths[:2] == [1000, 920]
    assert max(widths) == 1000


def test_the_headline_is_labelled_as_fitted_in_both_languages(client: Any, both: Any) -> None:
    for language in ("zh", "en"):
        page = client.page(f"/?lang={language}").text
        assert "拟合所得，并非预测 / fitted, not predicted" in page
        assert "5,914" in page
        assert "未参与拟合" in page or "not fitted" in page


def test_nothing_on_one_sides_page_leads_to_the_other_side(client: Any, both: Any) -> None:
    people, households = both
    person = client.page(f"/district/persons/{people.PERSON}").text
    household = client.page(f"/bank/island_rural/households/{households.SIGNED}").text
    assert "/bank" not in person
    assert "/district" not in household
    assert _keys(person) & _keys(household) == set()


def _keys(page: str) -> set[str]:
    """Whatever could join two rows: long numbers, long hex, the bank's and the agencies' own numbers."""
    body = page[page.index("<main") : page.index("</main>")]
    text = re.sub(r"<[^>]+>", " ", body)
    return {word for word in re.findall(r"[0-9A-Za-z-]{7,}", text) if re.search(r"\d", word)}


def test_a_house_without_rows_says_that_nothing_flowed_yet(client: Any) -> None:
    page = client.page("/")
    assert page.status_code == 200
    assert "还没有数据" in page.text


def test_every_step_and_lane_has_a_chinese_word(client: Any, both: Any) -> None:
    assert not re.search(r'class="step-label">[A-Za-z ]+<', client.page("/").text)
    chinese = words(Language.ZH, tuple(each for each in client.app.state.templates.rooms.values()))
    assert chinese.term("flow", "Drew money") == "已用信"
    assert lanes.__doc__


# --- the demonstration's clock ----------------------------------------------------------------------------------------
class Clock:
    def __init__(self) -> None:
        self.moves: list[tuple[date, date]] = []

    def __call__(self, seen: date, to: date) -> None:
        self.moves.append((seen, to))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def moving(settings: Settings, owner_url: str, clock: Clock, serving: Any) -> Iterator[Any]:
    with serving(create_app(settings, owner_url, clock)) as client:
        yield client


def advance(client: Any, form: dict[str, str], **headers: str) -> Any:
    return client.post("/demo/advance", data={"expected_date": "2026-06-15", **form}, headers=headers)


@pytest.mark.parametrize(
    ("form", "to"),
    [({"days": "1"}, date(2026, 6, 16)), ({"months": "1"}, date(2026, 7, 15)), ({"days": "20"}, date(2026, 7, 5))],
)
def test_a_click_moves_the_clock_and_returns_to_the_first_page(moving: Any, clock: Clock, form: Any, to: date) -> None:
    answer = advance(moving, form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert clock.moves == [(DAY, to)]


def test_a_page_that_is_behind_moves_nothing(moving: Any, clock: Clock) -> None:
    answer = advance(moving, {"expected_date": "2026-06-14", "days": "1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "clock.moved")
    assert clock.moves == []


def test_another_sites_form_moves_nothing(moving: Any, clock: Clock) -> None:
    answer = advance(moving, {"days": "1"}, Origin="http://elsewhere.example")
    assert (answer.status_code, answer.json()["code"]) == (403, "request.foreign_origin")
    assert advance(moving, {"days": "1"}, Origin="http://haixia.test").status_code == 303
    assert len(clock.moves) == 1


@pytest.mark.parametrize("form", [{}, {"days": "0"}, {"days": "-1"}, {"months": "99"}, {"days": "1", "x": "1"}])
def test_a_wish_without_sense_moves_nothing(moving: Any, clock: Clock, form: dict[str, str]) -> None:
    assert advance(moving, form).status_code == 422
    assert clock.moves == []


def test_a_process_that_was_given_no_clock_says_so(client: Any) -> None:
    answer = advance(client, {"days": "1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "demo.clock_stands")


def test_months_clamp_to_the_months_end() -> None:
    from loan_service.home.routes import TimeWish

    assert TimeWish(expected_date=date(2026, 1, 31), months=1).to == date(2026, 2, 28)
    assert TimeWish(expected_date=date(2026, 12, 31), months=2, days=1).to == date(2027, 3, 1)
