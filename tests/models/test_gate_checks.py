"""The gates look at figures and papers: each can pass and fail, and where chance rules it leaves the matter open."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from models import gate_checks as checks
from models.comparison import compare
from models.gate_levels import LEVELS_FILE, GateLevels, gate_levels_on
from models.gates import GateResult, failed, undecided
from models.scorecard import Scorecard
from models.training import TrainedModel
from models.validation import Figure

DAY = date(2026, 6, 15)
LEVELS = gate_levels_on(DAY)


@pytest.mark.parametrize(
    ("auc", "outcome"),
    [
        (Figure(0.70, 0.65, 0.75), "passed"),
        (Figure(0.70, 0.60, 0.80), "passed"),
        (Figure(0.62, 0.55, 0.70), "undecided"),
        (Figure(0.59, 0.50, 0.68), "failed"),
    ],
)
def test_discrimination_passes_by_the_lower_end_of_its_interval(auc: Figure, outcome: str) -> None:
    assert checks.discrimination(auc, LEVELS).outcome == outcome


def test_a_challenger_is_held_against_the_champion_on_the_same_rows() -> None:
    draw = np.random.default_rng(5)
    labels = (draw.random(4000) < 0.1).astype(np.float64)
    sharp, dull = labels + draw.normal(0, 1.0, 4000), labels + draw.normal(0, 3.0, 4000)
    almost = sharp + draw.normal(0, 0.05, 4000)
    outcomes = [
        checks.sharper_than_champion(compare(labels, one, other)).outcome
        for one, other in ((sharp, dull), (dull, sharp), (sharp, sharp))
    ]
    assert outcomes == ["passed", "failed", "passed"]
    assert checks.sharper_than_champion(compare(labels, almost, sharp)).outcome in ("passed", "undecided")


def test_stability_knows_what_chance_alone_would_do() -> None:
    draw = np.random.default_rng(5)
    training = draw.beta(2, 60, 20_000)
    assert checks.stable(training, draw.beta(2, 60, 5_000), LEVELS).outcome == "passed"
    assert checks.stable(training, draw.beta(2, 60, 60), LEVELS).outcome == "passed"  # few rows look unstable by chance
    assert checks.stable(training, draw.beta(2.6, 60, 5_000), LEVELS).outcome == "undecided"
    assert checks.stable(training, draw.beta(6, 60, 5_000), LEVELS).outcome == "failed"


def test_directions_are_proven_and_a_broken_one_is_named(baseline: TrainedModel) -> None:
    card = baseline.scorecard
    passed = checks.monotone(card)
    assert (passed.outcome, passed.measured) == ("passed", sum(one.direction != 0 for one in card.features))
    broken = _with_a_broken_direction(card)
    result = checks.monotone(broken)
    assert result.outcome == "failed"
    assert "单调" in result.told_zh
    assert "direction" in result.told_en


def _with_a_broken_direction(card: Scorecard) -> Scorecard:
    place = next(place for place, one in enumerate(card.features) if one.direction and one.intervals > 1)
    feature = card.features[place]
    cells = feature.cells.copy()
    cells[0] += feature.direction * 10**14
    return replace(card, features=tuple(replace(one, cells=cells) if one is feature else one for one in card.features))


def test_a_slow_card_fails_and_a_generous_bound_fails_nobody_else() -> None:
    assert checks.latency(300.0, LEVELS).outcome == "passed"
    assert checks.latency(LEVELS.latency_us + 1, LEVELS).outcome == "failed"


def test_below_three_hundred_defaults_the_expert_card_stays() -> None:
    assert [checks.enough_defaults(count, 300).outcome for count in (299, 300)] == ["failed", "passed"]


@pytest.mark.parametrize(
    ("origin", "demo", "outcome"),
    [
        ("own", False, "passed"),
        ("none", False, "passed"),
        ("simulated", False, "failed"),
        ("foreign", False, "failed"),
        ("simulated", True, "passed"),
        ("foreign", True, "passed"),
    ],
)
def test_simulated_and_foreign_rows_serve_in_the_demo_only(origin: str, *, demo: bool, outcome: str) -> None:
    assert checks.lawful_origin(origin, demo=demo).outcome == outcome


@pytest.mark.parametrize(
    ("dated", "outcome"),
    [([], "failed"), ([DAY], "passed"), ([date(2025, 6, 1)], "passed"), ([date(2025, 5, 31)], "failed")],
)
def test_a_paper_must_be_there_and_not_be_old(dated: list[date], outcome: str) -> None:
    assert checks.paper_present("dossier", dated, DAY, LEVELS).outcome == outcome


def test_an_open_high_finding_fails_by_name() -> None:
    assert checks.no_open_high_finding([]).outcome == "passed"
    result = checks.no_open_high_finding(["F1"])
    assert result.outcome == "failed"
    assert "F1" in result.told_en


def test_a_gate_survives_json_and_whatever_stands_beside_it() -> None:
    gate = checks.cannot_tell("figures", "rows", "无", "none")
    assert GateResult.from_content(gate.to_content() | {"accepted_because": "few"}) == gate
    assert (failed([gate]), undecided([gate])) == ((), (gate,))


@pytest.mark.parametrize("change", [{"auc": 0.4}, {"latency_us": 0}, {"shadow_days": 0}, {"unheard_of": 1}])
def test_broken_levels_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    content = yaml.safe_load(LEVELS_FILE.read_text(encoding="utf-8"))
    content["periods"][0]["value"] |= change
    path = tmp_path / "levels.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ValidationError):
        gate_levels_on(DAY, path)


def test_every_level_of_the_file_is_read() -> None:
    content = yaml.safe_load(LEVELS_FILE.read_text(encoding="utf-8"))
    assert set(content["periods"][0]["value"]) == set(GateLevels.model_fields)
