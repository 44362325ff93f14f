"""A simulated district and three banks with known truth: the files as agencies and banks would deliver them.

The flow: `world` (who lives where) -> `civility` (what moves people) -> `deeds`, `breaches`, `court` (what happens) ->
`enrolment` (what people agree to) -> `feeds` (how agencies write it) -> `defects`, `deliveries` (what goes wrong).
After all that `objections` (appeals, corrections), which only add rows and move nothing.
Beside it `finances` and `credit` (the hidden probability of default) -> `past_loans`, `banks` (what banks deliver) ->
`behaviour` (who applies, signs, draws, repays) -> `fitting` (its parameters against the published totals).
"""

from experiments.simulation.behaviour import Behaviour, load_behaviour
from experiments.simulation.config import SimulationConfig, load_config
from experiments.simulation.district import District, simulate
from experiments.simulation.fates import Fate, fates
from experiments.simulation.fitting import Case, OffersFor, Totals, solve, totals
from experiments.simulation.writing import Simulation, write_simulation

__all__ = [
    "Behaviour",
    "Case",
    "District",
    "Fate",
    "OffersFor",
    "Simulation",
    "SimulationConfig",
    "Totals",
    "fates",
    "load_behaviour",
    "load_config",
    "simulate",
    "solve",
    "totals",
    "write_simulation",
]
