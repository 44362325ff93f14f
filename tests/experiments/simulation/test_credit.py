import numpy as np
import pytest

from experiments.simulation import District, SimulationConfig
from experiments.simulation.arrays import stream
from experiments.simulation.config import BANKS
from experiments.simulation.credit import (
    civility_log_odds,
    draw_shocks,
    intercept_for,
    lpr_bp,
    probability,
    shown_log_odds,
    three_way,
)
from experiments.simulation.district import past_loans_of
from experiments.simulation.finances import Means, draw_means, draw_relation, sectors_like
from experiments.simulation.past_loans import default_flags


def _means(config: SimulationConfig, count: int = 20_000) -> Means:
    rng = stream(1, "means for tests")
    return draw_means(rng, config, sectors_like(rng, config, count), rng.lognormal(11.6, 0.6, count))


@pytest.mark.parametrize("bank", BANKS)
def test_each_bank_delivers_at_least_a_thousand_defaults_among_its_past_loans(full: District, bank: str) -> None:
    loans = past_loans_of(full, bank).table
    assert 60_000 <= loans.num_rows <= 80_000
    assert default_flags(loans).sum() >= 1000


def test_past_probabilities_have_the_configured_mean_and_a_wide_spread(full: District) -> None:
    past = past_loans_of(full, "harbour_city")
    chance = past.truth["default_probability"].to_numpy()
    assert chance.mean() == pytest.approx(0.016, abs=1e-6)
    best, worst = np.quantile(chance, [0.1, 0.95])
    assert best < 0.004
    assert worst > 0.04


def test_defaults_happen_as_often_as_their_probability_says(full: District) -> None:
    past = past_loans_of(full, "island_rural")
    chance, bad = past.truth["default_probability"].to_numpy(), default_flags(past.table)
    for rows in np.array_split(np.argsort(chance), 4):
        expected = chance[rows].sum()
        assert abs(bad[rows].sum() - expected) < 4 * np.sqrt(expected)


def test_thirty_days_past_due_is_more_than_twice_as_frequent_as_default(full: District) -> None:
    loans = past_loans_of(full, "island_rural").table
    late = (loans["days_past_due_max_12m"].to_numpy() >= 30).mean()
    assert late == pytest.approx(0.035, abs=0.006)


def test_the_three_way_term_needs_all_three(config: SimulationConfig) -> None:
    means, credit = _means(config), config.credit
    conditions = [
        means.seasonality >= credit.seasonal_from,
        means.buffer_months < credit.thin_below_months,
        means.debt_ratio >= credit.indebted_from,
    ]
    effect = three_way(credit, means)
    assert np.array_equal(effect > 0, np.logical_and.reduce(conditions))
    for left_out in range(3):
        pair = np.logical_and.reduce([flags for place, flags in enumerate(conditions) if place != left_out])
        assert (effect[pair] == 0).any()


def test_ten_points_of_civility_move_the_log_odds_by_the_configured_step(config: SimulationConfig) -> None:
    steps = civility_log_odds(config.credit, np.array([100.0, 110.0, 90.0]))
    assert steps.tolist() == pytest.approx([0.0, -0.15, 0.15])


def test_a_configured_effect_of_zero_makes_civility_worthless(config: SimulationConfig) -> None:
    none = config.credit.model_copy(update={"civility_log_odds_per_10_points": 0.0})
    assert not civility_log_odds(none, np.array([60.0, 100.0, 180.0])).any()


def test_shocks_share_five_percent_of_the_latent_variance(config: SimulationConfig) -> None:
    draws = [draw_shocks(stream(seed, "shocks for tests"), config.credit, 3) for seed in range(4000)]
    total = [shock.year[0] + shock.sector[0, 0] + shock.village[0, 0] for shock in draws]
    variance = np.var(total)
    assert variance / (variance + np.pi**2 / 3) == pytest.approx(config.credit.shock_rho, abs=0.005)


def test_risk_rises_with_debt_and_arrears_and_falls_with_buffers(config: SimulationConfig) -> None:
    means = _means(config)
    relation = draw_relation(stream(1, "relation"), config, config.banks["island_rural"], means)
    log_odds = shown_log_odds(config.credit, means, relation)
    assert np.corrcoef(log_odds, means.debt_ratio)[0, 1] > 0.1
    assert np.corrcoef(log_odds, means.arrears_class)[0, 1] > 0.2
    assert np.corrcoef(log_odds, np.log(means.buffer_months))[0, 1] < -0.2


def test_the_intercept_brings_the_mean_to_its_target(config: SimulationConfig) -> None:
    log_odds = stream(1, "any").standard_normal(5000)
    assert probability(log_odds + intercept_for(log_odds, 0.02)).mean() == pytest.approx(0.02, abs=1e-9)


def test_the_prime_rate_is_that_of_the_day(config: SimulationConfig) -> None:
    days = np.array(["2021-06-01", "2024-10-20", "2024-10-21", "2025-05-20"], dtype="datetime64[D]").astype(np.int64)
    assert lpr_bp(config, days).tolist() == [385, 335, 310, 300]
