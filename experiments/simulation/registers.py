"""The registers of residents and legal representatives and the ledger of consents, as delivered."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation.arrays import (
    NEVER,
    NONE,
    Flags,
    Ints,
    date_texts,
    dates,
    joined,
    known_dates,
    looked_up,
    month_of,
    padded,
    taken,
)
from experiments.simulation.config import BANKS
from experiments.simulation.defects import Strangers
from experiments.simulation.enrolment import CERTIFICATE, PURPOSES, SOURCES, Acts
from experiments.simulation.entities import Entities
from experiments.simulation.family import RELATIONS
from experiments.simulation.moves import LEAVING_REASONS
from experiments.simulation.objections import OUT_OF_OFFICE, Objections
from experiments.simulation.world import World, village_codes

_CHANNELS = ("浙里办", "村社代办", "银行渠道")
_NEW_TEXT_SINCE = 19783  # 2024-03-01


def residents(world: World) -> list[pa.Table]:
    """户籍登记: one row per stay in a household, one table per township."""
    stays, persons, homes = world.memberships, world.persons, world.households
    order = np.lexsort((stays.from_on, stays.household))
    person, household = stays.person[order], stays.household[order]
    until_on = stays.until_on[order]
    reason = np.where(until_on == NEVER, NONE, stays.reason[order])
    table = pa.table(
        {
            "身份证号": taken(persons.id_number, person),
            "姓名": taken(persons.name, person),
            "性别": looked_up(("女", "男"), persons.male[person].astype(np.int64)),
            "户号": taken(homes.number, household),
            "与户主关系": looked_up(RELATIONS, stays.relation[order]),
            "村社代码": village_codes(homes.village[household]),
            "入户日期": known_dates(stays.from_on[order]),
            "离户日期": dates(until_on),
            "离户原因": looked_up(LEAVING_REASONS, reason),
            "有监护": looked_up(("否", "是"), persons.guardian[person].astype(np.int64)),
        }
    )
    township = homes.township[household]
    return [table.filter(pa.array(township == place)) for place in np.unique(township)]


def representatives(world: World, entities: Entities, strangers: Strangers) -> pa.Table:
    """法定代表人登记: one row per term as the register shows it; nobody's terms are closed for them."""
    terms, persons = entities.terms, world.persons
    outside = np.cumsum(terms.person == NONE) - 1
    outside = np.where(terms.person == NONE, outside, NONE)
    return pa.table(
        {
            "统一社会信用代码": taken(entities.code, terms.entity),
            "单位名称": taken(entities.name, terms.entity),
            "身份证号": pc.coalesce(taken(persons.id_number, terms.person), taken(strangers.id_number, outside)),
            "姓名": pc.coalesce(taken(persons.name, terms.person), taken(strangers.name, outside)),
            "任职日期": known_dates(terms.from_on),
            "离任日期": dates(terms.until_on),
        }
    )


def terms_put_right(table: pa.Table, entities: Entities, objections: Objections) -> pa.Table:
    """Terms of those whose appeal showed that they had left before: the register's rows with the day they left."""
    appeals, rows = objections.appeals, objections.deductions
    upheld = np.flatnonzero(appeals.outcome == OUT_OF_OFFICE)
    upheld = upheld[np.argsort(appeals.out_of_office_on[upheld], kind="stable")]
    about = appeals.about[upheld]
    term, first = np.unique(entities.term_in_office(rows.entity[about], rows.day[about]), return_index=True)
    left = dates(appeals.out_of_office_on[upheld[first]])
    place = table.column_names.index("离任日期")
    return table.take(pa.array(term)).set_column(place, table.schema.field(place), left)


def consents(world: World, acts: Acts, by_village: Flags) -> pa.Table:
    """本人同意记录: one row per act of giving or withdrawing."""
    channel = np.where(acts.purpose == CERTIFICATE, 2, by_village[acts.person].astype(np.int64))
    text = looked_up(("2021-08", "2024-03"), (acts.on >= _NEW_TEXT_SINCE).astype(np.int64))
    return pa.table(
        {
            "act_no": joined("TY", 1970 + month_of(acts.on) // 12, padded(np.arange(len(acts.on)) + 1, 7)),
            "id_number": taken(world.persons.id_number, acts.person),
            "name": taken(world.persons.name, acts.person),
            "act": looked_up(("given", "withdrawn"), acts.withdrawn.astype(np.int64)),
            "purpose": looked_up(PURPOSES, acts.purpose),
            "source_code": looked_up(SOURCES, acts.source),
            "recipient": looked_up(BANKS, acts.bank),
            "text_version": text,
            "acted_at": joined(date_texts(acts.on), "T", _clock(acts.second), "+08:00"),
            "channel": looked_up(_CHANNELS, channel),
            "binding_token": acts.token,
        }
    )


def _clock(seconds: Ints) -> pa.Array:
    return joined(padded(seconds // 3600, 2), ":", padded(seconds // 60 % 60, 2), ":", padded(seconds % 60, 2))
