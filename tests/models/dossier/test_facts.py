"""Facts come from the registered version alone: equal cases give equal bytes, and every part says what it should."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models.dossier import Case, DossierFacts, differences, facts_of
from models.feature_spec import declared_features
from models.samples import sample_of
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard
from models.training import BankModels, TrainedModel

MakeCase = Callable[..., Case]


def test_a_case_read_back_from_its_files_gives_the_same_bytes(
    make_case: MakeCase, both: BankModels, facts: DossierFacts
) -> None:
    """As `check-dossier` does: card from its JSON, sample from the kept rows."""
    case = make_case(both.baseline, both.full)
    again = replace(
        case,
        card=Scorecard.from_json(case.card.to_json()),
        sample=sample_of(case.sample.loans, declared_features("baseline")),
    )
    assert facts_of(again).sha256 == facts.sha256


def test_another_card_differs_in_many_figures(make_case: MakeCase, both: BankModels, facts: DossierFacts) -> None:
    case = make_case(both.baseline, both.full)
    moved = replace(case.card, intercept=case.card.intercept + UNITS_PER_LOG_ODDS // 100)
    _, found = differences(facts.tree, facts_of(replace(case, card=moved)).tree)
    parts = {one.path.split(".")[0] for one in found}
    assert parts >= {"identity", "method", "performance", "sensitivity", "stress", "fairness", "stability"}


def test_every_table_of_the_card_is_told_cell_by_cell(baseline: TrainedModel, facts: DossierFacts) -> None:
    card = baseline.scorecard
    for table, shape in zip(card.features, facts.tree["shapes"], strict=True):
        assert shape["name"] == table.name
        told = [round(cell["points"] * UNITS_PER_LOG_ODDS) for cell in shape["cells"]]
        assert np.abs(np.array(told) - table.cells).max() <= 10  # twelve digits of a figure below ten
        assert [cell["reference_rows"] for cell in shape["cells"]] == table.reference_rows.tolist()
        assert sum(cell["rows"] for cell in shape["cells"]) == len(baseline.sample.training)
    assert len(facts.tree["interactions"]) == len(card.interactions)
    for told, size in zip(
        facts.tree["interactions"], sorted((t.cells.size for t in card.interactions), reverse=False), strict=True
    ):
        assert size
        assert np.array(told["rows"]).sum() == len(baseline.sample.training)
        assert np.array(told["points"]).shape == tuple(len(axis) for axis in told["axes"])


def test_neighbouring_intervals_of_an_interaction_are_told_as_one(facts: DossierFacts) -> None:
    for table in facts.tree["interactions"]:
        for axis in table["axes"]:
            for parts in axis:
                ends = [(part["from"], part["to"]) for part in parts if "to" in part]
                assert all(one[1] != other[0] for one, other in pairwise(ends))


def test_the_grade_never_takes_anything_away(facts: DossierFacts) -> None:
    told = facts.tree["fairness"]["only_adds"]
    assert told["applies"]
    assert {one["grade"] for one in told["grades"]} == {"none", "A", "AA", "AAA"}
    for one in told["grades"]:
        assert (one["decisions_changed"], one["limits_lowered"], one["rates_raised"]) == (0, 0, 0)
    assert told["grades"][3]["limits_raised"] > 0


def test_what_the_file_does_not_carry_is_said(facts: DossierFacts) -> None:
    assert facts.tree["fairness"]["absent_columns"] == ["borrower_sex", "borrower_birth_on"]


def test_the_model_with_the_grade_prices_nothing_and_recalls_its_ablation(
    make_case: MakeCase, both: BankModels
) -> None:
    assert both.full is not None
    told = facts_of(make_case(both.full, both.baseline)).tree
    assert told["fairness"]["only_adds"] == {"applies": False}
    assert told["stress"]["prices"] is False
    assert told["index_worth"]["recorded"]["conclusion"] in ("earned", "not_shown")
    regenerated = {(one["measure"], one["part"]): one["gain"] for one in told["index_worth"]["regenerated"]["gains"]}
    recorded = {(one["measure"], one["part"]): one["gain"] for one in told["index_worth"]["recorded"]["gains"]}
    for measure in ("auc", "log_loss"):
        assert regenerated[measure, "test"] == pytest.approx(recorded[measure, "test"], rel=1e-9)


def test_without_a_companion_nothing_is_compared_again(make_case: MakeCase, baseline: TrainedModel) -> None:
    assert facts_of(make_case(baseline)).tree["index_worth"]["regenerated"] is None


def test_ledger_rows_become_change_log_sign_offs_gates_and_findings(
    make_case: MakeCase, baseline: TrainedModel
) -> None:
    move: dict[str, Any] = {"moved_on": make_case(baseline).papers.dated_on, "expires_on": None, "reason": "why"}
    gate = {
        "name": "fairness",
        "outcome": "undecided",
        "measured": 1.3,
        "required": "r",
        "told_zh": "z",
        "told_en": "e",
    }
    moves = [
        {**move, "from_state": None, "state": "developed", "moved_by": "A", "evidence": []},
        {**move, "from_state": "developed", "state": "tested", "moved_by": "A", "evidence": [gate]},
        {**move, "from_state": "tested", "state": "reviewed", "moved_by": "B",
         "evidence": [{**gate, "accepted_because": "few rows"}]},
    ]  # fmt: skip
    moves.append({**move, "from_state": "reviewed", "state": "shadow", "moved_by": "A", "evidence": []})
    told = facts_of(make_case(baseline, moves=moves)).tree
    assert [one["state"] for one in told["change_log"]] == ["developed", "tested", "reviewed", "shadow"]
    assert {one["state"]: one["moved_by"] for one in told["sign_offs"]} == {
        "developed": "A", "tested": "A", "reviewed": "B", "live": None
    }  # fmt: skip
    assert told["gates"][0]["accepted_because"] == "few rows"
    assert told["identity"]["state"] == "reviewed"
