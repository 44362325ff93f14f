"""Residents, households and representatives as two registers deliver and correct them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office

FROM, UNTIL = dt.date(2020, 1, 1), dt.date(2024, 5, 1)


def test_a_resident_is_known_by_blind_ids_and_a_mask(office: Office) -> None:
    office.load()
    chen = next(p for p in office.rows_of("persons") if p["person_id"] == office.person_id(office.chen))
    assert (chen["name_masked"], chen["birth_on"], chen["sex"]) == ("陈**", dt.date(1980, 1, 1), "female")
    assert (chen["village_code"], chen["registered_from"], chen["died_on"]) == ("V001", dt.date(2000, 1, 1), None)
    stays = [m for m in office.rows_of("memberships") if m["person_id"] == chen["person_id"]]
    assert [(m["household_id"], m["relation"]) for m in stays] == [(office.household_id("H001"), "other")]


def test_a_person_may_have_several_stays(office: Office) -> None:
    rows = [
        office.stay(office.wang, 户号="H001", 村社代码="V001", 离户日期="2024-05-01", 离户原因="婚嫁"),
        office.stay(office.wang, 入户日期="2024-05-01"),
    ]
    for old in office.folder.glob("resident_register_*"):
        old.unlink()
    office.deliver("resident_register", rows)
    office.load()
    (person,) = office.rows_of("persons")
    assert (person["village_code"], person["registered_from"]) == ("V002", dt.date(2000, 1, 1))
    found = {(m["household_id"], m["until_on"], m["left_reason"]) for m in office.rows_of("memberships")}
    assert found == {(office.household_id("H001"), UNTIL, "marriage"), (office.household_id("H002"), None, None)}


def test_a_later_register_file_replaces_what_it_says_anew_and_repeats_the_rest(office: Office) -> None:
    died = office.stay(office.lin, 离户日期="2026-01-05", 离户原因="死亡")
    office.deliver("resident_register", [office.stay(office.chen), died], "20260110")
    summary = office.load()
    assert (summary.rows_landed, summary.rows_repeated) == (5, 1)
    frames = office.history().memberships.to_arrow().to_pylist()
    ends = {row["person_id"]: row["until_on"] for row in frames}
    assert (len(frames), ends[office.person_id(office.lin)]) == (4, dt.date(2026, 1, 5))


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"身份证号": "990305198001010019"}, "person.wrong_check_digit", "身份证号"),
        ({"姓名": "别人"}, "person.name_disagrees", "姓名"),
        ({"性别": "?"}, "value.unknown", "性别"),
        ({"村社代码": "1"}, "value.invalid", "村社代码"),
        ({"入户日期": "2030-01-01"}, "date.future", "入户日期"),
        ({"入户日期": ""}, "value.missing", "入户日期"),
        ({"离户日期": "1999-01-01"}, "period.reversed", "离户日期"),
    ],
)
def test_a_wrong_entry_is_named_and_the_others_land(
    office: Office, wrong: dict[str, str], code: str, field: str
) -> None:
    newcomer = office.person(office.person_number("19920202", 33), "新来的", "H003")
    office.deliver("resident_register", [office.stay(office.chen, **wrong), office.stay(newcomer)], "20260110")
    office.load()
    assert office.quarantined() == [("resident_register", 2, code, field)]
    assert office.person_id(newcomer) in {row["person_id"] for row in office.rows_of("persons")}


# --- representatives --------------------------------------------------------------------------------------------------
def terms(office: Office) -> list[tuple[int, dt.date, dt.date | None]]:
    rows = office.history().representatives.to_arrow().to_pylist()
    return sorted((row["person_id"], row["from_on"], row["until_on"]) for row in rows)


def test_of_overlapping_representatives_the_later_is_quarantined(office: Office) -> None:
    office.deliver(
        "legal_representatives",
        [
            office.term(office.lin, since="2023-01-01"),
            office.term(office.chen, until="2024-05-01"),
            office.term(office.wang, office.credit_code(2)),
        ],
    )
    summary = office.load()
    assert office.quarantined() == [("legal_representatives", 2, "representative.overlap", "任职日期")]
    assert (office.person_id(office.chen), FROM, UNTIL) in terms(office)
    assert len(terms(office)) == 2
    assert summary.reasons["representative.overlap"] == 1


def test_an_overlap_with_an_earlier_file_is_found_too(office: Office) -> None:
    office.deliver("legal_representatives", [office.term(office.chen)], "20260101")
    office.deliver("legal_representatives", [office.term(office.lin, since="2025-01-01")], "20260301")
    office.load()
    assert [code for _, _, code, _ in office.quarantined()] == ["representative.overlap"]
    assert terms(office) == [(office.person_id(office.chen), FROM, None)]


@pytest.mark.parametrize("order", [1, -1])
def test_one_leaves_and_another_comes_in_one_file(office: Office, order: int) -> None:
    office.deliver("legal_representatives", [office.term(office.chen)], "20260101")
    change = [office.term(office.chen, until="2024-05-01"), office.term(office.lin, since="2024-05-01")]
    office.deliver("legal_representatives", change[::order], "20260301")
    office.load()
    assert office.rows_of("quarantine") == []
    chen, lin = office.person_id(office.chen), office.person_id(office.lin)
    assert terms(office) == sorted([(chen, FROM, UNTIL), (lin, UNTIL, None)])


def test_a_representative_nobody_registered_is_named(office: Office) -> None:
    office.deliver(
        "legal_representatives", [office.term(office.stranger), office.term(office.chen, office.credit_code(2))]
    )
    office.load()
    assert office.quarantined() == [("legal_representatives", 2, "person.unregistered", "身份证号")]
    assert len(terms(office)) == 1


def test_a_wrong_unit_code_is_named(office: Office) -> None:
    office.deliver("legal_representatives", [office.term(office.chen, "91990305MA00000010")])
    office.load()
    assert [code for _, _, code, _ in office.quarantined()] == ["entity.wrong_check_character"]
