"""Many labelled households of one bank: what its file shows, what became of them, and the probability behind it.

For checks of calibration, where a bank's past loans are too few: everybody is observed in the same twelve months, the
year after the demo day, so all share that year's shocks and season.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import Floats, Ints, as_floats, looked_up, stream
from experiments.simulation.columns import feature_columns, sector_column
from experiments.simulation.config import SimulationConfig
from experiments.simulation.credit import (
    FIRST_YEAR,
    Shocks,
    civility_log_odds,
    draw_shocks,
    intercept_for,
    latent,
    probability,
    season_log_odds,
    shown_log_odds,
)
from experiments.simulation.district import simulate
from experiments.simulation.finances import Means, draw_means, draw_relation, sectors_like
from experiments.simulation.past_loans import OUTER_VILLAGES
from experiments.simulation.points import GRADES, grades

NODES: Final = 48
"""Points of the quadrature over the latent factor; 24 give the same probabilities to 1e-12."""

_DISTRICT_SCALE: Final = 0.05
"""Share of a district whose adults give the distribution of index points."""


@dataclass(frozen=True, eq=False, slots=True)
class LabelledHouseholds:
    """One row per household.

    Attributes:
        table: columns of the bank's household file that features are made from, and `grade`.
        defaulted: 1 when it defaulted within the twelve months.
        default_probability: true probability given all but the latent factor, averaged over that.
        means: their true finances.
        year_log_odds: the common shock of the year observed, which `default_probability` leaves out: its mean is that
            of the bank's past loans whatever the year. Added to its log-odds, it makes good years and bad ones.
    """

    table: pa.Table
    defaulted: Floats
    default_probability: Floats
    means: Means
    year_log_odds: float


def draw_labelled(config: SimulationConfig, bank_code: str, seed: int, count: int) -> LabelledHouseholds:
    """Draw households as a bank would see them, with labels.

    Args:
        config: the numbers.
        bank_code: whose relations, and whose mean probability of past loans.
        seed: everything random follows from it; shocks of year, sectors and villages are this seed's own.
        count: households.
    """
    rng, bank = stream(seed, f"labelled households of {bank_code}"), config.banks[bank_code]
    shocks = draw_shocks(stream(seed, "shocks"), config.credit, config.population.villages + OUTER_VILLAGES)
    means = draw_means(rng, config, sectors_like(rng, config, count), _incomes(rng, config, count))
    relation = draw_relation(rng, config, bank, means)
    points = rng.choice(adult_points(config, seed), count)
    log_odds = shown_log_odds(config.credit, means, relation) + civility_log_odds(config.credit, points)
    log_odds += _outlook(rng, config, shocks, means)
    hidden = latent(rng, config.credit, count)
    log_odds += intercept_for(log_odds + hidden, bank.past_mean_probability)
    adults, minors = pa.array(1 + rng.binomial(4, 0.45, count)), pa.array(rng.binomial(3, 0.2, count))
    income = rng.random(count) < config.finances.authorised_income_share
    bureau = rng.random(count) < config.finances.authorised_bureau_share
    columns = feature_columns(means, relation, adults=adults, minors=minors, income=income, bureau=bureau)
    grade = np.where(rng.random(count) < config.enrolment.adult_share, grades(points), 0)
    return LabelledHouseholds(
        table=pa.table({**sector_column(means), **columns, "grade": looked_up(GRADES, grade)}),
        defaulted=as_floats(rng.random(count) < probability(log_odds + hidden)),
        default_probability=averaged(log_odds, config.credit.latent_sigma),
        means=means,
        year_log_odds=float(shocks.year[config.history.demo_day.year - FIRST_YEAR]),
    )


def averaged(log_odds: Floats, sigma: float) -> Floats:
    """Mean of the logistic function at log-odds plus a normal factor, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    total = np.zeros_like(log_odds)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        total += weight * probability(log_odds + sigma * node)
    return total


def adult_points(config: SimulationConfig, seed: int) -> Floats:
    """Index points of a small district's adults: the distribution of character in the whole area."""
    district = simulate(config, seed, _DISTRICT_SCALE)
    return district.civility_points[district.world.persons.adults(config.history.end_day - 1)]


def _incomes(rng: np.random.Generator, config: SimulationConfig, count: int) -> Floats:
    return as_floats(np.round(config.income.median_yuan * np.exp(config.income.sigma * rng.standard_normal(count)), -2))


def _outlook(rng: np.random.Generator, config: SimulationConfig, shocks: Shocks, means: Means) -> Floats:
    """Shocks and season of the year after the demo day, in villages of the whole area."""
    year: Ints = np.full(means.count, config.history.demo_day.year)
    village = rng.integers(0, config.population.villages + OUTER_VILLAGES, means.count)
    matured_on: Ints = np.full(means.count, config.history.end_day + 365)
    return shocks.of(year, means.sector, village) + season_log_odds(config.credit, means.sector, matured_on)
