import numpy as np
import pytest

from experiments.simulation.config import load_config
from experiments.simulation.credit import probability
from experiments.simulation.labelled import LabelledHouseholds, averaged, draw_labelled
from models.feature_spec import declared_features
from models.features import make_features

COUNT = 20_000


@pytest.fixture(scope="module")
def drawn() -> LabelledHouseholds:
    return draw_labelled(load_config(), "island_rural", 3, COUNT)


def test_the_truth_is_the_mean_over_the_latent_factor() -> None:
    rng = np.random.default_rng(1)
    for log_odds in (-6.0, -4.0, 0.0, 2.0):
        many = probability(log_odds + 0.5 * rng.standard_normal(400_000))
        assert averaged(np.array([log_odds]), 0.5)[0] == pytest.approx(many.mean(), abs=5 * many.std() / 400_000**0.5)


def test_without_a_latent_factor_the_truth_is_the_logistic_function() -> None:
    assert averaged(np.array([-3.0, 1.0]), 0.0) == pytest.approx(probability(np.array([-3.0, 1.0])), rel=1e-14)


def test_labels_occur_as_often_as_the_truth_says(drawn: LabelledHouseholds) -> None:
    order = np.argsort(drawn.default_probability)
    for rows in np.array_split(order, 5):
        mean = drawn.default_probability[rows].mean()
        error = (mean * (1 - mean) / len(rows)) ** 0.5
        assert abs(drawn.defaulted[rows].mean() - mean) < 4 * error


def test_the_mean_is_that_of_the_banks_past_loans(drawn: LabelledHouseholds) -> None:
    wanted = load_config().banks["island_rural"].past_mean_probability
    assert drawn.default_probability.mean() == pytest.approx(wanted, rel=0.02)


def test_features_are_made_as_from_the_banks_own_file(drawn: LabelledHouseholds) -> None:
    matrix = make_features(drawn.table, declared_features("full"))
    assert matrix.values.shape[0] == COUNT
    unknown = np.isnan(matrix.values[:, matrix.names.index("annual_income_fen")]).mean()
    assert unknown == pytest.approx(1 - load_config().finances.authorised_income_share, abs=0.02)


def test_the_same_seed_draws_the_same_and_another_seed_others(drawn: LabelledHouseholds) -> None:
    again = draw_labelled(load_config(), "island_rural", 3, COUNT)
    other = draw_labelled(load_config(), "island_rural", 4, COUNT)
    assert again.table.equals(drawn.table)
    assert np.array_equal(again.defaulted, drawn.defaulted)
    assert not np.array_equal(other.default_probability, drawn.default_probability)
