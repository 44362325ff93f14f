import re
from typing import Any

import pytest

from loan_service.foundation.wing import Wing


@pytest.fixture
def rows(load_rows: Any, district: Wing) -> Any:
    module = load_rows("district_rows")
    module.fill_district(district)
    return module


def test_a_person_reads_every_point_with_its_source_and_end(client: Any, rows: Any) -> None:
    page = client.page(f"/district/persons/{rows.PERSON}").text
    assert "陈*霞" in page
    assert "126.5" in page
    for record_no in ("EB-0007", "G-31", "Z0", "V1", "P1"):
        assert record_no in page
    assert "志愿浙江" in page
    assert '计到 <time datetime="2027-01-10">2027年1月10日</time>' in page
    assert "按法定代表人减半计入" in page
    assert "演示参数" in page


def test_a_person_page_knows_nothing_of_banks(client: Any, rows: Any) -> None:
    page = client.page(f"/district/persons/{rows.PERSON}").text
    for foreign in ("island_rural", "harbour_city", "coast_village", "/bank", "pseudonym", "household"):
        assert foreign not in page


def test_the_page_states_day_edition_and_source_of_its_figures(client: Any, rows: Any) -> None:
    page = client.page(f"/district/persons/{rows.PERSON}?lang=en").text
    assert "Scoring edition 2026-01, known up to log position 8." in page
    assert "15 Jun 2026" in page


def test_a_number_is_looked_up_and_never_searched(client: Any, rows: Any) -> None:
    found = client.page("/district/persons", params={"person_id": f" {rows.PERSON} "})
    assert (found.status_code, found.headers["location"]) == (303, f"/district/persons/{rows.PERSON}")
    odd = client.page("/district/persons?person_id=%3Cb%3E陈")
    assert odd.status_code == 422
    assert "<b>" not in odd.text
    assert "编号只含数字" in odd.text


def test_intake_shows_what_became_of_the_rows(client: Any, rows: Any) -> None:
    page = client.page("/district/intake").text
    assert "身份证号校验码不符" in page
    assert "1 个损坏" in page
    assert re.search(r"治安处罚记录</dt><dd>2 行", page)
    assert "3 行" in page  # three rows wait for the same reason


@pytest.mark.parametrize("path", ["/district/persons", "/district/intake"])
def test_a_district_without_files_says_so(client: Any, path: str) -> None:
    page = client.page(path)
    assert page.status_code == 200
    assert "还没有" in page.text
