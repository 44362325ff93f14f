"""Groups are compared on outcomes: what is unfair is caught, small groups decide nothing, chance is told as chance."""

import json

import numpy as np
import pyarrow as pa
import pytest

from models.fairness import GroupFigures, GroupingFigures, fairness_gate, fairness_of
from models.fairness_groups import Grouping, absent_groupings, groupings_of

ROWS = 20_000
VILLAGES = 60


def grouping(share: float = 0.5, seed: int = 3) -> Grouping:
    places = (np.random.default_rng(seed).random(ROWS) < share).astype(np.intp)
    return Grouping("side", "侧", "side", ("left", "right"), ("左", "右"), ("left", "right"), places)


def outcomes(parted: Grouping, *, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True probabilities, labels drawn from them, villages."""
    draw = np.random.default_rng(seed)
    probability = draw.beta(2, 40, ROWS)
    labels = (draw.random(ROWS) < probability).astype(np.float64)
    return probability, labels, draw.integers(0, VILLAGES, ROWS)


def compare(probability: np.ndarray, labels: np.ndarray, villages: np.ndarray, one: Grouping) -> GroupingFigures:
    return fairness_of(probability, labels, villages, [one], offered_below=0.2)[0]


def test_probabilities_that_are_true_in_both_groups_pass() -> None:
    sides = grouping()
    figures = compare(*outcomes(sides), sides)
    gate = fairness_gate([figures])
    assert gate.outcome == "passed"
    assert gate.measured == max(group.overprediction or 0 for group in figures.groups)


def test_a_group_told_twice_its_risk_fails_the_gate_by_name() -> None:
    sides = grouping()
    probability, labels, villages = outcomes(sides)
    unfair = np.where(sides.places == 1, 2 * probability, probability)
    gate = fairness_gate([compare(unfair, labels, villages, sides)])
    assert gate.outcome == "failed"
    assert "side: right" in gate.told_en
    assert "侧·右" in gate.told_zh


def test_a_group_refused_although_it_repays_fails_even_where_its_mean_is_right() -> None:
    """Guessing within a group keeps its mean, yet turns away people who would have repaid."""
    sides = grouping()
    probability, labels, villages = outcomes(sides)
    guessed = 4 * probability.mean() * (np.random.default_rng(1).random(ROWS) < 0.25)
    unfair = np.where(sides.places == 1, guessed, probability)
    right = fairness_of(unfair, labels, villages, [sides], offered_below=0.15)[0].groups[1]
    assert right.overprediction == pytest.approx(1.0, abs=0.1)
    assert right.selection == pytest.approx(0.77, abs=0.02)
    assert right.verdict == "failed"


def test_a_small_group_is_listed_and_decides_nothing() -> None:
    few = np.random.default_rng(3).random(ROWS) < 0.004
    places = np.where(few, 2, grouping().places)
    three = Grouping("side", "侧", "side", ("a", "b", "c"), ("甲", "乙", "丙"), ("a", "b", "c"), places)
    probability, labels, villages = outcomes(three)
    figures = compare(np.where(few, 5 * probability, probability), labels, villages, three)
    small = figures.groups[2]
    assert (small.verdict, small.overprediction) == ("small", None)
    assert small.rows == few.sum()
    assert fairness_gate([figures]).outcome == "passed"


def test_with_no_group_large_enough_nobody_can_tell() -> None:
    sides = grouping(share=0.004)
    probability, labels, villages = outcomes(sides)
    only = fairness_of(probability[:50], labels[:50], villages[:50], [_first(sides, 50)], offered_below=0.2)
    assert fairness_gate(only).outcome == "undecided"


def test_a_difference_within_chance_is_undecided_and_not_failed() -> None:
    wide = GroupFigures(
        "x", "甲", "x", 500, 20, 30, 0.05, 0.03, 0.9, 0.9, 1.5, (0.8, 2.8), 0.99, (0.9, 1.1), "undecided"
    )
    assert fairness_gate([GroupingFigures("g", "组", "group", (wide,))]).outcome == "undecided"


def test_intervals_are_wider_where_villages_move_together() -> None:
    sides = grouping()
    probability, _, villages = outcomes(sides)
    shock = np.random.default_rng(2).normal(0, 1.0, VILLAGES)[villages]
    odds = probability / (1 - probability) * np.exp(shock)
    labels = (np.random.default_rng(4).random(ROWS) < odds / (1 + odds)).astype(np.float64)
    whole = Grouping("half", "半", "half", ("a", "b"), ("甲", "乙"), ("a", "b"), (villages % 2).astype(np.intp))
    together = compare(probability, labels, villages, whole).groups[0].overprediction_interval
    apart = compare(probability, labels, np.arange(ROWS) % 2000, whole).groups[0].overprediction_interval
    assert together is not None
    assert apart is not None
    assert np.log(together[1] / together[0]) > 1.5 * np.log(apart[1] / apart[0])


def test_figures_are_plain_and_repeat_to_the_byte() -> None:
    sides = grouping()
    first, second = (json.dumps(compare(*outcomes(sides), sides).to_content()) for _ in range(2))
    assert first == second


def test_the_file_says_which_groups_it_cannot_form(past_loans: pa.Table) -> None:
    assert absent_groupings(past_loans) == ("borrower_sex", "borrower_birth_on")
    assert [one.name for one in groupings_of(past_loans)] == [
        "sector", "village_size", "household_size", "minors", "income_known"
    ]  # fmt: skip


def test_sex_and_age_are_parted_where_the_file_carries_them(past_loans: pa.Table) -> None:
    born = np.array(["1996-06-01", "1955-01-01"], dtype="datetime64[D]")[np.arange(past_loans.num_rows) % 2]
    carried = past_loans.append_column("borrower_sex", pa.array(["female", "male"] * (past_loans.num_rows // 2)))
    carried = carried.append_column("borrower_birth_on", pa.array(born))
    made = {one.name: one for one in groupings_of(carried)}
    assert made["sex"].places[:2].tolist() == [1, 0]
    assert made["age"].places[:2].tolist() == [0, 3]
    assert absent_groupings(carried) == ()


@pytest.mark.parametrize(("adults", "minors", "code"), [(1, 0, "1-2"), (1, 1, "1-2"), (2, 1, "3"), (4, 3, "5+")])
def test_household_size_counts_adults_and_minors(adults: int, minors: int, code: str) -> None:
    table = pa.table({"adults": [adults], "minors": [minors]})
    size = next(one for one in groupings_of(table) if one.name == "household_size")
    assert size.codes[size.places[0]] == code


def _first(one: Grouping, count: int) -> Grouping:
    return Grouping(one.name, one.name_zh, one.name_en, one.codes, one.names_zh, one.names_en, one.places[:count])
