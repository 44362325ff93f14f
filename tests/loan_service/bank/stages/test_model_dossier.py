"""A dossier comes from the registered version alone; its check goes figure by figure and catches one changed digit."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from loan_service import dossier_cli
from loan_service.bank.stages import model_life, training
from loan_service.bank.stages.model_dossier import check_dossier, make_dossier, stored_facts
from loan_service.bank.store.model_papers import DOSSIER, papers_of
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.dossier import DossierFacts
from models.registry import Registry

BANK = "island_rural"
DAY = date(2026, 6, 15)
LATER = DAY + timedelta(days=40)

Tamper = Callable[[dict[str, Any]], None]


@pytest.fixture
def stamp(bank: Wing, in_force: None, loans: Path, registry: Registry) -> str:
    trained = training.train(bank, BANK, loans, DAY, registry, "Chen")
    return trained.versions["baseline"]


@pytest.fixture
def stored(bank: Wing, registry: Registry, stamp: str) -> str:
    make_dossier(bank, registry, stamp, "Chen", DAY)
    return stored_facts(registry, stamp)


def _auc(tree: dict[str, Any]) -> None:
    tree["performance"]["auc"]["estimate"] += 1e-6


def _cell(tree: dict[str, Any]) -> None:
    tree["shapes"][3]["cells"][0]["points"] *= 1.00001


def _defaults(tree: dict[str, Any]) -> None:
    tree["lineage"]["test"]["defaults"] -= 1


def _signer(tree: dict[str, Any]) -> None:
    tree["change_log"][0]["moved_by"] = "Nobody"


TAMPERED: dict[str, Tamper] = {
    "performance.auc.estimate": _auc,
    "shapes.3.cells.0.points": _cell,
    "lineage.test.defaults": _defaults,
    "change_log.0.moved_by": _signer,
}


def test_a_new_dossier_agrees_with_its_version_and_one_changed_figure_is_caught_by_its_path(
    bank: Wing, registry: Registry, stamp: str, stored: str
) -> None:
    found = check_dossier(bank, registry, stamp, stored)
    assert found.agrees
    assert found.figures > 1000
    for path, tamper in TAMPERED.items():
        tree = json.loads(stored)
        tamper(tree)
        caught = check_dossier(bank, registry, stamp, DossierFacts(tree).text)
        assert [one.path for one in caught.differences] == [path]
        assert not caught.filed
        assert not caught.agrees


def test_it_tells_the_file_the_rows_and_who_made_it_and_is_filed_under_its_digest(
    bank: Wing, registry: Registry, stamp: str, stored: str, loans: Path
) -> None:
    told = json.loads(stored)
    assert f"{told['identity']['model_name']}/{told['identity']['model_version']}" == stamp
    assert told["identity"]["authored_by"] == "Chen"
    assert told["lineage"]["files"][0]["name"] == loans.name
    assert told["lineage"]["files"][0]["sha256"] == told["lineage"]["data_sha256"]
    assert told["identity"]["training_data_origin"] == "simulated"
    assert told["index_worth"]["regenerated"]["gains"]
    assert [one["state"] for one in told["change_log"]] == ["developed"]
    name, _, version = stamp.rpartition("/")
    with transaction(bank.engine) as connection:
        (paper,) = [one for one in papers_of(connection, name, version) if one.paper == DOSSIER]
    assert paper.sha256 == DossierFacts.from_text(stored).sha256
    assert (paper.authored_by, paper.dated_on) == ("Chen", DAY)
    refuses_what_is_no_dossier_of_the_version(bank, registry, stamp, stored)


def refuses_what_is_no_dossier_of_the_version(bank: Wing, registry: Registry, stamp: str, stored: str) -> None:
    with pytest.raises(RefusedError):
        check_dossier(bank, registry, f"{BANK}.baseline/99", stored)
    with pytest.raises(RefusedError):
        check_dossier(bank, registry, stamp, "{}")
    with pytest.raises(NotFoundError):
        make_dossier(bank, registry, f"{BANK}.baseline/99", "Chen", DAY)
    with pytest.raises(NotFoundError, match="no dossier"):
        stored_facts(registry, stamp.replace("baseline", "full"))


def test_what_happens_later_changes_no_old_dossier(bank: Wing, registry: Registry, stamp: str) -> None:
    raised = model_life.raise_finding(bank, stamp, "low", "typo", "Lin", LATER, "Zhao", DAY)
    make_dossier(bank, registry, stamp, "Chen", DAY)
    older = stored_facts(registry, stamp)
    model_life.close_finding(bank, raised.finding_id, "Zhao", "mended", LATER)
    model_life.raise_finding(bank, stamp, "high", "fishery", "Lin", LATER, "Zhao", LATER)
    model_life.file_assessment(bank, stamp, "PIA-1", "Wu", LATER)
    make_dossier(bank, registry, stamp, "Chen", LATER)
    newer = json.loads(stored_facts(registry, stamp))
    assert [one["text"] for one in newer["findings"]] == ["typo", "fishery"]
    assert newer["findings"][0]["closing"]["evidence"] == "mended"
    assert {one["paper"] for one in newer["papers"]} == {"dossier", "impact_assessment"}
    assert json.loads(older)["findings"][0]["closing"] is None
    assert check_dossier(bank, registry, stamp, older).agrees


@pytest.mark.slow
def test_a_digit_changed_on_the_page_alone_is_caught_and_told(
    bank: Wing, registry: Registry, stamp: str, tmp_path: Path
) -> None:
    told = Console(record=True, width=200)
    dossier_cli.write_dossier(told, bank, registry, stamp, "Chen", DAY, tmp_path, pdf=False)
    page = tmp_path / dossier_cli.PAGE
    auc = json.loads((tmp_path / dossier_cli.FACTS).read_text())["performance"]["auc"]["estimate"]
    page.write_bytes(page.read_bytes().replace(f"{auc:.4f}".encode(), b"0.9999", 1))
    assert not dossier_cli.check(told, bank, registry, stamp, page)
    text = told.export_text()
    assert "0 differences" in text
    assert "the page is not the one its facts give" in text
    lines = [line for line in text.splitlines() if line.startswith(("  +", "  -"))]
    assert len(lines) == 2  # that line and no other
    assert "0.9999" in lines[1]
    assert dossier_cli.check(told, bank, registry, stamp, tmp_path / dossier_cli.FACTS)
