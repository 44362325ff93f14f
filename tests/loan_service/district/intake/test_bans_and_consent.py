"""What must never land, and what lands only with the person's consent."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest

from loan_service.district.contracts.banned import BANNED, JUVENILE_RULE

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office


# --- banned subjects --------------------------------------------------------------------------------------------------
def test_of_a_sealed_public_security_record_only_hash_row_and_rule_are_kept(office: Office) -> None:
    path = office.deliver(*office.one(office.penalty(office.chen, 类别="治安处罚")))
    summary = office.load()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert office.rows_of("refused_rows") == [{"file_sha256": sha256, "row_number": 2, "rule": "public_security"}]
    assert office.rows_of("source_records") == office.rows_of("events") == office.rows_of("quarantine") == []
    assert (summary.rows_refused, dict(summary.refusals)) == (1, {"public_security": 1})


def test_a_sealed_record_under_another_class_is_recognised_by_its_document(office: Office) -> None:
    office.deliver("municipal_credit", [office.penalty(office.chen, 文书类型="治安管理处罚决定书")[1]])
    office.load()
    assert [row["rule"] for row in office.rows_of("refused_rows")] == ["public_security"]
    assert office.rows_of("events") == []


def test_a_banned_row_with_other_errors_is_refused_not_quarantined(office: Office) -> None:
    wrong = {"类别": "治安处罚", "发生日期": "2026-13-01", "姓名": "错"}
    office.deliver("municipal_credit", [office.penalty(office.chen, **wrong)[1]])
    office.load()
    assert (len(office.rows_of("refused_rows")), office.rows_of("quarantine")) == (1, [])


@pytest.mark.parametrize("subject", BANNED, ids=lambda subject: subject.rule)
def test_no_subject_of_the_never_list_lands(office: Office, subject: object) -> None:
    rows = [office.penalty(office.chen, f"SJ{n}", 类别=f"{word}记录")[1] for n, word in enumerate(subject.words)]
    office.deliver("municipal_credit", rows)
    office.load()
    assert [row["rule"] for row in office.rows_of("refused_rows")] == [subject.rule] * len(subject.words)
    assert office.rows_of("source_records") == office.rows_of("quarantine") == []


def test_what_somebody_did_before_coming_of_age_is_refused(office: Office) -> None:
    young = office.person(office.person_number("20080301", 11), "小周", "H009")
    office.deliver("resident_register", [office.stay(young)], "20260102")
    before = office.violation(young, "DD1", 发生日期="2026-02-28", 生效日期="2026-03-03")[1]
    after = office.violation(young, "DD2", 发生日期="2026-03-01", 生效日期="2026-03-03")[1]
    office.deliver("ebike_control", [before, after])
    office.load()
    assert [(r["row_number"], r["rule"]) for r in office.rows_of("refused_rows")] == [(2, JUVENILE_RULE)]
    assert [row["record_no"] for row in office.rows_of("source_records")] == ["DD2"]


def test_giving_blood_is_not_landed_as_volunteering(office: Office) -> None:
    office.consents(office.consent(office.chen, "volunteering"))
    office.deliver("volunteering", [office.session(office.chen, 活动名称="无偿献血")[1]])
    assert office.load().refusals == {"health": 1}
    assert office.rows_of("source_records") == []


# --- consent ----------------------------------------------------------------------------------------------------------
def volunteered(
    office: Office, *acts: dict[str, str], delivered: str = "20260601", year: str = "2026"
) -> tuple[int, int]:
    """Landed and left-out rows of one session of Chen, after these acts of consent."""
    office.consents(*acts)
    hours = {"签到时间": f"{year}-03-01 08:00", "签退时间": f"{year}-03-01 09:00"}
    office.deliver("volunteering", [office.session(office.chen, **hours)[1]], delivered)
    file = next(file for file in office.load().files if file.source_code == "volunteering")
    return file.rows_landed, file.rows_without_consent


def test_a_consented_row_lands(office: Office) -> None:
    assert volunteered(office, office.consent(office.chen, "volunteering")) == (1, 0)


def test_a_row_without_consent_is_counted_and_hashed_only(office: Office) -> None:
    assert volunteered(office) == (0, 1)
    assert office.rows_of("source_records") == office.rows_of("events") == office.rows_of("quarantine") == []
    (file,) = [f for f in office.rows_of("source_files") if f["source_code"] == "volunteering"]
    assert len(file["withheld_digest"]) == 64


def test_consent_to_another_source_is_none(office: Office) -> None:
    assert volunteered(office, office.consent(office.chen, "self_discipline")) == (0, 1)


def test_enrolment_alone_is_no_consent_to_a_source(office: Office) -> None:
    assert volunteered(office, office.consent(office.chen, "enrolment")) == (0, 1)


def test_a_withdrawn_consent_is_none(office: Office) -> None:
    given = office.consent(office.chen, "volunteering", "2024-01-01")
    withdrawn = office.consent(office.chen, "volunteering", "2026-01-01", act="withdrawn")
    assert volunteered(office, given, withdrawn) == (0, 1)


def test_a_consent_withdrawn_after_the_delivery_stops_a_late_loading(office: Office) -> None:
    given = office.consent(office.chen, "volunteering", "2024-01-01")
    withdrawn = office.consent(office.chen, "volunteering", "2026-01-01", act="withdrawn")
    assert volunteered(office, given, withdrawn, delivered="20250601", year="2025") == (0, 1)


def test_a_consent_given_after_the_delivery_does_not_reach_back(office: Office) -> None:
    given = office.consent(office.chen, "volunteering", "2024-01-01")
    assert volunteered(office, given, delivered="20230601", year="2023") == (0, 1)


def test_a_consent_given_again_counts_again(office: Office) -> None:
    acts = [
        office.consent(office.chen, "volunteering", "2024-01-01"),
        office.consent(office.chen, "volunteering", "2025-01-01", act="withdrawn"),
        office.consent(office.chen, "volunteering", "2025-06-01"),
    ]
    assert volunteered(office, *acts) == (1, 0)


def test_honours_and_sign_ins_ride_on_enrolment(office: Office) -> None:
    office.consents(office.consent(office.chen, "enrolment"))
    sign_in = {"kind": "patrol", "occurred_on": "2026-03-01"}
    office.deliver(
        "grassroots_platforms",
        [
            {"record_no": f"PT{n}", "id_number": person.number, "name": person.name} | sign_in
            for n, person in enumerate((office.chen, office.lin))
        ],
    )
    office.deliver("municipal_credit", [office.penalty(office.lin, 类别="见义勇为", 等级="区")[1]])
    summary = office.load()
    assert [row["record_no"] for row in office.rows_of("source_records")] == ["PT0"]
    assert summary.rows_without_consent == 2


def test_an_honour_of_a_unit_needs_nobodys_consent(office: Office) -> None:
    honour = {"类别": "文明荣誉", "等级": "市", "统一社会信用代码": office.unit, "单位名称": "洞头模拟海霞渔家乐"}
    office.deliver("municipal_credit", [office.penalty(None, **honour)[1]])
    assert office.load().rows_without_consent == 0
    assert len(office.rows_of("events")) == 1


def test_a_household_row_lands_if_any_adult_member_consented(office: Office) -> None:
    office.consents(office.consent(office.lin, "household_hygiene"))
    office.deliver(
        "household_hygiene", [office.inspection(p, f"MT-{p.household_no}")[1] for p in (office.chen, office.wang)]
    )
    summary = office.load()
    assert [row["record_no"] for row in office.rows_of("source_records")] == ["MT-H001"]
    assert summary.rows_without_consent == 1


def test_a_member_who_left_consents_for_nobody(office: Office) -> None:
    left = {"离户日期": "2025-01-01", "离户原因": "分户"}
    moved = office.person(office.person_number("19701010", 21), "迁居者", "H002")
    office.deliver("resident_register", [office.stay(moved, **left)], "20260102")
    office.consents(office.consent(moved, "household_hygiene"))
    office.deliver(*office.one(office.inspection(office.wang)))
    assert office.load().rows_without_consent == 1


def test_a_consent_lives_through_the_day_before_its_withdrawal(office: Office) -> None:
    given = office.consent(office.chen, "volunteering", "2024-01-01")
    withdrawn = office.consent(office.chen, "volunteering", "2026-06-02", act="withdrawn")
    office.consents(given)
    office.deliver("consents", [withdrawn | {"act_no": "TY9"}], "20260602")
    office.deliver("volunteering", [office.session(office.chen)[1]], "20260601")
    assert office.load(dt.date(2026, 6, 1)).rows_landed == len("四位居民") + 1 + 1
