"""Households summed up to cells: what each bonus and discount brings in each risk band and grade.

The interpreter itself says what every household would be offered under every item of the menus, so the solver's
figures are those of the policy that comes out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from experiments.optimise_policy.households import Portfolio, offers_on
from experiments.optimise_policy.problem import BONUS_GRADES
from experiments.optimise_policy.settings import Capital, Economics, Responses
from experiments.optimise_policy.yearly import MEASURES, Risks, Terms, Use, demand_at, terms_of, yearly
from experiments.simulation.arrays import Flags, Floats, Ints, as_floats
from models.offers import Offers
from models.policy import GRADES, GradeBonus, Policy
from models.policy_loader import PolicyEdition


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What every figure rests on beside the terms."""

    responses: Responses
    economics: Economics
    capital: Capital


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """What each choice brings, by measure.

    Attributes:
        chosen: Of each choice, shape (bands, grades, bonuses, discounts).
        without: Of households without a bonus grade: no choice touches them.
    """

    chosen: Mapping[str, Floats]
    without: Mapping[str, float]


def sums_by_grade(measures: Mapping[str, Floats], grade: Ints, weight: float) -> dict[str, Floats]:
    """Sum every measure by grade, for the bank's own number of households (4 each)."""
    return {name: as_floats(weight * np.bincount(grade, one, len(GRADES))) for name, one in measures.items()}


def expected(portfolio: Portfolio, offers: Offers, risks: Risks, given: Assumptions) -> dict[str, Floats]:
    """Every measure by grade, in expectation, under any offers (4 each)."""
    kept, terms = offers.offered, terms_of(offers)
    measures = _expected(terms, risks_of(risks, kept), use_of(portfolio.use, kept), given)
    return sums_by_grade(measures, portfolio.grade[kept], portfolio.weight)


def tabulated(
    portfolio: Portfolio,
    edition: PolicyEdition,
    day: date,
    risks: Risks,
    given: Assumptions,
    *,
    menus: tuple[Ints, Ints],
) -> Cells:
    """Ask the interpreter for the terms of every household under every item, and sum up.

    Args:
        portfolio: the households.
        edition: the policy whose baseline stands.
        day: the pricing day.
        risks: to plan with (n).
        given: responses, costs, capital.
        menus: bonuses in thousandths, discounts in basis points, each rising from 0.
    """
    bonuses, discounts = menus
    quotes = _quotes(portfolio, edition, day, bonuses, discounts)
    offers = quotes[0]
    kept = offers.offered & (portfolio.grade > 0)
    cell, shape = _cell(offers, portfolio.grade, kept)
    risks_kept, use = risks_of(risks, kept), use_of(portfolio.use, kept)
    lines = [quote.limit_fen[kept] / 100 for quote in quotes]
    priced = [_terms(quote, kept) for quote in quotes]
    chosen = {name: np.zeros((*shape, len(bonuses), len(discounts))) for name in MEASURES}
    for bonus in range(len(bonuses)):
        for discount in range(len(discounts)):
            terms = replace(priced[discount], line_yuan=lines[bonus])
            for name, values in _expected(terms, risks_kept, use, given).items():
                sums = np.bincount(cell, values, shape[0] * shape[1]).reshape(shape)
                chosen[name][:, :, bonus, discount] = portfolio.weight * sums
    everybody = expected(portfolio, offers, risks, given)
    return Cells(chosen, {name: float(sums[0]) for name, sums in everybody.items()})


def risks_of(risks: Risks, kept: Flags) -> Risks:
    """The risks of some households."""
    return Risks(risks.priced[kept], risks.shown[kept], risks.actual[kept])


def use_of(use: Use, kept: Flags) -> Use:
    """The use of some households."""
    return Use(*(getattr(use, name)[kept] for name in Use.__slots__))


def _expected(terms: Terms, risks: Risks, use: Use, given: Assumptions) -> dict[str, Floats]:
    use = demand_at(use, terms, given.responses)
    return yearly(terms, risks, use, given.responses, given.economics, given.capital)


def _cell(offers: Offers, grade: Ints, kept: Flags) -> tuple[Ints, tuple[int, int]]:
    bands = int((offers.day.bands.outcome == 0).sum())
    return offers.band[kept] * len(BONUS_GRADES) + grade[kept] - 1, (bands, len(BONUS_GRADES))


def _terms(offers: Offers, kept: Flags) -> Terms:
    """As `terms_of`, of some of those with an offer."""
    told, rows = terms_of(offers), kept[offers.offered]
    return Terms(*(getattr(told, name)[rows] for name in Terms.__slots__))


def _quotes(portfolio: Portfolio, edition: PolicyEdition, day: date, bonuses: Ints, discounts: Ints) -> list[Offers]:
    """One answer of the interpreter per item: lines depend on the bonus alone, rates on the discount alone."""
    steps = range(max(len(bonuses), len(discounts)))
    pairs = [(int(bonuses[min(at, len(bonuses) - 1)]), int(discounts[min(at, len(discounts) - 1)])) for at in steps]
    policies = [_with_terms(edition.policy, day, bonus, discount) for bonus, discount in pairs]
    return [offers_on(portfolio, edition, day, policy) for policy in policies]


def _with_terms(policy: Policy, day: date, bonus_milli: int, discount_bp: int) -> Policy:
    """The policy with the same bonus for every bonus grade in every band."""
    period = next(period for period in policy.grade_bonuses.periods if period.value == policy.grade_bonuses.on(day))
    rows = (
        GradeBonus(grade="none", limit_bonus_milli=0, rate_discount_bp=0),
        *(
            GradeBonus(grade=grade, limit_bonus_milli=bonus_milli, rate_discount_bp=discount_bp)
            for grade in BONUS_GRADES
        ),
    )
    table = policy.grade_bonuses.model_copy(update={"periods": (period.model_copy(update={"value": rows}),)})
    return policy.model_copy(update={"grade_bonuses": table})
