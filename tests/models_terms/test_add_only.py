"""For random policies and households the grade only ever adds, and every ledger sums exactly."""

import itertools
from datetime import date
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.lpr import LprTable
from models.offers import Offers
from models.policy import DECISIONS, GRADES, SECTORS, Policy
from models.preapproval import preapprove
from models.terms import KINDS
from models.terms_errors import UnknownGradeError

COST_BP = 180 + 120 + 50
many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

whole = st.integers


def _rising(low: int, high: int) -> st.SearchStrategy[list[int]]:
    return st.lists(whole(low, high), min_size=3, max_size=3).map(sorted)


def _bands(data: st.DataObject) -> list[dict[str, Any]]:
    cuts = sorted(data.draw(st.sets(whole(1, 200_000), min_size=1, max_size=5)))
    edges = [0, *cuts, 1_000_000]
    multiples = sorted(data.draw(st.lists(whole(0, 3000), min_size=len(cuts), max_size=len(cuts))), reverse=True)
    spreads = sorted(data.draw(st.lists(whole(0, 900), min_size=len(cuts), max_size=len(cuts))))
    lending = [
        {"outcome": "offer", "income_multiple_milli": multiple, "spread_bp": spread}
        for multiple, spread in zip(multiples, spreads, strict=True)
    ]
    outcomes = [*lending, {"outcome": data.draw(st.sampled_from(DECISIONS))}]
    return [
        {"code": f"b{at}", "from_ppm": edges[at], "until_ppm": edges[at + 1], **outcome}
        for at, outcome in enumerate(outcomes)
    ]


def _random_policy(plain: Policy, data: st.DataObject) -> Policy:
    content = orjson.loads(plain.model_dump_json(by_alias=True))

    def always(name: str, value: object) -> None:
        content[name]["periods"] = [{"from": "2024-01-01", "value": value}]

    limit_bonus, discount = data.draw(_rising(0, 2000)), data.draw(_rising(0, 300))
    always("bands", _bands(data))
    always(
        "grade_bonuses",
        [
            {"grade": grade, "limit_bonus_milli": bonus, "rate_discount_bp": off}
            for grade, bonus, off in zip(GRADES, [0, *limit_bonus], [0, *discount], strict=True)
        ],
    )
    always("household_cap", data.draw(whole(0, 400_000)))
    always("household_cap_unknown_debt", data.draw(whole(0, 100_000)))
    always("hard_cap", data.draw(whole(10_000, 300_000)))
    always("minimum_limit", data.draw(whole(1, 30)) * 1000)
    always("limit_step", data.draw(st.sampled_from([1, 100, 1000])))
    always("living_cost_adult_monthly", data.draw(whole(0, 2500)))
    always("repayment_share", data.draw(whole(0, 1000)))
    always("carry", data.draw(whole(1, 12)))
    content["incentive_budget"]["periods"][0]["value"]["gap_cap_bp"] = data.draw(whole(0, 80))
    return Policy.model_validate_json(orjson.dumps(content))


def _maybe(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[float]:
    return st.one_of(numbers.map(float), st.just(float("nan")))


def _random_village(data: st.DataObject, count: int) -> dict[str, Any]:
    def column(entries: st.SearchStrategy[Any]) -> list[Any]:
        return data.draw(st.lists(entries, min_size=count, max_size=count))

    raw = np.random.default_rng(data.draw(whole(0, 2**32 - 1))).random((count, 12)) + 0.01
    shares = raw / raw.sum(axis=1, keepdims=True)
    return {
        "household_ref": [f"H{row}" for row in range(count)],
        "sector": column(st.sampled_from((*SECTORS, "unheard of", None))),
        "borrower_birth_on": np.array(column(whole(-13_000, 7_000)), dtype=np.int32),
        "adults": np.array(column(_maybe(whole(0, 6)))),
        "minors": np.array(column(whole(0, 4))),
        "annual_income_fen": np.array(column(_maybe(whole(0, 60_000_000)))),
        "income_stability": np.array(column(_maybe(whole(0, 1)))),
        "unsecured_debt_fen": np.array(column(_maybe(st.one_of(st.just(0), whole(0, 30_000_000))))),
        "max_days_past_due_24m": np.array(column(whole(0, 40))),
        "bureau_queries_6m": np.array(column(_maybe(whole(0, 8)))),
        **{f"monthly_income_share_{month:02d}": shares[:, month - 1] for month in range(1, 13)},
    }


@pytest.fixture(scope="module")
def soft_lpr() -> LprTable:
    quote = {"from": "2024-01-01", "until": "2027-01-01", "one_year_bp": 200, "five_year_bp": 250, "origin": "[P] low"}
    return LprTable.model_validate_json(orjson.dumps({"edition": "1", "unit": "bp", "quotes": [quote]}))


@many
@given(data=st.data())
def test_no_grade_takes_anything_away(plain: Policy, soft_lpr: LprTable, day: date, data: st.DataObject) -> None:
    policy, count = _random_policy(plain, data), 6
    village = _random_village(data, count)
    probabilities = data.draw(st.lists(st.floats(0, 0.2), min_size=count, max_size=count))
    by_grade = [preapprove(village, [grade] * count, probabilities, policy, soft_lpr, day) for grade in GRADES]
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
    cost = COST_BP + np.floor(np.rint(np.array(probabilities) * 1e6) * 600 / 100_000)
    assert (offers.rate_bp[offers.offered] + day.gap_cap_bp >= cost[offers.offered]).all()
    for row, offered in enumerate(offers.offered):
        assert bool(offers.reasons.of(row)) != offered


@many
@given(data=st.data())
def test_one_household_is_treated_as_in_its_village(
    plain: Policy, soft_lpr: LprTable, day: date, data: st.DataObject
) -> None:
    policy, count = _random_policy(plain, data), 5
    village = _random_village(data, count)
    grades = data.draw(st.lists(st.sampled_from(GRADES), min_size=count, max_size=count))
    probabilities = data.draw(st.lists(st.floats(0, 0.2), min_size=count, max_size=count))
    together = preapprove(village, grades, probabilities, policy, soft_lpr, day).table()
    for row in range(count):
        alone = {name: values[row : row + 1] for name, values in village.items()}
        offer = preapprove(alone, grades[row : row + 1], probabilities[row : row + 1], policy, soft_lpr, day).table()
        assert offer.to_pylist() == together.slice(row, 1).to_pylist()


@many
@given(data=st.data())
def test_the_limit_is_the_formula_of_the_policy(
    plain: Policy, soft_lpr: LprTable, day: date, data: st.DataObject
) -> None:
    """Reads the same policy one household at a time, in plain Python, written from the formula alone."""
    policy = _random_policy(plain, data)
    village = _random_village(data, 1)
    grade, probability = data.draw(st.sampled_from(GRADES)), data.draw(st.floats(0, 0.2))
    offers = preapprove(village, [grade], [probability], policy, soft_lpr, day)
    if not offers.offered[0]:
        return
    band = [band for band in policy.bands.on(day) if band.from_ppm <= round(probability * 1e6)][-1]
    income = int(village["annual_income_fen"][0])
    stability = village["income_stability"][0]
    stable = income * (500 if np.isnan(stability) else int(stability) * 1000) // 1000
    debt = village["unsecured_debt_fen"][0]
    known = not np.isnan(debt)
    line = stable * band.income_multiple_milli // 1000 - (int(debt) if known else stable * 200 // 1000)
    household = policy.household_cap.fen_on(day) - int(debt) if known else policy.household_cap_unknown_debt.fen_on(day)
    purpose = {row.sector: row.offered_purpose for row in policy.sectors.on(day)}[village["sector"][0]]
    purpose_cap = {row.code: row.cap_yuan * 100 for row in policy.purposes.on(day)}[purpose]
    cap = min(purpose_cap, household, int(offers.affordability_fen[0]), policy.hard_cap.fen_on(day))
    bonus = {row.grade: row.limit_bonus_milli for row in policy.grade_bonuses.on(day)}[grade]
    step = policy.limit_step.fen_on(day)
    assert offers.baseline_limit_fen[0] == min(line, cap) // step * step
    assert offers.limit_fen[0] == min(line + line * bonus // 1000, cap) // step * step


@many
@given(data=st.data())
def test_poisoned_grades_are_refused_or_none(plain: Policy, soft_lpr: LprTable, day: date, data: st.DataObject) -> None:
    poison = data.draw(st.one_of(st.text(max_size=4), st.integers(), st.floats(), st.booleans(), st.none()))
    village = _random_village(data, 1)
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
