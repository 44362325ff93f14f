"""How agencies write appeals, answers, revocations and corrections: rows in the columns of the feed they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import (
    NONE,
    Flags,
    Ints,
    as_ints,
    date_texts,
    dates,
    joined,
    looked_up,
    month_of,
    padded,
    taken,
)
from experiments.simulation.entities import Entities
from experiments.simulation.feeds import LETTERS, Feed
from experiments.simulation.objections import LOWERED, REVOKED, SOURCES, Objections
from experiments.simulation.world import World

_CHINESE = {
    "number": "记录编号",
    "kind": "类别",
    "id_number": "身份证号",
    "name": "姓名",
    "uscc": "统一社会信用代码",
    "entity_name": "单位名称",
    "document": "文书类型",
    "document_no": "文书号",
    "occurred_on": "发生日期",
    "effective_from": "生效日期",
    "level": "等级",
    "about": "关联记录编号",
    "opened": "申诉受理",
    "closed": "申诉办结",
    "revoked": "撤销",
}
_ENGLISH = {
    "number": "record_no",
    "kind": "kind",
    "document": "document_class",
    "document_no": "document_no",
    "about": "related_record_no",
    "deadline_on": "deadline_on",
    "opened": "appeal_opened",
    "closed": "appeal_closed",
    "revoked": "revoked",
}
_NOTICES = ("申诉受理通知书（一般）", "申诉受理通知书（非本人或已离任）")


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows to be added: their table, the day each can be delivered, whom each names."""

    table: pa.Table
    known: Ints
    person: Ints


def objection_feed(world: World, entities: Entities, objections: Objections, feed: Feed) -> Feed | None:
    """What a source adds about the deductions in `feed`; None for sources that never deduct."""
    if feed.source_code not in SOURCES:
        return None
    parts = list(_Clerk(world, entities, objections, feed).parts())
    return Feed(
        feed.source_code,
        feed.extension,
        feed.encoding,
        pa.concat_tables([part.table for part in parts]).combine_chunks(),
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.person for part in parts]),
    )


class _Clerk:
    """Writes one source's objections in its own words; numbers of its own keep all others as they are."""

    def __init__(self, world: World, entities: Entities, objections: Objections, feed: Feed) -> None:
        self.world, self.entities, self.feed = world, entities, feed
        self.deductions, self.appeals = objections.deductions, objections.appeals
        self.corrections = objections.corrections
        self.words = _ENGLISH if feed.extension == "jsonl" else _CHINESE
        self.numbers = feed.table.column(0).combine_chunks()
        self.source = list(SOURCES).index(feed.source_code)

    def parts(self) -> Iterator[_Part]:
        """Appeals, answers, revocations, corrections."""
        appeals = self.appeals
        mine = self.deductions.source[appeals.about] == self.source
        opened = self._numbers("S", appeals.opened_on)
        yield self._opened(mine, opened)
        yield self._closed(mine & ~appeals.pending, opened)
        yield self._revoked(mine & (appeals.outcome == REVOKED))
        lowered = mine & (appeals.outcome == LOWERED)
        corrected = self.deductions.source[self.corrections.about] == self.source
        about = np.r_[appeals.about[lowered], self.corrections.about[corrected]]
        on = np.r_[appeals.closed_on[lowered], self.corrections.on[corrected]]
        yield self._corrected(
            about, on, np.r_[np.zeros(int(lowered.sum()), np.int64), self.corrections.days[corrected]]
        )

    def _opened(self, which: Flags, numbers: pa.Array) -> _Part:
        on, about = self.appeals.opened_on[which], self.appeals.about[which]
        columns = {
            "number": numbers.filter(pa.array(which)),
            "document": looked_up(_NOTICES, as_ints(self.appeals.not_representative[which])),
            "about": taken(self.numbers, self.deductions.row[about]),
        }
        return self._of_appellants("opened", about, on, columns)

    def _closed(self, which: Flags, opened: pa.Array) -> _Part:
        on, about = self.appeals.closed_on[which], self.appeals.about[which]
        columns = {"number": self._numbers("B", on), "about": opened.filter(pa.array(which))}
        return self._of_appellants("closed", about, on, columns)

    def _of_appellants(self, kind: str, about: Ints, on: Ints, columns: dict[str, pa.Array]) -> _Part:
        person = self.deductions.person[about]
        columns |= {"effective_from": self._days("effective_from", on)}
        return _Part(self._table(kind, columns, person, self.deductions.entity[about]), on, person)

    def _revoked(self, which: Flags) -> _Part:
        on, about = self.appeals.closed_on[which], self.appeals.about[which]
        entity = self.deductions.entity[about]
        person = np.where(entity == NONE, self.deductions.person[about], NONE)
        columns = {
            "number": self._numbers("C", on),
            "document": looked_up(("撤销决定书",), np.zeros(len(on), np.int64)),
            "document_no": joined("模拟撤〔", _years(on), "〕", padded(np.arange(len(on)) + 1, 6), "号"),
            "occurred_on": self._days("occurred_on", on),
            "effective_from": self._days("effective_from", on),
            "about": taken(self.numbers, self.deductions.row[about]),
        }
        return _Part(self._table("revoked", columns, person, entity), on, person)

    def _corrected(self, about: Ints, on: Ints, days: Ints) -> _Part:
        """The original rows once more, with one thing put right: the severity, the deadline or the day."""
        table = self.feed.table.take(pa.array(self.deductions.row[about]))
        table = _with(table, self.words["number"], self._numbers("G", on))
        table = _with(table, self.words["about"], taken(self.numbers, self.deductions.row[about]))
        table = self._put_right(table, about, days)
        return _Part(table, on, self.feed.person[self.deductions.row[about]])

    def _put_right(self, table: pa.Table, about: Ints, days: Ints) -> pa.Table:
        serious, day = self.deductions.serious[about], self.deductions.day[about]
        if "deadline_on" in self.words:
            return _with(table, self.words["deadline_on"], date_texts(day + days))
        if serious.any():
            levels = table.column(self.words["level"]).to_pylist()
            lower = ["一般" if is_serious else level for level, is_serious in zip(levels, serious, strict=True)]
            table = _with(table, self.words["level"], pa.array(lower, pa.string()))
        return _with(table, self.words["occurred_on"], self._days("occurred_on", np.where(serious, day, day - days)))

    def _table(self, kind: str, columns: dict[str, pa.Array], person: Ints, entity: Ints) -> pa.Table:
        """Rows in the feed's columns; what is not said stays empty."""
        persons, units, count = self.world.persons, self.entities, len(person)
        said = columns | {
            "kind": pa.array([self.words[kind]] * count, pa.string()),
            "id_number": taken(persons.id_number, person),
            "name": taken(persons.name, person),
            "uscc": taken(units.code, entity),
            "entity_name": taken(units.name, entity),
        }
        written = {self.words.get(name, name): column for name, column in said.items()}
        schema = self.feed.table.schema
        return pa.table([written.get(f.name, pa.nulls(count, f.type)) for f in schema], schema=schema)

    def _days(self, name: str, on: Ints) -> pa.Array:
        """Days as this source writes them."""
        column = self.words.get(name, name)
        if column not in self.feed.table.column_names:
            return dates(on)
        return dates(on) if pa.types.is_date(self.feed.table.schema.field(column).type) else date_texts(on)

    def _numbers(self, letter: str, on: Ints) -> pa.Array:
        return joined(LETTERS[self.feed.source_code] + letter, _years(on), padded(np.arange(len(on)) + 1, 6))


def _with(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    place = table.column_names.index(column)
    return table.set_column(place, table.schema.field(place), values)


def _years(days: Ints) -> Ints:
    return 1970 + month_of(days) // 12
