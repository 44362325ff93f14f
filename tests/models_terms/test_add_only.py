"""For random policies and households the grade only ever adds, and every ledger sums exactly."""

import itertools
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.lpr import LprTable
from models.offers import Offers
from models.policy import GRADES, SECTORS, Policy
from models.preapproval import preapprove
from models.terms import KINDS
from models.terms_errors import UnknownGradeError
from tests.models_terms.drawing import (
    COST_BP,
    random_grades,
    random_policy,
    random_probabilities,
    random_village,
    random_wishes,
    soft_lpr,
)

many = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module", name="soft_lpr")
def _soft_lpr() -> LprTable:
    return soft_lpr()


@many
@given(seed=seeds)
def test_no_grade_takes_anything_away(plain: Policy, soft_lpr: LprTable, day: date, seed: int) -> None:
    chance, count = np.random.default_rng(seed), 6
    policy, village = random_policy(plain, chance), random_village(chance, count)
    wishes, probabilities = random_wishes(chance, village, policy, day), random_probabilities(chance, count)
    by_grade = [
        preapprove(village, [grade] * count, probabilities, policy, soft_lpr, day, **wishes) for grade in GRADES
    ]
    for lower, higher in itertools.pairwise(by_grade):
        assert (lower.decision == higher.decision).all()
        assert (lower.baseline_limit_fen == higher.baseline_limit_fen).all()
        assert (lower.base_rate_bp == higher.base_rate_bp).all()
        assert (lower.limit_fen <= higher.limit_fen).all()
        assert (lower.rate_bp >= higher.rate_bp).all()
        assert (lower.all_in_annual_cost_bp >= higher.all_in_annual_cost_bp).all()
        assert [lower.reasons.of(row) for row in range(count)] == [higher.reasons.of(row) for row in range(count)]
    for offers in by_grade:
        _check_one(offers, probabilities)
        assert _before_the_bonus(offers) == _before_the_bonus(by_grade[0])
        for place, own in enumerate(by_grade):
            assert (offers.by_grade.limit_fen[:, place] == own.limit_fen).all()
            assert (offers.by_grade.rate_bp[:, place] == own.rate_bp).all()
            assert (offers.by_grade.all_in_annual_cost_bp[:, place] == own.all_in_annual_cost_bp).all()


def _before_the_bonus(offers: Offers) -> list[Any]:
    rows = [*offers.limit_ledger.table().to_pylist(), *offers.rate_ledger.table().to_pylist()]
    graded = ("grade_", "bonus_", "discount_")
    return [row for row in rows if not row["rule"].startswith(graded)]


def _check_one(offers: Offers, probabilities: list[float]) -> None:
    day = offers.day
    assert (offers.limit_ledger.totals() == offers.limit_fen).all()
    assert (offers.rate_ledger.totals() == offers.rate_bp).all()
    assert (offers.limit_fen == offers.baseline_limit_fen + offers.limit_bonus_fen).all()
    assert (offers.rate_bp == offers.base_rate_bp - offers.rate_discount_bp).all()
    bonus, cap = KINDS.index("bonus"), KINDS.index("cap")
    assert (offers.limit_ledger.amount[offers.limit_ledger.kind == bonus] >= 0).all()
    assert (offers.limit_ledger.amount[offers.limit_ledger.kind == cap] <= 0).all()
    assert (offers.rate_ledger.amount[offers.rate_ledger.kind == bonus] <= 0).all()
    lines = offers.limit_fen[offers.offered]
    assert (lines >= day.minimum_limit_fen // day.limit_step_fen * day.limit_step_fen).all()
    assert (lines <= np.minimum(day.hard_cap_fen, offers.affordability_fen[offers.offered])).all()
    assert (offers.left_after_repayment_fen[offers.offered] >= 0).all()
    cost = COST_BP + np.floor(np.rint(np.array(probabilities) * 1e6) * 600 / 100_000)
    assert (offers.rate_bp[offers.offered] + day.gap_cap_bp >= cost[offers.offered]).all()
    for row in np.flatnonzero(~offers.offered):
        assert offers.reasons.of(int(row))


@many
@given(seed=seeds)
def test_one_household_is_treated_as_in_its_village(plain: Policy, soft_lpr: LprTable, day: date, seed: int) -> None:
    chance, count = np.random.default_rng(seed), 5
    policy = random_policy(plain, chance)
    village = random_village(chance, count) | {"household_ref": [f"H{row}" for row in range(count)]}
    grades, probabilities = random_grades(chance, count), random_probabilities(chance, count)
    together = preapprove(village, grades, probabilities, policy, soft_lpr, day).table()
    for row in range(count):
        alone = {name: values[row : row + 1] for name, values in village.items()}
        offer = preapprove(alone, grades[row : row + 1], probabilities[row : row + 1], policy, soft_lpr, day).table()
        assert offer.to_pylist() == together.slice(row, 1).to_pylist()


@many
@given(data=st.data())
def test_poisoned_grades_are_refused_or_none(plain: Policy, soft_lpr: LprTable, day: date, data: st.DataObject) -> None:
    poison = data.draw(st.one_of(st.text(max_size=4), st.integers(), st.floats(), st.booleans(), st.none()))
    village = random_village(np.random.default_rng(1), 1)
    try:
        offers = preapprove(village, [poison], [0.005], plain, soft_lpr, day)
    except UnknownGradeError:
        return
    assert poison in GRADES or GRADES[offers.grade[0]] == "none"


def test_an_arrow_village_of_many_rows_keeps_its_sums(plain: Policy, soft_lpr: LprTable, day: date) -> None:
    count, chance = 20_000, np.random.default_rng(7)
    village = {
        "sector": pa.array(chance.choice(SECTORS, count)),
        "borrower_birth_on": chance.integers(-5000, 10_000, count).astype(np.int32),
        "adults": chance.integers(1, 5, count),
        "minors": chance.integers(0, 3, count),
        "annual_income_fen": np.rint(chance.lognormal(np.log(11_000_000), 0.6, count)),
        "income_stability": chance.random(count),
        "unsecured_debt_fen": np.where(chance.random(count) < 0.3, np.nan, chance.integers(0, 5_000_000, count)),
        "max_days_past_due_24m": chance.integers(0, 40, count),
        "bureau_queries_6m": chance.integers(0, 8, count),
        **{f"monthly_income_share_{month:02d}": np.full(count, 1 / 12) for month in range(1, 13)},
    }
    offers = preapprove(village, chance.choice(GRADES, count), chance.random(count) * 0.06, plain, soft_lpr, day)
    lists = offers.table()["limit_ledger"].to_pylist()
    assert [sum(row["amount_fen"] for row in rows) for rows in lists] == offers.limit_fen.tolist()
    assert 0 < offers.offered.sum() < count
