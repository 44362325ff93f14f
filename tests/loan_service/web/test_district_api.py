from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)


@pytest.fixture
def rows(load_rows: Any, district: Wing) -> Any:
    """The module of sample rows, written into the district."""
    module = load_rows("district_rows")
    module.fill_district(district)
    return module


def test_an_empty_district_has_figures_of_nought(client: Any) -> None:
    answer = client.get("/district/figures")
    assert answer.status_code == 200
    assert answer.json()["as_of"] == "2026-06-15"
    assert answer.json()["intake"]["rows_read"] == 0
    assert [each["grade"] for each in answer.json()["grades"]] == ["AAA", "AA", "A", "B", "C"]


def test_figures_count_rows_by_outcome_and_persons_by_grade(client: Any, rows: Any) -> None:
    figures = client.get("/district/figures").json()
    intake = figures["intake"]
    outcomes = ("landed", "repeated", "quarantined", "refused", "without_consent")
    assert intake["rows_read"] == 1000 == sum(intake[f"rows_{name}"] for name in outcomes)
    assert (intake["files"], intake["broken_files"]) == (2, 1)
    assert (figures["registered"], figures["enrolled"], figures["indexed"]) == (3, 1, 1)
    assert {each["grade"]: each["persons"] for each in figures["grades"] if each["persons"]} == {"AA": 1}


def test_sources_are_counted_one_by_one(client: Any, rows: Any) -> None:
    items = client.get("/district/sources").json()["items"]
    assert [(each["source_code"], each["rows_read"]) for each in items] == [
        ("district_grid", 100),
        ("volunteering", 900),
    ]


def test_quarantine_pages_by_cursor_and_shows_no_content(client: Any, rows: Any) -> None:
    first = client.get("/district/quarantine?limit=2").json()
    second = client.get("/district/quarantine", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [row["row_number"] for row in first["items"] + second["items"]] == [3, 7, 8]
    assert second["next_cursor"] is None
    assert client.get("/district/quarantine?source_code=district_grid").json()["items"] == []


@pytest.mark.parametrize("cursor", ["x", "bm9uZQ", "WzEsMl0", "W10", "é"])
def test_a_cursor_of_elsewhere_is_refused(client: Any, cursor: str) -> None:
    answer = client.get("/district/quarantine", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["code"] == "cursor.invalid"


def test_the_explanation_adds_up_exactly_and_names_a_source_for_every_point(client: Any, rows: Any) -> None:
    told = client.get(f"/district/persons/{rows.PERSON}/index").json()
    assert told["index_milli"] == rows.INDEX
    total = told["base_milli"] + sum(entry["points_milli"] for entry in told["adjusting"])
    for dimension in told["dimensions"]:
        entries = [entry for each in dimension["indicators"] for entry in each["entries"]] + dimension["adjusting"]
        assert dimension["points_milli"] == sum(entry["points_milli"] for entry in entries)
        total += dimension["points_milli"]
        for entry in entries:
            assert entry["sentence"]["zh"]
            assert (entry["kind"] == "point") == (entry["source"] is not None)
    assert total == told["index_milli"]


def test_a_point_through_an_entity_says_so(client: Any, rows: Any) -> None:
    told = client.get(f"/district/persons/{rows.PERSON}/index").json()
    entries = [entry for d in told["dimensions"] for each in d["indicators"] for entry in each["entries"]]
    through = [entry["rule"] for entry in entries if entry["look_through"]]
    assert through == ["hazard_overdue"]


def test_an_identifier_is_text_so_that_no_program_rounds_it(client: Any, rows: Any) -> None:
    assert client.get(f"/district/persons/{rows.PERSON}/index").json()["person_id"] == str(rows.PERSON)


def test_unknown_withdrawn_and_never_enrolled_look_the_same(client: Any, rows: Any) -> None:
    strangers = (rows.WITHDRAWN, rows.NOT_ENROLLED, 999)
    problems = [client.get(f"/district/persons/{person_id}/index") for person_id in strangers]
    pages = [client.page(f"/district/persons/{person_id}") for person_id in strangers]
    assert [answer.status_code for answer in problems + pages] == [404] * 6
    assert len({answer.content for answer in problems}) == 1
    switch = "/district/persons/{}?lang=en"
    assert len({page.text.replace(switch.format(p), "") for page, p in zip(pages, strangers, strict=True)}) == 1


def test_a_strangers_number_is_answered_without_reading_a_single_event(client: Any, rows: Any, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("REVOKE SELECT ON district.events FROM haixia_district"))
    try:
        for person_id in (rows.WITHDRAWN, rows.NOT_ENROLLED, 999):
            assert client.get(f"/district/persons/{person_id}/index").status_code == 404
    finally:
        with owner.begin() as connection:
            connection.execute(text("GRANT SELECT ON district.events TO haixia_district"))


def test_the_past_is_answered_as_it_was(client: Any, rows: Any) -> None:
    assert client.get(f"/district/persons/{rows.WITHDRAWN}/index?as_of=2026-06-05").status_code == 200
    assert client.get(f"/district/persons/{rows.WITHDRAWN}/index?as_of=2026-06-10").status_code == 404
    assert client.get(f"/district/persons/{rows.PERSON}/index?as_of=2026-06-14").status_code == 404


@pytest.mark.parametrize("person_id", ["0", "-1", "x", str(2**63), "1.5"])
def test_what_is_no_number_is_an_invalid_request(client: Any, person_id: str) -> None:
    assert client.get(f"/district/persons/{person_id}/index").status_code == 422
