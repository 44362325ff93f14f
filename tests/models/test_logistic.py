"""The home-made logistic function against the library's."""

import numpy as np
from scipy.special import expit

from models.logistic import probability_of


def test_it_agrees_with_the_library_within_a_few_last_bits() -> None:
    log_odds = np.concatenate([np.linspace(-40, 40, 200_001), np.linspace(-699, -40, 1_000)])
    np.testing.assert_allclose(probability_of(log_odds), expit(log_odds), rtol=8e-16, atol=0.0)


def test_both_ends_stay_probabilities() -> None:
    ends = probability_of(np.array([-1e6, -np.inf, 1e6, np.inf]))
    assert (ends[:2] > 0.0).all()
    assert (ends[:2] < 1e-300).all()
    np.testing.assert_array_equal(ends[2:], 1.0)


def test_even_odds_are_exactly_a_half() -> None:
    assert probability_of(np.zeros(1))[0] == 0.5


def test_the_bytes_are_those_of_the_four_basic_operations() -> None:
    """Recorded once; a machine that contracts or reorders operations would differ."""
    log_odds = np.array([-7.25, -4.0, -0.1, 0.3, 2.0])
    recorded = ["0x1.7412593d98a3fp-11", "0x1.26afa1e43c2c2p-6", "0x1.e66bdb1aca090p-2", "0x1.261d545e46a8bp-1",
                "0x1.c2f7d5a8a79c9p-1"]  # fmt: skip
    assert [float(one).hex() for one in probability_of(log_odds)] == recorded
