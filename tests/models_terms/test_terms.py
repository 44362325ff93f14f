"""The ledger tells every yuan and every basis point in plain words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from models.annual_cost import effective_annual_rate_bp
from models.lpr import LprTable
from models.policy import Policy
from models.preapproval import preapprove
from models.terms import LIMIT_RULES, RATE_RULES, explain_terms

Build = Callable[..., dict[str, Any]]


def test_a_limit_is_told_row_by_row(households: Build, plain: Policy, lpr: LprTable, day: date) -> None:
    owing = households(sector=["trade"], unsecured_debt_fen=[1_234_550.0])
    table = preapprove(owing, ["AA"], [0.005], plain, lpr, day).table()
    assert [words.zh for words in explain_terms(table["limit_ledger"].to_pylist()[0])] == [
        "按稳定收入测算：120,000元",
        "减户内其他敞口：−12,345.50元",
        "取整到千元：−654.50元",
        "诚信等级加额：+22,000元",
    ]
    assert [words.en for words in explain_terms(table["rate_ledger"].to_pylist()[0])] == [
        "Loan prime rate: 3.00%",
        "Spread of the risk band: +2.00%",
        "Discount of the grade: −0.30%",
    ]


@pytest.mark.parametrize(("rules", "unit"), [(LIMIT_RULES, "amount_fen"), (RATE_RULES, "amount_bp")])
def test_every_sentence_is_short(rules: Any, unit: str) -> None:
    largest = 29_999_999 if unit == "amount_fen" else -9_999
    for words in explain_terms([{"rule": rule.code, unit: largest} for rule in rules]):
        assert len(words.zh) <= 30
        assert len(words.en.split()) <= 20


def test_an_unknown_rule_is_not_told() -> None:
    with pytest.raises(KeyError):
        explain_terms([{"rule": "friendship", "amount_fen": 1}])


def test_flat_and_nested_ledgers_hold_the_same_rows(households: Build, plain: Policy, lpr: LprTable, day: date) -> None:
    village = households(3, annual_income_fen=[9_876_543.0, np.nan, 5_432_100.0])
    offers = preapprove(village, ["AAA", "AAA", "A"], [0.005] * 3, plain, lpr, day)
    flat = offers.limit_ledger.table().to_pylist()
    nested = offers.limit_ledger.nested().to_pylist()
    for household, rows in enumerate(nested):
        own = [row for row in flat if row["household_row"] == household]
        assert [row["sequence"] for row in own] == list(range(1, len(own) + 1))
        assert [(row["kind"], row["rule"], row["amount_fen"]) for row in own] == [tuple(row.values()) for row in rows]
        assert sum(row["amount_fen"] for row in rows) == offers.limit_fen[household]


def test_the_all_in_cost_of_nothing_is_nothing() -> None:
    assert list(effective_annual_rate_bp(np.array([0, 1200, 0]))) == [0, 1268, 0]
