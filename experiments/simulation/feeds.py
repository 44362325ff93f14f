"""How each agency writes what it knows: the eleven feeds in their own words and columns, before anything goes wrong."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation import breaches, court, deeds
from experiments.simulation.arrays import (
    NONE,
    Ints,
    date_texts,
    dates,
    joined,
    looked_up,
    month_of,
    month_texts,
    padded,
    quarter_texts,
    taken,
)
from experiments.simulation.behaviours import Behaviours
from experiments.simulation.entities import Entities
from experiments.simulation.names import ACTIVITIES
from experiments.simulation.occurrences import Occurrences
from experiments.simulation.world import World, village_codes

LETTERS = {
    "municipal_credit": "SJ",
    "district_grid": "WG",
    "permit_commitments": "XY",
    "ebike_control": "DD",
    "neighborhood_points": "LL",
    "grassroots_platforms": "PT",
    "court_litigation": "FY",
    "volunteering": "ZY",
    "household_hygiene": "MT",
    "village_compact": "CG",
    "self_discipline": "ZL",
}
"""With which each source's record numbers begin."""
_LAST_MINUTE = 23 * 60 + 55


@dataclass(frozen=True, slots=True)
class Feed:
    """One source's rows in its contract's columns, with what the defects need to know about them."""

    source_code: str
    extension: str
    encoding: str
    table: pa.Table
    known_on: Ints
    person: Ints  # whose identity number the row carries; NONE for units and households


class Clerk:
    """Writes rows of occurrences in the words of the agencies."""

    def __init__(self, world: World, entities: Entities) -> None:
        self.world = world
        self.entities = entities

    def feeds(self, behaviours: Behaviours) -> list[Feed]:
        """All eleven feeds."""
        return [
            self.municipal(behaviours.municipal),
            self.grid(behaviours.grid),
            self.commitments(behaviours.commitments),
            self.ebike(behaviours.ebike),
            self.neighborhood(behaviours.neighborhood),
            self.platforms(behaviours.platforms),
            self.court(behaviours.court),
            self.volunteering(behaviours.volunteering),
            self.hygiene(behaviours.hygiene),
            self.compact(behaviours.compact),
            self.self_discipline(behaviours.self_discipline),
        ]

    def municipal(self, rows: Occurrences) -> Feed:
        """市级信用信息服务平台: penalties, maritime violations, uncivil conduct, honours, and what ends a penalty."""
        kinds = ("行政处罚", "涉渔涉海违法", "不文明行为", "文明荣誉", "见义勇为", "撤销", "信用修复", "治安处罚")
        papers = (
            "行政处罚决定书",
            "渔业行政处罚决定书",
            "行政处罚决定书",
            "荣誉证书",
            "见义勇为确认书",
            "撤销决定书",
            "信用修复决定书",
            "治安管理处罚决定书",
        )
        numbers = record_numbers("municipal_credit", rows)
        graded = rows.of_kind(breaches.PENALTY, breaches.MARITIME, breaches.BANNED)
        awarded = rows.of_kind(breaches.HONOUR, breaches.BRAVERY)
        level = np.where(graded, np.maximum(rows.level, 0), np.where(awarded, rows.level + 2, NONE))
        family = (rows.kind == breaches.HONOUR) & (rows.amount > 0)
        catalogue = np.array([0, 1, 2, NONE, NONE, NONE, NONE, NONE])[rows.kind]
        columns = {
            "记录编号": numbers,
            "类别": looked_up(kinds, rows.kind),
            **self._person(rows),
            **self._unit(rows),
            "发生日期": dates(rows.occurred),
            "等级": looked_up(("一般", "严重", "区", "市", "省", "国"), level),
            "文书类型": pc.if_else(pa.array(family), "文明家庭", looked_up(papers, rows.kind)),
            **_papers("信", rows, looked_up(("DEMO-1.2", "DEMO-1.3", "DEMO-3.2"), catalogue)),
            "关联记录编号": taken(numbers, rows.about),
        }
        return _feed("municipal_credit", "csv", "gb18030", columns, rows)

    def grid(self, rows: Occurrences) -> Feed:
        """区级网格: hazard orders and their verified fixes."""
        numbers = record_numbers("district_grid", rows)
        columns = {
            "record_no": numbers,
            "kind": self._hazard_kind(rows),
            "uscc": taken(self.entities.code, rows.entity),
            "entity_name": taken(self.entities.name, rows.entity),
            "id_number": taken(self.world.persons.id_number, rows.person),
            "name": taken(self.world.persons.name, rows.person),
            "ordered_on": date_texts(np.where(rows.kind == breaches.HAZARD_ORDERED, rows.occurred, NONE)),
            "deadline_on": date_texts(rows.deadline),
            "verified_on": date_texts(np.where(rows.kind == breaches.HAZARD_FIXED, rows.occurred, NONE)),
            **_hazard_papers("网", rows),
            "related_record_no": taken(numbers, rows.about),
        }
        return _feed("district_grid", "jsonl", "utf-8", columns, rows)

    def commitments(self, rows: Occurrences) -> Feed:
        """信易批: commitments broken, false or fulfilled late."""
        numbers = record_numbers("permit_commitments", rows)
        broken = rows.kind != breaches.FULFILLED
        columns = {
            "记录编号": numbers,
            "类别": looked_up(("未兑现承诺", "虚假承诺", "已履行"), rows.kind),
            **self._person(rows),
            **self._unit(rows),
            "发生日期": date_texts(rows.occurred),
            "文书类型": looked_up(("承诺失信认定书", "履约确认书"), (~broken).astype(np.int64)),
            **_papers("诺", rows, looked_up(("DEMO-2.1",), np.where(broken, 0, NONE)), as_text=True),
            "关联记录编号": taken(numbers, rows.about),
        }
        return _feed("permit_commitments", "xlsx", "utf-8", columns, rows)

    def ebike(self, rows: Occurrences) -> Feed:
        """电动自行车智治: violations and safety courses."""
        violation = np.where(rows.kind == breaches.VIOLATION, 0, NONE)
        numbers = record_numbers("ebike_control", rows)
        columns = {
            "记录编号": numbers,
            "类别": looked_up(("违法", "安全课程"), rows.kind),
            **self._person(rows),
            "发生日期": dates(rows.occurred),
            "文书类型": looked_up(("道路交通安全违法行为处罚决定书",), violation),
            **_papers("交", rows, looked_up(("DEMO-1.1",), violation)),
            "关联记录编号": taken(numbers, rows.about),
        }
        return _feed("ebike_control", "csv", "utf-8-sig", columns, rows)

    def neighborhood(self, rows: Occurrences) -> Feed:
        """邻里积分: points of persons and the villages' conversion tables."""
        table = rows.kind == deeds.CONVERSION
        home = self.world.households.village[self.world.persons.household[rows.person]]
        whole = pa.array(rows.amount.astype(np.int64))
        columns = {
            "记录编号": record_numbers("neighborhood_points", rows),
            "类别": looked_up(("个人积分", "换算表"), rows.kind),
            **self._person(rows),
            "村社代码": village_codes(np.where(table, rows.level, home)),
            "季度": quarter_texts(month_of(rows.occurred) // 3),
            "积分": pc.if_else(pa.array(table), None, pa.array(rows.amount)).cast(pa.string()),
            "每分所需积分": pc.if_else(pa.array(table), whole, None),
        }
        return _feed("neighborhood_points", "csv", "gb18030", columns, rows)

    def platforms(self, rows: Occurrences) -> Feed:
        """基层治理四平台: deliberations, patrols, help to the grid, and some hazards."""
        kinds = ("deliberation", "patrol", "grid_help")
        numbers = record_numbers("grassroots_platforms", rows)
        hazard = rows.of_kind(breaches.HAZARD_ORDERED, breaches.HAZARD_FIXED)
        sign_in = looked_up(kinds, np.where(hazard, NONE, rows.kind))
        fixed = rows.kind == breaches.HAZARD_FIXED
        columns = {
            "record_no": numbers,
            "kind": pc.coalesce(sign_in, self._hazard_kind(rows)),
            "id_number": taken(self.world.persons.id_number, rows.person),
            "name": taken(self.world.persons.name, rows.person),
            "uscc": taken(self.entities.code, rows.entity),
            "entity_name": taken(self.entities.name, rows.entity),
            "occurred_on": date_texts(np.where(fixed, NONE, rows.occurred)),
            "deadline_on": date_texts(rows.deadline),
            "verified_on": date_texts(np.where(fixed, rows.occurred, NONE)),
            **_hazard_papers("平", rows),
            "related_record_no": taken(numbers, rows.about),
        }
        return _feed("grassroots_platforms", "jsonl", "utf-8", columns, rows)

    def court(self, rows: Occurrences) -> Feed:
        """法院诉讼分系统: rings, listed debtors, false litigation, and what ends a listing."""
        kinds = ("恶意呈会", "失信被执行人", "失信屏蔽", "虚假诉讼", "信用修复", "撤销")
        papers = ("刑事判决书", "执行决定书", "屏蔽决定书", "民事制裁决定书", "信用修复决定书", "撤销决定书")
        numbers = record_numbers("court_litigation", rows)
        catalogue = np.array([0, 1, NONE, 2, NONE, NONE])[rows.kind]
        columns = {
            "记录编号": numbers,
            "类别": looked_up(kinds, rows.kind),
            **self._person(rows),
            **self._unit(rows),
            "角色": looked_up(("会首", "恶意会员", "普通会员"), np.where(rows.kind == court.RING, rows.level, NONE)),
            "发生日期": date_texts(rows.occurred),
            "文书类型": looked_up(papers, rows.kind),
            **_papers("法", rows, looked_up(("DEMO-2.2", "DEMO-2.3", "DEMO-5.4"), catalogue), as_text=True),
            "关联记录编号": taken(numbers, rows.about),
        }
        return _feed("court_litigation", "xlsx", "utf-8", columns, rows)

    def volunteering(self, rows: Occurrences) -> Feed:
        """志愿浙江: check-in and check-out."""
        until = np.minimum(rows.level + np.round(rows.amount * 60).astype(np.int64), _LAST_MINUTE)
        columns = {
            "记录编号": record_numbers("volunteering", rows),
            **self._person(rows),
            "活动名称": looked_up(ACTIVITIES, (rows.level + rows.person) % len(ACTIVITIES)),
            "签到时间": _minute_texts(rows.occurred, rows.level),
            "签退时间": _minute_texts(rows.occurred, until),
        }
        return _feed("volunteering", "csv", "utf-8", columns, rows)

    def hygiene(self, rows: Occurrences) -> Feed:
        """美丽庭院检查: stars per household, two inspectors."""
        inspector = (rows.household * 7 + rows.occurred) % 60
        columns = {
            "记录编号": record_numbers("household_hygiene", rows),
            "户号": taken(self.world.households.number, rows.household),
            "村社代码": village_codes(self.world.households.village[rows.household]),
            "检查日期": date_texts(rows.occurred),
            "星级": pa.array(rows.amount.astype(np.int64)),
            "检查员甲": joined("检查员", padded(inspector + 1, 2)),
            "检查员乙": joined("检查员", padded(inspector + 61, 2)),
        }
        return _feed("household_hygiene", "xlsx", "utf-8", columns, rows)

    def compact(self, rows: Occurrences) -> Feed:
        """村规民约: panel reviews of households and confirmed months of mutual aid."""
        review = rows.kind == deeds.COMPACT_REVIEW
        home = np.where(review, rows.household, self.world.persons.household[rows.person])
        quarter = quarter_texts(month_of(rows.occurred) // 3)
        columns = {
            "record_no": record_numbers("village_compact", rows),
            "kind": looked_up(("compact_review", "mutual_aid"), rows.kind),
            "household_no": taken(self.world.households.number, np.where(review, rows.household, NONE)),
            "id_number": taken(self.world.persons.id_number, rows.person),
            "name": taken(self.world.persons.name, rows.person),
            "village_code": village_codes(self.world.households.village[home]),
            "quarter": pc.if_else(pa.array(review), quarter, None),
            "month": pc.if_else(pa.array(~review), month_texts(month_of(rows.occurred)), None),
            "panel_points": pc.if_else(pa.array(review), pa.array(rows.amount), None),
            "panellists": pa.array(rows.level, mask=~review),
            "confirmed_by": pc.if_else(pa.array(~review), looked_up(("受助人", "村委会"), rows.occurred % 2), None),
        }
        return _feed("village_compact", "jsonl", "utf-8", columns, rows)

    def self_discipline(self, rows: Occurrences) -> Feed:
        """诚信自律: quarterly statements on kept contracts."""
        broken = np.where(rows.kind == deeds.BREACHED, np.arange(rows.count), NONE)
        numbers = joined("违约〔", _years(rows.occurred), "〕", padded(np.arange(rows.count) + 1, 6), "号")
        columns = {
            "记录编号": record_numbers("self_discipline", rows),
            **self._person(rows),
            "合同类别": looked_up(("村集体合同", "水费", "电费"), rows.level),
            "季度": quarter_texts(month_of(rows.occurred) // 3),
            "结果": looked_up(("守约", "违约"), rows.kind),
            "违约文书号": taken(numbers, broken),
        }
        return _feed("self_discipline", "csv", "gb18030", columns, rows)

    def _person(self, rows: Occurrences) -> dict[str, pa.Array]:
        persons = self.world.persons
        return {"身份证号": taken(persons.id_number, rows.person), "姓名": taken(persons.name, rows.person)}

    def _unit(self, rows: Occurrences) -> dict[str, pa.Array]:
        units = self.entities
        return {"统一社会信用代码": taken(units.code, rows.entity), "单位名称": taken(units.name, rows.entity)}

    @staticmethod
    def _hazard_kind(rows: Occurrences) -> pa.Array:
        hazard = rows.of_kind(breaches.HAZARD_ORDERED, breaches.HAZARD_FIXED)
        return looked_up(
            ("hazard_ordered", "hazard_fixed"), np.where(hazard, rows.kind - breaches.HAZARD_ORDERED, NONE)
        )


def _feed(source: str, extension: str, encoding: str, columns: dict[str, pa.Array], rows: Occurrences) -> Feed:
    return Feed(source, extension, encoding, pa.table(columns), rows.known, rows.person)


def record_numbers(source: str, rows: Occurrences) -> pa.Array:
    """The agency's own numbers: its letters, the year, the place among all its rows."""
    return joined(LETTERS[source], _years(rows.known), padded(np.arange(rows.count) + 1, 7))


def _years(days: Ints) -> Ints:
    return 1970 + month_of(days) // 12


def _document_numbers(word: str, rows: Occurrences) -> pa.Array:
    return joined("模拟", word, "〔", _years(rows.occurred), "〕", padded(np.arange(rows.count) + 1, 6), "号")


def _papers(word: str, rows: Occurrences, catalogue: pa.Array, *, as_text: bool = False) -> dict[str, pa.Array]:
    """文书号, 生效日期, 目录编号, 告知日期; rows without an effective date carry no document."""
    written = date_texts if as_text else dates
    documented = np.where(rows.effective == NONE, NONE, np.arange(rows.count))
    return {
        "文书号": taken(_document_numbers(word, rows), documented),
        "生效日期": written(rows.effective),
        "目录编号": catalogue,
        "告知日期": written(rows.notice),
    }


def _hazard_papers(word: str, rows: Occurrences) -> dict[str, pa.Array]:
    ordered = np.where(rows.kind == breaches.HAZARD_ORDERED, 0, NONE)
    return {
        "document_class": looked_up(("责令限期整改通知书",), ordered),
        "document_no": taken(_document_numbers(word, rows), np.where(ordered == NONE, NONE, np.arange(rows.count))),
        "effective_from": date_texts(rows.effective),
        "catalogue_item": looked_up(("DEMO-1.4",), ordered),
        "notice_served_on": date_texts(rows.notice),
    }


def _minute_texts(days: Ints, minutes: Ints) -> pa.Array:
    return joined(date_texts(days), " ", padded(minutes // 60, 2), ":", padded(minutes % 60, 2))
