"""One small bank, planned once for all tests."""

import pytest

from experiments.optimise_policy.running import MAIN_WORLD, Proposal, Setting, proposed, setting_of
from experiments.optimise_policy.settings import OptimiserConfig, load_optimiser
from experiments.simulation.behaviour import load_behaviour
from experiments.simulation.config import load_config


def small() -> OptimiserConfig:
    """Menus of a few items and little to learn from: seconds instead of minutes."""
    config = load_optimiser().small()
    planning = {"households": 3000}
    comparison = {"seeds": 2, "households": 800}
    return config.model_copy(
        update={
            "planning": config.planning.model_copy(update=planning),
            "comparison": config.comparison.model_copy(update=comparison),
        }
    )


@pytest.fixture(scope="session")
def setting() -> Setting:
    return setting_of("island_rural", small(), load_behaviour())


@pytest.fixture(scope="session")
def proposal(setting: Setting) -> Proposal:
    return proposed(setting, load_config(MAIN_WORLD), lambda _: None)
