"""What good rows become, and that they become it once, in whatever order and however often they are delivered."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from loan_service.district.pipeline import take_in
from loan_service.district.store import tables
from loan_service.foundation.database import content_hashes, transaction

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office

INTAKE_TABLES = (
    tables.source_files,
    tables.source_records,
    tables.events,
    tables.quarantine,
    tables.refused_rows,
    tables.persons,
    tables.memberships,
    tables.representatives,
    tables.consent_acts,
    tables.log.leaves,
)


def hashes(office: Office) -> dict[str, str]:
    with transaction(office.wing.engine) as connection:
        return content_hashes(connection, INTAKE_TABLES)


def only_event(office: Office) -> dict[str, object]:
    (event,) = office.rows_of("events")
    return event


def test_a_negative_counts_thirty_days_after_its_notice(office: Office) -> None:
    office.deliver(*office.one(office.penalty(office.chen, 告知日期="2026-03-06", 生效日期="2026-03-05")))
    office.load()
    event = only_event(office)
    assert (event["event_type"], event["level"]) == ("administrative_penalty", "general")
    assert (event["effective_from"], event["counts_from"]) == (dt.date(2026, 3, 5), dt.date(2026, 4, 5))
    assert (event["document_class"], event["catalogue_item"]) == ("行政处罚决定书", "DEMO-1.2")


def test_a_negative_never_counts_before_it_took_effect(office: Office) -> None:
    office.deliver(*office.one(office.penalty(office.chen, 告知日期="2026-03-06", 生效日期="2026-05-01")))
    office.load()
    assert only_event(office)["counts_from"] == dt.date(2026, 5, 1)


def test_an_overdue_hazard_carries_its_deadline_and_its_unit(office: Office) -> None:
    office.deliver(*office.one(office.hazard()))
    office.load()
    event = only_event(office)
    assert (event["event_type"], event["due_on"]) == ("hazard_overdue", dt.date(2026, 3, 1))
    assert (event["person_id"], event["entity_id"]) == (None, office.entity_id(office.unit))


def test_a_session_becomes_hours_in_thousandths(office: Office) -> None:
    office.consents(office.consent(office.chen, "volunteering"))
    office.deliver(*office.one(office.session(office.chen, 签退时间="2026-03-01 10:40")))
    office.load()
    event = only_event(office)
    assert (event["occurred_on"], event["quantity_milli"]) == (dt.date(2026, 3, 1), 2666)
    assert event["counts_from"] == event["occurred_on"]


def test_points_of_a_quarter_stand_on_its_last_day(office: Office) -> None:
    office.consents(office.consent(office.chen, "neighborhood_points"))
    table = {"记录编号": "LL9", "类别": "换算表", "村社代码": "V001", "季度": "2025Q4", "每分所需积分": "95"}
    office.deliver("neighborhood_points", [office.points(office.chen)[1], table])
    office.load()
    found = {e["event_type"]: (e["occurred_on"], e["quantity_milli"], e["level"]) for e in office.rows_of("events")}
    assert found == {
        "neighborhood_points": (dt.date(2026, 3, 31), 110_500, None),
        "neighborhood_conversion": (dt.date(2025, 12, 31), 95_000, "V001"),
    }


def test_a_family_honour_says_so_in_its_level(office: Office) -> None:
    office.consents(office.consent(office.chen, "enrolment"))
    honour = {"类别": "文明荣誉", "等级": "市", "文书类型": "文明家庭"}
    office.deliver("municipal_credit", [office.penalty(office.chen, "SJ1", **honour)[1]])
    office.load()
    assert only_event(office)["level"] == "family_city"


def test_a_workbook_may_hold_real_dates_and_numbers(office: Office) -> None:
    office.consents(office.consent(office.chen, "household_hygiene"))
    office.deliver(*office.one(office.inspection(office.chen, 检查日期=dt.date(2026, 3, 20), 星级=2.0)))
    office.load()
    event = only_event(office)
    assert (event["occurred_on"], event["quantity_milli"]) == (dt.date(2026, 3, 20), 2000)
    assert event["household_id"] == office.household_id("H001")


def test_the_payload_is_the_row_as_delivered_without_who_it_is_about(office: Office) -> None:
    office.deliver(*office.one(office.violation(office.chen)))
    office.load()
    (record,) = office.rows_of("source_records")
    delivered = {k: v for k, v in office.violation(office.chen)[1].items() if k not in ("身份证号", "姓名")}
    assert record["payload"] == delivered
    assert (record["record_class"], record["row_number"]) == ("违法", 2)
    assert record["person_id"] == office.person_id(office.chen)


# --- once, whatever happens -------------------------------------------------------------------------------------------
def deliver_everything(office: Office) -> None:
    office.consents(office.consent(office.chen, "volunteering"), office.consent(office.lin, "enrolment"))
    office.deliver("ebike_control", [office.violation(office.chen)[1], office.violation(office.stranger, "DD2")[1]])
    office.deliver("municipal_credit", [office.penalty(office.lin, 类别="治安处罚")[1]])
    office.deliver("volunteering", [office.session(office.chen)[1], office.session(office.lin, "ZY2")[1]])
    office.deliver("legal_representatives", [office.term(office.lin)])


def test_loading_again_changes_nothing_and_says_the_same(office: Office) -> None:
    deliver_everything(office)
    first, before = office.load(), hashes(office)
    again = office.load()
    assert hashes(office) == before
    assert again.files_unchanged == len(again.files) == len(first.files)
    assert (again.rows_landed, again.reasons, again.refusals) == (first.rows_landed, first.reasons, first.refusals)


def test_a_renamed_copy_of_a_file_changes_nothing(office: Office) -> None:
    path = office.deliver(*office.one(office.violation(office.chen)))
    office.load()
    before = hashes(office)
    path.rename(path.with_name("ebike_control_20260602_07.csv"))
    assert office.load().files_unchanged == 2
    assert hashes(office) == before


def test_a_record_delivered_twice_lands_once_and_is_counted(office: Office) -> None:
    row = office.violation(office.chen)[1]
    office.deliver("ebike_control", [row, row], number=1)
    office.deliver("ebike_control", [row, office.violation(office.lin, "DD2")[1]], number=2)
    summary = office.load()
    assert (len(office.rows_of("events")), summary.rows_repeated) == (2, 2)


def test_a_record_number_with_other_content_is_quarantined(office: Office) -> None:
    office.deliver(*office.one(office.violation(office.chen)), number=1)
    office.deliver("ebike_control", [office.violation(office.chen, 发生日期="2026-02-02")[1]], number=2)
    summary = office.load()
    assert (summary.reasons["record.changed"], summary.rows_quarantined) == (1, 1)
    assert only_event(office)["occurred_on"] == dt.date(2026, 3, 1)


@pytest.mark.parametrize("later", ["original", "revocation"])
def test_a_revocation_finds_its_record_in_either_order(office: Office, later: str) -> None:
    rows = {
        "original": office.penalty(office.chen, "SJ1")[1],
        "revocation": office.penalty(office.chen, "SJ2", 类别="撤销", 关联记录编号="SJ1")[1],
    }
    office.deliver("municipal_credit", [row for name, row in rows.items() if name != later], "20260601")
    first = office.load()
    office.deliver("municipal_credit", [rows[later]], "20260610")
    second = office.load()
    events = {event["event_type"]: event for event in office.rows_of("events")}
    assert events["revocation"]["about_event_id"] == events["administrative_penalty"]["event_id"]
    assert (first.references_waiting, second.references_waiting) == (int(later == "original"), 0)


def test_a_crash_between_files_loses_nothing_and_the_next_run_finishes(office: Office) -> None:
    deliver_everything(office)
    office.load()
    whole = {name: value for name, value in hashes(office).items() if name != "log_leaves"}
    with transaction(office.wing.engine) as connection:
        for table in INTAKE_TABLES:
            connection.execute(table.delete())

    class Power(Exception):  # noqa: N818
        """It goes out."""

    def fails_at(file_name: str, _rows_done: int) -> None:
        if file_name.startswith("municipal_credit"):
            raise Power

    with pytest.raises(Power):
        take_in(office.wing, office.folder, dt.date(2026, 6, 15), fails_at)
    assert {file["source_code"] for file in office.rows_of("source_files")} >= {"resident_register", "consents"}
    assert "municipal_credit" not in {file["source_code"] for file in office.rows_of("source_files")}
    assert office.rows_of("refused_rows") == []
    office.load()
    rows = {name: value.split(":")[0] for name, value in hashes(office).items() if name != "log_leaves"}
    assert rows == {name: value.split(":")[0] for name, value in whole.items()}


def test_two_intakes_at_once_land_everything_once(office: Office) -> None:
    deliver_everything(office)
    with ThreadPoolExecutor(2) as workers:
        both = list(workers.map(lambda _: office.load(), range(2)))
    assert sum(summary.files_unchanged for summary in both) == len(both[0].files)
    assert {(s.rows_landed, s.rows_quarantined) for s in both} == {(both[0].rows_landed, 1)}
    assert len(office.rows_of("source_files")) == len(both[0].files)


def test_every_file_leaves_one_leaf_in_the_log(office: Office) -> None:
    deliver_everything(office)
    office.load()
    with transaction(office.wing.engine) as connection:
        leaves = connection.execute(tables.log.leaves.select()).all()
    files = office.rows_of("source_files")
    assert {leaf.leaf_id for leaf in leaves} == {file["leaf_id"] for file in files}
    assert {leaf.subject_key for leaf in leaves} == {f"{file['source_code']}/{file['sha256']}" for file in files}


def test_progress_is_told_file_by_file(office: Office) -> None:
    deliver_everything(office)
    told: list[tuple[str, int]] = []
    take_in(office.wing, office.folder, dt.date(2026, 6, 15), lambda name, rows: told.append((name, rows)))
    assert ("ebike_control_20260601_01.csv", 2) in told
