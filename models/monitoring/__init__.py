"""Watching models at work: population, outcomes and overrides become figures, and figures beyond a level alerts.

`population` compares what a bank's file looks like with the same month's reference (`stability` has the arithmetic),
`outcomes` compares what became of loans with what was predicted (`bands` says what chance and a bad year may do),
`overrides` looks at decisions that differ from our offers. `levels.yaml` holds every threshold, `words` every sentence.
"""

from models.monitoring.figures import PROBABILITY, TOPICS, Detail, Figure, Topic
from models.monitoring.levels import Levels, levels_on
from models.monitoring.population import (
    Population,
    Reference,
    on_the_card,
    population_figures,
    reference_of,
    references_of,
)
from models.monitoring.stability import Stability, stability

__all__ = [
    "PROBABILITY",
    "TOPICS",
    "Detail",
    "Figure",
    "Levels",
    "Population",
    "Reference",
    "Stability",
    "Topic",
    "levels_on",
    "on_the_card",
    "population_figures",
    "reference_of",
    "references_of",
    "stability",
]
