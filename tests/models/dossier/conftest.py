"""A registered version as a dossier sees it, and its facts, once per run."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from models.dossier import Case, DossierFacts, Papers, facts_of
from models.dossier.plots import plots_of
from models.dossier.render import render
from models.policy_loader import load_policy
from models.training import BankModels, TrainedModel

DAY = date(2026, 6, 15)


def papers_of(trained: TrainedModel, **changes: Any) -> Papers:
    """Papers of a version nobody has reviewed."""
    moved = {"moved_by": "demo-developer", "moved_on": DAY, "evidence": [], "expires_on": None}
    told: dict[str, Any] = {
        "bank_code": "island_rural",
        "model_name": f"island_rural.{trained.key.kind}",
        "model_version": "1",
        "method": "trained",
        "run_id": "0" * 32,
        "code_version": "0.1.0",
        "training_data_origin": "simulated",
        "data_sha256": "d" * 64,
        "authored_by": "demo-developer",
        "registered_on": DAY,
        "dated_on": DAY,
        "parameters": trained.parameters(),
        "metrics": trained.numbers(),
        "evidence": trained.evidence(),
        "files": [{"name": "past_loans_20260614.csv", "sha256": "d" * 64, "rows": 16_000}],
        "moves": [{"from_state": None, "state": "developed", "reason": "trained", **moved}],
    }
    return Papers(**told | changes)


def case_of(trained: TrainedModel, companion: TrainedModel | None = None, **changes: Any) -> Case:
    edition = load_policy("island_rural", date(2026, 6, 1))
    other = companion.scorecard if companion else None
    return Case(trained.scorecard, trained.sample, papers_of(trained, **changes), edition, other)


@pytest.fixture(scope="session")
def make_case() -> Callable[..., Case]:
    """Makes the case of a trained model, its companion, and changes of its papers."""
    return case_of


@pytest.fixture(scope="session")
def facts(both: BankModels) -> DossierFacts:
    return facts_of(case_of(both.baseline, both.full))


@pytest.fixture(scope="session")
def plots(facts: DossierFacts) -> dict[str, str]:
    return plots_of(facts.tree)


@pytest.fixture(scope="session")
def page(facts: DossierFacts, plots: dict[str, str]) -> str:
    return render(facts, plots).decode()
