"""The command line: what it refuses before anything is drawn, and one quick run from end to end."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments.optimise_policy.__main__ import app
from experiments.optimise_policy.running import setting_of
from experiments.optimise_policy.settings import load_optimiser
from experiments.simulation.behaviour import load_behaviour
from experiments.tracking import URI_VARIABLE


def test_a_bank_nobody_knows_is_refused_by_name() -> None:
    result = CliRunner().invoke(app, ["--bank", "nowhere"])
    assert result.exit_code == 2
    assert "nowhere" in result.output


def test_seeds_of_the_comparison_and_of_planning_never_meet() -> None:
    config = load_optimiser()
    compared = range(config.comparison.first_seed, config.comparison.first_seed + config.comparison.seeds)
    assert config.planning.seed not in compared
    assert config.small().comparison.seeds < config.comparison.seeds


def test_where_nobody_answers_only_the_truth_changes() -> None:
    config = load_optimiser()
    still = config.where_nobody_answers()
    assert set(still.responses.actual.model_dump().values()) == {0.0}
    assert still.responses.assumed == config.responses.assumed


def test_a_candidates_name_hangs_on_what_it_was_planned_with_and_on_nothing_else() -> None:
    config, behaviour = load_optimiser(), load_behaviour()
    name = setting_of("island_rural", config, behaviour).run
    fewer = config.model_copy(update={"comparison": config.comparison.model_copy(update={"seeds": 3})})
    dearer = config.model_copy(update={"household_worth_yuan": 101})
    assert setting_of("island_rural", fewer, behaviour).run == name
    assert setting_of("island_rural", dearer, behaviour).run != name
    assert setting_of("harbour_city", config, behaviour).run != name


@pytest.mark.slow
def test_a_quick_run_leaves_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URI_VARIABLE, f"sqlite:///{tmp_path / 'runs.db'}")
    result = CliRunner().invoke(app, ["--quick", "--seeds", "2", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "island_rural").iterdir()}
    assert names == {"candidate.yaml", "frontier.svg", "frontier.json", "comparison.json", "comparison.md"}
