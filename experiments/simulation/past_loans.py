"""Five years of a bank's past loans: features as known when drawn, and what became of them within twelve months."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import (
    YEAR_DAYS,
    Flags,
    Floats,
    Ints,
    as_ints,
    choose,
    count_for,
    dates,
    day,
    joined,
    looked_up,
    month_of,
    padded,
    taken,
)
from experiments.simulation.columns import feature_columns, sector_column
from experiments.simulation.config import Bank, SimulationConfig
from experiments.simulation.credit import (
    Shocks,
    civility_log_odds,
    intercept_for,
    latent,
    lpr_bp,
    probability,
    season_log_odds,
    shown_log_odds,
)
from experiments.simulation.finances import Means, Relation, draw_means, draw_relation, sectors_like
from experiments.simulation.points import BASE, GRADES, grades

PREFIXES = {"island_rural": "IR", "harbour_city": "HC", "coast_village": "CV"}
PURPOSES = (
    "fishing_gear",
    "feed_and_fry",
    "guesthouse",
    "household_consumption",
    "trade_stock",
    "household_consumption",
)
"""What a household of each sector borrows for."""
OUTER_VILLAGES = 160
"""Villages of the banks' area beyond the district."""
_TERMS = (182, 365)
_HALF_YEAR = 182
_DEFAULT_DAYS = 90
_WRITTEN_OFF, _RESTRUCTURED = 1, 2  # positions in `loss_kinds`


@dataclass(frozen=True, slots=True)
class _Drawings:
    """One row per loan: when and where it was drawn; `here` marks the district itself."""

    on: Ints
    matured_on: Ints
    here: Flags
    village: Ints

    @property
    def count(self) -> int:
        """Number of loans."""
        return len(self.on)

    @property
    def observed_year(self) -> Ints:
        """The year in which most of the twelve months of observation lie."""
        return 1970 + month_of(self.on + _HALF_YEAR) // 12


@dataclass(frozen=True, slots=True)
class PastLoans:
    """A bank's table of past loans, the truth beside it, and the intercept that today's households share."""

    table: pa.Table
    truth: pa.Table
    intercept: float


def draw_past_loans(
    rng: np.random.Generator,
    config: SimulationConfig,
    bank_code: str,
    *,
    adult_points: Floats,
    shocks: Shocks,
    scale: float,
) -> PastLoans:
    """Draw a bank's past loans.

    Args:
        rng: the bank's own stream.
        config: the numbers.
        bank_code: which bank.
        adult_points: index points of the district's adults, the distribution of character in the whole area.
        shocks: common to all banks.
        scale: share of the full number of loans; never below the configured least, from which a model can still learn.
    """
    bank = config.banks[bank_code]
    drawn = _drawings(rng, config, bank, count_for(bank.past_loans, max(scale, config.past_loans_least_share)))
    means = draw_means(rng, config, sectors_like(rng, config, drawn.count), _incomes(rng, config, drawn.on))
    relation = draw_relation(rng, config, bank, means)
    points = rng.choice(adult_points, drawn.count)
    log_odds = shown_log_odds(config.credit, means, relation) + civility_log_odds(config.credit, points)
    log_odds += season_log_odds(config.credit, means.sector, drawn.matured_on)
    log_odds += shocks.of(drawn.observed_year, means.sector, drawn.village) + latent(rng, config.credit, drawn.count)
    intercept = intercept_for(log_odds, bank.past_mean_probability)
    chance = probability(log_odds + intercept)
    grade = _grades_at_start(rng, config, points, drawn)
    table = pa.table(
        {
            **_contract_columns(rng, config, bank_code, drawn, means),
            **sector_column(means),
            **_feature_columns(rng, config, means, relation),
            "grade_at_start": looked_up(GRADES, grade),
            **_outcomes(rng, config, chance),
        }
    )
    truth = pa.table({"loan_ref": table["loan_ref"], "civility_points": points, "default_probability": chance})
    return PastLoans(table, truth, intercept)


def _drawings(rng: np.random.Generator, config: SimulationConfig, bank: Bank, count: int) -> _Drawings:
    on = _drawing_days(rng, config, count)
    matured_on = on + np.array(_TERMS)[choose(rng, [0.15, 0.85], count)]
    here = rng.random(count) < bank.in_district_share
    inner = rng.integers(0, config.population.villages, count)
    outer = config.population.villages + rng.integers(0, OUTER_VILLAGES, count)
    return _Drawings(on, matured_on, here, np.where(here, inner, outer))


def _contract_columns(
    rng: np.random.Generator, config: SimulationConfig, bank_code: str, drawn: _Drawings, means: Means
) -> dict[str, pa.Array]:
    """`loan_ref` .. `purpose` in the order of the contract."""
    margin_bp = config.banks[bank_code].margin_bp
    return {
        "loan_ref": joined(PREFIXES[bank_code], "L", padded(np.arange(drawn.count) + 1, 7)),
        "village_code": area_villages(config, drawn.village),
        "drawn_on": dates(drawn.on),
        "matured_on": dates(drawn.matured_on),
        "principal_fen": pa.array(_principal_yuan(rng, config, means) * 100),
        "rate_bp": pa.array(_rates_bp(rng, config, margin_bp, drawn.on, means)),
        "purpose": looked_up(PURPOSES, means.sector),
    }


def _feature_columns(
    rng: np.random.Generator, config: SimulationConfig, means: Means, relation: Relation
) -> dict[str, pa.Array]:
    adults = pa.array(1 + rng.binomial(4, 0.45, means.count))
    minors = pa.array(rng.binomial(3, 0.2, means.count))
    income = rng.random(means.count) < config.finances.authorised_income_share
    bureau = rng.random(means.count) < config.finances.authorised_bureau_share
    return feature_columns(means, relation, adults=adults, minors=minors, income=income, bureau=bureau)


def area_villages(config: SimulationConfig, village: Ints) -> pa.Array:
    """`V..` in the district, `W..` beyond it."""
    inside = config.population.villages
    codes = [f"V{number + 1:03d}" for number in range(inside)]
    codes += [f"W{number + 1:03d}" for number in range(OUTER_VILLAGES)]
    return taken(pa.array(codes), village)


def default_flags(table: pa.Table) -> Flags:
    """The label of the contract: 90 days past due, written off, or restructured in distress, within twelve months."""
    overdue = table["days_past_due_max_12m"].to_numpy() >= _DEFAULT_DAYS
    written_off = table["written_off_within_12m"].to_numpy() == 1
    return np.asarray(overdue | written_off | (table["distressed_restructuring_within_12m"].to_numpy() == 1))


def _drawing_days(rng: np.random.Generator, config: SimulationConfig, count: int) -> Ints:
    """More in the months of demand, more in later years; ordered."""
    loans = config.loans
    days = np.arange(day(loans.first_drawn_on), day(loans.last_drawn_on) + 1)
    growth = 1 + 0.1 * (days - days[0]) / YEAR_DAYS
    weights = growth * np.array(loans.demand_months)[month_of(days) % 12]
    return np.sort(days[choose(rng, weights, count)])


def _incomes(rng: np.random.Generator, config: SimulationConfig, drawn_on: Ints) -> Floats:
    years = (config.history.end_day - drawn_on) / YEAR_DAYS
    spread = np.exp(config.income.sigma * rng.standard_normal(len(drawn_on)))
    return np.asarray(np.round(config.income.median_yuan * spread * (1 + config.finances.income_growth) ** -years, -2))


def _principal_yuan(rng: np.random.Generator, config: SimulationConfig, means: Means) -> Ints:
    """Lognormal lines, half of their spread explained by income, in whole thousands."""
    loans = config.loans
    size = 0.5 * np.log(means.income_yuan / config.income.median_yuan)
    size += np.sqrt(loans.line_sigma**2 - (0.5 * config.income.sigma) ** 2) * rng.standard_normal(means.count)
    yuan = np.clip(loans.line_median_yuan * np.exp(size), loans.line_low_yuan, loans.line_high_yuan)
    return (np.round(yuan, -3)).astype(np.int64)


def _rates_bp(rng: np.random.Generator, config: SimulationConfig, margin_bp: int, drawn_on: Ints, means: Means) -> Ints:
    """Prime rate, margin, and a little for what the bank could see."""
    seen = 25 * np.minimum(means.arrears_class, 2) + 15 * np.minimum(means.queries, 4) - 30 * (means.stability - 0.6)
    steps = np.round((seen + 12 * rng.standard_normal(means.count)) / 5)
    return lpr_bp(config, drawn_on) + margin_bp + 5 * as_ints(steps)


def _grades_at_start(rng: np.random.Generator, config: SimulationConfig, points: Floats, drawn: _Drawings) -> Ints:
    """Grades existed only in the district, since the reform, for the enrolled who had certificates made."""
    first, end = config.history.first_day, config.history.end_day
    age = np.clip((drawn.on - first) / (end - first), 0, 1)
    enrolled = rng.random(drawn.count) < 1.2 * config.enrolment.adult_share * np.sqrt(age)
    then = BASE + (points - BASE) * np.where(points > BASE, np.sqrt(age), 1.0)
    return np.where(drawn.here & enrolled & (drawn.on >= first), grades(then), 0)


def _outcomes(rng: np.random.Generator, config: SimulationConfig, chance: Floats) -> dict[str, pa.Array]:
    credit, count = config.credit, len(chance)
    bad = rng.random(count) < chance
    kind = np.where(bad, choose(rng, credit.loss_kinds, count), -1)
    # minor delays are likelier where default is likelier, in the configured shares overall
    risk = np.minimum(np.sqrt(chance / chance.mean()), 4.0)
    risk /= risk.mean()
    draw = rng.random(count)
    late, slightly = credit.late_share * risk, credit.slightly_late_share * risk
    minor = np.where(
        draw < late, rng.integers(30, 90, count), np.where(draw < late + slightly, rng.integers(1, 30, count), 0)
    )
    overdue = np.minimum(_DEFAULT_DAYS + rng.exponential(70, count), 360).astype(np.int64)
    days = np.where(kind == _RESTRUCTURED, rng.integers(30, 90, count), np.where(bad, overdue, minor))
    return {
        "days_past_due_max_12m": pa.array(days),
        "written_off_within_12m": pa.array((kind == _WRITTEN_OFF).astype(np.int8)),
        "distressed_restructuring_within_12m": pa.array((kind == _RESTRUCTURED).astype(np.int8)),
    }
