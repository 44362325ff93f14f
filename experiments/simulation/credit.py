"""The hidden probability of default: everything the banks' models try to find, and some of it that nobody can.

`log odds = intercept + shown by features + three-way term + civility + latent factor + shocks (year, sector, village)`.
Nothing that is tested may import this module.
"""

from dataclasses import dataclass

import numpy as np

from experiments.simulation.arrays import Floats, Ints, as_floats, month_of
from experiments.simulation.config import SECTORS, Credit, SimulationConfig
from experiments.simulation.finances import Means, Relation
from experiments.simulation.points import BASE

_LOGISTIC_VARIANCE = np.pi**2 / 3
_INCOME_CENTRE = np.log(110_000)
_INCOME_SCALE = 0.6
_SUMMER, _SPRING = (6, 7, 8), (2, 3)
FIRST_YEAR = 2021
YEARS = 7


@dataclass(frozen=True, slots=True)
class Shocks:
    """Correlated shocks in log-odds: by year, by sector in a year, by village in a year (rows from FIRST_YEAR on)."""

    year: Floats  # (years,)
    sector: Floats  # (years, sectors)
    village: Floats  # (years, villages)

    def of(self, year: Ints, sector: Ints, village: Ints) -> Floats:
        """Sum of the three shocks per row; years outside take the nearest one."""
        row = np.clip(year - FIRST_YEAR, 0, len(self.year) - 1)
        return as_floats(self.year[row] + self.sector[row, sector] + self.village[row, village])


def draw_shocks(rng: np.random.Generator, credit: Credit, villages: int) -> Shocks:
    """Shocks whose common variance is `shock_rho` of the total variance of a default's latent variable."""
    variance = credit.shock_rho / (1 - credit.shock_rho) * _LOGISTIC_VARIANCE
    by_year, by_sector, by_village = np.sqrt(variance * np.array(credit.shock_split))
    return Shocks(
        by_year * rng.standard_normal(YEARS),
        by_sector * rng.standard_normal((YEARS, len(SECTORS))),
        by_village * rng.standard_normal((YEARS, villages)),
    )


def shown_log_odds(credit: Credit, means: Means, relation: Relation) -> Floats:
    """The part that features of a complete file show, without intercept."""
    ratio = np.minimum(means.debt_ratio, 4.0)
    poor = np.clip((_INCOME_CENTRE - np.log(means.income_yuan)) / _INCOME_SCALE, -2.5, 2.5)
    total = np.array([credit.sectors[name] for name in SECTORS])[means.sector]
    total = total - credit.log_income * poor
    total += credit.stability * (means.stability - 0.65)
    total += credit.log_buffer * np.clip(np.log(means.buffer_months / 2.2), -2.5, 2.5)
    total += credit.debt_ratio * np.sqrt(ratio)
    total += np.array(credit.arrears)[means.arrears_class]
    total += credit.queries * np.minimum(means.queries, 8) + credit.other_lenders * np.minimum(means.other_lenders, 6)
    total += credit.log_tenure * np.log1p(relation.months_with_bank) + credit.kept_loans * relation.kept_share
    total += credit.years_in_trade * np.minimum(means.years_in_trade, 20) + credit.vessel * means.vessel
    total += credit.income_debt * np.maximum(poor, 0) * np.sqrt(ratio)
    return as_floats(total + three_way(credit, means))


def three_way(credit: Credit, means: Means) -> Floats:
    """Seasonal income, thin buffer and high debt together: none of the three pairs alone has this effect."""
    together = means.seasonality >= credit.seasonal_from
    together &= means.buffer_months < credit.thin_below_months
    together &= means.debt_ratio >= credit.indebted_from
    return as_floats(credit.seasonal_thin_indebted * together)


def civility_log_odds(credit: Credit, points: Floats) -> Floats:
    """What character does to risk; nothing at all when the configured effect is 0."""
    return credit.civility_log_odds_per_10_points * (points - BASE) / 10


def season_log_odds(credit: Credit, sector: Ints, matured_on: Ints) -> Floats:
    """Delinquency starts more often in the closed fishing season and after New Year."""
    month = month_of(matured_on) % 12 + 1
    summer = (sector == SECTORS.index("fishery")) & np.isin(month, _SUMMER)
    return as_floats(np.log(credit.fishery_summer) * summer + np.log(credit.spring) * np.isin(month, _SPRING))


def latent(rng: np.random.Generator, credit: Credit, count: int) -> Floats:
    """A factor that no feature shows."""
    return credit.latent_sigma * rng.standard_normal(count)


def probability(log_odds: Floats) -> Floats:
    """Log-odds as probabilities."""
    return as_floats(1 / (1 + np.exp(-log_odds)))


def intercept_for(log_odds: Floats, mean: float) -> float:
    """The intercept at which the mean probability is as configured (bisection, exact to 1e-9)."""
    low, high = -20.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        if probability(log_odds + middle).mean() < mean:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def lpr_bp(config: SimulationConfig, on: Ints) -> Ints:
    """The one-year prime rate in force on each day."""
    days = np.array([(row.start - config.loans.lpr_bp[0].start).days for row in config.loans.lpr_bp])
    first = np.datetime64(config.loans.lpr_bp[0].start, "D").astype(np.int64)
    row = np.searchsorted(days, on - first, side="right") - 1
    return np.array([step.bp for step in config.loans.lpr_bp])[np.maximum(row, 0)]
