"""What households earn, own and owe in truth, and how long and how well a bank knows them."""

from dataclasses import dataclass

import numpy as np

from experiments.simulation.arrays import Flags, Floats, Ints, as_floats, as_ints, choose
from experiments.simulation.config import SECTORS, Bank, Finances, SimulationConfig

MONTHS = 12
_ARREARS_DAYS = np.array([[0, 1], [1, 30], [30, 60], [60, 120]])  # lowest and first day beyond, per class


@dataclass(frozen=True, slots=True)
class Means:
    """One row per household: its true finances, the same whichever bank looks."""

    sector: Ints
    income_yuan: Floats
    stability: Floats
    month_shares: Floats  # shape (n, 12), multiples of 1/10,000, each row sums to 1
    buffer_months: Floats
    debt_yuan: Floats
    other_lenders: Ints
    arrears_class: Ints
    arrears_days: Ints
    queries: Ints
    years_in_trade: Ints
    vessel: Flags

    @property
    def count(self) -> int:
        """Number of households."""
        return len(self.sector)

    @property
    def debt_ratio(self) -> Floats:
        """Unsecured debt in years of income."""
        return self.debt_yuan / self.income_yuan

    @property
    def seasonality(self) -> Floats:
        """0 for even months; 11 for all income in one."""
        return as_floats(MONTHS * np.square(self.month_shares).sum(axis=1) - 1)


@dataclass(frozen=True, slots=True)
class Relation:
    """One row per household: its history with one bank."""

    months_with_bank: Ints
    deposit_yuan: Floats
    inflow_yuan: Floats
    months_inflow_positive: Ints
    prior_loans: Ints
    prior_kept: Ints

    @property
    def kept_share(self) -> Floats:
        """Share of prior loans repaid on time; 0 without loans."""
        return self.prior_kept / np.maximum(self.prior_loans, 1)


def draw_means(rng: np.random.Generator, config: SimulationConfig, sector: Ints, income_yuan: Floats) -> Means:
    """Draw the finances of households of known sector and income."""
    numbers, count = config.finances, len(sector)
    mean = np.array([config.sectors[name].stability for name in SECTORS])[sector]
    discipline = rng.standard_normal(count)  # shows in arrears, queries and buffers alike
    arrears = _arrears_class(rng, numbers, discipline)
    low, high = _ARREARS_DAYS[arrears].T
    debtor = rng.random(count) < numbers.debtor_share
    ratio = numbers.debt_ratio_median * np.exp(numbers.debt_ratio_sigma * rng.standard_normal(count))
    wait = numbers.buffer_sigma * (rng.standard_normal(count) * 0.95 + 0.3 * discipline)
    fishery = sector == SECTORS.index("fishery")
    return Means(
        sector=sector,
        income_yuan=income_yuan,
        stability=as_floats(np.round(np.clip(mean + 0.14 * rng.standard_normal(count), 0.02, 0.99), 3)),
        month_shares=_month_shares(rng, config, sector),
        buffer_months=numbers.buffer_median_months * np.exp(wait),
        debt_yuan=np.where(debtor, np.round(ratio * income_yuan, -2), 0.0),
        other_lenders=np.where(debtor, rng.poisson(0.9, count), 0),
        arrears_class=arrears,
        arrears_days=low + (rng.random(count) * (high - low)).astype(np.int64),
        queries=rng.poisson(numbers.queries * np.exp(-0.4 * discipline - 0.08)),
        years_in_trade=np.minimum(rng.gamma(2.2, 6.0, count), 45).astype(np.int64),
        vessel=fishery & (rng.random(count) < numbers.vessel_share),
    )


def draw_relation(rng: np.random.Generator, config: SimulationConfig, bank: Bank, means: Means) -> Relation:
    """Draw how long a bank knows the households and what it sees on their accounts."""
    numbers, count = config.finances, means.count
    share = np.clip(numbers.inflow_share * np.exp(0.5 * rng.standard_normal(count)), 0.02, 1.0)
    prior = rng.poisson(numbers.prior_loans, count)
    careful = np.array([0.96, 0.85, 0.70, 0.55])[means.arrears_class]
    deposits = means.buffer_months * means.income_yuan / MONTHS
    return Relation(
        months_with_bank=np.minimum(rng.gamma(1.6, bank.months_with_bank / 1.6, count), 420).astype(np.int64),
        deposit_yuan=np.round(deposits * np.clip(share * np.exp(0.3 * rng.standard_normal(count)), 0.02, 1.0), 2),
        inflow_yuan=np.round(means.income_yuan * share, 2),
        months_inflow_positive=rng.binomial(MONTHS, np.clip(0.55 + 0.45 * means.stability, 0.0, 1.0)),
        prior_loans=prior,
        prior_kept=rng.binomial(prior, careful),
    )


def _arrears_class(rng: np.random.Generator, numbers: Finances, discipline: Floats) -> Ints:
    """Position in `arrears_shares`: the undisciplined pay late, with some chance in it."""
    rank = np.argsort(np.argsort(discipline + 0.7 * rng.standard_normal(len(discipline)))) / max(len(discipline), 1)
    bounds = np.cumsum(numbers.arrears_shares[::-1])[::-1][1:]  # share of everybody from the second class on...
    return as_ints((rank[:, None] < bounds).sum(axis=1))


def _month_shares(rng: np.random.Generator, config: SimulationConfig, sector: Ints) -> Floats:
    """Shares of the year's income per month in whole ten-thousandths, the remainder in the largest month."""
    pattern = np.array([config.sectors[name].months for name in SECTORS])[sector]
    exponent = np.exp(config.finances.seasonal_spread * rng.standard_normal(len(sector)))
    shape = config.finances.month_noise_shape
    weights = pattern ** exponent[:, None] * rng.standard_gamma(shape, pattern.shape)
    parts = np.floor(10_000 * weights / weights.sum(axis=1)[:, None])
    parts[np.arange(len(parts)), parts.argmax(axis=1)] += 10_000 - parts.sum(axis=1)
    return as_floats(parts / 10_000)


def sectors_like(rng: np.random.Generator, config: SimulationConfig, count: int) -> Ints:
    """Sectors in their overall shares."""
    return choose(rng, [config.sectors[name].share for name in SECTORS], count)
