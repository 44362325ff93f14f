"""One test per way a row can be wrong: it is named, kept out, and everything else of its file still lands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office

PERSON = "身份证号"
CASES = {
    # a negative record, otherwise complete
    "a future date": ("violation", {"发生日期": "2026-06-20"}, "date.future", "发生日期"),
    "a date before it was delivered but after the delivery": (
        "violation",
        {"发生日期": "2026-06-02"},
        "date.future",
        "发生日期",
    ),
    "a day that does not exist": ("violation", {"发生日期": "2026-02-30"}, "date.invalid", "发生日期"),
    "a date written as a bare number": ("violation", {"发生日期": "20260301"}, "date.invalid", "发生日期"),
    "a date that is a time stamp": ("violation", {"发生日期": "86400"}, "date.invalid", "发生日期"),
    "an absent date": ("violation", {"发生日期": ""}, "value.missing", "发生日期"),
    "an absent record number": ("violation", {"记录编号": ""}, "value.missing", "记录编号"),
    "an unknown record class": ("violation", {"类别": "闯红灯"}, "record_class.unknown", "类别"),
    "a negative without document class": ("violation", {"文书类型": ""}, "negative.no_document", "文书类型"),
    "a negative without document number": ("violation", {"文书号": ""}, "negative.no_document", "文书号"),
    "a negative without catalogue id": ("violation", {"目录编号": ""}, "negative.no_catalogue_item", "目录编号"),
    "a negative without effective date": ("violation", {"生效日期": ""}, "negative.no_effective_date", "生效日期"),
    "a negative without pre-notice": ("violation", {"告知日期": ""}, "negative.no_notice", "告知日期"),
    "a short identity number": ("violation", {PERSON: "99030519800101"}, "person.wrong_length", PERSON),
    "a wrong check digit": ("violation", {PERSON: "990305198001010019"}, "person.wrong_check_digit", PERSON),
    "a letter within the number": ("violation", {PERSON: "99030519800A010018"}, "person.wrong_check_digit", PERSON),
    "an impossible birth date": ("violation", {PERSON: "990305198002300018"}, "person.wrong_birth_date", PERSON),
    "no person at all": ("violation", {PERSON: ""}, "value.missing", PERSON),
    "a number without a name": ("violation", {"姓名": ""}, "value.missing", "姓名"),
    "name and number disagree": ("violation", {"姓名": "林永贵"}, "person.name_disagrees", "姓名"),
    # a penalty of a person or a unit
    "neither person nor unit": ("penalty", {PERSON: "", "姓名": ""}, "subject.missing", PERSON),
    "a short credit code": ("penalty", {"统一社会信用代码": "9199"}, "entity.wrong_length", "统一社会信用代码"),
    "a wrong check character": (
        "penalty",
        {"统一社会信用代码": "91990305MA00000010"},
        "entity.wrong_check_character",
        "统一社会信用代码",
    ),
    "an unknown level": ("penalty", {"等级": "特别严重"}, "value.unknown", "等级"),
    "a revocation of nothing": ("penalty", {"类别": "撤销"}, "reference.missing", "关联记录编号"),
    "a revocation of itself": (
        "penalty",
        {"类别": "撤销", "关联记录编号": "BAD"},
        "reference.unknown",
        "关联记录编号",
    ),
    "a restoration that never takes effect": (
        "penalty",
        {"类别": "信用修复", "关联记录编号": "SJ1", "生效日期": ""},
        "value.missing",
        "生效日期",
    ),
    # consented positives
    "a decimal comma": ("points", {"积分": "12,5"}, "number.decimal_comma", "积分"),
    "something that is no number": ("points", {"积分": "很多"}, "number.invalid", "积分"),
    "a negative number": ("points", {"积分": "-3"}, "number.out_of_range", "积分"),
    "four decimals": ("points", {"积分": "3.1415"}, "number.out_of_range", "积分"),
    "a quarter that does not exist": ("points", {"季度": "2026Q5"}, "date.invalid", "季度"),
    "a quarter still open": ("points", {"季度": "2026Q2"}, "date.future", "季度"),
    "a check-out before the check-in": ("session", {"签退时间": "2026-03-01 07:00"}, "period.reversed", "签退时间"),
    "a session of two days": ("session", {"签退时间": "2026-03-03 08:00"}, "number.out_of_range", "签退时间"),
    "a time that does not exist": ("session", {"签到时间": "2026-03-01 25:00"}, "date.invalid", "签到时间"),
    "three stars": ("inspection", {"星级": 3}, "number.out_of_range", "星级"),
    "one inspector twice": ("inspection", {"检查员乙": "检查员01"}, "witnesses.same", "检查员乙"),
    "a household nobody registered": ("inspection", {"户号": "H999"}, "household.unregistered", "户号"),
    # JSON Lines
    "a hazard due before it was ordered": ("hazard", {"deadline_on": "2026-01-01"}, "period.reversed", "deadline_on"),
    "a name that is a list": ("hazard", {"entity_name": ["a"]}, "value.invalid", "entity_name"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_row_is_named_and_the_rest_of_its_file_lands(case: str, office: Office) -> None:
    builder, wrong, code, field = CASES[case]
    office.consents(*(office.consent(office.chen, p) for p in ("volunteering", "neighborhood_points")))
    source_code, good = getattr(office, builder)(office.chen)
    number = "record_no" if "record_no" in good else "记录编号"
    if source_code == "household_hygiene":
        office.consents(office.consent(office.chen, source_code))
    office.deliver(source_code, [good | {number: "BAD"} | wrong, good | {number: "SJ1"}])
    first_row = 1 if "record_no" in good else 2

    summary = office.load()

    assert office.quarantined() == [(source_code, first_row, code, field)]
    assert [row["record_no"] for row in office.rows_of("source_records")] == ["SJ1"]
    assert len(office.rows_of("events")) == 1
    assert (summary.rows_quarantined, summary.reasons[code]) == (1, 1)


def test_a_person_nobody_registered_is_named(office: Office) -> None:
    office.deliver("ebike_control", [office.violation(office.stranger)[1], office.violation(office.lin, "DD2")[1]])
    assert office.load().rows_landed == len([*(office.chen, office.lin, office.child, office.wang), "the violation"])
    assert office.quarantined() == [("ebike_control", 2, "person.unregistered", "身份证号")]


def test_a_row_whose_name_and_number_disagree_never_deducts(office: Office) -> None:
    office.deliver("ebike_control", [office.violation(office.chen)[1] | {"姓名": office.lin.name}])
    office.load()
    assert len(office.history().events) == 0


def test_everything_wrong_with_a_row_is_said_and_the_row_counts_once(office: Office) -> None:
    row = office.violation(office.chen)[1] | {"发生日期": "gestern", "目录编号": "", "文书号": ""}
    office.deliver("ebike_control", [row])
    assert office.load().rows_quarantined == 1
    assert {code for _, _, code, _ in office.quarantined()} >= {"date.invalid"}
    office.deliver("ebike_control", [row | {"记录编号": "DD2", "发生日期": "2026-03-01"}], number=2)
    office.load()
    codes = {code for _, _, code, _ in office.quarantined()}
    assert codes == {"date.invalid", "negative.no_catalogue_item", "negative.no_document"}


def test_quarantine_says_what_and_how_to_mend_it_but_keeps_nothing_of_the_row(office: Office) -> None:
    office.deliver("ebike_control", [office.violation(office.chen)[1] | {"姓名": "林永贵"}])
    office.load()
    (row,) = office.rows_of("quarantine")
    assert (row["reason_zh"], row["reason_en"]) == ("姓名与身份证号不一致", "name and identity number disagree")
    assert "户籍登记" in row["remedy"]
    assert row["error_code"] == "person.name_disagrees"
    assert "林永贵" not in str(row)


def test_a_full_width_name_with_dots_and_spaces_is_the_same_name(office: Office) -> None:
    office.deliver("ebike_control", [office.violation(office.wang)[1] | {"姓名": " 王浩 然"}])
    assert office.load().rows_quarantined == 0


def test_a_lower_case_check_digit_is_right(office: Office) -> None:
    ends_in_x = next(p for p in (office.person_number("19700101", n) for n in range(1, 99)) if p.endswith("X"))
    office.deliver("resident_register", [office.stay(office.person(ends_in_x, "周子涵"))], "20260102")
    office.deliver("ebike_control", [office.violation(office.person(ends_in_x.lower(), "周子涵"))[1]])
    assert office.load().rows_quarantined == 0
    assert len(office.rows_of("events")) == 1


def test_an_unassigned_region_is_a_note_not_an_error(office: Office) -> None:
    office.deliver("ebike_control", [office.violation(office.chen)[1]])
    office.load()
    assert [row["quality_notes"] for row in office.rows_of("source_records")] == ["region"]
