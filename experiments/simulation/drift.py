"""A later household file of one bank with a declared drift in it, or with none: for showing what monitoring catches."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import yaml
from pydantic import Field

from experiments.simulation.arrays import Flags, Floats, stream
from experiments.simulation.config import CONFIGS, Months, Section, Share
from experiments.simulation.files import csv_bytes

Kind = Literal["none", "fishing_ban", "bureau_missing", "unit_error"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_SHARES: Final = tuple(f"monthly_income_share_{month:02d}" for month in range(1, 13))
_PARTS: Final = 10_000
_DAYS_OF_MONTH: Final = 30.4375
_TEXTS: Final = (
    "household_ref",
    "household_key",
    "village_code",
    "sector",
    "borrower_ref",
    "borrower_sex",
    "borrower_binding_token",
    "spouse_binding_token",
)


class Ordinary(Section):
    """What changes without any drift."""

    income_sigma: Share
    deposit_sigma: Share
    queries_redrawn_share: Share


class FishingBan(Section):
    """A longer closed season."""

    months: Months
    stability_factor: Share
    deposits_used: Share


class BureauMissing(Section):
    """Fields that come empty."""

    columns: list[str]
    share: Share


class UnitError(Section):
    """A column in another unit."""

    column: str
    divisor: Annotated[int, Field(gt=1)]


class DriftConfig(Section):
    """`experiments/configs/drift.yaml`."""

    ordinary: Ordinary
    fishing_ban: FishingBan
    bureau_missing: BureauMissing
    unit_error: UnitError


@cache
def load_drifts(path: Path = CONFIGS / "drift.yaml") -> DriftConfig:
    """The declared drifts."""
    return DriftConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def write_drift(folder: Path, kind: Kind, *, seed: int, day: dt.date | None = None) -> Path:
    """Write a bank's household file of a later day and return its path.

    Args:
        folder: the bank's folder with at least one `households_YYYYMMDD.csv`; the newest is carried on.
        kind: which drift; `none` is the control.
        seed: everything random follows from it.
        day: the file's day; 30 days after the newest file by default.

    Raises:
        FileNotFoundError: no household file is there.
        ValueError: the day is not later than the newest file's.
    """
    newest, last = newest_file(folder)
    on = day or last + dt.timedelta(days=30)
    if on <= last:
        raise ValueError(f"{on} is not later than {newest.name}")
    drifted = later(read_households(newest), kind, (last, on), stream(seed, f"drift {folder.name} {on}"))
    path = folder / f"households_{on:%Y%m%d}.csv"
    path.write_bytes(csv_bytes(drifted))
    return path


def later(households: pa.Table, kind: Kind, days: tuple[dt.date, dt.date], rng: np.random.Generator) -> pa.Table:
    """The same households on a later day, with ordinary change and one drift.

    Args:
        households: rows of a household file, typed.
        kind: which drift.
        days: the file's day, and the later one.
        rng: random.
    """
    config, (since, on) = load_drifts(), days
    table = _ordinary(households, config.ordinary, rng)
    months = round((on - since).days / _DAYS_OF_MONTH)
    table = _with(table, "months_with_bank", pc.add(table["months_with_bank"], months))
    table = _with(table, "as_of", pa.repeat(pa.scalar(on), table.num_rows))
    return _DRIFTS[kind](table, config, rng)


def bank_folder(data_dir: Path, bank_code: str) -> Path:
    """The bank's folder of files in or below a folder; of several the one written last.

    Raises:
        FileNotFoundError: there is none.
    """
    patterns = (f"{bank_code}/households_*.csv", f"files/*/{bank_code}/households_*.csv")
    files = [path for pattern in patterns for path in data_dir.glob(pattern)]
    if not files:
        raise FileNotFoundError(f"no {bank_code}/households_*.csv in {data_dir} or in its files/*/")
    return max(files, key=lambda path: path.stat().st_mtime).parent


def newest_file(folder: Path) -> tuple[Path, dt.date]:
    """A bank's newest household file and its day.

    Raises:
        FileNotFoundError: there is none.
    """
    found = {path: re.fullmatch(r"households_(\d{8})", path.stem) for path in folder.glob("households_*.csv")}
    dated = {path: dt.date.fromisoformat(match[1]) for path, match in found.items() if match}
    if not dated:
        raise FileNotFoundError(f"no households_YYYYMMDD.csv in {folder}")
    newest = max(dated, key=lambda path: dated[path])
    return newest, dated[newest]


def read_households(path: Path) -> pa.Table:
    """Rows of a household file, typed."""
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(_TEXTS, pa.string()), strings_can_be_null=False)
    return pacsv.read_csv(path, convert_options=options)


def _with(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _numbers(table: pa.Table, name: str) -> Floats:
    """A column as float64, NaN where empty."""
    numbers: Floats = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _whole(values: Floats) -> pa.Array:
    """Whole numbers, empty where NaN."""
    unknown = np.isnan(values)
    return pa.array(np.where(unknown, 0, np.round(values)).astype(np.int64), mask=unknown)


def _scaled(table: pa.Table, name: str, factor: Floats | float) -> pa.Table:
    return _with(table, name, _whole(_numbers(table, name) * factor))


def _ordinary(table: pa.Table, config: Ordinary, rng: np.random.Generator) -> pa.Table:
    better, richer = (
        np.exp(sigma * rng.standard_normal(table.num_rows)) for sigma in (config.income_sigma, config.deposit_sigma)
    )
    # What runs over the account is a share of the income, for many households all of it: it moves with it.
    for name, factor in (
        ("annual_income_fen", better),
        ("settlement_inflow_12m_fen", better),
        ("deposit_average_12m_fen", richer),
    ):
        table = _scaled(table, name, factor)
    queries = _numbers(table, "bureau_queries_6m")
    moved = np.flatnonzero(~np.isnan(queries) & (rng.random(table.num_rows) < config.queries_redrawn_share))
    queries[moved] = queries[rng.permutation(moved)]
    return _with(table, "bureau_queries_6m", _whole(queries))


def _none(table: pa.Table, _: DriftConfig, __: np.random.Generator) -> pa.Table:
    return table


def _fishing_ban(table: pa.Table, config: DriftConfig, _: np.random.Generator) -> pa.Table:
    """Fishery households lose what the longer closed season takes, and live on their deposits meanwhile."""
    ban, fishery = config.fishing_ban, _is(table, "sector", "fishery")
    shares = np.stack([_numbers(table, name) for name in _SHARES], axis=1)
    kept = np.where(fishery.reshape(-1, 1), shares * np.array(ban.months), shares)
    left: Floats = np.where(np.isnan(kept[:, 0]), 1.0, kept.sum(axis=1))
    income = _numbers(table, "annual_income_fen")
    used = np.nan_to_num(income * (1.0 - left)) * ban.deposits_used
    deposits = _numbers(table, "deposit_average_12m_fen")
    table = _with_shares(table, kept / left.reshape(-1, 1))
    table = _scaled(table, "annual_income_fen", left)
    table = _scaled(table, "settlement_inflow_12m_fen", left)
    table = _with(table, "deposit_average_12m_fen", _whole(np.maximum(deposits - used, 0.2 * deposits)))
    stability = _numbers(table, "income_stability") * np.where(fishery, ban.stability_factor, 1.0)
    return _with(table, "income_stability", pa.array(np.round(stability, 3), from_pandas=True))


def _with_shares(table: pa.Table, shares: Floats) -> pa.Table:
    """Shares in whole ten-thousandths, the remainder in the largest month."""
    known: Flags = ~np.isnan(shares[:, 0])
    parts = np.floor(_PARTS * np.nan_to_num(shares) + 1e-6)
    parts[np.arange(len(parts)), parts.argmax(axis=1)] += np.where(known, _PARTS - parts.sum(axis=1), 0.0)
    for place, name in enumerate(_SHARES):
        table = _with(table, name, pa.array(parts[:, place] / _PARTS, mask=~known))
    return table


def _bureau_missing(table: pa.Table, config: DriftConfig, rng: np.random.Generator) -> pa.Table:
    gone = rng.random(table.num_rows) < config.bureau_missing.share
    for name in config.bureau_missing.columns:
        table = _with(table, name, _whole(np.where(gone, np.nan, _numbers(table, name))))
    return table


def _unit_error(table: pa.Table, config: DriftConfig, _: np.random.Generator) -> pa.Table:
    return _scaled(table, config.unit_error.column, 1.0 / config.unit_error.divisor)


_DRIFTS: Final[Mapping[Kind, Callable[[pa.Table, DriftConfig, np.random.Generator], pa.Table]]] = {
    "none": _none,
    "fishing_ban": _fishing_ban,
    "bureau_missing": _bureau_missing,
    "unit_error": _unit_error,
}


def _is(table: pa.Table, name: str, word: str) -> Flags:
    flags: Flags = np.array(pc.equal(table[name], word).to_pylist(), dtype=np.bool_)
    return flags
