"""Folded events of a made-up district: seeded, block by block, so that any number of residents costs the same memory.

A block is 10,000 residents and always the same, whatever the population around it. Proportions follow what the feeds
bring: quarterly household and village points dominate, one resident in five volunteers and some of them a lot,
deductions are rare and gather on few; honours fade, each as twelve monthly steps. About half of all spells are live on
the day asked about, the others are over, a few are still to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.scoring.setting import AS_OF, EVENTS_PER_PERSON
from experiments.benchmarks.scoring.spell_columns import TYPES, Columns, empty_columns

BLOCK: Final = 10_000
SEED: Final = 20_260_615
NO_DAY: Final = int(np.iinfo(np.int32).max)

HONOURS_PER_BLOCK: Final = 500
HONOUR: Final = 10
HONOUR_DAYS: Final = 36 * 30
FADE_MONTHS: Final = 12
MONTH_DAYS: Final = 30

NEWCOMERS: Final = 0.03
VOLUNTEERS: Final = 0.22
OFFENDERS: Final = 0.15

Ints = NDArray[np.int64]
Who = Literal["everybody", "volunteers", "offenders"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Spells of one indicator.

    Attributes:
        indicator: number in catalogue order.
        share: weight among all kinds.
        who: whom they gather on.
        days: length of a spell; they begin on any day of twice that time before the day asked about.
        values_milli: each as likely as the other.
        within: calendar months of the group within which only the strongest counts; 0: no groups.
        open_share: share of spells without an end.
    """

    indicator: int
    share: float
    who: Who
    days: int
    values_milli: tuple[int, ...]
    within: int = 0
    open_share: float = 0.0


KINDS: Final = (
    Kind(0, 2.0, "offenders", 92, (0, 0, 0, -1000, -2000)),
    Kind(1, 0.3, "offenders", 700, (-2500, -5000, -5000, -7500, -15000)),
    Kind(2, 0.2, "offenders", 700, (-5000, -5000, -7500, -15000)),
    Kind(3, 0.4, "offenders", 400, (-1500, -1000, -2000, -3000)),
    Kind(4, 0.1, "offenders", 365, (-5000, -10000, -15000)),
    Kind(5, 0.02, "offenders", 1095, (-30000, -15000, 0, 0)),
    Kind(6, 0.05, "offenders", 900, (-40000,), open_share=0.4),
    Kind(7, 13.0, "everybody", 900, (4000,), within=3, open_share=0.4),
    Kind(8, 17.0, "everybody", 365, (0, 1000, 1000, 2000), within=3),
    Kind(9, 0.8, "offenders", 92, (-1000,)),
    Kind(11, 26.0, "volunteers", 365, (1500, 2000, 2500, 3000, 4000, 6250, 8000)),
    Kind(12, 0.05, "everybody", 1095, (10000, 10000, 20000, 30000)),
    Kind(13, 6.0, "volunteers", 365, (1000,), within=1),
    Kind(14, 15.0, "everybody", 365, (0, 1000, 1500, 2000), within=3),
    Kind(15, 12.0, "everybody", 365, (125, 430, 870, 1240, 1930, 2680), within=3),
    Kind(16, 7.0, "volunteers", 365, (500,)),
    Kind(17, 0.02, "offenders", 1095, (-15000, -7500)),
)


def population(persons: int, names: tuple[str, ...] = tuple(TYPES)) -> Columns:
    """Sorted storage of so many residents, a multiple of `BLOCK`.

    Returns:
        columns ordered by (person, indicator, group, from_on, event_id).
    """
    columns = empty_columns(persons * EVENTS_PER_PERSON, names)
    for number in range(persons // BLOCK):
        rows = slice(number * BLOCK * EVENTS_PER_PERSON, (number + 1) * BLOCK * EVENTS_PER_PERSON)
        for name, column in block(number).items():
            if name in columns:
                columns[name][rows] = column
    return columns


def shuffled(columns: Columns) -> Columns:
    """The same rows in no order."""
    order = np.random.default_rng(SEED).permutation(len(columns["person"]))
    return {name: column[order] for name, column in columns.items()}


def block(number: int) -> Columns:
    """The spells of residents `number * BLOCK` up to the next block, sorted."""
    rng = np.random.default_rng([SEED, number])
    rows = _joined([*_plain(rng), _honours(rng)])
    rows["event_id"] += number * BLOCK * EVENTS_PER_PERSON + 1
    order = _storage_order(rows)
    sorted_rows = {name: rows[name][order].astype(TYPES[name]) for name in TYPES}
    sorted_rows["person"] += TYPES["person"].type(number * BLOCK)
    return sorted_rows


def _plain(rng: np.random.Generator) -> Iterator[dict[str, Ints]]:
    """One row per spell of every kind but the fading honours; `event_id` counts from 0."""
    likelihoods = _likelihoods(rng)
    shares = np.array([kind.share for kind in KINDS])
    rows = BLOCK * EVENTS_PER_PERSON - HONOURS_PER_BLOCK * FADE_MONTHS
    first = 0
    for kind, count in zip(KINDS, rng.multinomial(rows, shares / shares.sum()).tolist(), strict=True):
        person = np.repeat(np.arange(BLOCK), rng.multinomial(count, likelihoods[kind.who]))
        from_on = AS_OF - rng.integers(-5, 2 * kind.days, count)
        open_ended = rng.random(count) < kind.open_share
        yield {
            "person": person,
            "indicator": np.full(count, kind.indicator),
            "group": _group(from_on, kind.within),
            "value_milli": rng.choice(np.array(kind.values_milli), count),
            "from_on": from_on,
            "until_on": np.where(open_ended, NO_DAY, from_on + kind.days),
            "event_id": np.arange(first, first + count),
        }
        first += count


def _likelihoods(rng: np.random.Generator) -> dict[Who, NDArray[np.float64]]:
    """How likely a spell of each kind of person falls on each resident; newcomers have none yet."""
    settled = rng.random(BLOCK) >= NEWCOMERS
    weights: dict[Who, NDArray[np.float64]] = {
        "everybody": settled * rng.gamma(4.0, size=BLOCK),
        "volunteers": settled * (rng.random(BLOCK) < VOLUNTEERS) * rng.lognormal(0.0, 1.2, BLOCK),
        "offenders": settled * (rng.random(BLOCK) < OFFENDERS) * rng.gamma(0.7, size=BLOCK),
    }
    return {who: weight / weight.sum() for who, weight in weights.items()}


def _honours(rng: np.random.Generator) -> dict[str, Ints]:
    """Each honour holds its full value for 25 months, then loses a twelfth every month."""
    holder = rng.integers(0, BLOCK, HONOURS_PER_BLOCK)
    points = rng.choice(np.array([5000, 5000, 5000, 8000, 12000, 20000]), HONOURS_PER_BLOCK)
    awarded_on = AS_OF - rng.integers(0, HONOUR_DAYS, HONOURS_PER_BLOCK)
    step = np.tile(np.arange(FADE_MONTHS), HONOURS_PER_BLOCK)
    honour = np.repeat(np.arange(HONOURS_PER_BLOCK), FADE_MONTHS)
    ends = awarded_on[honour] + HONOUR_DAYS - (FADE_MONTHS - 1 - step) * MONTH_DAYS
    return {
        "person": holder[honour],
        "indicator": np.full(len(honour), HONOUR),
        "group": np.zeros(len(honour), np.int64),
        "value_milli": (2 * points[honour] * (FADE_MONTHS - step) + FADE_MONTHS) // (2 * FADE_MONTHS),
        "from_on": np.where(step == 0, awarded_on[honour], ends - MONTH_DAYS),
        "until_on": ends,
        "event_id": BLOCK * EVENTS_PER_PERSON - HONOURS_PER_BLOCK + honour,
    }


def _group(days: Ints, months: int) -> Ints:
    if not months:
        return np.zeros(len(days), np.int64)
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // months


def _joined(parts: list[dict[str, Ints]]) -> dict[str, Ints]:
    return {name: np.concatenate([part[name] for part in parts]) for name in TYPES}


def _storage_order(rows: dict[str, Ints]) -> Ints:
    """One sort of packed keys; rows already stand by event id, so the row number decides ties."""
    key = rows["person"]
    for name, bits in (("indicator", 5), ("group", 10), ("from_on", 15)):
        key = (key << bits) | rows[name]
    key = np.sort((key << 18) | np.arange(len(key)))
    return np.asarray(key & (2**18 - 1))
