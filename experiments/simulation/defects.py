"""What goes wrong between agency and district: duplicates, typing errors, late rows, strangers, impossible dates."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation import identity, names
from experiments.simulation.arrays import NONE, Flags, Ints, as_flags, count_for, date_texts, dates, day, taken
from experiments.simulation.breaches import BANNED
from experiments.simulation.config import Defects, SimulationConfig
from experiments.simulation.feeds import Feed
from experiments.simulation.occurrences import Occurrences

DEFECTS = (
    "none",
    "duplicate",
    "wrong_check_digit",
    "name_mismatch",
    "late",
    "not_in_register",
    "future_date",
    "decimal_comma",
    "banned_class",
    "unknown_column",
    "truncated_file",
    "wrong_encoding",
    "overlapping_terms",
)
(
    SOUND,
    DUPLICATE,
    CHECK_DIGIT,
    NAME,
    LATE,
    STRANGER,
    FUTURE,
    DECIMAL_COMMA,
    BANNED_CLASS,
    UNKNOWN_COLUMN,
    TRUNCATED,
    ENCODING,
    OVERLAP,
) = range(len(DEFECTS))
_IDENTITY = {"身份证号": "姓名", "id_number": "name"}
_FUTURE_COLUMNS = {"ebike_control": "发生日期", "household_hygiene": "检查日期", "municipal_credit": "发生日期"}
_AGES_DAYS = (8500, 25000)  # of age throughout the history


@dataclass(frozen=True, slots=True)
class SpoiltFeed:
    """A feed as delivered: its rows, the delivery each one comes with, and what is wrong with it.

    The last `added` rows came to the others afterwards: nothing is wrong with them.
    """

    feed: Feed
    delivery: Ints
    defect: Ints
    added: int = 0


@dataclass(frozen=True, slots=True)
class Strangers:
    """Well-formed people no register knows."""

    id_number: pa.Array
    name: pa.Array


def draw_strangers(rng: np.random.Generator, count: int, end_day: int) -> Strangers:
    """People of a region that nobody in the register was born in."""
    male = rng.random(count) < 0.5  # noqa: PLR2004
    birth_on = end_day - rng.integers(*_AGES_DAYS, count)
    region = np.full(count, identity.STRANGER_REGION)
    return Strangers(
        identity.identity_numbers(region, birth_on, male),
        names.full_names(rng, names.surname_positions(rng, count), male),
    )


def banned_rows(rows: Occurrences) -> Flags:
    """Sealed public-security penalties among municipal rows."""
    return as_flags(rows.kind == BANNED)


def spoil(
    rng: np.random.Generator, config: SimulationConfig, feed: Feed, scale: float, banned: Flags | None = None
) -> SpoiltFeed:
    """Plants the configured defects; every row carries at most one."""
    defect = _assigned(rng, config.defects, feed, scale, banned)
    table = _with_wrong_identities(rng, config, feed, defect)
    table = _with_wrong_values(rng, config, feed, table, defect)
    delivery, last = _deliveries(config, feed), len(config.history.deliveries) - 1
    defect = np.where((defect == LATE) & (delivery == last), SOUND, defect)
    delivery = delivery + (defect == LATE)
    again = np.flatnonzero(defect == DUPLICATE)
    defect = np.where(defect == DUPLICATE, SOUND, defect)
    later = np.minimum(delivery[again] + rng.integers(0, 2, len(again)), last)
    rows = np.r_[np.arange(len(defect)), again]
    return SpoiltFeed(
        replace(feed, table=table.take(pa.array(rows)), known_on=feed.known_on[rows], person=feed.person[rows]),
        np.r_[delivery, later],
        np.r_[defect, np.full(len(again), DUPLICATE)],
    )


def with_added(config: SimulationConfig, spoilt: SpoiltFeed, added: Feed) -> SpoiltFeed:
    """The same rows in the same files, followed in each by the sound ones that are added."""
    feed, count = spoilt.feed, added.table.num_rows
    whole = replace(
        feed,
        table=pa.concat_tables([feed.table, added.table]).combine_chunks(),
        known_on=np.r_[feed.known_on, added.known_on],
        person=np.r_[feed.person, added.person],
    )
    delivery = np.r_[spoilt.delivery, _deliveries(config, added)]
    return SpoiltFeed(whole, delivery, np.r_[spoilt.defect, np.full(count, SOUND)], count)


def _deliveries(config: SimulationConfig, feed: Feed) -> Ints:
    """The delivery each row belongs to by the day it became known."""
    untils = np.array([day(delivery.until) for delivery in config.history.deliveries])
    return np.minimum(np.searchsorted(untils, feed.known_on), len(untils) - 1)


def _assigned(rng: np.random.Generator, shares: Defects, feed: Feed, scale: float, banned: Flags | None) -> Ints:
    """One defect per row at most; identity defects only where a person is named."""
    count = len(feed.known_on)
    draw = rng.random(count)
    named = feed.person != NONE
    bounds = np.cumsum([shares.check_digit_share, shares.name_share, shares.stranger_share])
    defect = np.full(count, SOUND)
    for low, high, kind in zip((0.0, *bounds[:-1]), bounds, (CHECK_DIGIT, NAME, STRANGER), strict=True):
        defect[named & (draw >= low) & (draw < high)] = kind
    other = (draw >= 0.1) & (defect == SOUND)  # noqa: PLR2004
    anew = rng.random(count)
    defect[other & (anew < shares.duplicate_share / 0.9)] = DUPLICATE
    defect[other & (anew > 1 - shares.late_share / 0.9)] = LATE
    if feed.source_code in _FUTURE_COLUMNS:
        _plant(rng, defect, FUTURE, count_for(shares.future_rows / len(_FUTURE_COLUMNS), scale))
    if feed.source_code == "neighborhood_points":
        _plant(rng, defect, DECIMAL_COMMA, count_for(shares.decimal_comma_rows, scale), feed.person != NONE)
    if banned is not None:
        defect[banned] = BANNED_CLASS
    return defect


def _plant(rng: np.random.Generator, defect: Ints, kind: int, count: int, where: Flags | None = None) -> None:
    free = np.flatnonzero((defect == SOUND) & (True if where is None else where))
    defect[rng.permutation(free)[:count]] = kind


def _with_wrong_identities(rng: np.random.Generator, config: SimulationConfig, feed: Feed, defect: Ints) -> pa.Table:
    table = feed.table
    for id_column, name_column in _IDENTITY.items():
        if id_column not in table.column_names:
            continue
        strangers = draw_strangers(rng, int((defect == STRANGER).sum()), config.history.end_day)
        wrong = identity.with_wrong_check_digit(_rows(table, id_column, defect == CHECK_DIGIT))
        table = _written(table, id_column, defect == CHECK_DIGIT, wrong)
        table = _written(table, name_column, defect == NAME, _other_names(_rows(table, name_column, defect == NAME)))
        table = _written(table, id_column, defect == STRANGER, strangers.id_number)
        table = _written(table, name_column, defect == STRANGER, strangers.name)
    return table


def _other_names(given: pa.Array) -> pa.Array:
    """The names moved on by one row; a name that would meet itself gets another ending."""
    moved = taken(given, np.roll(np.arange(len(given)), 1))
    return pc.if_else(pc.equal(moved, given), pc.binary_join_element_wise(given, "某", ""), moved)


def _with_wrong_values(
    rng: np.random.Generator, config: SimulationConfig, feed: Feed, table: pa.Table, defect: Ints
) -> pa.Table:
    if feed.source_code in _FUTURE_COLUMNS:
        column = _FUTURE_COLUMNS[feed.source_code]
        days = config.history.end_day + rng.integers(30, 900, int((defect == FUTURE).sum()))
        written = date_texts(days) if pa.types.is_string(table.schema.field(column).type) else dates(days)
        table = _written(table, column, defect == FUTURE, written)
    if feed.source_code == "neighborhood_points":
        halves = rng.integers(20, 300, int((defect == DECIMAL_COMMA).sum()))
        table = _written(table, "积分", defect == DECIMAL_COMMA, pc.binary_join_element_wise(_text(halves), "5", ","))
    return table


def _text(numbers: Ints) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _rows(table: pa.Table, column: str, which: Flags) -> pa.Array:
    return table.column(column).filter(pa.array(which)).combine_chunks()


def _written(table: pa.Table, column: str, which: Flags, values: pa.Array) -> pa.Table:
    """The table with new values in some rows of a column."""
    place = table.column_names.index(column)
    new = pc.replace_with_mask(table.column(column).combine_chunks(), pa.array(which), values)
    return table.set_column(place, table.schema.field(place), new)
