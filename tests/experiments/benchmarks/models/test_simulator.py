import numpy as np
import pytest

from experiments.benchmarks.models.simulator import deciles, wilson


def test_wilsons_interval_is_the_published_one() -> None:
    """81 of 263: Newcombe (1998), table I, score method."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_deciles_follow_the_prediction_and_average_the_truth() -> None:
    predicted = np.linspace(0.01, 0.2, 1000)[::-1].copy()
    found = list(deciles(predicted, predicted * 2))
    assert len(found) == 10
    assert found[0]["predicted"] < found[-1]["predicted"]
    assert all(one["true"] == pytest.approx(2 * one["predicted"]) for one in found)
    assert all(one["low"] < one["predicted"] < one["high"] for one in found)
