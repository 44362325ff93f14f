"""What a household can do about each thing that a model may hold against it, and what the bank's file would say then.

A *way* moves columns of the bank's file in the one direction that a person can take them, step by step: repay exposure,
leave more in the account, spread income over the year, pay on time until late payments are out of sight. Features are
built again from the moved columns, so that whatever rests on a column moves with it. A *circumstance* (line of work,
vessel) nobody is asked to change: it is compared with the value that the card likes best, and told as what it is. A
*disclosure* lets the bank know what it does not: what is unknown becomes what is typical of the approved population
that the card was compiled with.

Each column belongs to one of them, so that no two reasons can ask for opposite things or say one thing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from models.arrays import Floats
from models.feature_spec import MONTHLY_SHARES, SECTORS

Step: TypeAlias = Callable[[Floats], Floats]
"""Columns (columns, n) after a step."""

FLOOR_FEN: Final = 1_000_000.0
"""Ten thousand yuan: who has nothing takes steps of its multiples."""


@dataclass(frozen=True)
class Way:
    """Something a person can do, if only by waiting.

    Attributes:
        name: what is acted upon.
        columns: columns of the bank's file that move.
        features: features that speak for it.
        sign: +1 when the columns rise and every feature made of them rises with them, -1 when all fall, 0 when some go
            the other way. With a sign, a card that proves every direction needs only the last step tried.
        steps: the columns after each step of the way, from those of today; the farthest last.
    """

    name: str
    columns: tuple[str, ...]
    features: tuple[str, ...]
    sign: Literal[-1, 0, 1]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Circumstance:
    """Something nobody is asked to change: a feature that is a column of its own.

    Attributes:
        name: the feature.
        values: what it could be.
    """

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Disclosure:
    """Something the bank does not know.

    Attributes:
        name: what becomes known together, by one authorisation or in one relation.
        columns: columns of the bank's file that are then known.
        features: features in the order in which a missing one is named; all but shares of months are such columns.
        authorised: column of the bank's file that is 0 where it was not permitted; empty where nobody is asked.
    """

    name: str
    columns: tuple[str, ...]
    features: tuple[str, ...]
    authorised: str = ""


def _more(steps: tuple[float, ...]) -> tuple[Step, ...]:
    return tuple(lambda columns, more=more: columns + more for more in steps)


def _times(factors: tuple[float, ...]) -> tuple[Step, ...]:
    return tuple(lambda money, factor=factor: np.maximum(money, FLOOR_FEN) * factor for factor in factors)


def _towards(goal: float) -> tuple[Step, ...]:
    """Half of the way, then all; whole numbers stay whole where the goal is one and shares are not."""
    return (lambda columns: columns + (goal - columns) / 2, lambda columns: np.full_like(columns, goal))


def _towards_whole(goal: float) -> tuple[Step, ...]:
    return (lambda counts: counts + np.trunc((goal - counts) / 2), lambda counts: np.full_like(counts, goal))


_MORE_MONEY: Final = _times((1.25, 2.0, 4.0))

WAYS: Final = (
    Way("exposure", ("unsecured_debt_fen",), ("unsecured_debt_fen", "debt_to_income"), -1, _towards(0.0)),
    Way("spread_of_exposure", ("other_lenders",), ("other_lenders",), -1, _towards_whole(0.0)),
    Way("income", ("annual_income_fen",), ("annual_income_fen", "income_per_head_fen"), 0, _MORE_MONEY),
    Way("steadiness", ("income_stability",), ("income_stability",), +1, _towards(1.0)),
    Way("seasons", MONTHLY_SHARES, ("seasonal_concentration", "lean_months"), 0, _towards(1 / len(MONTHLY_SHARES))),
    Way("deposits", ("deposit_average_12m_fen",), ("deposit_average_12m_fen", "deposit_cover_months"), +1, _MORE_MONEY),
    Way("inflow", ("settlement_inflow_12m_fen",), ("settlement_inflow_12m_fen", "inflow_to_income"), +1, _MORE_MONEY),
    Way("inflow_months", ("months_inflow_positive_12m",), ("months_inflow_positive_12m",), +1, _towards_whole(12.0)),
    Way("punctuality", ("max_days_past_due_24m",), ("max_days_past_due_24m",), -1, _towards_whole(0.0)),
    Way("enquiries", ("bureau_queries_6m",), ("bureau_queries_6m",), -1, _towards_whole(0.0)),
    Way("relation", ("months_with_bank",), ("months_with_bank",), +1, _more((12.0, 60.0, 240.0))),
    Way("experience", ("years_in_trade",), ("years_in_trade",), +1, _more((2.0, 5.0, 20.0))),
    Way(
        "loans_repaid",
        ("prior_loans", "prior_loans_repaid_on_time"),
        ("prior_loans", "repaid_on_time_share"),
        0,
        _more((1.0, 5.0, 20.0)),
    ),
)
"""What a person can do, or wait for."""

CIRCUMSTANCES: Final = (
    Circumstance("sector", tuple(map(float, range(len(SECTORS))))),
    Circumstance("owns_vessel", (0.0, 1.0)),
)
"""What a person is not asked to change."""


def _one(name: str, feature: str) -> Disclosure:
    return Disclosure(name, (feature,), (feature,))


_INCOME: Final = ("annual_income_fen", "income_stability")
_BUREAU: Final = ("unsecured_debt_fen", "other_lenders", "bureau_queries_6m")
_ACCOUNT: Final = ("settlement_inflow_12m_fen", "months_inflow_positive_12m")

DISCLOSURES: Final = (
    Disclosure(
        "income_authorised", (*_INCOME, *MONTHLY_SHARES), (*_INCOME, "seasonal_concentration"), "authorised_income"
    ),
    Disclosure("bureau_authorised", _BUREAU, _BUREAU, "authorised_bureau"),
    Disclosure("settlement_account", _ACCOUNT, _ACCOUNT),
    Disclosure("loans_recorded", ("prior_loans", "prior_loans_repaid_on_time"), ("prior_loans",)),
    _one("deposit_account", "deposit_average_12m_fen"),
    _one("account", "months_with_bank"),
    _one("repayment_record", "max_days_past_due_24m"),
    _one("experience_recorded", "years_in_trade"),
    _one("sector_recorded", "sector"),
    _one("vessel_recorded", "owns_vessel"),
)
"""What the bank may come to know."""

Lever: TypeAlias = Way | Circumstance | Disclosure
LEVERS: Final[tuple[Lever, ...]] = (*WAYS, *CIRCUMSTANCES, *DISCLOSURES)

WITHOUT_MAGNITUDE: Final = {
    "debt_to_income": ("income", "annual_income_fen"),
    "inflow_to_income": ("income", "annual_income_fen"),
    "deposit_cover_months": ("income", "annual_income_fen"),
    "repaid_on_time_share": ("loans_repaid", "repaid_on_time_share.none"),
}
"""What is acted upon and what is told where a ratio has a special code: income is zero, or there was no loan."""
