"""A variant of the simulation changes what it names and nothing else."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from experiments.simulation import SimulationConfig, load_config


def test_the_worthless_index_differs_in_one_number(config: SimulationConfig) -> None:
    worthless = load_config("worthless_index")
    assert worthless.credit.civility_log_odds_per_10_points == 0.0
    assert config.credit.civility_log_odds_per_10_points == -0.15
    same = worthless.credit.model_copy(update={"civility_log_odds_per_10_points": -0.15})
    assert worthless.model_copy(update={"credit": same}) == config


def test_the_telling_index_keeps_what_it_does_not_name(config: SimulationConfig) -> None:
    telling = load_config("telling_index")
    assert telling.civility.self_discipline.share > config.civility.self_discipline.share
    assert telling.civility.self_discipline.keep == config.civility.self_discipline.keep
    assert telling.population == config.population


def test_a_variant_cannot_add_a_number_nobody_reads(tmp_path: Path) -> None:
    base = Path("experiments/configs/simulation.yaml").resolve()
    (tmp_path / "variant.yaml").write_text(f"extends: {base}\ncredit:\n  luck: 1\n", encoding="utf-8")
    with pytest.raises(ValidationError, match="luck"):
        load_config(tmp_path / "variant.yaml")
