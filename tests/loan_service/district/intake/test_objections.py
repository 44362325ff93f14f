"""Appeals, their answers and corrections: what becomes of them, and which of them nobody can act upon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from loan_service.district.contracts import CONTRACTS
from loan_service.district.contracts.sources.objections import CHINESE, ENGLISH, GROUNDS

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office, Person

GENERAL, NOT_REPRESENTATIVE = GROUNDS
CHINESE_WORDS = {
    "no": "记录编号",
    "kind": "类别",
    "number": "身份证号",
    "name": "姓名",
    "ground": "文书类型",
    "on": "生效日期",
    "about": "关联记录编号",
}
ENGLISH_WORDS = {
    "no": "record_no",
    "kind": "kind",
    "number": "id_number",
    "name": "name",
    "ground": "document_class",
    "on": "effective_from",
    "about": "related_record_no",
}
PAPERS = {"文书号": "书〔2026〕1号", "生效日期": "2026-03-05", "目录编号": "DEMO-1", "告知日期": "2026-03-06"}
DEDUCTIONS: dict[str, Mapping[str, str]] = {
    "municipal_credit": {
        "类别": "行政处罚",
        "等级": "严重",
        "发生日期": "2026-03-01",
        "文书类型": "行政处罚决定书",
        **PAPERS,
    },
    "court_litigation": {"类别": "失信被执行人", "发生日期": "2026-03-01", "文书类型": "执行决定书", **PAPERS},
    "permit_commitments": {"类别": "未兑现承诺", "发生日期": "2026-03-01", "文书类型": "承诺失信认定书", **PAPERS},
    "ebike_control": {"类别": "违法", "发生日期": "2026-03-01", "文书类型": "处罚决定书", **PAPERS},
    "district_grid": {
        "kind": "hazard_ordered",
        "ordered_on": "2026-03-01",
        "deadline_on": "2026-04-01",
        "document_class": "责令限期整改指令书",
        "document_no": "网〔2026〕1号",
        "effective_from": "2026-03-01",
        "catalogue_item": "DEMO-1.4",
        "notice_served_on": "2026-03-01",
    },
}
DEDUCTIONS["grassroots_platforms"] = {
    "occurred_on" if name == "ordered_on" else name: value for name, value in DEDUCTIONS["district_grid"].items()
}
KINDS = {
    "municipal_credit": "administrative_penalty",
    "court_litigation": "debtor_listed",
    "permit_commitments": "commitment_broken",
    "ebike_control": "ebike_violation",
    "district_grid": "hazard_overdue",
    "grassroots_platforms": "hazard_overdue",
}
CHANGED = {"district_grid": {"deadline_on": "2026-05-01"}, "grassroots_platforms": {"deadline_on": "2026-05-01"}}
CHANGED |= {source: {"发生日期": "2026-02-20"} for source in KINDS if source not in CHANGED}


def words(source_code: str) -> dict[str, str]:
    return ENGLISH_WORDS if source_code in ("district_grid", "grassroots_platforms") else CHINESE_WORDS


def row(source_code: str, person: Person, **said: str) -> dict[str, str]:
    """A row in the source's own words."""
    named = words(source_code)
    subject = {named["number"]: person.number, named["name"]: person.name}
    return subject | {named.get(field, field): value for field, value in said.items()}


def deduction(source_code: str, person: Person, no: str = "N1", **columns: str) -> dict[str, str]:
    return row(source_code, person, no=no) | dict(DEDUCTIONS[source_code]) | columns


def opened(source_code: str, person: Person, **said: str) -> dict[str, str]:
    names = ENGLISH if words(source_code) is ENGLISH_WORDS else CHINESE
    return row(
        source_code,
        person,
        **({"no": "A1", "kind": names.opened, "ground": GENERAL, "on": "2026-05-20", "about": "N1"} | said),
    )


def closed(source_code: str, person: Person, **said: str) -> dict[str, str]:
    names = ENGLISH if words(source_code) is ENGLISH_WORDS else CHINESE
    return row(source_code, person, **({"no": "A2", "kind": names.closed, "on": "2026-05-30", "about": "A1"} | said))


def events(office: Office) -> dict[str, dict[str, Any]]:
    """Events by the agency's own number of their record."""
    numbers = {record["record_id"]: record["record_no"] for record in office.rows_of("source_records")}
    return {numbers[event["record_id"]]: event for event in office.rows_of("events")}


@pytest.mark.parametrize("source_code", KINDS)
def test_an_appeal_and_its_answer_are_events_about_what_they_name(source_code: str, office: Office) -> None:
    rows = [make(source_code, office.chen) for make in (deduction, opened, closed)]
    office.deliver(source_code, rows)
    summary = office.load()
    found = events(office)
    assert {no: event["event_type"] for no, event in found.items()} == {
        "N1": KINDS[source_code],
        "A1": "appeal_opened",
        "A2": "appeal_closed",
    }
    assert found["A1"]["about_event_id"] == found["N1"]["event_id"]
    assert found["A2"]["about_event_id"] == found["A1"]["event_id"]
    assert (found["A1"]["occurred_on"], found["A1"]["counts_from"]) == (dt.date(2026, 5, 20), dt.date(2026, 5, 20))
    assert found["A2"]["effective_from"] == dt.date(2026, 5, 30)
    assert {found[no]["person_id"] for no in ("A1", "A2")} == {office.person_id(office.chen)}
    assert (summary.rows_quarantined, summary.references_waiting) == (0, 0)


@pytest.mark.parametrize("source_code", KINDS)
def test_a_correction_is_an_event_of_the_same_kind_with_content_of_its_own(source_code: str, office: Office) -> None:
    about = {words(source_code)["about"]: "N1"}
    office.deliver(source_code, [deduction(source_code, office.chen)], "20260601")
    office.deliver(
        source_code, [deduction(source_code, office.chen, "N2", **about, **CHANGED[source_code])], "20260602"
    )
    assert office.load().rows_quarantined == 0
    old, new = (events(office)[no] for no in ("N1", "N2"))
    assert new["event_type"] == old["event_type"] == KINDS[source_code]
    assert (new["about_event_id"], old["about_event_id"]) == (old["event_id"], None)
    dates = ("occurred_on", "due_on")
    assert [new[name] for name in dates] != [old[name] for name in dates]


@pytest.mark.parametrize("source_code", ["ebike_control", "permit_commitments", "district_grid"])
def test_every_source_that_deducts_can_revoke(source_code: str, office: Office) -> None:
    names = ENGLISH if source_code == "district_grid" else CHINESE
    undone = row(source_code, office.chen, no="X1", kind=names.revoked, on="2026-05-30", about="N1")
    office.deliver(source_code, [deduction(source_code, office.chen), undone])
    office.load()
    found = events(office)
    assert (found["X1"]["event_type"], found["X1"]["about_event_id"]) == ("revocation", found["N1"]["event_id"])


@pytest.mark.parametrize(("ground", "level"), [(GENERAL, None), (NOT_REPRESENTATIVE, "not_representative")])
def test_the_notice_of_acceptance_tells_the_ground(ground: str, level: str | None, office: Office) -> None:
    office.deliver(
        "ebike_control", [deduction("ebike_control", office.chen), opened("ebike_control", office.chen, ground=ground)]
    )
    office.load()
    assert events(office)["A1"]["level"] == level
    assert (level or "") in {event["level"] for event in office.history().events.to_arrow().to_pylist()}


def test_a_representative_appeals_against_a_record_of_the_unit(office: Office) -> None:
    unit = {"统一社会信用代码": office.unit, "单位名称": "洞头模拟海霞渔家乐"}
    of_unit = {**DEDUCTIONS["municipal_credit"], **unit, "记录编号": "N1"}
    office.deliver("legal_representatives", [office.term(office.lin)], "20260103")
    office.deliver(
        "municipal_credit",
        [
            of_unit,
            opened("municipal_credit", office.lin, ground=NOT_REPRESENTATIVE),
            opened("municipal_credit", office.lin, no="A3") | unit,
        ],
    )
    assert office.load().rows_quarantined == 0
    found = events(office)
    lin, entity = office.person_id(office.lin), office.entity_id(office.unit)
    assert (found["N1"]["person_id"], found["N1"]["entity_id"]) == (None, entity)
    assert (found["A1"]["person_id"], found["A1"]["entity_id"], found["A1"]["level"]) == (
        lin,
        None,
        "not_representative",
    )
    assert (found["A3"]["person_id"], found["A3"]["entity_id"]) == (lin, entity)


@pytest.mark.parametrize("first", ["N1", "A1", "A2", "N2"])
def test_each_waits_for_what_it_is_about(first: str, office: Office) -> None:
    source_code = "municipal_credit"
    rows = {
        "N1": deduction(source_code, office.chen),
        "A1": opened(source_code, office.chen),
        "A2": closed(source_code, office.chen),
        "N2": deduction(source_code, office.chen, "N2", 等级="一般", 关联记录编号="N1"),
    }
    office.deliver(source_code, [rows[first]], "20260601")
    waiting = office.load().references_waiting
    office.deliver(source_code, [row for no, row in rows.items() if no != first], "20260602")
    summary = office.load()
    found = events(office)
    assert set(found) == set(rows)
    assert (waiting, summary.references_waiting, summary.rows_quarantined) == (int(first != "N1"), 0, 0)
    assert {found[no]["about_event_id"] for no in ("A1", "N2")} == {found["N1"]["event_id"]}


def test_an_appeal_lands_without_a_word_but_the_ground(office: Office) -> None:
    office.deliver("ebike_control", [deduction("ebike_control", office.chen), opened("ebike_control", office.chen)])
    office.load()
    (payload,) = [record["payload"] for record in office.rows_of("source_records") if record["record_no"] == "A1"]
    assert payload == {
        "记录编号": "A1",
        "类别": "申诉受理",
        "文书类型": GENERAL,
        "生效日期": "2026-05-20",
        "关联记录编号": "N1",
    }


# --- what nobody can act upon -----------------------------------------------------------------------------------------
ABOUT, OTHER_CLASS = "关联记录编号", "reference.other_class"
WRONG = {
    "an appeal without reference": (opened, {"about": ""}, "reference.missing", ABOUT),
    "an answer without reference": (closed, {"about": ""}, "reference.missing", ABOUT),
    "an appeal against itself": (opened, {"about": "A1"}, "reference.unknown", ABOUT),
    "an unknown ground": (opened, {"ground": "申诉受理通知书（其他）"}, "value.unknown", "文书类型"),
    "an appeal without ground": (opened, {"ground": ""}, "value.missing", "文书类型"),
    "an appeal without the day it was accepted": (opened, {"on": ""}, "value.missing", "生效日期"),
    "an appeal accepted tomorrow": (opened, {"on": "2026-06-16"}, "date.future", "生效日期"),
    "reasons in a column of another class": (opened, {"等级": "当天不在岛上"}, "value.unexpected", "等级"),
    "reasons beside the notice": (opened, {"文书号": "本人当天不在岛上"}, "value.unexpected", "文书号"),
    "reasons of the answer": (closed, {"ground": "证据不足"}, "value.unexpected", "文书类型"),
    "an appeal against an honour": (opened, {"about": "H1"}, OTHER_CLASS, ABOUT),
    "an appeal against a restoration": (opened, {"about": "R1"}, OTHER_CLASS, ABOUT),
    "an answer to a deduction": (closed, {"about": "N1"}, OTHER_CLASS, ABOUT),
    "a correction of another class": (deduction, {"no": "N2", "类别": "不文明行为", ABOUT: "N1"}, OTHER_CLASS, ABOUT),
    "a correction of an appeal": (deduction, {"no": "N2", ABOUT: "A0"}, OTHER_CLASS, ABOUT),
    "a correction of itself": (deduction, {"no": "N2", ABOUT: "N2"}, "reference.unknown", ABOUT),
    "a correction without its document": (
        deduction,
        {"no": "N2", ABOUT: "N1", "文书号": ""},
        "negative.no_document",
        "文书号",
    ),
}


def standing(office: Office) -> list[dict[str, str]]:
    """What a wrong row can wrongly name: a deduction, an honour, a restoration, an appeal."""
    return [
        deduction("municipal_credit", office.chen),
        row("municipal_credit", office.chen, no="H1", kind="文明荣誉", ground="荣誉证书")
        | {"发生日期": "2026-01-05", "等级": "区"},
        row("municipal_credit", office.chen, no="R1", kind="信用修复", on="2026-05-01", about="N0")
        | {"发生日期": "2026-05-01"},
        opened("municipal_credit", office.chen, no="A0"),
    ]


@pytest.mark.parametrize("case", WRONG)
def test_a_row_nobody_can_act_upon_is_named_with_its_remedy(case: str, office: Office) -> None:
    make, wrong, code, field = WRONG[case]
    office.consents(office.consent(office.chen, "enrolment"))
    before = standing(office)
    office.deliver("municipal_credit", [*before, make("municipal_credit", office.chen, **wrong)])
    summary = office.load()
    assert office.quarantined() == [("municipal_credit", len(before) + 2, code, field)]
    assert set(events(office)) == {"N1", "H1", "R1", "A0"}
    assert (summary.reasons[code], summary.rows_quarantined) == (1, 1)
    (quarantined,) = office.rows_of("quarantine")
    assert quarantined["remedy"]
    assert "不在岛上" not in str(quarantined)


@pytest.mark.parametrize("case", [case for case, (_, _, code, _) in WRONG.items() if code == OTHER_CLASS])
def test_what_landed_before_cannot_be_named_by_another_class_either(case: str, office: Office) -> None:
    make, wrong, code, field = WRONG[case]
    office.consents(office.consent(office.chen, "enrolment"))
    office.deliver("municipal_credit", standing(office), "20260601")
    office.deliver("municipal_credit", [make("municipal_credit", office.chen, **wrong)], "20260602")
    office.load()
    assert office.quarantined() == [("municipal_credit", 2, code, field)]
    assert set(events(office)) == {"N1", "H1", "R1", "A0"}


def test_while_a_correction_contradicts_it_a_record_does_not_count(office: Office) -> None:
    office.deliver(
        "municipal_credit",
        [deduction("municipal_credit", office.chen, "N2", 类别="不文明行为", 关联记录编号="N1")],
        "20260601",
    )
    office.deliver("municipal_credit", [deduction("municipal_credit", office.chen)], "20260602")
    office.load()
    assert office.quarantined() == [("municipal_credit", 2, "reference.contradicted", "记录编号")]
    assert set(events(office)) == {"N2"}


def test_a_wrongly_directed_appeal_does_not_keep_an_award_out(office: Office) -> None:
    office.consents(office.consent(office.chen, "enrolment"))
    office.deliver("municipal_credit", [opened("municipal_credit", office.chen, about="H1")], "20260601")
    office.deliver("municipal_credit", [standing(office)[1]], "20260602")
    assert office.load().rows_quarantined == 0
    assert events(office)["H1"]["event_type"] == "civil_honour"


def test_a_record_of_the_same_number_in_another_source_is_no_reference(office: Office) -> None:
    office.deliver("ebike_control", [deduction("ebike_control", office.chen)], "20260601")
    office.deliver("municipal_credit", [opened("municipal_credit", office.chen)], "20260602")
    assert office.load().references_waiting == 1


def test_changed_content_is_told_of_both_ways_to_correct(office: Office) -> None:
    office.deliver("ebike_control", [deduction("ebike_control", office.chen)], "20260601")
    office.deliver("ebike_control", [deduction("ebike_control", office.chen, 发生日期="2026-02-20")], "20260602")
    office.load()
    (quarantined,) = office.rows_of("quarantine")
    assert quarantined["error_code"] == "record.changed"
    assert all(
        word in quarantined["remedy"]
        for word in ("撤销加新记录", "更正", "revocation plus a new record", "correction row")
    )


def test_a_file_from_before_the_reference_column_was_agreed_is_whole(office: Office) -> None:
    headers = [column.header for column in CONTRACTS["ebike_control"].columns][:-1]
    old = deduction("ebike_control", office.chen)
    text = ",".join(headers) + "\n" + ",".join(old.get(header, "") for header in headers) + "\n"
    office.bytes("ebike_control", text.encode("utf-8-sig"))
    summary = office.load()
    assert (set(summary.reasons), len(office.rows_of("events"))) == ({"file.missing"}, 1)
    assert office.quarantined() == []
