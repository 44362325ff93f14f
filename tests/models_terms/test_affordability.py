"""The affordable line is the largest whose dues every stretch of the stressed year can meet, redone by hand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.affordability import year_of
from models.lpr import LprTable
from models.offers import Offers
from models.policy import SECTORS, Policy
from models.preapproval import preapprove
from models.repayment_plans import schedules

Build = Callable[..., dict[str, Any]]


def _meets_every_stretch(line: float, policy: Policy, day: date, house: dict[str, Any], rate_bp: int) -> bool:
    sector = next(row for row in policy.sectors.on(day) if row.sector == house["sector"][0])
    living = 1000 * house["adults"][0] + 500 * house["minors"][0]
    term = next(row.term_months for row in policy.purposes.on(day) if row.code == sector.offered_purpose)
    plan = next(row for row in policy.repayment_plans.on(day) if row.code == sector.repayment_plan)
    free, due = [], []
    for month in range(1, 13):
        income = house["annual_income_fen"][0] / 100 * house[f"monthly_income_share_{month:02d}"][0]
        stressed = income * sector.stress_milli[month - 1] / 1000
        free.append(stressed - living - 0.030 * house["unsecured_debt_fen"][0] / 100)
        parts = term / 12 * len(plan.principal_months)
        principal = line / parts if month in plan.principal_months else 0
        due.append(principal + line * rate_bp / 120_000)
    stretches = [[(start + step) % 12 for step in range(policy.carry.on(day))] for start in range(12)]
    return all(sum(due[m] for m in months) <= 0.7 * sum(free[m] for m in months) for months in stretches)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_affordable_line_is_the_largest_every_stretch_can_meet(
    households: Build, plain: Policy, lpr: LprTable, day: date, data: st.DataObject
) -> None:
    shares = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))).dirichlet(np.full(12, 4.0))
    house = households(
        sector=[data.draw(st.sampled_from(SECTORS))],
        adults=[data.draw(st.integers(1, 5))],
        minors=[data.draw(st.integers(0, 3))],
        annual_income_fen=[data.draw(st.integers(2_000_000, 80_000_000))],
        unsecured_debt_fen=[data.draw(st.integers(0, 10_000_000))],
        **{f"monthly_income_share_{month + 1:02d}": [share] for month, share in enumerate(shares)},
    )
    offers = preapprove(house, ["none"], [0.005], plain, lpr, day)
    affordable = offers.affordability_fen[0] / 100
    slack = 100.0 + affordable / 1000  # shares are read in whole millionths
    if affordable:
        assert _meets_every_stretch(affordable - slack, plain, day, house, 500)
    assert not _meets_every_stretch(affordable + slack, plain, day, house, 500)


def test_what_is_left_is_what_the_tightest_stretch_leaves_a_month(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    offers = preapprove(households(sector=["trade"]), ["none"], [0.005], plain, lpr, day)
    # 9,000 a month stressed, less living 2,500, less 120,000 x (1/36 + 5 % / 12) = 3,833.33
    assert abs(offers.left_after_repayment_fen[0] - (900_000 - 250_000 - 383_333)) < 100


def _in_any_month(offers: Offers, house: dict[str, Any], policy: Policy, day: date) -> bool:
    """Draws the whole affordable line in each month of the year and goes through its real schedule."""
    plans, carry, share = offers.day.plans, policy.carry.on(day), policy.repayment_share.on(day)
    plan = offers.day.sectors.plan[offers.sector]
    shown = year_of(house, offers)
    free = (shown.income_fen - shown.living_fen - shown.debt_service_fen)[0]
    asked = offers.affordability_fen, offers.base_rate_bp, offers.term_months, plans.principal_due[plan]
    for drawn_in in range(1, 13):
        told = schedules(*asked, plans.at_once[plan], drawn_in)
        due = (told.principal_fen + told.interest_fen)[0]
        for begins in range(1 - carry, len(due)):
            months = range(begins, begins + carry)
            fallen = sum(int(due[month]) for month in months if 0 <= month < len(due))
            left = sum(int(free[(drawn_in + month) % 12]) for month in months)
            if fallen > left * share / 1000 + carry:
                return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_affordable_is_affordable_in_whichever_month_it_is_drawn(
    households: Build, plain: Policy, lpr: LprTable, day: date, data: st.DataObject
) -> None:
    shares = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))).dirichlet(np.full(12, 4.0))
    policy = _with_plans(plain, data)
    house = households(
        sector=[data.draw(st.sampled_from(SECTORS))],
        annual_income_fen=[data.draw(st.integers(8_000_000, 80_000_000))],
        **{f"monthly_income_share_{month + 1:02d}": [share] for month, share in enumerate(shares)},
    )
    offers = preapprove(house, ["none"], [0.005], policy, lpr, day, terms_months=[data.draw(st.sampled_from([7, 12]))])
    if offers.offered[0]:
        assert _in_any_month(offers, house, policy, day)


def _with_plans(plain: Policy, data: st.DataObject) -> Policy:
    """The plain policy, whose trades repay by any of its plans."""
    content = orjson.loads(plain.model_dump_json(by_alias=True))
    plans = [row["code"] for row in content["repayment_plans"]["periods"][0]["value"]]
    for row in content["sectors"]["periods"][0]["value"]:
        row["repayment_plan"] = data.draw(st.sampled_from(plans))
    return Policy.model_validate_json(orjson.dumps(content))


def test_interest_only_carries_less_than_the_same_line_in_equal_parts(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    text = plain.model_dump_json(by_alias=True)
    trade = '"sector":"trade","offered_purpose":"gear","repayment_plan":'
    bullet = Policy.model_validate_json(text.replace(f'{trade}"equal_monthly"', f'{trade}"interest_only"'))
    equal, once = (
        preapprove(households(sector=["trade"]), ["none"], [0.005], policy, lpr, day) for policy in (plain, bullet)
    )
    assert (equal.term_months[0], once.term_months[0]) == (36, 12)
    # 9,000 a month stressed less living 2,500: 70 % of six months against the whole line and half a year's interest.
    free_fen = 6 * (12_000_000 * (83_333 * 900 // 1000) // 1_000_000 - 250_000)
    assert once.affordability_fen[0] == free_fen * 700 // 1000 * 1_000_000 // (1_000_000 + 25_000)
    assert once.affordability_fen[0] < equal.affordability_fen[0]
    assert once.table()["repayment_plan"].to_pylist() == ["interest_only"]


def test_the_year_is_shown_month_by_month(households: Build, plain: Policy, lpr: LprTable, day: date) -> None:
    house = households(sector=["fishery"], unsecured_debt_fen=[1_000_000.0])
    offers = preapprove(house, ["AA"], [0.005], plain, lpr, day)
    shown = year_of(house, offers)
    assert list(shown.living_fen[0]) == [250_000] * 12
    assert list(shown.debt_service_fen[0]) == [30_000] * 12
    assert [month + 1 for month in range(12) if not shown.income_fen[0, month]] == [9, 10]  # the lost season
    assert (shown.left_fen == shown.income_fen - shown.living_fen - shown.debt_service_fen - shown.due_fen).all()
    # Drawn in June: until September only interest, then a twenty-first of the line a month beside it.
    due = shown.due_fen[0]
    assert due[6] == due[7] == due[8] == round(int(offers.limit_fen[0]) * 500 / 120_000)
    assert due[9] > offers.limit_fen[0] // 21
    assert year_of(house, offers, drawn_in=12).due_fen[0, 0] > offers.limit_fen[0] // 21


def test_a_household_without_an_offer_has_a_year_without_dues(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    house = households(annual_income_fen=[2_800_000.0])
    shown = year_of(house, preapprove(house, ["AAA"], [0.005], plain, lpr, day))
    assert not shown.due_fen.any()
    assert shown.income_fen.any()
