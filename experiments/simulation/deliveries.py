"""Cuts feeds into the files agencies deliver, spoils a few small ones, and lists everything that is wrong."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import Flags, Ints, count_for
from experiments.simulation.config import SimulationConfig
from experiments.simulation.defects import DEFECTS, ENCODING, SOUND, TRUNCATED, UNKNOWN_COLUMN, SpoiltFeed
from experiments.simulation.files import csv_bytes, encoded, json_lines, write_table

_SPOILT_FILES = {"ebike_control": UNKNOWN_COLUMN, "grassroots_platforms": TRUNCATED, "volunteering": ENCODING}
_CUT = 37


@dataclass(frozen=True, slots=True)
class Written:
    """One file as delivered, its rows, and the list of defects in it."""

    path: Path
    rows: int
    defects: pa.Table


def write_feed(config: SimulationConfig, spoilt: SpoiltFeed, folder: Path, scale: float) -> list[Written]:
    """Write all deliveries of one source, and one spoilt small file where the source has one."""
    feed, last = spoilt.feed, len(config.history.deliveries) - 1
    small = _small_file(spoilt, count_for(config.defects.small_file_rows, max(scale, 0.2)), last)
    written = []
    for place, delivery in enumerate(config.history.deliveries):
        rows = np.flatnonzero((spoilt.delivery == place) & ~small)
        if len(rows):
            name = f"{feed.source_code}_{delivery.delivered_on:%Y%m%d}_01.{feed.extension}"
            write_table(folder / name, feed.table.take(pa.array(rows)), feed.encoding)
            written.append(_written(spoilt, folder / name, rows, spoilt.defect[rows]))
    if small.any():
        delivered_on = config.history.deliveries[last].delivered_on
        name = f"{feed.source_code}_{delivered_on:%Y%m%d}_02.{feed.extension}"
        written.append(_write_spoilt(spoilt, folder / name, np.flatnonzero(small)))
    return written


def _small_file(spoilt: SpoiltFeed, count: int, last: int) -> Flags:
    """The last sound rows of the last delivery go into the spoilt file, those added afterwards left aside."""
    small = np.zeros(len(spoilt.delivery), dtype=np.bool_)
    if spoilt.feed.source_code in _SPOILT_FILES:
        usual = np.arange(len(small)) < len(small) - spoilt.added
        small[np.flatnonzero(usual & (spoilt.delivery == last) & (spoilt.defect == SOUND))[-count:]] = True
    return small


def _write_spoilt(spoilt: SpoiltFeed, path: Path, rows: Ints) -> Written:
    table, kind = spoilt.feed.table.take(pa.array(rows)), _SPOILT_FILES[spoilt.feed.source_code]
    if kind == UNKNOWN_COLUMN:
        plates = pa.array(np.arange(len(rows)) + 10_000).cast(pa.string())
        path.write_bytes(csv_bytes(table.append_column("车牌号", plates), spoilt.feed.encoding))
    elif kind == TRUNCATED:
        path.write_bytes(json_lines(table)[:-_CUT])
    else:
        path.write_bytes(encoded(csv_bytes(table), "gb18030"))
    return _written(spoilt, path, rows, np.full(len(rows), kind))


def write_clean(
    folder: Path, name: str, table: pa.Table, encoding: str = "utf-8", defect: Ints | None = None
) -> Written:
    """Write a table as one file; `defect` names what is wrong with single rows of it, if anything."""
    path = folder / name
    write_table(path, table, encoding)
    none = np.zeros(table.num_rows, dtype=np.int64)
    source = name.partition("_2")[0].removesuffix(path.suffix)
    return Written(path, table.num_rows, _defect_list(source, path, table, none if defect is None else defect))


def _written(spoilt: SpoiltFeed, path: Path, rows: Ints, defect: Ints) -> Written:
    table = spoilt.feed.table.take(pa.array(rows))
    return Written(path, len(rows), _defect_list(spoilt.feed.source_code, path, table, defect))


def _defect_list(source: str, path: Path, table: pa.Table, defect: Ints) -> pa.Table:
    wrong = np.flatnonzero(defect != SOUND)
    return pa.table(
        {
            "source_code": pa.array([source] * len(wrong), pa.string()),
            "file": pa.array([path.name] * len(wrong), pa.string()),
            "row_number": pa.array(
                wrong + (1 if path.suffix == ".jsonl" else 2)
            ),  # as a person sees it, header included
            "record_no": table.column(0).take(pa.array(wrong)).combine_chunks().cast(pa.string()),
            "defect": pa.array(DEFECTS).take(pa.array(defect[wrong])),
        }
    )
