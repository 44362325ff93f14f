"""One small district, simulated and written once per worker, and a full-sized one that is never written."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from experiments.simulation import (
    Behaviour,
    District,
    Simulation,
    SimulationConfig,
    load_behaviour,
    load_config,
    simulate,
    write_simulation,
)

SCALE = 0.02
SEED = 6
SPOILT = "_20260614_02"
ENCODINGS = {
    "municipal_credit": "gb18030",
    "ebike_control": "utf-8-sig",
    "neighborhood_points": "gb18030",
    "self_discipline": "gb18030",
    "legal_representatives": "gb18030",
}


@pytest.fixture(scope="session")
def config() -> SimulationConfig:
    """The numbers as they stand in the configuration."""
    return load_config()


@pytest.fixture(scope="session")
def behaviour() -> Behaviour:
    """The behaviour parameters as they stand in the configuration."""
    return load_behaviour()


@pytest.fixture(scope="session")
def district(config: SimulationConfig) -> District:
    """A small district."""
    return simulate(config, SEED, SCALE)


@pytest.fixture(scope="session")
def full(config: SimulationConfig) -> District:
    """The district at its full size, in memory only."""
    return simulate(config, SEED)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the small district's files lie."""
    return tmp_path_factory.mktemp("simulated")


@pytest.fixture(scope="session")
def written(config: SimulationConfig, behaviour: Behaviour, folder: Path) -> Simulation:
    """The small district's files."""
    return write_simulation(config, behaviour, SEED, folder, SCALE)


# Delivered files are read the plain way, so that tests do not trust the writers they test.
def _table_of(path: Path) -> tuple[list[str], list[list[Any]]]:
    if path.suffix == ".xlsx":
        header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        return [str(name) for name in header], rows
    text = path.read_bytes().decode(ENCODINGS.get(path.name.partition("_2")[0], "utf-8"))
    header, *rows = csv.reader(io.StringIO(text))
    return header, rows


def _rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    header, rows = _table_of(path)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(scope="session")
def table_of() -> Callable[[Path], tuple[list[str], list[list[Any]]]]:
    """Header and rows of a CSV or XLSX file."""
    return _table_of


@pytest.fixture(scope="session")
def rows_of() -> Callable[[Path], list[dict[str, Any]]]:
    """Rows of any delivered file as dictionaries; an absent value is an empty text (CSV, XLSX) or None."""
    return _rows_of


@pytest.fixture(scope="session")
def deliveries(folder: Path, written: Simulation) -> Callable[[str], list[Path]]:
    """The sound files of one of the district's sources, in the order of delivery."""
    names = sorted(file.path for file in written.files if file.path.parent == folder / "district")

    def of_source(source: str) -> list[Path]:
        own = [path for path in names if path.name.startswith(f"{source}_2")]
        return own if "register" in source else [path for path in own if SPOILT not in path.name]

    return of_source


@pytest.fixture(scope="session")
def delivered(deliveries: Callable[[str], list[Path]]) -> Callable[[str], list[dict[str, Any]]]:
    """All rows of a source's sound files, in the order of delivery."""
    return lambda source: [row for path in deliveries(source) for row in _rows_of(path)]
