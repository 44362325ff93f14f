"""The affordable line is the largest whose dues every stretch of the stressed year can meet, redone by hand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.lpr import LprTable
from models.policy import SECTORS, Policy
from models.preapproval import preapprove

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
