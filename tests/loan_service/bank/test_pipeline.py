import ast
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loan_service.bank import pipeline, stages
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
BANK = "island_rural"
Row = dict[str, str]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


@pytest.fixture
def files(tmp_path: Path, household_file: Callable[..., Path], household_row: Callable[..., Row]) -> Path:
    """A folder with one bank's household file: 20 sound rows and a faulty one."""
    rows = [household_row(number) for number in range(20)]
    path = household_file([*rows, household_row(20, adults="none")])
    folder = tmp_path / "files" / BANK
    folder.mkdir(parents=True)
    path.rename(folder / path.name)
    return folder.parent


def quiet(_: str, __: int) -> None:
    """Nobody watches."""


def test_a_run_goes_from_a_file_to_the_banks_prescreen_list(
    bank: Wing, files: Path, promote: Callable[..., None], open_bank: Callable[..., Any], look: Any
) -> None:
    promote()
    sim = open_bank(20)
    told: list[tuple[str, int]] = []
    run = pipeline.run(bank, DAY, {BANK: sim.port}, files, lambda step, count: told.append((step, count)))
    day = run.banks[BANK]
    assert [file.faults for file in day.files] == [{"number.format": 1}]
    assert (day.offers.households, day.offers.decisions) == (20, {"offer": 20})
    assert day.exchange.answered == 20
    assert len(sim.port.state.offers) == 20
    assert run.troubles == {}
    assert told == [(f"{BANK} households", 20), (f"{BANK} offers", 20), (f"{BANK} messages", 20)]


def test_a_second_run_leaves_every_table_as_it_is(
    bank: Wing, files: Path, promote: Callable[..., None], open_bank: Callable[..., Any], look: Any
) -> None:
    promote()
    sim = open_bank(20)
    day = DAY
    for _ in range(6):
        pipeline.roll(bank, day, {BANK: sim.port}, quiet)
        pipeline.run(bank, day, {BANK: sim.port}, files, quiet)
        sim.pass_days()
        day += timedelta(days=1)
    pipeline.run(bank, day, {BANK: sim.port}, files, quiet)
    before = look.hashes()
    run = pipeline.run(bank, day, {BANK: sim.port}, files, quiet)
    assert look.hashes() == before
    assert run.banks[BANK].files[0].known_before
    assert look.count("contracts") == 20
    assert look.count("movements") == 20
    assert look.breaks() == []


def test_what_is_missing_is_told_and_the_exchange_goes_on(
    bank: Wing,
    tmp_path: Path,
    prescreen: Callable[..., None],
    open_script: Any,
    look: Any,
) -> None:
    prescreen(["O-1"])
    port = open_script()
    run = pipeline.run(bank, DAY, {BANK: port}, tmp_path, quiet)
    assert "file.missing" in run.banks[BANK].files[0].error
    assert "model.none_live" in run.troubles[BANK]
    assert len(port.sent) == 1


def test_a_file_of_a_later_day_waits_for_its_day(
    bank: Wing, files: Path, promote: Callable[..., None], open_script: Any, household_row: Callable[..., Row]
) -> None:
    promote()
    early = pipeline.run(bank, DAY - timedelta(days=1), {BANK: open_script()}, files, quiet)
    assert early.banks[BANK].files[0].rows_read == 0
    assert early.banks[BANK].offers.households == 0


def test_nothing_that_serves_loads_what_trains() -> None:
    code = """
import importlib, pkgutil, sys
import loan_service.bank as bank
for module in pkgutil.walk_packages(bank.__path__, "loan_service.bank."):
    importlib.import_module(module.name)
heavy = {"lightgbm", "mlflow", "sklearn"} & set(sys.modules)
sys.exit(f"loaded {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_stage_but_offers_reads_a_civility_fact() -> None:
    folder = Path(str(stages.__path__[0]))
    # The door, the file with the binding tokens, the offer, and the model with the grade for risk reporting: how it is
    # trained, and how it is watched (which decides nothing about anybody).
    may = {"certificates", "households", "monitoring", "offers", "training"}
    looked_at = 0
    for path in folder.rglob("*.py"):
        if path.relative_to(folder).parts[0].removesuffix(".py") not in may:
            found = re.findall(r"grade|civility|certificate|pseudonym", words_of(path.read_text()))
            assert not found, f"{path.name} speaks of {set(found)}"
            looked_at += 1
    assert looked_at > 8


def words_of(source: str) -> str:
    """The names and texts a module works with, without its comments and docstrings."""
    tree = ast.parse(source)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    nodes = list(ast.walk(tree))
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    names += [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return " ".join([*names, *(text for text in texts if text not in docstrings)])
