"""A small district whose agencies deliver whatever a test wants: a few residents, units, consents and any feed."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select
from stdnum.cn import ric, uscc

from loan_service.district.contracts import CONTRACTS, FileFormat
from loan_service.district.files.summary import IntakeSummary
from loan_service.district.pipeline import take_in
from loan_service.district.store import tables
from loan_service.district.store.history import read_history
from loan_service.foundation.database import transaction
from loan_service.foundation.identifiers import blind_id
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from scoring import HistoryFrames

TODAY = dt.date(2026, 6, 15)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody with papers."""

    number: str
    name: str
    household_no: str = "H001"
    village_code: str = "V001"


def person_number(birth: str, serial: int = 1, region: str = "990305") -> str:
    """A well-formed identity number of a region nobody lives in."""
    body = f"{region}{birth}{serial:03d}"
    return body + ric.calc_check_digit(body + "0")


def credit_code(serial: int) -> str:
    """A well-formed unified social credit code."""
    body = f"91990305MA{serial:07d}"
    return body + uscc.calc_check_digit(body)


CHEN = Person(person_number("19800101"), "陈海霞")
LIN = Person(person_number("19780512", 3), "林永贵")
CHILD = Person(person_number("20150203", 5), "陈小岛")
WANG = Person(person_number("19901231", 7), "王·浩然", "H002", "V002")
RESIDENTS = (CHEN, LIN, CHILD, WANG)
STRANGER = Person(person_number("19851111", 9, "990398"), "赵无名")
UNIT = credit_code(1)


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def xlsx_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows as a workbook with one sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


class Office:
    """Writes files as the agencies would, by the contracts' own headers; knows the district's few residents."""

    chen = CHEN
    lin = LIN
    child = CHILD
    wang = WANG
    stranger = STRANGER
    unit = UNIT

    def __init__(self, wing: Wing) -> None:
        self.wing = wing
        self.folder = wing.settings.files / "district"
        self.folder.mkdir(parents=True)

    def load(self, business_date: dt.date = TODAY) -> IntakeSummary:
        """Loads what was delivered, as of a business date."""
        return take_in(self.wing, self.folder, business_date, lambda _file_name, _rows_done: None)

    def rows_of(self, name: str) -> list[dict[str, Any]]:
        """All rows of one of the district's tables."""
        with transaction(self.wing.engine) as connection:
            return [row._asdict() for row in connection.execute(select(getattr(tables, name)))]

    def quarantined(self) -> list[tuple[str, int, str, str]]:
        """(source, row number, code, field) of everything in quarantine, in order."""
        found = self.rows_of("quarantine")
        return sorted((row["source_code"], row["row_number"], row["error_code"], row["field"]) for row in found)

    def history(self) -> HistoryFrames:
        """The frames scoring reads, after everything committed has been sealed."""
        with transaction(self.wing.engine) as connection:
            position = seal(connection, tables.log, self.wing.signer)
            return read_history(connection, position)

    def deliver(self, source_code: str, rows: Sequence[Row], day: str = "20260601", number: int = 1) -> Path:
        """One well-written file; columns a row does not mention stay empty."""
        contract = CONTRACTS[source_code]
        headers = [column.header for column in contract.columns]
        if contract.file_format is FileFormat.JSON_LINES:
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        elif contract.file_format is FileFormat.XLSX:
            content = xlsx_bytes([headers, *([row.get(header, "") for header in headers] for row in rows)])
        else:
            content = csv_text([headers, *([row.get(header, "") for header in headers] for row in rows)]).encode(
                {FileFormat.CSV_GB18030: "gb18030", FileFormat.CSV_UTF8_BOM: "utf-8-sig"}.get(
                    contract.file_format, "utf-8"
                )
            )
        return self.bytes(source_code, content, day, number)

    def bytes(self, source_code: str, content: bytes, day: str = "20260601", number: int = 1) -> Path:
        """One file with exactly these bytes."""
        path = self.folder / f"{source_code}_{day}_{number:02d}{CONTRACTS[source_code].file_format.suffix}"
        path.write_bytes(content)
        return path

    def register(self, *people: Person) -> None:
        """Registers residents since 2000."""
        self.deliver("resident_register", [self.stay(each) for each in people], "20260101")

    def consents(self, *acts: Row) -> None:
        """Delivers acts of consent."""
        rows = [{"act_no": f"TY{number:04d}"} | dict(act) for number, act in enumerate(acts, start=1)]
        if rows:
            self.deliver("consents", rows, "20260102")

    def person_id(self, person: Person) -> int:
        """The blind id the district knows somebody by."""
        return blind_id(self.wing.blind_key, "person", person.number)

    def entity_id(self, code: str) -> int:
        """The blind id the district knows a unit by."""
        return blind_id(self.wing.blind_key, "entity", code)

    def household_id(self, number: str) -> int:
        """The blind id the district knows a household by."""
        return blind_id(self.wing.blind_key, "household", number)

    @staticmethod
    def one(source_and_row: tuple[str, Row]) -> tuple[str, list[Row]]:
        """A source and a file of one row."""
        source_code, row = source_and_row
        return source_code, [row]

    @staticmethod
    def term(person: Person, code: str = UNIT, since: str = "2020-01-01", until: str = "") -> Row:
        """A row of the register of legal representatives."""
        return {
            "统一社会信用代码": code,
            "单位名称": "洞头模拟海霞渔家乐",
            "身份证号": person.number,
            "姓名": person.name,
            "任职日期": since,
            "离任日期": until,
        }

    @staticmethod
    def stay(person: Person, **columns: str) -> Row:
        """A row of the resident register."""
        return {
            "身份证号": person.number,
            "姓名": person.name,
            "性别": "女",
            "户号": person.household_no,
            "与户主关系": "其他",
            "村社代码": person.village_code,
            "入户日期": "2000-01-01",
            "有监护": "否",
        } | columns

    @staticmethod
    def consent(person: Person, purpose: str, on: str = "2021-08-01", act: str = "given", **columns: str) -> Row:
        """An act of consent; `purpose` is enrolment, provide_certificate or a source."""
        plain = purpose in ("enrolment", "provide_certificate")
        return {
            "id_number": person.number,
            "name": person.name,
            "act": act,
            "purpose": purpose if plain else "source",
            "source_code": None if plain else purpose,
            "text_version": "2021-08",
            "acted_at": f"{on}T09:00:00+08:00",
            "channel": "浙里办",
        } | columns

    @staticmethod
    def violation(person: Person, record_no: str = "DD1", **columns: str) -> tuple[str, Row]:
        """A row of ebike_control."""
        row = {
            "记录编号": record_no,
            "类别": "违法",
            "身份证号": person.number,
            "姓名": person.name,
            "发生日期": "2026-03-01",
            "文书类型": "道路交通安全违法行为处罚决定书",
            "文书号": "交〔2026〕1号",
            "生效日期": "2026-03-03",
            "目录编号": "DEMO-1.1",
            "告知日期": "2026-03-02",
        }
        return "ebike_control", row | columns

    @staticmethod
    def penalty(person: Person | None, record_no: str = "SJ1", **columns: str) -> tuple[str, Row]:
        """A row of municipal_credit."""
        subject = {"身份证号": person.number, "姓名": person.name} if person else {}
        row = {
            "记录编号": record_no,
            "类别": "行政处罚",
            **subject,
            "发生日期": "2026-03-01",
            "等级": "一般",
            "文书类型": "行政处罚决定书",
            "文书号": "罚〔2026〕1号",
            "生效日期": "2026-03-05",
            "目录编号": "DEMO-1.2",
            "告知日期": "2026-03-06",
        }
        return "municipal_credit", row | columns

    @staticmethod
    def session(person: Person, record_no: str = "ZY1", **columns: str) -> tuple[str, Row]:
        """A row of volunteering: two and a half hours."""
        row = {
            "记录编号": record_no,
            "身份证号": person.number,
            "姓名": person.name,
            "活动名称": "净滩行动",
            "签到时间": "2026-03-01 08:00",
            "签退时间": "2026-03-01 10:30",
        }
        return "volunteering", row | columns

    @staticmethod
    def points(person: Person, record_no: str = "LL1", **columns: str) -> tuple[str, Row]:
        """A row of neighborhood_points."""
        row = {
            "记录编号": record_no,
            "类别": "个人积分",
            "身份证号": person.number,
            "姓名": person.name,
            "村社代码": person.village_code,
            "季度": "2026Q1",
            "积分": "110.5",
        }
        return "neighborhood_points", row | columns

    @staticmethod
    def inspection(person: Person, record_no: str = "MT1", **columns: object) -> tuple[str, Row]:
        """A row of household_hygiene, about the person's household."""
        row = {
            "记录编号": record_no,
            "户号": person.household_no,
            "村社代码": person.village_code,
            "检查日期": "2026-03-20",
            "星级": 2,
            "检查员甲": "检查员01",
            "检查员乙": "检查员02",
        }
        return "household_hygiene", row | columns

    @staticmethod
    def hazard(_person: Person | None = None, record_no: str = "WG1", **columns: object) -> tuple[str, Row]:
        """A row of district_grid, about the unit."""
        row = {
            "record_no": record_no,
            "kind": "hazard_ordered",
            "uscc": UNIT,
            "entity_name": "洞头模拟海霞渔家乐",
            "ordered_on": "2026-02-01",
            "deadline_on": "2026-03-01",
            "document_class": "责令限期整改指令书",
            "document_no": "网〔2026〕1号",
            "effective_from": "2026-02-01",
            "catalogue_item": "DEMO-1.4",
            "notice_served_on": "2026-02-01",
        }
        return "district_grid", row | columns

    person = Person
    credit_code = staticmethod(credit_code)
    xlsx = staticmethod(xlsx_bytes)
    person_number = staticmethod(person_number)


@pytest.fixture
def office(district: Wing) -> Office:
    """Agencies delivering into the district's folder; four residents are in the register."""
    office = Office(district)
    office.register(*RESIDENTS)
    return office
