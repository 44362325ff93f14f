from pathlib import Path

import numpy as np
import pytest

from experiments.simulation import Behaviour, SimulationConfig, write_simulation
from experiments.simulation.config import BANKS
from experiments.simulation.fitting import limits_by_row


@pytest.mark.slow
def test_the_service_offers_to_many_households_but_not_to_all(
    config: SimulationConfig, behaviour: Behaviour, tmp_path: Path
) -> None:
    from experiments.simulation.offers import offers_for

    simulation = write_simulation(config, behaviour, 6, tmp_path, 0.05)
    offers = offers_for(tmp_path)
    assert {"bank_code", "household_ref", "decision", "limit_fen"} <= set(offers.column_names)
    assert set(offers["decision"].to_pylist()) == {"offer", "decline", "refer"}
    limits = limits_by_row(offers, simulation.household_refs)
    for bank, row in zip(BANKS, limits, strict=True):
        assert len(row) == len(simulation.household_refs[bank])
        assert 0.3 < (row > 0).mean() < 0.9
        assert 1_000_000 <= row[row > 0].min() <= np.max(row) <= 30_000_000
