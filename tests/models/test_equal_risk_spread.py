"""What those without a grade pay when a policy changes: a rise fails, and a rise that a mean hides is not passed."""

from datetime import date

import numpy as np

from models.arrays import Booleans, Integers
from models.equal_risk_spread import EqualRiskSpread, Priced, spread_at_equal_risk, spread_gate
from models.terms_fairness_levels import terms_fairness_levels_on

LEVELS = terms_fairness_levels_on(date(2026, 6, 15))
ROWS = 600
PROBABILITY = np.linspace(0.001, 0.06, ROWS)
RATE = np.full(ROWS, 485)
PARTICIPATES = np.arange(ROWS) % 3 == 0
EVERYBODY = np.full(ROWS, True)


def change(after: Integers, offered: Booleans = EVERYBODY, participates: Booleans = PARTICIPATES) -> EqualRiskSpread:
    return spread_at_equal_risk(
        Priced(RATE, EVERYBODY), Priced(after, offered), participates, PROBABILITY, LEVELS, reference_bp=300
    )


def outcome(spread: EqualRiskSpread) -> str:
    return spread_gate(spread, LEVELS).outcome


def test_an_unchanged_price_passes() -> None:
    spread = change(RATE)
    assert (spread.households, spread.before_bp, spread.rise_bp) == (400, 185.0, 0.0)
    assert outcome(spread) == "passed"


def test_one_basis_point_more_for_the_others_fails() -> None:
    assert outcome(change(RATE + 1)) == "failed"


def test_what_participants_pay_is_not_looked_at() -> None:
    assert outcome(change(np.where(PARTICIPATES, RATE + 50, RATE))) == "passed"


def test_a_mean_that_hides_a_rise_of_the_riskier_is_left_to_a_person() -> None:
    risky = PROBABILITY > 0.05
    spread = change(RATE + np.where(risky, 20, -10))
    assert spread.rise_bp is not None
    assert spread.rise_bp < 0
    assert spread.steepest_rise_bp == 20.0
    assert outcome(spread) == "undecided"


def test_a_lost_offer_is_no_lower_price() -> None:
    kept = np.arange(ROWS) != 1
    spread = change(RATE - 5, kept)
    assert (spread.no_longer_offered, outcome(spread)) == (1, "undecided")


def test_the_households_compared_are_the_same_before_and_after() -> None:
    """Dropping the riskiest would lower a plain mean although nobody pays less."""
    dear = np.where(PROBABILITY > 0.05, 585, 485)
    spread = spread_at_equal_risk(
        Priced(dear, EVERYBODY), Priced(dear, PROBABILITY <= 0.05), PARTICIPATES, PROBABILITY, LEVELS, reference_bp=300
    )
    assert spread.rise_bp == 0.0


def test_below_ten_households_nothing_is_shown_and_nothing_decided() -> None:
    spread = change(RATE + 1, participates=np.arange(ROWS) >= 9)
    assert (spread.before_bp, spread.rise_bp, spread.bins) == (None, None, ())
    assert outcome(spread) == "undecided"
