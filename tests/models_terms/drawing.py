"""Draws policies and villages nobody would think of, evenly over what they may be: a seed gives always the same."""

from datetime import date
from typing import Any

import numpy as np
import orjson

from models.household_rule import STANDINGS
from models.lpr import LprTable
from models.policy import DECISIONS, GRADES, SECTORS, Policy
from models.repayment_plans import shortest_term_months

COST_BP = 180 + 120 + 50

Chance = np.random.Generator


def soft_lpr() -> LprTable:
    quote = {"from": "2024-01-01", "until": "2027-01-01", "one_year_bp": 200, "five_year_bp": 250, "origin": "[P] low"}
    return LprTable.model_validate_json(orjson.dumps({"edition": "1", "unit": "bp", "quotes": [quote]}))


def _one(chance: Chance, options: Any) -> Any:
    return options[int(chance.integers(len(options)))]


def _whole(chance: Chance, low: int, high: int) -> int:
    return int(chance.integers(low, high + 1))


def _sorted(chance: Chance, count: int, high: int) -> list[int]:
    return sorted(_whole(chance, 0, high) for _ in range(count))


def _bands(chance: Chance) -> list[dict[str, Any]]:
    cuts = sorted({_whole(chance, 1, 200_000) for _ in range(_whole(chance, 1, 5))})
    edges = [0, *cuts, 1_000_000]
    lending = [
        {"outcome": "offer", "income_multiple_milli": multiple, "spread_bp": spread}
        for multiple, spread in zip(
            reversed(_sorted(chance, len(cuts), 3000)), _sorted(chance, len(cuts), 900), strict=True
        )
    ]
    outcomes = [*lending, {"outcome": _one(chance, DECISIONS)}]
    return [
        {"code": f"b{at}", "from_ppm": edges[at], "until_ppm": edges[at + 1], **outcome}
        for at, outcome in enumerate(outcomes)
    ]


def _bonuses(chance: Chance, bands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every grade for all bands at once, or each band with bonuses of its own."""
    lent_to = [band["code"] for band in bands if band["outcome"] == "offer"]
    rows = []
    for codes in _one(chance, [[None], [[code] for code in lent_to]]):
        limits, discounts = [0, *_sorted(chance, 3, 2000)], [0, *_sorted(chance, 3, 300)]
        for grade, limit, discount in zip(GRADES, limits, discounts, strict=True):
            rows.append({"grade": grade, "bands": codes, "limit_bonus_milli": limit, "rate_discount_bp": discount})
    return rows


def _plans(chance: Chance) -> list[dict[str, Any]]:
    plans = []
    for number in range(_whole(chance, 1, 3)):
        months = sorted({_whole(chance, 1, 12) for _ in range(_whole(chance, 1, 20))})
        kind = _one(chance, ["equal_principal", "equal_principal", "interest_only"])
        longest = _whole(chance, shortest_term_months(months), 12 if kind == "interest_only" else 60)
        texts = {"code": f"plan{number}", "title_zh": "计划", "title_en": "plan", "origin": "[P] drawn"}
        plans.append({**texts, "kind": kind, "principal_months": months, "longest_term_months": longest})
    return plans


def random_policy(plain: Policy, chance: Chance) -> Policy:
    content = orjson.loads(plain.model_dump_json(by_alias=True))

    def always(name: str, value: object) -> None:
        content[name]["periods"] = [{"from": "2024-01-01", "value": value}]

    bands, plans = _bands(chance), _plans(chance)
    always("bands", bands)
    always("grade_bonuses", _bonuses(chance, bands))
    always("repayment_plans", plans)
    for sector in content["sectors"]["periods"][0]["value"]:
        sector["repayment_plan"] = _one(chance, plans)["code"]
    for purpose in content["purposes"]["periods"][0]["value"]:
        purpose["term_months"] = _whole(chance, 12, 60)
    for rule in content["eligibility"]["periods"][0]["value"]:
        rule["otherwise"] = _one(chance, ["refer", "decline"])
        rule["unknown"] = _one(chance, ["pass", "refer", "decline"])
    always("household_cap", _whole(chance, 0, 400_000))
    always("household_cap_unknown_debt", _whole(chance, 0, 100_000))
    always("hard_cap", _whole(chance, 5_000, 300_000))
    always("minimum_limit", _whole(chance, 1, 30) * 1000)
    always("limit_step", _one(chance, [1, 100, 1000]))
    always("living_cost_adult_monthly", _whole(chance, 0, 2500))
    always("repayment_share", _whole(chance, 0, 1000))
    always("carry", _whole(chance, 1, 12))
    content["incentive_budget"]["periods"][0]["value"]["gap_cap_bp"] = _whole(chance, 0, 80)
    return Policy.model_validate_json(orjson.dumps(content))


def _numbers(chance: Chance, count: int, low: int, high: int, unknown: float = 0.0) -> Any:
    numbers = chance.integers(low, high + 1, count).astype(np.float64)
    return np.where(chance.random(count) < unknown, np.nan, numbers)


def _either(chance: Chance, options: tuple[Any, ...], count: int) -> list[Any]:
    return [_one(chance, options) for _ in range(count)]


def random_village(chance: Chance, count: int) -> dict[str, Any]:
    """Households of every kind; in two villages of three only such as most banks would lend to."""
    raw = chance.random((count, 12)) + 0.05
    shares = raw / raw.sum(axis=1, keepdims=True)
    village = {
        "household_ref": [f"H{row}" for row in range(count)],
        "sector": _either(chance, SECTORS, count),
        "borrower_standing": [None] * count,
        "borrower_birth_on": chance.integers(-3_000, 9_000, count).astype(np.int32),
        "adults": _numbers(chance, count, 1, 4),
        "minors": _numbers(chance, count, 0, 3),
        "annual_income_fen": _numbers(chance, count, 3_000_000, 60_000_000),
        "income_stability": _numbers(chance, count, 0, 1000, unknown=0.2) / 1000,
        "unsecured_debt_fen": _numbers(chance, count, 0, 4_000_000, unknown=0.3),
        "group_contracts_fen": _numbers(chance, count, 0, 3_000_000, unknown=0.5),
        "max_days_past_due_24m": _numbers(chance, count, 0, 30),
        "bureau_queries_6m": _numbers(chance, count, 0, 6),
        **{f"monthly_income_share_{month:02d}": shares[:, month - 1] for month in range(1, 13)},
    }
    return village if _one(chance, [True, True, False]) else village | _oddities(chance, count)


def _oddities(chance: Chance, count: int) -> dict[str, Any]:
    income = _numbers(chance, count, 0, 60_000_000, unknown=0.1)
    return {
        "household_ref": [f"H{_whole(chance, 0, 2 * count)}" for _ in range(count)],
        "sector": _either(chance, (*SECTORS, "unheard of", None), count),
        "borrower_standing": _either(chance, (*STANDINGS, *[None] * 12), count),
        "borrower_birth_on": chance.integers(-13_000, 7_000, count).astype(np.int32),
        "adults": _numbers(chance, count, 0, 5, unknown=0.1),
        "minors": _numbers(chance, count, -1, 4, unknown=0.1),
        "annual_income_fen": np.where(chance.random(count) < 0.05, 1e13, income),
        "unsecured_debt_fen": _numbers(chance, count, -1_000_000, 30_000_000, unknown=0.3),
        "group_contracts_fen": _numbers(chance, count, -1_000_000, 20_000_000, unknown=0.5),
        "max_days_past_due_24m": _numbers(chance, count, 0, 40, unknown=0.1),
        "bureau_queries_6m": _numbers(chance, count, 0, 9, unknown=0.2),
        "monthly_income_share_01": chance.choice([0.08, 0.1, 0.6, np.nan], count),
    }


def random_wishes(chance: Chance, village: dict[str, Any], policy: Policy, day: date) -> dict[str, Any]:
    """Purposes and terms that a household of these sectors may wish, or none."""
    sectors = {row.sector: row for row in policy.sectors.on(day)}
    plans = {row.code: row for row in policy.repayment_plans.on(day)}
    purposes = {row.code: row for row in policy.purposes.on(day)}
    wanted, terms = [], []
    for sector in village["sector"]:
        row = sectors[sector if sector in SECTORS else "other"]
        wish, plan = _one(chance, [None, *purposes]), plans[row.repayment_plan]
        longest = min(purposes[wish or row.offered_purpose].term_months, plan.longest_term_months)
        term = _whole(chance, shortest_term_months(plan.principal_months), longest)
        wanted.append(wish)
        terms.append(_one(chance, [None, term]))
    return {"purposes": np.array(wanted, dtype=object), "terms_months": np.array(terms, dtype=object)}


def random_grades(chance: Chance, count: int) -> list[str]:
    return _either(chance, GRADES, count)


def random_probabilities(chance: Chance, count: int) -> list[float]:
    """Mostly of the size that banks lend to, sometimes none or certainty."""
    return [_one(chance, [float(chance.random()) * 0.08, float(chance.random()) * 0.2, 0.0]) for _ in range(count)]
