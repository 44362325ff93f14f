"""A small district, written as rows: one person with a ledger that adds, deducts, looks through and caps."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Table, insert

from loan_service.district.store import tables
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
MORNING = datetime(2026, 6, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PERSON = 4503599627370497
WITHDRAWN = 4503599627370498
NOT_ENROLLED = 4503599627370499
MOVED_AWAY = 4503599627370500
HASH = -7077074111
ENTITY = 9007199254740993

# (kind, dimension, indicator, rule, points_milli, event type, source, record number, through the entity, until)
LEDGER: list[tuple[Any, ...]] = [
    ("point", "1", "1.1", "ebike_violation", 0, "ebike_violation", "ebike_control", "EB-0007", None, date(2026, 8, 1)),
    ("point", "1", "1.4", "hazard_overdue", -1500, "hazard_overdue", "district_grid", "G-31", ENTITY, date(2026, 9, 2)),
    *(
        ("point", "2", "2.4", "clean_quarter", 4000, "clean_quarter", "self_discipline", f"Z{n}", None, None)
        for n in range(4)
    ),
    ("point", "3", "3.1", "hygiene_inspection", 2000, "hygiene_inspection", "household_hygiene", "H1", None, None),
    ("point", "4", "4.1", "volunteering", 4000, "volunteering", "volunteering", "V1", None, date(2027, 1, 10)),
    ("point", "5", "5.3", "patrol", 6500, "patrol", "grassroots_platforms", "P1", None, date(2026, 12, 24)),
    ("indicator_cap", "5", "5.3", None, -500, None, None, None, None, None),
]
INDEX = 100_000 + sum(row[4] for row in LEDGER)


def fill_district(wing: Wing) -> None:
    """Writes the rows; every number is made up."""
    with transaction(wing.engine) as connection:
        for name, rows in _tables().items():
            table = getattr(tables, name)
            connection.execute(insert(table), [_with_the_rest(table, row) for row in rows])


def _with_the_rest(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Columns a table demands and no page shows get the emptiest value of their type."""
    demanded = [c for c in table.columns if not c.nullable and c.server_default is None and c.identity is None]
    return {column.name: _emptiest(column) for column in demanded} | row


def _emptiest(column: Column[Any]) -> Any:
    kind = column.type.python_type
    return {date: DAY, datetime: MORNING}.get(kind) or kind()


def _tables() -> dict[str, list[dict[str, Any]]]:
    real = [(n, row) for n, row in enumerate(LEDGER, 1) if row[7]]
    return {
        "source_files": [_file(1, "volunteering", 900), _file(2, "district_grid", 100, error="file.truncated")],
        "quarantine": [_quarantined(row) for row in (3, 7, 8)],
        "refused_rows": [{"file_sha256": "ab", "row_number": row, "rule": "public_security"} for row in (4, 5)],
        "persons": [_person(person_id) for person_id in (PERSON, WITHDRAWN, NOT_ENROLLED)],
        "memberships": [
            *(_membership(person_id) for person_id in (PERSON, WITHDRAWN, NOT_ENROLLED)),
            _membership(MOVED_AWAY) | {"until_on": date(2025, 5, 1), "left_reason": "迁出"},
        ],
        "consent_acts": [
            _consent(1, PERSON, "given", 1),
            _consent(2, WITHDRAWN, "given", 1),
            _consent(3, WITHDRAWN, "withdrawn", 2),
        ],
        "source_records": [_record(n, row) for n, row in real],
        "events": [_event(n, row) for n, row in real],
        "civility_indices": [_index(PERSON, DAY), _index(WITHDRAWN, date(2026, 6, 1))],
        "index_endings": [{"person_id": WITHDRAWN, "as_of": date(2026, 6, 10), "known_position": 9}],
        "point_entries": [_entry(n, row) for n, row in enumerate(LEDGER, 1)],
    }


def _file(file_id: int, source_code: str, rows: int, error: str | None = None) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "source_code": source_code,
        "file_name": f"{source_code}_20260601_01.csv",
        "sha256": f"{file_id:064x}",
        "byte_count": 1000,
        "delivered_on": date(2026, 6, 1),
        "rows_read": rows,
        "rows_landed": rows - 40,
        "rows_repeated": 20,
        "rows_quarantined": 10,
        "rows_refused": 4,
        "rows_without_consent": 6,
        "file_error": error,
        "leaf_id": 1,
    }


def _quarantined(row_number: int) -> dict[str, Any]:
    return {
        "file_id": 1,
        "row_number": row_number,
        "error_code": "identity.check_digit",
        "source_code": "volunteering",
        "field": "身份证号",
        "reason_en": "the check digit is wrong",
        "reason_zh": "身份证号校验码不符",
        "remedy": "ask the agency for the right number",
    }


def _person(person_id: int) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "name_blind": 1,
        "name_masked": "陈*霞",
        "birth_on": date(1988, 3, 2),
        "sex": "female",
        "village_code": "V017",
        "registered_from": date(2001, 1, 1),
        "died_on": None,
        "file_id": 1,
    }


def _membership(person_id: int) -> dict[str, Any]:
    return {
        "household_id": 1,
        "person_id": person_id,
        "from_on": date(2001, 1, 1),
        "file_id": 1,
        "until_on": None,
        "relation": "head",
        "left_reason": None,
        "village_code": "V017",
        "has_guardian": False,
        "content_id": person_id,
    }


def _consent(act_id: int, person_id: int, act: str, day: int) -> dict[str, Any]:
    return {
        "act_id": act_id,
        "person_id": person_id,
        "act": act,
        "purpose": "enrolment",
        "source_code": None,
        "recipient": None,
        "text_version": "2026-01",
        "acted_at": datetime(2026, 1, day, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        "acted_on": date(2026, 1, day),
        "channel": "zheliban",
        "pseudonym": None,
        "file_id": 1,
    }


def _record(number: int, row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "record_id": 100 + number,
        "file_id": 1,
        "row_number": number,
        "source_code": row[6],
        "record_class": "",
        "record_no": row[7],
        "person_id": PERSON,
        "entity_id": None,
        "household_id": None,
        "payload": {},
        "quality_notes": None,
    }


def _event(number: int, row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "event_id": 200 + number,
        "event_type": row[5],
        "source_code": row[6],
        "record_id": 100 + number,
        "person_id": PERSON,
        "entity_id": row[8],
        "occurred_on": date(2026, 3, number),
        "counts_from": date(2026, 3, number),
        "document_class": "责令整改通知书" if row[4] < 0 else None,
        "document_no": "洞整〔2026〕31号" if row[4] < 0 else None,
        "leaf_id": 1,
    }


def _index(person_id: int, as_of: date) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "as_of": as_of,
        "known_position": 8,
        "edition": "2026-01",
        "index_milli": INDEX,
        "grade": "AA",
        "next_change_on": date(2026, 8, 1),
        "ledger_hash": HASH,
    }


def _entry(number: int, row: tuple[Any, ...]) -> dict[str, Any]:
    is_point = row[7] is not None
    return {
        "person_id": PERSON,
        "ledger_hash": HASH,
        "sequence": number,
        "kind": row[0],
        "dimension": row[1],
        "indicator": row[2],
        "rule": row[3],
        "points_milli": row[4],
        "event_id": 200 + number if is_point else None,
        "record_id": 100 + number if is_point else None,
        "through_entity_id": row[8],
        "from_on": date(2026, 3, number) if is_point else None,
        "until_on": row[9],
    }
