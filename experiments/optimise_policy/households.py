"""Households of one bank in memory: what its file shows, what its model says, what they would do, and the truth."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
from scipy.special import expit, logit

from experiments.optimise_policy.settings import Responses
from experiments.optimise_policy.worlds import BankView, households_of
from experiments.optimise_policy.yearly import Terms, Use, demand_at
from experiments.simulation.arrays import Floats, Ints, stream
from experiments.simulation.behaviour import Behaviour, applying_chance, share_milli, wish_of
from experiments.simulation.config import SimulationConfig
from experiments.simulation.labelled import draw_labelled
from models.feature_spec import declared_features
from models.features import make_features
from models.offers import Offers
from models.policy import GRADES, Policy
from models.policy_loader import PolicyEdition
from models.preapproval import preapprove

_MILLI: Final = 1000
_BORROWER_BORN: Final = np.datetime64("1981-06-15")
"""Age decides nothing here: every borrower is 45 on the demo day."""


@dataclass(frozen=True, eq=False, slots=True)
class Chance:
    """What chance decides per household, the same under every policy: uniforms in 0..1, below a chance means yes."""

    signs: Floats
    draws: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Portfolio:
    """Households that a bank prescreens.

    Attributes:
        table: Columns of the bank's household file (n rows).
        grade: Position in GRADES (n).
        probability: Default probability by the bank's own data (n).
        intervals: Its lower and upper ends (n each).
        true_probability: At baseline terms, this year's shock included (n).
        use: At baseline terms: chances of signing and drawing, and the shares that are asked for and drawn (n).
        chance: What decides between signing and not, drawing and not (n).
        weight: How many of the bank's households one row stands for.
    """

    table: pa.Table
    grade: Ints
    probability: Floats
    intervals: tuple[Floats, Floats]
    true_probability: Floats
    use: Use
    chance: Chance
    weight: float


def draw_portfolio(config: SimulationConfig, behaviour: Behaviour, view: BankView, seed: int, count: int) -> Portfolio:
    """Draw households of a world, seen through the bank's models.

    Args:
        config: the world.
        behaviour: how households use offers.
        view: the bank's models.
        seed: everything random follows from it; years differ between seeds by their common shock.
        count: rows.
    """
    drawn = draw_labelled(config, view.bank_code, seed, count)
    rng, fixed, fitted = stream(seed, f"use of offers of {view.bank_code}"), behaviour.fixed, behaviour.fitted
    asked = share_milli(fitted.limit_location, fixed.limit_spread, fixed.limit_lowest, rng.standard_normal(count))
    drawn_share = share_milli(fitted.draw_location, fixed.draw_spread, fixed.draw_lowest, rng.standard_normal(count))
    values = make_features(drawn.table, declared_features("baseline")).values
    return Portfolio(
        table=drawn.table.append_column("borrower_birth_on", pa.array(np.full(count, _BORROWER_BORN))),
        grade=np.array([GRADES.index(grade) for grade in drawn.table["grade"].to_pylist()], dtype=np.int64),
        probability=view.baseline.default_probability(values),
        intervals=view.baseline.probability_interval(values),
        true_probability=expit(logit(drawn.default_probability) + drawn.year_log_odds),
        use=Use(
            signs=applying_chance(behaviour, wish_of(drawn.means), fitted.sign_rate),
            draws=np.full(count, fitted.draw_rate),
            line_share=asked / _MILLI,
            drawn_share=drawn_share / _MILLI,
            takes_bonus=rng.random(count) < fixed.bonus_share,
        ),
        chance=Chance(rng.random(count), rng.random(count)),
        weight=households_of(config, view.bank_code) / count,
    )


def offers_on(portfolio: Portfolio, edition: PolicyEdition, day: date, policy: Policy | None = None) -> Offers:
    """The interpreter's offers to the households, each with its own grade.

    Args:
        portfolio: the households.
        edition: a policy and its LPR table.
        day: the pricing day.
        policy: in place of the edition's own.
    """
    return preapprove(
        portfolio.table,
        portfolio.table["grade"],
        portfolio.probability,
        policy or edition.policy,
        edition.lpr,
        day,
        intervals=portfolio.intervals,
    )


def decided(use: Use, chance: Chance, terms: Terms, responses: Responses) -> Use:
    """What households do at these terms: those who sign and draw at all, as the simulator lets chance decide.

    Args:
        use: at baseline terms, of the households with an offer (m).
        chance: theirs (m).
        terms: what they are offered (m).
        responses: how chances answer.
    """
    at_terms = demand_at(use, terms, responses)
    signs = (chance.signs < at_terms.signs).astype(np.float64)
    draws = (chance.draws < at_terms.draws).astype(np.float64)
    return Use(signs, draws, use.line_share, use.drawn_share, use.takes_bonus)
