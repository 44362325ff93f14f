"""OpenFisca-core in its best form here: one month, dense vectors, a formula per dimension.

It knows neither days nor groups, so it is given what every other side still has to find out: for each indicator the
live spells already filtered and combined into one number per person. What is left to it are bands, caps, bounds, clip
and rounding; its row is an upper bound of its speed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from openfisca_core.entities import build_entity  # type: ignore[import-not-found]  # lives in the peers' environment
from openfisca_core.periods import MONTH  # type: ignore[import-not-found]
from openfisca_core.simulations import SimulationBuilder  # type: ignore[import-not-found]
from openfisca_core.taxbenefitsystems import TaxBenefitSystem  # type: ignore[import-not-found]
from openfisca_core.variables import Variable  # type: ignore[import-not-found]

from experiments.benchmarks.scoring.contest import Indices, Row, Task, contend
from experiments.benchmarks.scoring.peers.numpy_side import banded, per_indicator, spells_of
from experiments.benchmarks.scoring.rules import IndicatorRules, Rules
from experiments.benchmarks.scoring.spell_columns import NEEDED, read_columns

PERIOD = "2026-06"

Vector = NDArray[np.integer[Any]]


def prepare(task: Task) -> Mapping[str, Row]:
    """The system of variables, and the combined magnitudes of each indicator."""
    person = build_entity(key="person", plural="persons", label="resident", is_person=True)
    system = TaxBenefitSystem([person])
    system.add_variables(*variables(person, task.rules))
    magnitudes = combined(task)
    return {"index": Row(lambda: calculated(system, magnitudes, task.persons), lambda result: cast("Indices", result))}


def combined(task: Task) -> list[NDArray[np.int32]]:
    """One dense vector per indicator: its live spells, reduced."""
    spells = spells_of(read_columns(task.spells, NEEDED))
    asked = slice(0, int(np.searchsorted(spells.key, task.persons << 15)))
    places, sums = per_indicator(spells.take(asked), task.rules)
    table = np.zeros((len(task.rules.indicators), task.persons), np.int32)
    table[places & 31, places >> 5] = sums
    return list(table)


def calculated(system: Any, magnitudes: list[NDArray[np.int32]], persons: int) -> Indices:
    """A fresh simulation: OpenFisca keeps what it has computed."""
    simulation = SimulationBuilder().build_default_simulation(system, persons)
    for number, magnitude in enumerate(magnitudes):
        simulation.set_input(f"magnitude_{number}", PERIOD, magnitude)
    return cast("Indices", simulation.calculate("civility_index", PERIOD))


def variables(person: Any, rules: Rules) -> list[type]:
    """Inputs per indicator, a formula per dimension and one for the index."""
    given = [variable(person, f"magnitude_{number}", None) for number in range(len(rules.indicators))]
    dimensions = range(len(rules.dimension_bounds_milli))
    bounded = [variable(person, f"dimension_{number}", dimension_formula(rules, number)) for number in dimensions]
    return [*given, *bounded, variable(person, "civility_index", index_formula(rules))]


def variable(person: Any, name: str, formula: Callable[..., Vector] | None) -> type:
    """A whole number of every person and month."""
    told = {"value_type": int, "entity": person, "definition_period": MONTH, "label": name}
    return type(name, (Variable,), told | ({"formula": formula} if formula else {}))


def dimension_formula(rules: Rules, number: int) -> Callable[..., Vector]:
    """Capped points of the dimension's indicators, bounded."""
    members = [(n, each) for n, each in enumerate(rules.indicators) if each.dimension == number]
    bounds = rules.dimension_bounds_milli[number]

    def formula(person: Any, period: Any) -> Vector:
        each = [points(indicator, person(f"magnitude_{n}", period)) for n, indicator in members]
        return np.asarray(np.clip(np.sum(each, axis=0), *bounds))

    return formula


def points(indicator: IndicatorRules, magnitude: Vector) -> Vector:
    """Signed points after bands and cap."""
    if indicator.reducer == "concave":
        magnitude = banded(magnitude.astype(np.int64), indicator)
    if indicator.cap_milli is not None:
        magnitude = np.minimum(magnitude, abs(indicator.cap_milli))
    return indicator.sign * magnitude


def index_formula(rules: Rules) -> Callable[..., Vector]:
    """Base and dimensions, clipped and rounded (an index is never negative)."""
    names = [f"dimension_{number}" for number in range(len(rules.dimension_bounds_milli))]
    step = rules.rounding_milli

    def formula(person: Any, period: Any) -> Vector:
        total = rules.base_milli + sum(person(name, period) for name in names)
        clipped = np.clip(total, rules.lowest_milli, rules.highest_milli)
        return np.asarray((2 * clipped + step) // (2 * step) * step)

    return formula


if __name__ == "__main__":
    contend(prepare)
