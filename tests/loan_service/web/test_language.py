from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import loan_service
from loan_service.web.language import Language, words

ROOT = Path(loan_service.__file__).parent
ROOMS = sorted({path.parent for path in ROOT.rglob("*.html")})


def test_chinese_comes_first(client: Any) -> None:
    page = client.page("/district/persons")
    assert '<html lang="zh-Hans">' in page.text
    assert page.headers["content-language"] == "zh-Hans"
    assert "我要查分" in page.text
    assert 'lang="en">My index' in page.text  # English stands beside the title


def test_english_is_one_click_away_and_stays(client: Any) -> None:
    page = client.page("/district/persons?person_id=x")
    assert 'href="/district/persons?person_id=x&amp;lang=en"' in page.text
    english = client.page("/district/persons?person_id=x&lang=en")
    assert '<html lang="en">' in english.text
    assert "lang=en" in english.headers["set-cookie"]
    assert "HttpOnly" in english.headers["set-cookie"]
    assert '<html lang="en">' in client.page("/district/intake", headers={"Cookie": "lang=en"}).text


@pytest.mark.parametrize(
    ("header", "language"),
    [("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), ("de", "zh-Hans"), ("", "zh-Hans")],
)
def test_a_browser_gets_english_only_where_it_does_not_read_chinese(client: Any, header: str, language: str) -> None:
    assert client.page("/district/persons", headers={"Accept-Language": header}).headers["content-language"] == language


@pytest.mark.parametrize("wish", ["fr", "", "en%22%3E"])
def test_an_unknown_language_is_no_language(client: Any, wish: str) -> None:
    assert client.page(f"/district/persons?lang={wish}").headers["content-language"] == "zh-Hans"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_no_text_of_a_page_is_left_untranslated(room: Path) -> None:
    known = {message.id for each in ROOMS for message in _catalogue(each) if message.string}
    assert _texts(room) - known == set()


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.po")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_is_translated_twice(path: Path) -> None:
    entries = path.read_text("utf-8").split("\n\n")
    named = [tuple(line for line in entry.splitlines() if line.startswith(("msgctxt", "msgid"))) for entry in entries]
    assert len(set(filter(None, named))) == len(list(filter(None, named)))


def test_no_translation_has_lost_its_text_or_its_numbers() -> None:
    used = {text for room in ROOMS for text in _texts(room)}
    for room in ROOMS:
        for message in _catalogue(room):
            if message.id and not message.context:
                assert message.id in used, f"{room}: {message.id}"
                assert _names(str(message.id)) == _names(str(message.string))


def test_a_code_without_a_word_reads_as_itself() -> None:
    chinese = words(Language.ZH, tuple(ROOMS))
    assert chinese.term("source", "volunteering") == "志愿浙江"
    assert chinese.term("source", "never_heard_of") == "never heard of"


def _texts(room: Path) -> set[str]:
    options = {"extensions": "jinja2.ext.i18n", "silent": "false"}
    found: set[str] = set()
    for path in room.glob("*.html"):
        with path.open("rb") as file:
            keywords = {"_": None, "both": None}
            found |= {
                str(text) for _, text, _, _ in extract("jinja2.ext:babel_extract", file, keywords, (), options) if text
            }
    return found


def _catalogue(room: Path) -> Catalog:
    with (room / "zh.po").open("rb") as file:
        return read_po(file)


def _names(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}
