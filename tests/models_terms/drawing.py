"""Draws policies and villages nobody would think of."""

from datetime import date
from typing import Any

import numpy as np
import orjson
from hypothesis import strategies as st

from models.household_rule import STANDINGS
from models.lpr import LprTable
from models.policy import DECISIONS, GRADES, SECTORS, Policy
from models.repayment_plans import shortest_term_months

COST_BP = 180 + 120 + 50

whole = st.integers


def soft_lpr() -> LprTable:
    quote = {"from": "2024-01-01", "until": "2027-01-01", "one_year_bp": 200, "five_year_bp": 250, "origin": "[P] low"}
    return LprTable.model_validate_json(orjson.dumps({"edition": "1", "unit": "bp", "quotes": [quote]}))


def _rising(data: st.DataObject, high: int) -> list[int]:
    return [0, *sorted(data.draw(st.lists(whole(0, high), min_size=3, max_size=3)))]


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


def _bonuses(data: st.DataObject, bands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every grade for all bands at once, or each band with bonuses of its own."""
    lent_to = [band["code"] for band in bands if band["outcome"] == "offer"]
    groups = data.draw(st.sampled_from([[None], [[code] for code in lent_to]]))
    rows = []
    for codes in groups:
        limits, discounts = _rising(data, 2000), _rising(data, 300)
        for grade, limit, discount in zip(GRADES, limits, discounts, strict=True):
            rows.append({"grade": grade, "bands": codes, "limit_bonus_milli": limit, "rate_discount_bp": discount})
    return rows


def _plans(data: st.DataObject) -> list[dict[str, Any]]:
    plans = []
    for number in range(data.draw(whole(1, 3))):
        months = sorted(data.draw(st.sets(whole(1, 12), min_size=1)))
        kind = data.draw(st.sampled_from(["equal_principal", "interest_only"]))
        longest = data.draw(whole(shortest_term_months(months), 12 if kind == "interest_only" else 60))
        texts = {"code": f"plan{number}", "title_zh": "计划", "title_en": "plan", "origin": "[P] drawn"}
        plans.append({**texts, "kind": kind, "principal_months": months, "longest_term_months": longest})
    return plans


def random_policy(plain: Policy, data: st.DataObject) -> Policy:
    content = orjson.loads(plain.model_dump_json(by_alias=True))

    def always(name: str, value: object) -> None:
        content[name]["periods"] = [{"from": "2024-01-01", "value": value}]

    bands, plans = _bands(data), _plans(data)
    always("bands", bands)
    always("grade_bonuses", _bonuses(data, bands))
    always("repayment_plans", plans)
    sectors = content["sectors"]["periods"][0]["value"]
    for sector in sectors:
        sector["repayment_plan"] = data.draw(st.sampled_from(plans))["code"]
    for purpose in content["purposes"]["periods"][0]["value"]:
        purpose["term_months"] = data.draw(whole(12, 60))
    for rule in content["eligibility"]["periods"][0]["value"]:
        rule["otherwise"] = data.draw(st.sampled_from(["refer", "decline"]))
        rule["unknown"] = data.draw(st.sampled_from(["pass", "refer", "decline"]))
    always("household_cap", data.draw(whole(0, 400_000)))
    always("household_cap_unknown_debt", data.draw(whole(0, 100_000)))
    always("hard_cap", data.draw(whole(5_000, 300_000)))
    always("minimum_limit", data.draw(whole(1, 30)) * 1000)
    always("limit_step", data.draw(st.sampled_from([1, 100, 1000])))
    always("living_cost_adult_monthly", data.draw(whole(0, 2500)))
    always("repayment_share", data.draw(whole(0, 1000)))
    always("carry", data.draw(whole(1, 12)))
    content["incentive_budget"]["periods"][0]["value"]["gap_cap_bp"] = data.draw(whole(0, 80))
    return Policy.model_validate_json(orjson.dumps(content))


def _maybe(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[float]:
    return st.one_of(numbers.map(float), st.just(float("nan")))


def random_village(data: st.DataObject, count: int) -> dict[str, Any]:
    def column(entries: st.SearchStrategy[Any]) -> list[Any]:
        return data.draw(st.lists(entries, min_size=count, max_size=count))

    raw = np.random.default_rng(data.draw(whole(0, 2**32 - 1))).random((count, 12)) + 0.01
    shares = raw / raw.sum(axis=1, keepdims=True)
    spoilt = data.draw(st.sampled_from([1.0, 1.0, 1.0, 1.03, 0.5, float("nan")]))
    return {
        "household_ref": [f"H{row % data.draw(whole(max(count - 1, 1), count))}" for row in range(count)],
        "sector": column(st.sampled_from((*SECTORS, "unheard of", None))),
        "borrower_standing": column(st.sampled_from((*STANDINGS, None, None, None, None, None, None, None, None))),
        "borrower_birth_on": np.array(column(whole(-13_000, 7_000)), dtype=np.int32),
        "adults": np.array(column(_maybe(whole(0, 6)))),
        "minors": np.array(column(whole(0, 4))),
        "annual_income_fen": np.array(column(_maybe(st.one_of(whole(0, 60_000_000), st.just(10**13))))),
        "income_stability": np.array(column(_maybe(whole(0, 1000))), dtype=np.float64) / 1000,
        "unsecured_debt_fen": np.array(column(_maybe(st.one_of(st.just(0), whole(-1, 30_000_000))))),
        "group_contracts_fen": np.array(column(_maybe(st.one_of(st.just(0), whole(-1, 20_000_000))))),
        "max_days_past_due_24m": np.array(column(whole(0, 40))),
        "bureau_queries_6m": np.array(column(_maybe(whole(0, 8)))),
        **{f"monthly_income_share_{month:02d}": shares[:, month - 1] * spoilt for month in range(1, 13)},
    }


def random_wishes(data: st.DataObject, village: dict[str, Any], policy: Policy, day: date) -> dict[str, Any]:
    """Purposes and terms that a household of these sectors may wish, or none."""
    sectors = {row.sector: row for row in policy.sectors.on(day)}
    plans = {row.code: row for row in policy.repayment_plans.on(day)}
    purposes = {row.code: row for row in policy.purposes.on(day)}
    wanted, terms = [], []
    for sector in village["sector"]:
        row = sectors[sector if sector in SECTORS else "other"]
        wish, plan = data.draw(st.sampled_from([None, *purposes])), plans[row.repayment_plan]
        longest = min(purposes[wish or row.offered_purpose].term_months, plan.longest_term_months)
        term = whole(shortest_term_months(plan.principal_months), longest)
        wanted.append(wish)
        terms.append(data.draw(st.one_of(st.none(), term)))
    return {"purposes": np.array(wanted, dtype=object), "terms_months": np.array(terms, dtype=object)}
