"""A plan repays a line to the last fen, in its own months, and costs what the all-in annual cost says."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from models.annual_cost import ALL_IN_COST_METHOD, effective_annual_rate_bp
from models.lpr import LprTable
from models.offers import Offers
from models.policy import Policy
from models.preapproval import preapprove
from models.repayment_plans import Schedules, fewest_parts, months_due, schedules, shortest_term_months
from models.terms_errors import TermOutsidePlanError

Build = Callable[..., dict[str, Any]]
CLOSED_SEASON = (1, 2, 3, 4, 10, 11, 12)
EVERY_MONTH = tuple(range(1, 13))

plans = st.sets(st.integers(1, 12), min_size=1)
terms = st.integers(1, 60)


def _one(line: int, rate: int, term: int, months: Any, drawn_in: int, *, at_once: bool = False) -> Schedules:
    whole = [np.array([number]) for number in (line, rate, term)]
    return schedules(*whole, np.array([months_due(months)]), np.array([at_once]), drawn_in)


@given(
    line=st.integers(1, 30_000_000),
    rate=st.integers(0, 2400),
    months=plans,
    term=terms,
    drawn_in=st.integers(1, 12),
    at_once=st.booleans(),
)
def test_a_schedule_repays_the_line_exactly_within_its_term(
    *, line: int, rate: int, months: set[int], term: int, drawn_in: int, at_once: bool
) -> None:
    term = max(term, shortest_term_months(months))
    told = _one(line, rate, term, months, drawn_in, at_once=at_once)
    principal, interest = told.principal_fen[0], told.interest_fen[0]
    assert len(principal) == term
    assert principal.sum() == line
    assert (principal >= 0).all()
    calendar = [(drawn_in + step) % 12 + 1 for step in range(term)]
    repaying = [month for month, part in zip(calendar, principal, strict=True) if part]
    assert set(repaying) <= months
    largest = line if at_once else -(-line // fewest_parts(months_due(months), term))
    assert principal.max() <= largest
    owed = line - np.concatenate(([0], np.cumsum(principal)[:-1]))
    assert (np.abs(interest - owed * rate / 120_000) <= 0.5).all()
    if at_once:
        assert np.count_nonzero(principal) == 1


def test_fishing_households_repay_no_principal_from_may_to_september() -> None:
    told = _one(8_400_000, 485, 24, CLOSED_SEASON, drawn_in=3)
    by_month = {(3 + step) % 12 + 1: int(part) for step, part in enumerate(told.principal_fen[0][:12])}
    assert [month for month, part in by_month.items() if not part] == [5, 6, 7, 8, 9]
    assert set(told.principal_fen[0]) == {0, 600_000}
    assert (told.interest_fen[0] > 0).all()


def test_interest_only_repays_everything_with_its_last_instalment() -> None:
    told = _one(5_000_000, 480, 12, EVERY_MONTH, drawn_in=6, at_once=True)
    assert list(told.principal_fen[0]) == [0] * 11 + [5_000_000]
    assert set(told.interest_fen[0]) == {20_000}


@given(plans, st.integers(1, 120))
def test_the_fewest_parts_are_those_of_the_worst_month_of_drawing(months: set[int], term: int) -> None:
    drawn = [sum((start + step) % 12 + 1 in months for step in range(term)) for start in range(12)]
    assert fewest_parts(months_due(months), term) == min(drawn)
    assert (term >= shortest_term_months(months)) == (min(drawn) > 0)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("months", [EVERY_MONTH, CLOSED_SEASON, (12,), (3, 9)])
@pytest.mark.parametrize("rate", [300, 485, 900])
def test_the_all_in_cost_is_the_internal_rate_of_return_of_every_schedule(
    *, months: tuple[int, ...], rate: int, at_once: bool
) -> None:
    line = 30_000_000
    told = _one(line, rate, 12 if at_once else 36, months, drawn_in=6, at_once=at_once)
    flows = (told.principal_fen + told.interest_fen)[0]
    after = np.arange(1, len(flows) + 1)
    monthly = brentq(lambda one: float((flows / (1 + one) ** after).sum()) - line, 1e-6, 0.1, xtol=1e-14)
    assert ALL_IN_COST_METHOD == "effective_annual_rate_of_monthly_interest_no_fees"
    yearly_bp = ((1 + monthly) ** 12 - 1) * 10_000
    assert abs(effective_annual_rate_bp(np.array([rate]))[0] - yearly_bp) <= 0.51


@pytest.fixture(scope="module")
def ask(plain: Policy, lpr: LprTable, day: date) -> Callable[..., Offers]:
    return lambda houses, **wishes: preapprove(houses, ["none"], [0.005], plain, lpr, day, **wishes)


def test_a_household_may_wish_a_shorter_term(households: Build, ask: Callable[..., Offers]) -> None:
    longest = ask(households(sector=["trade"]))
    shorter = ask(households(sector=["trade"]), terms_months=[12])
    assert (longest.term_months[0], shorter.term_months[0]) == (36, 12)
    assert shorter.affordability_fen[0] < longest.affordability_fen[0]
    assert ask(households(sector=["trade"]), terms_months=[None]).term_months[0] == 36


@pytest.mark.parametrize(
    ("sector", "term", "shortest", "longest"),
    [("trade", 37, 1, 36), ("trade", 0, 1, 36), ("trade", -3, 1, 36), ("fishery", 5, 6, 36), ("wage", 25, 1, 24)],
)
def test_a_term_beyond_purpose_or_plan_is_an_error(
    households: Build, ask: Callable[..., Offers], sector: str, term: int, shortest: int, longest: int
) -> None:
    with pytest.raises(TermOutsidePlanError) as refused:
        ask(households(sector=[sector]), terms_months=[term])
    assert (refused.value.row, refused.value.shortest, refused.value.longest) == (0, shortest, longest)
    assert refused.value.value == term


def test_an_impossible_term_is_told_with_its_row(households: Build, plain: Policy, lpr: LprTable, day: date) -> None:
    count = 9_000
    wishes = np.full(count, 12)
    wishes[8_500] = 61
    with pytest.raises(TermOutsidePlanError, match="row 8500"):
        preapprove(households(count), ["none"] * count, np.full(count, 0.005), plain, lpr, day, terms_months=wishes)
